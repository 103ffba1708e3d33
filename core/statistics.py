"""How good are embeddings at the library's own labels? Retrieval and a linear probe that never cross a source.

And how sure is a mean over clips? Clips of one person or recording are not independent, so what is drawn again and again is
whole sources (the cluster bootstrap: Davison & Hinkley 1997, section 3.8), never clips.
"""

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


@dataclass(frozen=True, slots=True, eq=False)
class Finds:
    """What each of Q queries found among the clips of other sources.

    ``rows`` (Q,) says which clips asked; ``first_ranks`` (Q,) are the ranks, from 1, of the first clip of the same label, and
    ``precisions`` (Q,) the average precisions.
    """

    rows: NDArray[np.int64]
    first_ranks: NDArray[np.int64]
    precisions: NDArray[np.float64]


def finds(similarity: Similarities, labels: Sequence[str], sources: Sequence[str]) -> Finds:
    """Nearest-neighbour retrieval of labels, every query searching only the clips of other sources.

    Queries whose label no other source has are left out: there is nothing they could find.

    Args:
        similarity: (N, N).
        labels, sources: N names each.

    Raises NotEnoughData when no query has anything to find.
    """
    allowed = different(sources, sources)
    relevant = ~different(labels, labels) & allowed
    asking = np.flatnonzero(relevant.any(axis=1))
    if len(asking) == 0:
        raise NotEnoughData(
            "evaluation needs at least one label that two different sources have; label more clips or give them sources"
        )
    firsts, precisions = np.empty(len(asking), np.int64), np.empty(len(asking))
    for place, row in enumerate(asking):
        candidates = np.flatnonzero(allowed[row])
        order = candidates[np.argsort(-similarity[row, candidates], kind="stable")]
        ranks = np.flatnonzero(relevant[row, order]) + 1
        firsts[place] = ranks[0]
        precisions[place] = np.mean(np.arange(1, len(ranks) + 1) / ranks)
    return Finds(asking, firsts, precisions)


def retrieval(similarity: Similarities, labels: Sequence[str], sources: Sequence[str]) -> Retrieval:
    """Means over what ``finds`` finds.

    Recall@k is the share of queries with a clip of their own label among the k most similar; average precision is the
    mean of the precisions at the ranks of the relevant clips (Manning, Raghavan & Schuetze 2008, section 8.4).
    Raises NotEnoughData.
    """
    found = finds(similarity, labels, sources)
    best = found.first_ranks
    return Retrieval(float(np.mean(best <= 1)), float(np.mean(best <= 5)), float(np.mean(found.precisions)), len(best))


DRAWS = 4000  # of whole sources; the ends of a 95 % interval are then settled to about a hundredth of its width
_DRAWS_AT_ONCE = 200  # bounds the memory for libraries in which every clip is its own source
LEVEL = 0.95
_NORMAL = 1.959964  # the normal deviate of LEVEL


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def mean_over_sources(values: NDArray[np.floating], sources: Sequence[str]) -> Interval:
    """The mean of ``values`` (Q,), one per clip of the Q ``sources``, and its interval when whole sources are drawn anew.

    The draws are always the same ones. Of a single source, and of values that all agree, the interval has no width: that says
    nothing about certainty, and for shares ``share_over_sources`` mends it.
    """
    names, where = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    sums = np.bincount(where, weights=np.asarray(values, np.float64), minlength=len(names))
    counts = np.bincount(where, minlength=len(names)).astype(np.float64)
    random, means = np.random.default_rng(0), []
    for _ in range(DRAWS // _DRAWS_AT_ONCE):
        drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS_AT_ONCE).astype(np.float64)
        means.append((drawn @ sums) / (drawn @ counts))
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(np.mean(values)), float(low), float(high))


def share_over_sources(hits: NDArray[np.bool_], sources: Sequence[str]) -> Interval:
    """The share of True in ``hits`` (Q,), with the wider of two intervals at either end: sources drawn anew, or Wilson's.

    Wilson (1927) takes the clips for independent, which is too narrow where people differ, yet it has a width where all clips
    were right, as drawing anew has not.
    """
    drawn, count = mean_over_sources(hits.astype(np.float64), sources), len(hits)
    spread = _NORMAL**2 / count
    middle = (drawn.value + spread / 2) / (1 + spread)
    half = _NORMAL * np.sqrt(drawn.value * (1 - drawn.value) / count + spread / (4 * count)) / (1 + spread)
    low, high = min(drawn.low, middle - half), max(drawn.high, middle + half)
    return Interval(drawn.value, float(min(max(low, 0.0), drawn.value)), float(max(min(high, 1.0), drawn.value)))


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
