"""Relevance feedback: a direction moved towards what somebody liked in a list, and away from what they did not.

Rocchio's formula with the weights that the textbook names as reasonable (Manning, Raghavan and Schuetze, Introduction to
Information Retrieval, 2008, section 9.1.1: 1, 0.75 and 0.15): what is liked says more than what is not.
`python -m benchmarks.feedback` measures what a round of it is worth here (docs/search.md).
"""

from __future__ import annotations

import numpy as np

from core.clips import Floats
from core.similarity import centre

KEPT = 1.0
TOWARDS = 0.75
AWAY = 0.15


def rocchio(direction: Floats, more: Floats, less: Floats) -> Floats:
    """The unit direction (D,) out of a unit ``direction`` (D,) and unit rows (M, D), (L, D), of which there may be none.

    What cancels out altogether comes back as zeros, which are alike to nothing.
    """
    moved = KEPT * direction.astype(np.float64)
    for rows, weight in ((more, TOWARDS), (less, -AWAY)):
        if len(rows):
            moved = moved + weight * rows.astype(np.float64).mean(axis=0)
    made: Floats = centre(moved[None].astype(np.float32), np.zeros(len(moved), np.float32))[0]
    return made
