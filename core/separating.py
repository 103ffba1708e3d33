"""How far apart are sets of clips? Measures over pairs of clips, each with the pairs that may be used: never two of one source.

Checked against scikit-learn and scipy, which know no sources, on vectors whose sources all differ: tests/core/test_separating.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.similarity import Similarities

Sides = NDArray[np.int64]
Usable = NDArray[np.bool_]


def auc(similarity: Similarities, sides: Sides, usable: Usable) -> float:
    """The chance that two clips of one side are more alike than two of different sides; ties count half. NaN without either.

    The area under the ROC curve of "same against different" (Hanley & McNeil 1982).

    Args:
        similarity: (N, N).
        sides: (N,) the side of each clip.
        usable: (N, N) True for pairs of clips from different sources.
    """
    upper = np.triu(usable, k=1)
    alike = sides[:, None] == sides[None, :]
    same, other = similarity[upper & alike], np.sort(similarity[upper & ~alike])
    if not (same.size and other.size):
        return float("nan")
    below = np.searchsorted(other, same, side="left") + np.searchsorted(other, same, side="right")
    return float(below.mean() / (2 * other.size))


def energy_distance(distances: Similarities, sides: Sides, usable: Usable) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| of the sides 0 and 1 (Szekely & Rizzo 2013), over the usable pairs. NaN without one.

    Over pairs of different sources it is unbiased, so it can fall a little below 0 where two sides are alike.
    ``distances`` is (N, N).
    """
    parts = []
    for row, column in ((0, 1), (0, 0), (1, 1)):
        chosen = usable & (sides[:, None] == row) & (sides[None, :] == column)
        if not chosen.any():
            return float("nan")
        parts.append(float(distances[chosen].mean()))
    return 2 * parts[0] - parts[1] - parts[2]


def chords(similarity: Similarities) -> Similarities:
    """Euclidean distances of unit rows, from their cosines: sqrt(2 - 2 cos)."""
    return np.asarray(np.sqrt(np.maximum(2.0 - 2.0 * similarity, 0.0)))


def silhouette(similarity: Similarities, sides: Sides, usable: Usable) -> float:
    """Rousseeuw's (1987) mean silhouette on cosine distances: (b - a) / max(a, b) per clip, over usable pairs only.

    a is a clip's mean distance to its own side, b to the nearest other side. Clips that have no usable partner on their own
    side or on any other are left out. NaN when none is left.
    """
    members = (sides[:, None] == np.arange(int(sides.max()) + 1)[None, :]).astype(np.float64)
    counts = usable.astype(np.float64) @ members
    sums = np.where(usable, 1.0 - similarity, 0.0) @ members
    mean = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
    rows = np.arange(len(sides))
    own = mean[rows, sides]
    mean[rows, sides] = np.inf
    nearest = np.where(np.isnan(mean), np.inf, mean).min(axis=1)
    known = np.isfinite(own) & np.isfinite(nearest)
    if not known.any():
        return float("nan")
    a, b = own[known], nearest[known]
    return float(np.mean((b - a) / np.maximum(np.maximum(a, b), 1e-12)))
