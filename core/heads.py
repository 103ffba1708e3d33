"""Learning a concept's head from rows: five kinds, the plainest first. The room that knows scikit-learn's classifiers.

Rows are those of ``core.concepts.Space``: unit or nearly so. There are far fewer examples than dimensions, and all five kinds
depend on the examples' dot products alone, so learning happens in ``flatten``'s coordinates: of N rows at most N numbers each,
with the same dot products. That is no approximation, and it is what makes leaving out every source in turn affordable.

The classes have equal weight, whatever their numbers of examples. How strongly a head is reined in is fixed: over draws of 3 and
6 positives and as many negatives for 21 and 11 actions of 209 real clips, no value of C from 0.1 to 100 moved the mean average
precision on other sources by more than 0.015, hardly more than the draws themselves do (tried once, by hand).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.concepts import HEADS, Head
from core.errors import BadInput, NotEnoughData
from core.similarity import MIN_NORM

NEIGHBOURS = 3
"""Windows asked by k-NN: one clip's windows overlap, and of 1, 2, 3 and 5 the third was as good as any on the 209 clips."""
RIDGE_ALPHA = 1.0
LOGISTIC_C = 1.0
SVM_C = 1.0

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """N rows as ``rows`` (N, r) with the same dot products, r <= N; ``basis`` (r, D) leads back."""

    rows: Numbers
    basis: Numbers

    def lift(self, head: Head) -> Head:
        """A head that was learnt from ``rows`` as one for rows of D numbers."""
        back = self.basis
        lifted = replace(head, weights=(head.weights @ back).astype(np.float32))
        return replace(lifted, rows=(head.rows @ back).astype(np.float32)) if len(head.rows) else lifted


def flatten(rows: Floats) -> Flat:
    """By the eigenvectors of the rows' (N, N) dot products: for N below D quicker than a decomposition of the rows."""
    wide = rows.astype(np.float64)
    if len(wide) >= wide.shape[1]:
        return Flat(wide, np.eye(wide.shape[1]))
    values, vectors = np.linalg.eigh(wide @ wide.T)
    kept = values > max(values[-1], MIN_NORM) * 1e-10
    roots = np.sqrt(values[kept])
    return Flat(vectors[:, kept] * roots, (vectors[:, kept] / roots).T @ wide)


def fit(kind: str, rows: Floats | Numbers, targets: Mask, weights: Numbers | None = None) -> Head:
    """A head of ``kind``, one of HEADS, of rows (N, D) and which of C classes each shows (N, C).

    ``weights`` (N,) say how much a row counts beside others of its class. Raises BadInput for another kind, and NotEnoughData
    where a class has no row, or for ridge, logistic and svm where every row shows it.
    """
    if kind not in HEADS:
        raise BadInput(f"head ({kind[:40]}) must be one of {', '.join(HEADS)}; choose one of these")
    counts = targets.sum(axis=0)
    if not counts.all() or (kind not in ("prototype", "knn") and (counts == len(rows)).any()):
        raise NotEnoughData(f"a {kind} head needs rows that show each class and rows that do not; give examples of both")
    wide = np.asarray(rows, np.float64)
    shares = np.ones(len(rows)) if weights is None else np.asarray(weights, np.float64)
    if kind == "knn":
        owners = np.where(targets.any(axis=1), targets.argmax(axis=1), -1)
        nothing = np.zeros((targets.shape[1], wide.shape[1]), np.float32)
        return Head(kind, nothing, np.zeros(len(nothing), np.float32), wide.astype(np.float32), owners, NEIGHBOURS)
    learnt = [_LINEAR[kind](wide, own, _balanced(own, shares)) for own in targets.T]
    return Head(
        kind,
        np.stack([weight for weight, _ in learnt]).astype(np.float32),
        np.asarray([bias for _, bias in learnt], np.float32),
    )


def directions(rows: Floats | Numbers, targets: Mask, weights: Numbers | None = None) -> Numbers:
    """(C, D) unit rows: the mean direction of each class's rows; zeros where they cancel out."""
    shares = np.ones(len(rows)) if weights is None else weights
    return np.stack([_mean(np.asarray(rows, np.float64)[own], shares[own]) for own in targets.T])


def _mean(rows: Numbers, weights: Numbers) -> Numbers:
    total = weights @ rows
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length >= MIN_NORM else np.zeros(rows.shape[1]))


def _balanced(own: Mask, weights: Numbers) -> Numbers:
    """Weights scaled so that the class and the rest weigh half of all rows each."""
    scaled, half = weights.astype(np.float64).copy(), len(own) / 2
    for side in (own, ~own):
        if side.any():
            scaled[side] *= half / scaled[side].sum()
    return scaled


def _prototype(rows: Numbers, own: Mask, weights: Numbers) -> tuple[Numbers, float]:
    """Nearest mean (Rocchio): the class's mean direction less that of the others, where there are any."""
    mean = _mean(rows[own], weights[own])
    return (mean if own.all() else mean - _mean(rows[~own], weights[~own])), 0.0


def _ridge(rows: Numbers, own: Mask, weights: Numbers) -> tuple[Numbers, float]:
    from sklearn.linear_model import RidgeClassifier  # importing it takes a second; only teaching needs it

    return _parts(RidgeClassifier(alpha=RIDGE_ALPHA).fit(rows, own, sample_weight=weights))


def _logistic(rows: Numbers, own: Mask, weights: Numbers) -> tuple[Numbers, float]:
    from sklearn.linear_model import LogisticRegression

    return _parts(LogisticRegression(C=LOGISTIC_C, max_iter=1000).fit(rows, own, sample_weight=weights))


def _svm(rows: Numbers, own: Mask, weights: Numbers) -> tuple[Numbers, float]:
    from sklearn.svm import SVC  # on so few rows libsvm's is the quickest of the linear ones

    return _parts(SVC(C=SVM_C, kernel="linear").fit(rows, own, sample_weight=weights))


def _parts(learnt: object) -> tuple[Numbers, float]:
    weight, bias = np.ravel(learnt.coef_), np.ravel(learnt.intercept_)  # type: ignore[attr-defined]  # of all three
    return np.asarray(weight, np.float64), float(bias[0])


_LINEAR: dict[str, Callable[[Numbers, Mask, Numbers], tuple[Numbers, float]]] = {
    "prototype": _prototype,
    "ridge": _ridge,
    "logistic": _logistic,
    "svm": _svm,
}
