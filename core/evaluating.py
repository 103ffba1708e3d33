"""How well does an encoder separate the library's own labels? Never across one source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.collecting import Collection
from core.errors import BadInput, NotEnoughData
from core.grouping import METHODS, Agreement, agreement, group
from core.similarity import cosines
from core.statistics import Interval, finds, linear_probe, mean_over_sources, retrieval, share_over_sources


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Shares in [0, 1] over ``clips`` labelled clips of ``sources`` sources; the words are explained in docs/glossary.md."""

    encoder: str
    clips: int
    sources: int
    recall_at_1: float
    recall_at_5: float
    mean_average_precision: float
    linear_probe_accuracy: float
    clusters: tuple[Agreement, ...] = ()
    """How groups found without labels agree with them: k-means with as many as there are labels, and HDBSCAN."""


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """How each of Q labelled clips fared, so that encoders can be compared clip by clip.

    Args:
        encoder: whose space it was.
        clip_ids, sources: of the Q clips that had something to find, in the order of their ids.
        first (Q,): whether the most similar clip of another source had the clip's own label.
        precisions (Q,): average precisions.
        clips: how many labelled clips took part, also those that had nothing to find.
    """

    encoder: str
    clip_ids: tuple[str, ...]
    sources: tuple[str, ...]
    first: NDArray[np.bool_]
    precisions: NDArray[np.float64]
    clips: int

    @property
    def found_first(self) -> Interval:
        """Recall@1 with its 95 % interval."""
        return share_over_sources(self.first, self.sources)

    @property
    def mean_average_precision(self) -> Interval:
        return mean_over_sources(self.precisions, self.sources)


def examine(collection: Collection, encoder: str) -> Exam:
    """Retrieval by centred similarity for each labelled clip of ``collection``; as ``evaluate``. Raises NotEnoughData."""
    rows = _labelled(collection)
    rows.sort(key=lambda row: collection.clips[row].clip_id)
    clips, centred = [collection.clips[row] for row in rows], collection.centred[rows]
    found = finds(cosines(centred, centred), [clip.label for clip in clips], [clip.split_source for clip in clips])
    asked = [clips[row] for row in found.rows]
    return Exam(
        encoder,
        tuple(clip.clip_id for clip in asked),
        tuple(clip.split_source for clip in asked),
        found.first_ranks == 1,
        found.precisions,
        len(clips),
    )


def evaluate(collection: Collection, encoder: str) -> Evaluation:
    """Retrieval by centred similarity, a linear probe and clusters, over the labelled clips of ``collection``.

    The mean that is taken away is the whole library's; it uses no labels. Raises NotEnoughData.
    """
    rows = _labelled(collection)
    labels = [collection.clips[row].label for row in rows]
    sources = [collection.clips[row].split_source for row in rows]
    centred = collection.centred[rows]
    found = retrieval(cosines(centred, centred), labels, sources)
    accuracy = linear_probe(centred, labels, sources)
    return Evaluation(
        encoder,
        len(rows),
        len(set(sources)),
        found.recall_at_1,
        found.recall_at_5,
        found.mean_average_precision,
        accuracy,
        _clusters(centred, labels),
    )


def _clusters(centred: Floats, labels: list[str]) -> tuple[Agreement, ...]:
    """Of each method that the clips allow: a handful is no clusters, and HDBSCAN takes only so many."""
    found = []
    for method in METHODS:
        try:
            grouping = group(centred, method, k=len(set(labels)) if method == "kmeans" else None)
        except (NotEnoughData, BadInput):
            continue
        found.append(agreement(grouping, labels))
    return tuple(found)


def _labelled(collection: Collection) -> list[int]:
    rows = [row for row, clip in enumerate(collection.clips) if clip.label]
    if len({collection.clips[row].label for row in rows}) < 2:
        raise NotEnoughData("evaluation needs clips of at least two labels; label more clips on the Library page or by manifest")
    return rows
