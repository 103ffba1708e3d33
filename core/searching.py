"""What in this library looks like this? One search over every moment of every clip, exact at any size.

* The **gallery** is every window of every live clip in the encoder's weighed centred space (``core.spaces``): each window placed
  as ``Collection.place`` places a clip that is nothing but that window.
* The **direction** of a query is the prototype of its side: the mean of its centred rows, made unit. Several queries make the
  mean of their prototypes, made unit. ``a - b`` and ``AND`` are those of ``core.comparing``.
* **Similarity** is the cosine of the two: for a query of one row the very number that Compare shows for it and that window. Of a
  side of many clips it is the cosine with their prototype, which is above the mean over pairs that Compare shows. **Raw** is the
  same of the encoder's own vectors. **Percentile** is the place in Compare's background of the same kinds: pairs of clips from
  different sources, or clips against actions where all queries are directions. Words and action names restrict all to the RGB
  stream, as Compare does.
* ``label:``, ``source:`` and ``clips:`` that AND joins, at the top, with something that looks like something only say where to
  look, beside ``Filters``; alone they are what is looked for. Filters of any query hold for the whole search.
* Of each clip the **best moment**; with ``moments`` all, best first, a moment that overlaps a better one of its clip left out.
* **A query never finds itself**: no window of the clips of its sides, or where it is a part of a clip, none that overlaps
  the part. Other clips of their sources are marked, shown or hidden.
* **Folded** under a better match are clips that look nearly the same (RGB vectors, NEARLY_THE_SAME), going down the list until
  ``top`` matches are full.
* **Feedback** (``core.feedback``): the direction moves towards the rows of ``more`` and away from those of ``less``. What is in
  ``less`` is not found again: its clip, or with ``moments`` the windows that overlap it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip, Floats
from core.colours import signed
from core.comparing import TOUCH_SECONDS, Side, unit_or_zero
from core.duplicates import NEARLY_THE_SAME
from core.encoders import ActionHead
from core.errors import BadQuery, NotEnoughData, UnknownName
from core.feedback import rocchio
from core.queries import AND, SPANNED, Query, joined
from core.searches import MOST_TOP, OWN, PARAMS, TOP, Found, Results, Search, read
from core.similarity import MIN_NORM, Similarities, percentile
from core.spaces import Kinds, Space, rows_of_clips, space
from core.workbench import Workbench

__all__ = ["MOST_TOP", "NEARLY_THE_SAME", "OWN", "PARAMS", "TOP", "Found", "Results", "Search", "Searcher", "read"]

PLACES = ("label", "source", "clips")
"""Kinds of queries that say where to look when they are joined with something that looks like something."""
_FIRST_LOOK = 256  # windows; most lists are full after these
_DEEPER = 8
_FEW = 0.5

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """A search made ready: directions in ``space``, and which windows may be found."""

    search: Search
    space: Space
    head: ActionHead | None
    kinds: Kinds
    sides: tuple[Side, ...]
    centred: Floats
    raw: Floats
    allowed: Mask
    own_sources: frozenset[str]
    filtered_windows: int
    hidden: int
    others: bool
    """Whether some clips are left out because the queries are made of them."""


class Searcher:
    """Searches one library. Costs nothing to make; what it looks through is shared by all. Safe from several threads."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def find(self, search: Search) -> Results:
        """What looks most like the queries. No match is no error; the sentence then says why.

        Raises BadQuery for a search without a query, BadInput for names that are not here, NotEnoughData for a library without
        clips or a query without a direction of its own, NoActionHead, WeightsMissing, and BadClip for a file.
        """
        began = time.perf_counter()
        question = self._question(search)
        groups = _groups(question)
        matches = self._matches(question, groups)
        provenance = self._bench.provenance(search.encoder or None)
        clips = len(np.unique(question.space.clip_rows[question.allowed]))
        titles = tuple(_title(side) for side in question.sides)
        return Results(
            search,
            matches,
            int(question.allowed.sum()),
            clips,
            question.filtered_windows,
            question.hidden,
            time.perf_counter() - began,
            tuple(one for side in question.sides for one in side.understood),
            provenance,
            _sentence(question, matches, clips, titles),
            titles,
        )

    def _question(self, search: Search) -> _Question:
        if not search.queries:
            raise BadQuery("a search must have at least one query; write for example label:running")
        split = [_apart(query) for query in search.queries]
        wanted = [query for query, _ in split]
        sides, collection, head = self._bench.sides(
            [*wanted, *search.more, *search.less], search.encoder or None, weights=dict(search.weights)
        )
        asked = tuple(sides[: len(wanted)])
        more = sides[len(wanted) : len(wanted) + len(search.more)]
        less = sides[len(wanted) + len(search.more) :]
        here = space(self._bench, collection, search.encoder or None)
        centred, raw = (_direction(asked, more, less, name) for name in ("centred", "raw"))
        if np.linalg.norm(centred[here.columns]) < MIN_NORM:
            raise NotEnoughData(
                f"{', '.join(map(str, wanted))[:120]} has no direction of its own in this library; ask for something else"
            )
        passed = _passing(here, search, [place for _, places in split for place in places])
        own_sources = frozenset(clip.split_source for side in asked for clip in side.clips)
        own = np.array([source in own_sources for source in collection.sources], dtype=bool)[here.clip_rows]
        themselves = _own_windows(here, asked)
        allowed = passed & ~themselves & ~_disliked(here, search, less)
        hidden = 0
        if search.own == "hide":
            hidden = len(np.unique(here.clip_rows[allowed & own]))
            allowed = allowed & ~own
        kinds = (False, all(side.is_action for side in asked))
        return _Question(
            search,
            here,
            head,
            kinds,
            asked,
            centred,
            raw,
            allowed,
            own_sources,
            int((~passed).sum()),
            hidden,
            bool(themselves.any()),
        )

    def _matches(self, question: _Question, groups: Sequence[Sequence[tuple[int, float]]]) -> tuple[Found, ...]:
        told = [pair for group in groups for pair in group]
        if not told:
            return ()
        background = question.space.background(question.kinds, question.head)
        ranks = percentile(np.array([similarity for _, similarity in told]), background)
        raws = self._raws(question, [row for row, _ in told])
        made: list[Found] = []
        at = 0
        for rank, group in enumerate(groups, 1):
            found = [
                _found(question, row, similarity, raws[at + index], ranks[at + index], rank)
                for index, (row, similarity) in enumerate(group)
            ]
            at += len(group)
            made.append(_with_folded(found))
        return tuple(made)

    def _raws(self, question: _Question, rows: Sequence[int]) -> Similarities:
        """Raw similarities of some windows, from their exact vectors."""
        collection, fingerprint = question.space.collection, self._bench.fingerprint(question.search.encoder or None)
        owners = [collection.clips[clip].clip_id for clip in question.space.clip_rows[list(rows)].tolist()]
        gallery = self._bench.library.gallery(fingerprint, list(dict.fromkeys(owners)))
        firsts: dict[str, int] = {}
        for place, owner in enumerate(gallery.clip_ids):
            firsts.setdefault(owner, place)
        places = [
            firsts.get(owner, len(gallery.clip_ids)) + number
            for owner, number in zip(owners, question.space.numbers[list(rows)].tolist(), strict=True)
        ]
        if max(places) >= len(gallery.clip_ids) or [gallery.clip_ids[place] for place in places] != owners:
            raise NotEnoughData("the library changed during the search; search again")
        vectors = gallery.vectors[places]
        raw, _ = collection.place(vectors, [str(index) for index in range(len(rows))])
        found: Similarities = np.clip(raw.astype(np.float64) @ question.raw.astype(np.float64), -1.0, 1.0)
        return found


