"""Which rows belong together, found without labels: HDBSCAN and k-means, on rows and not on a map. Pure functions over arrays.

Not on the two-dimensional places: UMAP and t-SNE tear apart and push together (density and gaps there are the layout's, not the
clips'), so clusters of places would be found where the rows have none. Nor in all thousands of dimensions, where distances are
all alike and density means little: rows are first brought to their DIMENSIONS main directions by PCA, which on the 209 labelled
clips is as good for k-means and better for HDBSCAN than all dimensions are (docs/map.md).

* HDBSCAN: Campello, Moulavi, Sander 2013; McInnes, Healy 2017, arXiv:1705.07321. Clusters of unlike density, and rows that are
  in none. Its leaves rather than the largest excess of mass, and 1 as ``min_samples``: the small groups of a library of many
  actions are wanted, not the few large ones above them.
* k-means: Lloyd 1982, ten starts. Without ``k``, the number with the highest mean silhouette (Rousseeuw 1987).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import BadInput, NotEnoughData

METHODS = ("hdbscan", "kmeans")
NAMES = {"hdbscan": "HDBSCAN", "kmeans": "k-means"}
DIMENSIONS = 20
FEWEST = 4
"""Rows: fewer are no groups."""
NO_CLUSTER = -1
MOST_TRIED = 30  # clusters that k-means tries without k; a list of more names is none that somebody reads
MOST_ROWS = 20_000
"""Of HDBSCAN, whose time grows with their square: 16 s for these, on one core."""
SILHOUETTE_ROWS = 3000  # sampled above; its time grows with their square too
_STARTS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """``members`` (N,) is the cluster of each row, from 0, the largest first; NO_CLUSTER for rows in none.

    ``silhouette`` is the mean over rows in a cluster, in [-1, 1]: above 0, rows are nearer to their own cluster than to the next.
    NaN for fewer than two clusters. ``least`` is HDBSCAN's smallest cluster, 0 for k-means.
    """

    method: str
    members: NDArray[np.int64]
    silhouette: float
    least: int = 0

    @property
    def count(self) -> int:
        return int(self.members.max(initial=NO_CLUSTER)) + 1


def group(rows: Floats, method: str, *, k: int | None = None, least: int | None = None, seed: int = 0) -> Grouping:
    """Group ``rows`` (N, D), unit rows each. ``k`` is of k-means, ``least`` (rows in the smallest cluster) of HDBSCAN.

    Raises BadInput for what cannot be and NotEnoughData for fewer than FEWEST rows.
    """
    count = len(rows)
    if method not in METHODS:
        raise BadInput(f"method ({method!r}) must be one of {', '.join(METHODS)}; choose one of these")
    if not 0 <= seed < 2**32:
        raise BadInput(f"seed ({seed}) must be from 0 to {2**32 - 1}; choose another")
    if count < FEWEST:
        raise NotEnoughData(f"clusters need at least {FEWEST} clips or moments, and there are {count}; add some")
    few = main_directions(rows)
    if method == "kmeans":
        if k is not None and not 2 <= k < count:
            raise BadInput(f"k ({k}) must be from 2 to {count - 1}, one less than there is to group; choose another")
        members = _kmeans(few, k, seed) if k is not None else _best_kmeans(few, seed)
        return _finished(method, few, members, seed)
    if least is not None and not 2 <= least <= count:
        raise BadInput(f"least ({least}) must be from 2 to {count} rows of the smallest cluster; choose another")
    if count > MOST_ROWS:
        raise BadInput(f"rows ({count:,}) must be at most {MOST_ROWS:,} for HDBSCAN; choose k-means, or clips instead of moments")
    smallest = least if least is not None else usual_least(count)
    return _finished(method, few, _hdbscan(few, smallest), seed, smallest)


def usual_least(count: int) -> int:
    """The smallest cluster of HDBSCAN: a hundredth of the rows, though at least 5, or a quarter of a handful."""
    return max(2, min(5, count // 4), count // 100)


def main_directions(rows: Floats) -> Floats:
    """(N, at most DIMENSIONS) coordinates of ``rows`` along their main directions; their distances are nearly the rows' own."""
    from sklearn.decomposition import PCA  # importing it takes a second; only clusters need it

    many = min(DIMENSIONS, len(rows) - 1, rows.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):  # the share of no spread at all
        return np.asarray(PCA(n_components=many, random_state=0).fit_transform(rows), np.float32)


def _kmeans(rows: Floats, k: int, seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():  # one thread: the order of a sum would decide a tie
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different rows than clusters: fewer clusters then
        return np.asarray(KMeans(k, n_init=_STARTS, random_state=seed).fit_predict(rows), np.int64)


def _best_kmeans(rows: Floats, seed: int) -> NDArray[np.int64]:
    tried = [_kmeans(rows, k, seed) for k in range(2, min(MOST_TRIED, len(rows) // 2) + 1)]
    scores = [np.nan_to_num(_silhouette(rows, members, seed), nan=-1.0) for members in tried]
    return tried[int(np.argmax(scores))]


def _hdbscan(rows: Floats, least: int) -> NDArray[np.int64]:
    from sklearn.cluster import HDBSCAN

    fitted = HDBSCAN(min_cluster_size=least, min_samples=1, cluster_selection_method="leaf", copy=True)
    return np.asarray(fitted.fit_predict(rows), np.int64)


def _silhouette(rows: Floats, members: NDArray[np.int64], seed: int) -> float:
    from sklearn.metrics import silhouette_score

    inside = np.flatnonzero(members >= 0)
    if len(inside) > SILHOUETTE_ROWS:
        inside = np.sort(np.random.default_rng(seed).choice(inside, SILHOUETTE_ROWS, replace=False))
    different = len(np.unique(members[inside]))
    if not 2 <= different < len(inside):
        return float("nan")
    return float(silhouette_score(rows[inside], members[inside]))


def _finished(method: str, rows: Floats, members: NDArray[np.int64], seed: int, least: int = 0) -> Grouping:
    """Clusters numbered by size, of one size by their first row: a number says the same each time."""
    names = [name for name in np.unique(members) if name >= 0]
    order = sorted(names, key=lambda name: (-int((members == name).sum()), int((members == name).argmax())))
    numbered = np.full(len(members), NO_CLUSTER, np.int64)
    for number, name in enumerate(order):
        numbered[members == name] = number
    return Grouping(method, numbered, _silhouette(rows, numbered, seed), least)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How clusters agree with labels over ``rows`` labelled rows, two ways, of which 1 is full agreement.

    ARI (Hubert & Arabie 1985) is 0 by chance; NMI (Strehl & Ghosh 2002) is not: many small clusters and labels share information
    by chance, so ``nmi_by_chance`` is the mean over shuffled labels. Rows in no cluster count as one cluster of their own.
    """

    method: str
    clusters: int
    outside: float
    ari: float
    nmi: float
    nmi_by_chance: float


SHUFFLES = 20


def agreement(grouping: Grouping, labels: list[str]) -> Agreement:
    """Of the grouping's N rows, whose labels these are."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    names, random = np.asarray(labels, dtype=str), np.random.default_rng(0)
    chance = [normalized_mutual_info_score(random.permutation(names), grouping.members) for _ in range(SHUFFLES)]
    return Agreement(
        grouping.method,
        grouping.count,
        float(np.mean(grouping.members == NO_CLUSTER)),
        float(adjusted_rand_score(names, grouping.members)),
        float(normalized_mutual_info_score(names, grouping.members)),
        float(np.mean(chance)),
    )
