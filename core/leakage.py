"""Does a split leak? The same source, the same clip, or nearly the same film on both sides of it makes a test too easy.

A network that has seen a person, a room or a recording in training knows it again; so what is measured on the other side is
partly memory. A split is clean when no source is on both sides and no clip of one side is nearly the same as one of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.clips import Clip, Floats, Section
from core.comparing import Side, unit_or_zero
from core.duplicates import NEARLY_THE_SAME, families, near_pairs
from core.errors import BadInput, BadQuery
from core.mapping import Weights
from core.queries import Query
from core.workbench import Workbench

SHOWN = 3  # names in a sentence; the rest is counted


@dataclass(frozen=True, slots=True)
class Twins:
    """Two clips that are nearly the same, and the raw cosine that says so."""

    first: Clip
    second: Clip
    similarity: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All ``pairs`` of the library, the nearest first, and the ``families`` that they make, the largest first."""

    pairs: tuple[Twins, ...]
    families: tuple[tuple[Clip, ...], ...]
    clips: int
    least: float

    @property
    def sentence(self) -> str:
        if not self.pairs:
            return f"No two of {self.clips} clips are nearly the same (raw cosine {self.least:g} or more)."
        many = sum(len(family) for family in self.families)
        groups = "1 group" if len(self.families) == 1 else f"{len(self.families)} groups"
        return f"{many} of {self.clips} clips are in {groups} of nearly the same films (raw cosine {self.least:g} or more)."


@dataclass(frozen=True, slots=True)
class Leakage:
    """A split of ``a`` and ``b``: the sources and the clips that are on both sides, and the twins across.

    ``unknown`` clips of either side have no source: that they share one cannot be told.
    """

    a: str
    b: str
    clips: tuple[int, int]
    sources: tuple[int, int]
    shared_clips: tuple[Clip, ...]
    shared_sources: tuple[tuple[str, int, int], ...]
    """Name, and how many clips of it either side has; the most clips first."""
    twins: tuple[Twins, ...]
    unknown: int
    least: float

    @property
    def clean(self) -> bool:
        """Nothing was found. With ``unknown`` clips that is less than certain, and ``sentence`` says so."""
        return not (self.shared_clips or self.shared_sources or self.twins)

    @property
    def sentence(self) -> str:
        """In plain words."""
        told = []
        if self.shared_clips:
            told.append(f"{_many(len(self.shared_clips), 'clip is', 'clips are')} on both sides")
        if self.shared_sources:
            names = [name for name, _, _ in self.shared_sources]
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            told.append(f"{_many(len(names), 'source is', 'sources are')} on both sides ({', '.join(names[:SHOWN])}{more})")
        if self.twins:
            told.append(f"{_many(len(self.twins), 'pair of clips across is', 'pairs of clips across are')} nearly the same")
        doubt = (
            f" {_many(self.unknown, 'clip has', 'clips have')} no source, so that a shared one may be missed."
            if self.unknown
            else ""
        )
        if not told:
            return f"The split is clean: no source is on both sides and no two clips across are nearly the same.{doubt}"
        return f"The split leaks: {'; '.join(told)}. What is measured across it is partly memory; divide by source.{doubt}"


def near_duplicates(bench: Workbench, encoder: str | None = None, *, least: float = NEARLY_THE_SAME) -> Duplicates:
    """Clips of the library that are nearly the same. Raises NotEnoughData and BadInput."""
    _checked(least)
    collection = bench.collection(encoder)
    found = near_pairs(collection.looks, least=least)
    clips = collection.clips
    return Duplicates(
        tuple(Twins(clips[a], clips[b], similarity) for a, b, similarity in found),
        tuple(tuple(clips[row] for row in family) for family in families(len(clips), found)),
        len(clips),
        least,
    )


def leakage(
    bench: Workbench,
    a: Query,
    b: Query,
    encoder: str | None = None,
    *,
    least: float = NEARLY_THE_SAME,
    weights: Weights = (),
) -> Leakage:
    """What two sides of a split have in common. Raises BadQuery for a side without clips, and what ``bench.sides`` raises."""
    _checked(least)
    sides, collection, _ = bench.sides([a, b], encoder, weights=dict(weights))
    for side in sides:
        if not side.clips:
            raise BadQuery(f"query ({str(side.query)[:60]}) must name clips, not words or an action; ask for a label or a source")
    return _leakage(sides[0], sides[1], collection.sections, least)


def looks(raw: Floats, sections: Sequence[Section]) -> Floats:
    """Unit rows (N, d) of what clips look like: the RGB stream of raw rows (N, D), or all of them where that is not in them.

    A copy that is compressed or made smaller changes its flow and its skeleton more than its picture (docs/search.md).
    """
    columns = np.zeros(raw.shape[1], bool)
    for section in sections:
        if section.stream == "rgb" and section.weight > 0:
            columns[section.start : section.stop] = True
    return unit_or_zero(raw[:, columns]) if columns.any() and not columns.all() else raw


def _leakage(a: Side, b: Side, sections: Sequence[Section], least: float) -> Leakage:
    counts = [_by_source(side) for side in (a, b)]
    both = [(name, counts[0][name], counts[1][name]) for name in counts[0] if name in counts[1]]
    ids = {clip.clip_id for clip in b.clips}
    shared = tuple(clip for clip in a.clips if clip.clip_id in ids)
    twins = tuple(
        Twins(a.clips[row], b.clips[column], similarity)
        for row, column, similarity in near_pairs(looks(a.raw, sections), looks(b.raw, sections), least=least)
        if a.clips[row].clip_id != b.clips[column].clip_id
    )
    every = {clip.clip_id: clip for clip in (*a.clips, *b.clips)}
    return Leakage(
        str(a.query),
        str(b.query),
        (len(a.clips), len(b.clips)),
        (len(set(a.sources)), len(set(b.sources))),
        shared,
        tuple(sorted(both, key=lambda row: (-row[1] - row[2], row[0]))),
        twins,
        sum(not clip.source for clip in every.values()),
        least,
    )


def _by_source(side: Side) -> dict[str, int]:
    counts: dict[str, int] = {}
    for clip in side.clips:
        if clip.source:  # the same clip on both sides is told by itself
            counts[clip.source] = counts.get(clip.source, 0) + 1
    return counts


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _checked(least: float) -> None:
    if not 0.5 <= least <= 1.0:
        raise BadInput(f"least ({least:g}) must be a raw cosine from 0.5 to 1; 0.98 is what was measured")