# -- what is looked for --------------------------------------------------------------------------------------------------


def _apart(query: Query) -> tuple[Query, list[Query]]:
    """What a query looks for, and the labels, sources and sets of clips that only say where to look."""
    if query.kind != AND:
        return query, []
    places = [part for part in query.parts if part.kind in PLACES]
    looks = [part for part in query.parts if part.kind not in PLACES]
    return (joined(looks), places) if looks else (query, [])


def _direction(asked: Sequence[Side], more: Sequence[Side], less: Sequence[Side], name: str) -> Floats:
    """(D,) unit, or zeros where everything cancels out."""
    liked, disliked = (np.array([_mean(getattr(side, name)) for side in sides], np.float32) for sides in (more, less))
    return rocchio(_mean(np.array([_mean(getattr(side, name)) for side in asked])), liked, disliked)


def _mean(rows: Floats) -> Floats:
    prototype: Floats = unit_or_zero(rows.astype(np.float64).mean(axis=0, keepdims=True).astype(np.float32))[0]
    return prototype


# -- where it is looked for ----------------------------------------------------------------------------------------------


def _passing(here: Space, search: Search, places: Sequence[Query]) -> Mask:
    """(N,) windows of clips that all filters allow. Raises UnknownName for a place that is not here."""
    clips = here.collection.clips
    allowed = np.ones(len(clips), dtype=bool)
    if search.filters:
        allowed = np.array([search.filters.allows(clip) for clip in clips], dtype=bool)
    for place in places:
        inside = np.array([_stands_in(clip, place) for clip in clips], dtype=bool)
        if not inside.any():
            raise UnknownName(f"{str(place)[:80]} must name clips of this library to be searched in; correct it")
        allowed &= inside
    return allowed[here.clip_rows]


