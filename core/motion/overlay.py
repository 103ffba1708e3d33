"""People drawn over a frame: a box, a line from joint to joint, one colour for each person."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.motion.people import Person

BONES = (
    (0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12),
    (11, 13), (13, 15), (12, 14), (14, 16),
)  # fmt: skip
"""Pairs of joints with a line between them."""
COLOURS = ((240, 228, 66), (86, 180, 233), (213, 94, 0), (0, 158, 115))
"""RGB out of Okabe and Ito's palette, which people with any colour vision can tell apart."""
SURE = 0.3  # joints below it are not drawn
_PER_PX = 200  # one pixel of line for that many of the picture


def draw_people(frame: NDArray[np.uint8], people: Sequence[Person]) -> NDArray[np.uint8]:
    """A copy of ``frame`` (H, W, 3) RGB with ``people``, whose boxes and joints are in its pixels, drawn over it."""
    drawn = np.ascontiguousarray(frame).copy()
    thick = max(1, round(max(frame.shape[:2]) / _PER_PX))
    for row, person in enumerate(people):
        colour = COLOURS[row % len(COLOURS)]
        box = [round(float(value)) for value in person.box[:4]]
        cv2.rectangle(drawn, (box[0], box[1]), (box[2], box[3]), colour, 1, cv2.LINE_AA)
        _draw_joints(drawn, person, colour, thick)
    return drawn


def _draw_joints(drawn: NDArray[np.uint8], person: Person, colour: tuple[int, int, int], thick: int) -> None:
    places = [(round(float(x)), round(float(y))) for x, y in person.joints[:, :2]]
    sure = person.joints[:, 2] >= SURE
    for one, other in BONES:
        if sure[one] and sure[other]:
            cv2.line(drawn, places[one], places[other], colour, thick, cv2.LINE_AA)
    for place in (place for place, drawable in zip(places, sure, strict=True) if drawable):
        cv2.circle(drawn, place, thick + 1, colour, -1, cv2.LINE_AA)
