"""In which order do clips stand so that alike ones are neighbours? Clustering of a table of similarities, and its tree as lines.

Average linkage (Sokal & Michener 1958) on the distance 1 - similarity; the leaves then in the one order, of all that the tree
allows, in which neighbours are most alike (Bar-Joseph, Gifford & Jaakkola, "Fast optimal leaf ordering for hierarchical
clustering", Bioinformatics 2001). Both are scipy's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.similarity import Similarities

MOST_OPTIMAL = 500  # the best order of leaves takes about 0.4 s for 500 rows here, and seven times as long for twice as many
MOST_CLUSTERED = 3000  # the tree itself needs a second and 200 MB for these; beyond it the given order stands


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """N rows in clustered order, and the tree above them.

    Args:
        order: (N,) row numbers, a permutation: place i shows row ``order[i]``.
        lines: (N - 1, 4, 2) one bracket per merge, in the order of merging: four corners (place, distance) up, across and down.
            Places count rows of the ordered table and may be halves; distances are 1 - similarity, from 0 to 2.
    """

    order: NDArray[np.int64]
    lines: NDArray[np.float64]

    @property
    def height(self) -> float:
        """The distance of the last merge; 0 without any."""
        return float(self.lines[-1, 1, 1]) if len(self.lines) else 0.0


def clustered(similarity: Similarities, *, most: int = MOST_CLUSTERED) -> Clustering:
    """The clustering of a symmetric (N, N) table. What is not known (NaN) counts as unrelated: similarity 0.

    More than ``most`` rows, fewer than two, and a table in which all are equally far keep their order.
    Raises ValueError for a table that is not square.
    """
    table = np.asarray(similarity, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError(f"similarity {table.shape} must be a square table")
    rows = len(table)
    if rows < 2 or rows > most:
        return Clustering(np.arange(rows), np.zeros((0, 4, 2)))
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    distances = squareform(_distances(table), checks=False)
    tree = linkage(distances, method="average")
    if rows <= MOST_OPTIMAL:
        tree = optimal_leaf_ordering(tree, distances)
    order = np.asarray(leaves_list(tree), dtype=np.int64)
    return Clustering(order, _brackets(tree, order))


def _distances(similarity: Similarities) -> Similarities:
    """(N, N) symmetric distances 1 - similarity, 0 on the diagonal."""
    filled = np.where(np.isfinite(similarity), similarity, 0.0)
    distances = np.maximum(1.0 - (filled + filled.T) / 2, 0.0)
    np.fill_diagonal(distances, 0.0)
    return distances


def _brackets(tree: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    rows = len(order)
    place, height = np.zeros(2 * rows - 1), np.zeros(2 * rows - 1)
    place[order] = np.arange(rows)
    lines = np.zeros((rows - 1, 4, 2))
    for number, (left, right, distance, _) in enumerate(tree):
        a, b = sorted((int(left), int(right)), key=lambda node: place[node])
        lines[number] = [(place[a], height[a]), (place[a], distance), (place[b], distance), (place[b], height[b])]
        place[rows + number], height[rows + number] = (place[a] + place[b]) / 2, distance
    return lines
