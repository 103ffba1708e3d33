"""Do two spaces tell the same about the same clips? Three answers, each of rows (N, D) and (N, E) of the same N clips.

* neighbours: how many of a clip's k nearest are the same in both (Klabunde, Schumacher, Strohmaier & Lemmerich, "Similarity of
  Neural Network Models: A Survey", 2023, arXiv:2305.06329, section 3.4: neighbourhood-based measures);
* ranks: Spearman's correlation (1904) of the similarities of all pairs, which is representational similarity analysis
  (Kriegeskorte, Mur & Bandettini 2008);
* linear CKA (Kornblith, Norouzi, Lee & Hinton, "Similarity of Neural Network Representations Revisited", ICML 2019), with the
  unbiased HSIC of Song et al. (JMLR 2012, equation 5): with fewer clips than dimensions, as in most libraries, the plain
  estimate is near 1 whatever is compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats

Pairs = NDArray[np.float64]
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Overlap:
    """Means over clips: the share of the k nearest that both spaces name, its Jaccard index, and the share by pure chance."""

    k: int
    share: float
    jaccard: float
    chance: float
    clips: int


def neighbour_overlap(a: Floats, b: Floats, sources: NDArray[np.int64], k: int) -> Overlap:
    """A clip searches only the clips of other sources, and one that cannot choose (``k`` or fewer to find) is left out.

    ``k`` is lowered until somebody can choose; without any the shares are NaN.

    Args:
        a, b: (N, D) and (N, E) unit rows.
        sources: (N,) numbers, equal for clips of one source.
    """
    sizes = np.bincount(sources)
    candidates = len(sources) - sizes[sources]
    k = int(min(k, max(candidates.max(initial=0) - 1, 1)))
    asking = np.flatnonzero(candidates > k)
    if len(asking) == 0:
        return Overlap(k, float("nan"), float("nan"), float("nan"), 0)
    shared = np.concatenate(
        [
            _shared(_nearest(a, rows, sources, k), _nearest(b, rows, sources, k), len(a))
            for rows in np.array_split(asking, -(-len(asking) // _ROWS_AT_ONCE))
        ]
    )
    chance = float(np.mean(k / candidates[asking]))
    return Overlap(k, float(shared.mean() / k), float(np.mean(shared / (2 * k - shared))), chance, len(asking))


def _nearest(vectors: Floats, rows: NDArray[np.int64], sources: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    similarities = vectors[rows] @ vectors.T
    similarities[sources[rows][:, None] == sources[None, :]] = -np.inf
    nearest: NDArray[np.int64] = np.argpartition(-similarities, k - 1, axis=1)[:, :k]
    return nearest


def _shared(a: NDArray[np.int64], b: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(R,) how many of the k numbers below ``count`` in each row of ``a`` (R, k) stand in the same row of ``b`` too."""
    seen = np.zeros((len(a), count), bool)
    np.put_along_axis(seen, a, True, axis=1)
    shared: NDArray[np.int64] = np.take_along_axis(seen, b, axis=1).sum(axis=1)
    return shared


def ranks(values: Pairs) -> Pairs:
    """(P,) places from 0 to 100: the percentage of ``values`` below each, ties counted half."""
    from scipy.stats import rankdata

    places: Pairs = (rankdata(values) - 0.5) * (100.0 / max(len(values), 1))
    return places


def correlation(a: Pairs, b: Pairs) -> float:
    """Pearson's; of ``ranks`` it is Spearman's. NaN when one side does not vary."""
    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else float("nan")


def linear_cka(a: Floats, b: Floats) -> float:
    """Linear CKA with unbiased HSIC: 1 for spaces that a rotation turns into each other, 0 on average for unrelated ones.

    It can fall slightly below 0. NaN for fewer than 4 clips, or where a space does not vary.
    """
    if len(a) < 4:
        return float("nan")
    first, second = _gram(a), _gram(b)
    scale = _hsic(first, first) * _hsic(second, second)
    return _hsic(first, second) / float(np.sqrt(scale)) if scale > 0 else float("nan")


def _gram(rows: Floats) -> NDArray[np.float32]:
    """(N, N) products of rows, their mean taken away (it cancels in HSIC, but not in float32), and nothing on the diagonal."""
    centred = (rows - rows.mean(axis=0, dtype=np.float64)).astype(np.float32)
    products: NDArray[np.float32] = centred @ centred.T
    np.fill_diagonal(products, 0.0)
    return products


def _hsic(k: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    n = len(k)
    rows, columns = k.sum(axis=1, dtype=np.float64), other.sum(axis=1, dtype=np.float64)
    trace = sum(float(np.dot(x.astype(np.float64), y.astype(np.float64))) for x, y in zip(k, other, strict=True))
    whole = rows.sum() * columns.sum() / ((n - 1) * (n - 2))
    return float((trace + whole - 2.0 / (n - 2) * (rows @ columns)) / (n * (n - 3)))
