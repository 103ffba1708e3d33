"""How well does an encoder separate the library's own labels? Never across one source."""

from __future__ import annotations

from dataclasses import dataclass

from core.collecting import Collection
from core.errors import NotEnoughData
from core.similarity import cosines
from core.statistics import linear_probe, retrieval


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


def evaluate(collection: Collection, encoder: str) -> Evaluation:
    """Retrieval by centred similarity and a linear probe, over the labelled clips of ``collection``.

    The mean that is taken away is the whole library's; it uses no labels. Raises NotEnoughData.
    """
    rows = [row for row, clip in enumerate(collection.clips) if clip.label]
    labels = [collection.clips[row].label for row in rows]
    sources = [collection.clips[row].split_source for row in rows]
    if len(set(labels)) < 2:
        raise NotEnoughData("evaluation needs clips of at least two labels; label more clips on the Library page or by manifest")
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
    )
