"""How good are embeddings at the library's own labels? Retrieval and a linear probe that never cross a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import NotEnoughData
from core.similarity import Similarities, different

MOST_FOLDS = 20  # leave-one-source-out up to here; beyond it whole sources are dealt into this many folds


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over ``queries`` clips that have at least one clip of their label in another source."""

    recall_at_1: float
    recall_at_5: float
    mean_average_precision: float
    queries: int


def retrieval(similarity: Similarities, labels: Sequence[str], sources: Sequence[str]) -> Retrieval:
    """Nearest-neighbour retrieval of labels, every query searching only the clips of other sources.

    Recall@k is the share of queries with a clip of their own label among the k most similar; average precision is the
    mean of the precisions at the ranks of the relevant clips (Manning, Raghavan & Schuetze 2008, section 8.4).
    Queries whose label no other source has are left out: there is nothing they could find.

    Args:
        similarity: (N, N).
        labels, sources: N names each.

    Raises NotEnoughData when no query has anything to find.
    """
    allowed = different(sources, sources)
    relevant = ~different(labels, labels) & allowed
    firsts: list[int] = []
    precisions: list[float] = []
    for row in np.flatnonzero(relevant.any(axis=1)):
        candidates = np.flatnonzero(allowed[row])
        order = candidates[np.argsort(-similarity[row, candidates], kind="stable")]
        ranks = np.flatnonzero(relevant[row, order]) + 1
        firsts.append(int(ranks[0]))
        precisions.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
    if not firsts:
        raise NotEnoughData(
            "evaluation needs at least one label that two different sources have; label more clips or give them sources"
        )
    best = np.asarray(firsts)
    return Retrieval(float(np.mean(best <= 1)), float(np.mean(best <= 5)), float(np.mean(precisions)), len(firsts))


def linear_probe(vectors: Floats, labels: Sequence[str], sources: Sequence[str]) -> float:
    """Accuracy of a logistic regression on frozen embeddings, trained on the other sources only.

    Columns are standardised on the training part. A clip whose label the training part lacks is not counted: no probe
    could name it. scikit-learn's defaults otherwise (L2, C = 1).

    Args:
        vectors: (N, D).
        labels, sources: N names each.

    Raises NotEnoughData with fewer than two sources or when no clip can be counted.
    """
    from sklearn.linear_model import LogisticRegression  # importing it takes a second; only this function needs it
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names, groups = np.asarray(labels, dtype=object), np.asarray(sources, dtype=object)
    folds = min(len(set(sources)), MOST_FOLDS)
    if folds < 2:
        raise NotEnoughData("a linear probe needs clips of at least two sources; add another person or recording")
    right: list[NDArray[np.bool_]] = []
    for train, test in GroupKFold(n_splits=folds).split(vectors, names, groups):
        known = np.unique(names[train].astype(str))
        test = test[np.isin(names[test].astype(str), known)]
        if len(known) < 2 or len(test) == 0:
            continue
        probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        probe.fit(vectors[train], names[train].astype(str))
        right.append(probe.predict(vectors[test]) == names[test].astype(str))
    if not right:
        raise NotEnoughData("a linear probe needs at least two labels that two different sources have; label more clips")
    return float(np.mean(np.concatenate(right)))