def _stands_in(clip: Clip, place: Query) -> bool:
    if place.kind == "clips":
        return any(clip.clip_id.startswith(beginning) for beginning in place.ids)
    return place.value == (clip.label if place.kind == "label" else clip.source)


def _own_windows(here: Space, sides: Sequence[Side]) -> Mask:
    """(N,) windows that the queries themselves are made of."""
    own = np.zeros(len(here.clip_rows), dtype=bool)
    for side in sides:
        parts = [leaf for leaf in side.query.leaves() if leaf.kind in SPANNED and leaf.span]
        of_parts = {clip.clip_id: _spans(clip, parts) for clip in side.clips}
        own |= rows_of_clips(here, [clip for clip in side.clips if not of_parts[clip.clip_id]])
        for clip in side.clips:
            for span in of_parts[clip.clip_id]:
                own |= rows_of_clips(here, [clip]) & _overlapping(here, span)
    return own


def _spans(clip: Clip, parts: Sequence[Query]) -> list[tuple[float, float]]:
    return [leaf.span for leaf in parts if leaf.span and clip.clip_id.startswith(leaf.value)]


def _disliked(here: Space, search: Search, less: Sequence[Side]) -> Mask:
    rows = np.zeros(len(here.clip_rows), dtype=bool)
    for query, side in zip(search.less, less, strict=True):
        span = query.span if search.moments else None
        rows |= rows_of_clips(here, side.clips) & (_overlapping(here, span) if span else True)
    return rows


def _overlapping(here: Space, span: tuple[float, float]) -> Mask:
    mask: Mask = (here.start_seconds < span[1] - TOUCH_SECONDS) & (here.end_seconds > span[0] + TOUCH_SECONDS)
    return mask


# -- the list ------------------------------------------------------------------------------------------------------------


def _ranked(question: _Question) -> Iterator[tuple[int, float]]:
    """All windows that may be found with their similarities, best first, read as far as somebody wants to know."""
    scan, direction, allowed = question.space.scan, question.centred[question.space.columns], question.allowed
    among = allowed if allowed.mean() < _FEW else None  # where nearly all may be found, leaving out a few costs less
    given: set[int] = set()
    count = _FIRST_LOOK
    while True:
        rows, similarities = scan.best(direction, count, among)
        for row, similarity in zip(rows.tolist(), similarities.tolist(), strict=True):
            if allowed[row] and row not in given:
                given.add(row)
                yield row, similarity
        if len(rows) < count:
            return
        count *= _DEEPER


