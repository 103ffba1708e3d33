"""Nearly the same film twice: pairs of clips whose raw vectors point nearly the same way. Pure functions over arrays."""

from __future__ import annotations

import numpy as np

from core.clips import Floats

NEARLY_THE_SAME = 0.98
"""Raw cosine of two clips from which on they are one film twice; docs/search.md says how it was chosen."""
_AT_ONCE = 1024


def near_pairs(raw: Floats, others: Floats | None = None, *, least: float = NEARLY_THE_SAME) -> list[tuple[int, int, float]]:
    """(row, row, cosine) of all pairs of rows of ``raw`` (N, D), unit rows, or of it and ``others`` (M, D); the nearest first."""
    found = []
    for start in range(0, len(raw), _AT_ONCE):
        alike = raw[start : start + _AT_ONCE] @ (raw if others is None else others).T
        if others is None:
            alike[np.tril_indices(len(alike), k=start, m=len(raw))] = -1.0
        found += [(start + int(a), int(b), float(min(alike[a, b], 1.0))) for a, b in np.argwhere(alike >= least)]
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def families(count: int, pairs: list[tuple[int, int, float]]) -> list[list[int]]:
    """Rows of ``count`` that pairs join, directly or through others; the largest family first."""
    leader = list(range(count))

    def lead(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for a, b, _ in pairs:
        first, second = sorted((lead(a), lead(b)))
        leader[second] = first
    members: dict[int, list[int]] = {}
    for row in range(count):
        members.setdefault(lead(row), []).append(row)
    return sorted((family for family in members.values() if len(family) > 1), key=lambda family: (-len(family), family[0]))
