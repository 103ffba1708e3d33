"""Flow drawn over a frame: arrows where something moves, coloured by direction."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
from numpy.typing import NDArray

from core.clips import Floats

_ARROWS = 32  # across the longer side
_STILL = 1 / 400  # of the longer side: shorter arrows are not drawn, they are noise
_LONGEST = 1 / 12  # of the longer side: longer ones are cut, an error of the flow must not cross the picture


def draw_flow(frame: NDArray[np.uint8], flow: Floats) -> NDArray[np.uint8]:
    """A copy of ``frame`` (H, W, 3) uint8 RGB with arrows for ``flow`` (h, w, 2), x and y in pixels of its own (h, w).

    Each arrow is the mean over its place, drawn at its true length but for _LONGEST; directions have the colours of the wheel.
    Raises ValueError for flow without two numbers a place.
    """
    if flow.ndim != 3 or flow.shape[2] != 2:
        raise ValueError(f"flow {flow.shape} must be (h, w, 2)")
    drawn = np.ascontiguousarray(frame).copy()
    height, width = drawn.shape[:2]
    longer = max(height, width)
    columns, rows = (max(1, round(side * _ARROWS / longer)) for side in (width, height))
    means = cv2.resize(flow.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns, 2)
    arrows = means * np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    thick = max(1, round(longer / 400))
    for (row, column), length in np.ndenumerate(np.linalg.norm(arrows, axis=-1)):
        if length >= _STILL * longer:
            start = np.array([(column + 0.5) * width / columns, (row + 0.5) * height / rows])
            _arrow(drawn, start, arrows[row, column] * min(1.0, _LONGEST * longer / float(length)), thick)
    return drawn


def _arrow(drawn: NDArray[np.uint8], start: NDArray[np.float64], way: Floats, thick: int) -> None:
    end = start + way
    cv2.arrowedLine(drawn, _pixel(start), _pixel(end), colour_of(way), thick, cv2.LINE_AA, tipLength=0.35)


def _pixel(place: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def colour_of(way: Floats) -> tuple[int, int, int]:
    """RGB: a bright hue for each direction, red to the right, and round the wheel with the clock."""
    hue = float(np.arctan2(way[1], way[0])) / (2 * np.pi) % 1
    red, green, blue = (round(255 * value) for value in colorsys.hsv_to_rgb(hue, 0.75, 1.0))
    return red, green, blue