def _groups(question: _Question) -> list[list[tuple[int, float]]]:
    """Windows and similarities, best first: each match with what is folded under it."""
    search, here = question.search, question.space
    groups: list[list[tuple[int, float]]] = []
    looks = here.collection.looks
    leads = np.empty((search.top if search.fold else 0, looks.shape[1]), np.float32)
    clips: list[int] = []
    taken: dict[int, list[tuple[float, float]]] = {}
    for row, similarity in _ranked(question):
        clip, span = int(here.clip_rows[row]), (float(here.start_seconds[row]), float(here.end_seconds[row]))
        if clip in taken and (not search.moments or any(_overlap(span, other) for other in taken[clip])):
            continue
        taken.setdefault(clip, []).append(span)
        under = _nearly_the_same(looks[clip], clip, leads[: len(clips)], clips) if search.fold else None
        if under is not None:
            groups[under].append((row, similarity))
            continue
        if len(groups) == search.top:
            break
        if search.fold:
            leads[len(clips)] = looks[clip]
        clips.append(clip)
        groups.append([(row, similarity)])
    return groups


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return min(a[1], b[1]) - max(a[0], b[0]) > TOUCH_SECONDS


def _nearly_the_same(look: Floats, clip: int, leads: Floats, clips: Sequence[int]) -> int | None:
    """The first of the matches whose clip is nearly the same as this other one."""
    if not len(leads):
        return None
    near = np.flatnonzero((leads @ look >= NEARLY_THE_SAME) & (np.array(clips) != clip))
    return int(near[0]) if len(near) else None


def _found(question: _Question, row: int, similarity: float, raw: float, place: float, rank: int) -> Found:
    here = question.space
    clip = here.collection.clips[here.clip_rows[row]]
    return Found(
        clip,
        int(here.numbers[row]),
        float(here.start_seconds[row]),
        float(here.end_seconds[row]),
        max(-1.0, min(1.0, similarity)),
        float(raw),
        float(place),
        rank,
        clip.split_source in question.own_sources,
    )


def _with_folded(found: Sequence[Found]) -> Found:
    first = found[0]
    return Found(
        first.clip, first.window, first.start_seconds, first.end_seconds, first.similarity, first.raw, first.percentile,
        first.rank, first.own_source, tuple(found[1:]),
    )  # fmt: skip


# -- words ---------------------------------------------------------------------------------------------------------------


def _title(side: Side) -> str:
    return f"“{side.title}”" if side.is_action else side.title


def _sentence(question: _Question, matches: Sequence[Found], clips: int, titles: Sequence[str]) -> str:
    name = " and ".join(titles) if len(titles) <= 2 else f"these {len(titles)} examples together"
    if not matches:
        return _nothing(question, name)
    best = matches[0] if question.search.own == "show" else next((one for one in matches if not one.own_source), matches[0])
    filtered = question.filtered_windows > 0
    kind = "other clip" if question.others else "clip"
    of = f"Of {clips:,} {kind}{'s' if clips != 1 else ''}{' that the filters leave' if filtered else ''}"
    label = f" ({best.clip.label})" if best.clip.label else ""
    source = ", of the same source" if best.own_source and question.search.own != "show" else ""
    apart = "" if best is matches[0] else " from another source"
    length = best.clip.info.duration_seconds
    whole = best.start_seconds <= 0 and best.end_seconds >= length
    span = "" if whole else f" from {best.start_seconds:.1f} to {best.end_seconds:.1f} s"
    told = f"{of}, most like {name}{apart} is {best.clip.name}{label}{span}{source}: {signed(best.similarity, 2)}"
    return f"{told}{_place(best.percentile, question.kinds)}."


def _place(place: float, kinds: Kinds) -> str:
    if not math.isfinite(place):
        return ""
    pairs = "of clips are to any action" if kinds[1] else "of all pairs of clips from different sources"
    if place >= 50:
        return f", more alike than {math.floor(place)} % {pairs}"
    return f", less alike than {math.floor(100 - place)} % {pairs}"


def _nothing(question: _Question, name: str) -> str:
    if question.filtered_windows and not question.hidden:
        return f"The filters leave no clip that could be like {name}; widen them."
    if question.hidden:
        return f"Only clips of the same source as {name} could be found, and those are hidden; show them, or add clips."
    return f"There is no other clip that could be like {name}; add clips."
