"""``concept:NAME`` and ``concept:NAME/CLASS`` as sides of a question: what the positive examples of a concept look like.

The clips of the side are the positives that the library has, so that sources, intervals and "a query never finds itself" hold as
for a label; an example that is a part of a clip is pooled from that part's windows. A concept that was taught by words alone is
those words. One whose positives are not here, because it came as a file, is its prototype: one row, as a file's.
"""

from __future__ import annotations

import time

import numpy as np

from core import comparing
from core.clips import Clip, Floats, VideoInfo
from core.collecting import Collection
from core.comparing import Side
from core.concept_files import said
from core.concepts import Concept, Example
from core.errors import NotEnoughData, UnknownName
from core.mixing import unknown
from core.queries import Query
from core.similarity import MIN_NORM
from core.store import KeptConcept, Library

_UNSEEN = VideoInfo("concept", "", 1, 1, 1.0, 1, 1.0)
"""Of a prototype whose clips are not here: nothing of it is ever shown but its name."""


def find(library: Library, value: str) -> tuple[KeptConcept, tuple[str, ...]]:
    """The concept that ``NAME`` or ``NAME/CLASS`` names, and which of its classes are meant. Raises UnknownName."""
    name, _, of = value.partition("/")
    kept = library.concepts.find(name)
    if kept is None:
        names = library.concepts.names()
        advice = unknown("concept", name, names) if names else f"concept ({name[:60]!r}) must be one that is here; teach it first"
        raise UnknownName(advice)
    classes = said(kept.payload).classes
    if of and of not in classes:
        raise UnknownName(unknown(f"class of concept {name}", of, list(classes)))
    return kept, (of,) if of else classes


def spelt_out(library: Library, query: Query) -> Query:
    """The same query, with its words in place of each concept that was taught by words alone. Raises UnknownName."""
    for leaf in [leaf for leaf in query.leaves() if leaf.kind == "concept"]:
        kept, _ = find(library, leaf.value)
        words = said(kept.payload).words
        if words and not kept.examples:
            query = query.replaced(leaf, Query("text", words))
    return query


def side(query: Query, library: Library, collection: Collection, fingerprint: str) -> Side:
    """What a concept: query stands for. Raises UnknownName, and NotEnoughData for one of another encoder without clips here."""
    kept, classes = find(library, query.value)
    here = {clip.clip_id: row for row, clip in enumerate(collection.clips)}
    shown = [one for one in kept.examples if one.name in classes and one.clip_id in here]
    if not shown:
        return _prototype(query, kept, classes, collection, fingerprint)
    clips = [collection.clips[here[one.clip_id]] for one in shown]
    rows = [_row(one, clip, library, collection, fingerprint, here) for one, clip in zip(shown, clips, strict=True)]
    return Side(
        query,
        tuple(clips),
        np.vstack([raw for raw, _ in rows]),
        np.vstack([centred for _, centred in rows]),
        tuple(clip.split_source for clip in clips),
    )


def _row(
    one: Example, clip: Clip, library: Library, collection: Collection, fingerprint: str, here: dict[str, int]
) -> tuple[Floats, Floats]:
    if one.span is None:
        row = here[one.clip_id]
        return collection.raw[row : row + 1], collection.centred[row : row + 1]
    embedded = library.embeddings(one.clip_id, fingerprint)
    assert embedded is not None  # the collection has it
    part = comparing.part_side(Query("clip", one.clip_id, span=one.span), clip, embedded, collection)
    return part.raw, part.centred


def _prototype(query: Query, kept: KeptConcept, classes: tuple[str, ...], collection: Collection, fingerprint: str) -> Side:
    if not kept.whole or kept.fingerprint != fingerprint:
        raise NotEnoughData(
            f"concept {kept.name} was taught with {kept.encoder}, and none of its positives is in this library as another "
            f"encoder sees it; ask with {kept.encoder}, or add clips and teach it again"
        )
    concept = kept.concept()
    row = _weighed(concept, classes, collection)
    clip = Clip("0" * 64, kept.name, "", f"concept:{kept.name}", 0, _UNSEEN, time.time())
    return Side(query, (clip,), row, row, (clip.split_source,))


def _weighed(concept: Concept, classes: tuple[str, ...], collection: Collection) -> Floats:
    """(1, D) the mean direction of the classes' prototypes, its streams weighed as the collection's are."""
    row = concept.prototypes[[concept.number(name) for name in classes]].mean(axis=0, keepdims=True)
    scales = np.zeros(row.shape[1])
    for then, now in zip(concept.space.sections, collection.sections, strict=True):
        known = float(np.linalg.norm(row[:, then.start : then.stop])) > MIN_NORM and then.weight > 0
        scales[then.start : then.stop] = np.sqrt(now.weight / then.weight) if known else 0.0
    return comparing.unit_or_zero((row * scales).astype(np.float32))
