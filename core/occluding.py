"""Hiding a clip piece by piece: which pieces, and what a number for each of them says about places and moments.

Occlusion (Zeiler & Fergus 2014, arXiv:1311.2901) of a similarity: where hiding a place makes two clips less alike, that place
carries the similarity; where it makes them more alike, the place speaks against it. Tiles overlap by half, so that a thing at
the border of one tile is in the middle of another, and a cell of the map is the mean over the tiles that cover it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.alterations import WHOLE_TIME, Alteration, Box

Map = NDArray[np.float64]

TILES = 6  # each way: 36 tiles of two sevenths of a side; docs/why.md has what fewer and more give
MOMENTS = 8  # slices of a window's time: of I3D's 2.56 s each is a third of a second
SPREAD = 0.22
"""The share of all that stands out below which the strongest ninth of a picture is not worth naming: even spread gives 0.11."""
STANDS_OUT = 1 / 3  # of the strongest place: less above the median is a map without hills
AREAS = (
    ("the upper left", "the top", "the upper right"),
    ("the left", "the middle", "the right"),
    ("the lower left", "the bottom", "the lower right"),
)
EVERYWHERE = "the whole picture"


def tiles(view: Box, count: int = TILES) -> list[Alteration]:
    """``count`` x ``count`` alterations, row by row, that hide overlapping tiles of ``view``, for the whole time."""
    x0, y0, x1, y1 = view
    across, down = _steps(x0, x1, count), _steps(y0, y1, count)
    return [Alteration("hidden", (left, top, right, bottom)) for top, bottom in down for left, right in across]


def slices(count: int = MOMENTS) -> list[Alteration]:
    """``count`` alterations that hide the whole picture for a part of the time, one after the other."""
    edges = np.linspace(*WHOLE_TIME, count + 1)
    return [Alteration("hidden", span=(float(start), float(end))) for start, end in itertools.pairwise(edges)]


def _steps(low: float, high: float, count: int) -> list[tuple[float, float]]:
    edges = [float(edge) for edge in np.linspace(low, high, count + 2)]
    return list(zip(edges[:-2], edges[2:], strict=True))


def spread_out(values: NDArray[np.floating]) -> Map:
    """(n, n) numbers of overlapping tiles -> (n + 1, n + 1) cells, each the mean of the up to four tiles that cover it."""
    padded = np.pad(np.asarray(values, np.float64), 1, constant_values=np.nan)
    corners = np.stack([padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]])
    return np.asarray(np.nanmean(corners, axis=0))


def seen_by(views: Sequence[Box]) -> Box:
    """The smallest box, within the film's picture, that holds what any of several streams sees of it."""
    low = np.clip(np.min([view[:2] for view in views], axis=0), 0, 1)
    high = np.clip(np.max([view[2:] for view in views], axis=0), 0, 1)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def area(places: Map, view: Box) -> str:
    """Where in the film's picture the support (positive numbers) of ``places``, a map of ``view``, is strongest, in words.

    Counted is what stands out of what half of the places have: hiding anything at all costs a little similarity.
    """
    usual, strongest = max(float(np.median(places)), 0.0), float(places.max())
    if strongest <= 0 or strongest - usual < STANDS_OUT * strongest:
        return EVERYWHERE
    support = np.clip(places - usual, 0, None)
    ninths = np.zeros((3, 3))
    rows, columns = places.shape
    for (row, column), value in np.ndenumerate(support):
        x = view[0] + (column + 0.5) / columns * (view[2] - view[0])
        y = view[1] + (row + 0.5) / rows * (view[3] - view[1])
        ninths[min(int(3 * y), 2), min(int(3 * x), 2)] += value
    row, column = np.unravel_index(int(ninths.argmax()), ninths.shape)
    return AREAS[row][column] if ninths.max() >= SPREAD * ninths.sum() else EVERYWHERE
