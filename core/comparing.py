"""How alike are two or more actions? Queries in, similarities out, each with what it is measured against.

Three readings of one similarity:

* **raw**: the cosine of the encoder's own vectors. Networks put everything on video into a narrow cone, so raw
  cosines are all high (0.7 and more) and say little alone.
* **centred**: the cosine after the library's mean clip was taken away from both sides. 0 means "as alike as any two
  clips of this library", so the sign already says something. This is the number shown first.
* **percentile**: the share of the library's background below the centred similarity. The background is every pair of
  clips from different sources, whatever their labels.

An action name has no clips. It stands in the same space through the encoder's classifier: its logit is
``weight . embedding + bias``, so the row ``weight`` of the classifier is the direction in which an embedding grows more
like that action. Rows share a large common part that says nothing about any one action, therefore the centred reading
takes away the mean of all rows from it, as it takes away the mean clip from clips; the cosine of the two is the
action's evidence, and its background is every clip against every action of the classifier. Free words are a mix of action
names (``core.mixing``) and stand there in the same way.

Queries may be joined. A side is either clips, each with a row, or a direction with one row and no clips:

* ``a AND b``: of two sets of clips those that are in both; of clips and a direction (words, an action name) those clips, every
  row and the direction added and made unit again; of two directions their sum, made unit.
* ``a - b``: every row of a minus b's prototype, which is the mean of b's rows made unit; then made unit again. The clips and
  sources stay those of a, so that statistics count what they are about.
* ``clip:ID@2.0-4.5``: the windows of that clip that overlap the range, pooled as a clip's are; so too of a take.
* ``clips:ID,ID``: those clips, as a label's would be. ``concept:NAME``: its positive examples (``core.concept_sides``).

This is done to the raw and to the centred rows alike; the centred reading is the one to trust, since raw rows share so much that
a difference of two leaves little.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.clips import Clip, ClipEmbeddings, Floats, Section
from core.collecting import Collection
from core.encoders import ActionHead
from core.errors import BadQuery, FingerprintMismatch, NoActionHead, NotEnoughData, UnknownName
from core.mixing import Understood, direction, directions, unknown
from core.queries import AND, Query
from core.similarity import Similarities, centre, cosines, different, percentile, unit

BACKGROUND_CLIPS = 1500  # a background of a million pairs settles a percentile to a tenth; more only costs time
TOUCH_SECONDS = 0.0005  # ranges are written to the millisecond: what overlaps by less only touches


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a question. A direction (an action name, words) has a vector but no clips: ``sources`` is then one of its own.

    ``understood`` says of every text in the query what it was read as.
    """

    query: Query
    clips: tuple[Clip, ...]
    raw: Floats
    centred: Floats
    sources: tuple[str, ...]
    understood: tuple[Understood, ...] = ()

    @property
    def title(self) -> str:
        query = self.query
        if query.span:
            return f"{self.clips[0].name} from {query.span[0]:g} to {query.span[1]:g} s"
        if query.kind == "clips" and len(self.clips) > 1:
            return f"{len(self.clips)} selected clips"
        return self.clips[0].name if query.kind in ("clip", "clips", "take") else query.value

    @property
    def is_action(self) -> bool:
        """Whether it is a direction rather than clips."""
        return not self.clips

    @property
    def is_words(self) -> bool:
        """Whether it is a direction that words have a part in."""
        return self.is_action and bool(self.understood)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """S sides against each other: ``raw``, ``centred``, ``percentile`` and ``pairs`` are (S, S); the diagonal is "within".

    A cell is the mean over pairs of clips from different sources; NaN with ``pairs`` 0 where there is no such pair.
    """

    sides: tuple[Side, ...]
    raw: Similarities
    centred: Similarities
    percentile: Similarities
    pairs: np.ndarray
    background: Similarities
    library_clips: int
    library_sources: int
    sections: tuple[Section, ...] = ()
    """The streams it was made in, and how much each counted."""
    deviations: Similarities = field(default_factory=lambda: np.zeros((0, 0)))
    """(S, S) how many standard deviations of the background a cell is away from the background's mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A square table of centred similarities (N, N) with a name for each row; ``clips`` is empty for groups."""

    names: tuple[str, ...]
    similarity: Similarities
    raw: Similarities
    labels: tuple[str, ...]
    clips: tuple[Clip, ...] = ()


Special = Callable[[Query], Side]
"""Makes the sides that need more than a collection: files, parts of clips, words."""


def side(query: Query, collection: Collection, head: ActionHead | None, special: Special | None = None) -> Side:
    """The clips or the direction that ``query`` names, or what its parts make together; see the module's text.

    Raises UnknownName with the nearest names, NoActionHead, NotEnoughData when no clip is in all of AND's parts.
    """
    if not query.simple:
        parts = [side(part, collection, head, special) for part in query.parts]
        return common(query, parts) if query.kind == AND else difference(query, *parts)
    if query.kind == "action":
        return _action_side(query, head)
    if query.kind == "label":
        rows = [row for row, clip in enumerate(collection.clips) if clip.label == query.value]
        if not rows:
            raise UnknownName(unknown("label", query.value, sorted({clip.label for clip in collection.clips if clip.label})))
    elif query.kind == "source":
        rows = [row for row, clip in enumerate(collection.clips) if clip.source == query.value]
        if not rows:
            raise UnknownName(unknown("source", query.value, sorted({clip.source for clip in collection.clips if clip.source})))
    elif query.kind == "clip" and not query.span:
        rows = [clip_row(query, collection)]
    elif query.kind == "clips":
        rows = clip_rows(query.ids, collection)
    elif special is not None:
        return special(query)
    else:
        raise BadQuery(
            f"query ({str(query)[:60]}) must be a label, a source, whole clips or an action here; ask for one of these"
        )
    chosen = [collection.clips[row] for row in rows]
    return Side(query, tuple(chosen), collection.raw[rows], collection.centred[rows], tuple(clip.split_source for clip in chosen))


def clip_row(query: Query, collection: Collection) -> int:
    """Which clip a clip: query names. Raises UnknownName."""
    return clip_rows([query.value], collection)[0]


def clip_rows(beginnings: Sequence[str], collection: Collection) -> list[int]:
    """Which clips have ids that begin so, one each, none twice. Raises UnknownName."""
    order = sorted(range(len(collection.clips)), key=lambda row: collection.clips[row].clip_id)
    ids, found = [collection.clips[row].clip_id for row in order], dict[int, None]()
    for beginning in beginnings:
        first = bisect_left(ids, beginning)
        count = bisect_left(ids, beginning + "~") - first  # "~" stands behind every hex digit
        if count != 1:
            raise UnknownName(
                f"clip ({beginning}) must be the beginning of exactly one clip's id, not of {count}; copy it whole, "
                "or take it out of the question if the clip was deleted"
            )
        found[order[first]] = None
    return list(found)


def common(query: Query, parts: Sequence[Side]) -> Side:
    """What AND joins: the clips that are in all sets of clips, each moved towards all directions; or the directions' sum."""
    understood = tuple(one for part in parts for one in part.understood)
    sets, towards = [part for part in parts if part.clips], [part for part in parts if not part.clips]
    if not sets:
        raw, centred = (unit_or_zero(sum(getattr(part, name) for part in towards)) for name in ("raw", "centred"))
        return Side(query, (), raw, centred, (str(query),), understood)
    sets.sort(key=lambda part: all(leaf.span is None for leaf in part.query.leaves()))  # of a clip and its part, the part
    others = [{clip.clip_id for clip in part.clips} for part in sets[1:]]
    first = sets[0]
    rows = [row for row, clip in enumerate(first.clips) if all(clip.clip_id in ids for ids in others)]
    if not rows:
        raise NotEnoughData(f"no clip is in all of {str(query)[:120]}; ask for each alone to see what there is")
    raw, centred = first.raw[rows], first.centred[rows]
    if towards:
        raw = unit_or_zero(raw + sum(part.raw for part in towards))
        centred = unit_or_zero(centred + sum(part.centred for part in towards))
    return Side(
        query, tuple(first.clips[row] for row in rows), raw, centred, tuple(first.sources[row] for row in rows), understood
    )


def difference(query: Query, a: Side, b: Side) -> Side:
    """``a - b``: the clips and sources of ``a``, every row without the prototype of ``b``, made unit again."""
    raw, centred = (
        unit_or_zero(ours - unit_or_zero(theirs.mean(axis=0, keepdims=True)))
        for ours, theirs in ((a.raw, b.raw), (a.centred, b.centred))
    )
    return Side(query, a.clips, raw, centred, a.sources, (*a.understood, *b.understood))


def unit_or_zero(rows: Floats) -> Floats:
    """Unit rows; what cancels out has no direction and is alike to nothing, as in ``core.similarity.centre``."""
    return centre(rows, np.zeros(rows.shape[1], np.float32))


def file_side(query: Query, clip: Clip, vectors: Floats, collection: Collection) -> Side:
    """A file that is not in the library: its window embeddings (N, D) are pooled and centred like a clip's."""
    raw, centred = collection.place(vectors, [clip.clip_id] * len(vectors))
    return Side(query, (clip,), raw, centred, (clip.split_source,))


def part_side(query: Query, clip: Clip, embedded: ClipEmbeddings, collection: Collection) -> Side:
    """A time range of a clip: its windows that overlap the range, pooled. Raises BadQuery when none does."""
    start, end = query.span or (0.0, clip.info.duration_seconds)
    rows = [
        row
        for row, at in enumerate(embedded.windows)
        if at.start_seconds < end - TOUCH_SECONDS and at.end_seconds > start + TOUCH_SECONDS
    ]
    if not rows:
        raise BadQuery(
            f"time range ({start:g}-{end:g}) must lie within {clip.name} (0-{clip.info.duration_seconds:.1f} s); choose another"
        )
    return file_side(query, clip, embedded.vectors[rows], collection)


def text_side(query: Query, understood: Understood, head: ActionHead) -> Side:
    """Words as a direction: the mix of action names that they were read as."""
    raw, centred = direction(understood.mix, head)
    return Side(query, (), raw, centred, (str(query),), (understood,))


def spoken_side(query: Query, direction: Floats, head: ActionHead) -> Side:
    """Words as a direction (1, D) that the encoder's own text tower gave; centred as the names in ``head`` are."""
    return Side(query, (), unit(direction), centre(direction, head.weight.mean(axis=0)), (str(query),))


def asks_for_actions(queries: Sequence[Query]) -> bool:
    """Whether a classifier's names, or words read by them, are in any of the queries."""
    return any(leaf.kind in ("action", "text") for query in queries for leaf in query.leaves())


def needed_head(query: Query, head: ActionHead | None) -> ActionHead:
    """Raises NoActionHead."""
    if head is None:
        raise NoActionHead(f"{query} needs an encoder with a classifier; compare labels or clips, or choose i3d-rgb")
    return head


def _action_side(query: Query, head: ActionHead | None) -> Side:
    head = needed_head(query, head)
    named = {name.casefold(): row for row, name in enumerate(head.names)}
    row = named.get(query.value.casefold())
    if row is None:
        raise UnknownName(unknown("action", query.value, list(head.names)))
    exact = Query("action", head.names[row])
    return Side(exact, (), unit(head.weight[row : row + 1]), directions(head)[row : row + 1], (str(exact),))


def compare(sides: Sequence[Side], collection: Collection, head: ActionHead | None) -> Comparison:
    """All sides against all sides. Raises NotEnoughData when there is nothing to compare."""
    if not sides:
        raise NotEnoughData("a comparison needs at least one query; name an action, a label or a clip")
    count = len(sides)
    raw, centred_means = np.full((count, count), np.nan), np.full((count, count), np.nan)
    pairs = np.zeros((count, count), dtype=np.int64)
    ranks, deviations = np.full((count, count), np.nan), np.full((count, count), np.nan)
    backgrounds = {kinds: background(kinds, collection, head) for kinds in {_kinds(a, b) for a in sides for b in sides}}
    for row, a in enumerate(sides):
        for column, b in enumerate(sides[row:], start=row):
            usable = different(a.sources, b.sources)
            cell = (row, column)
            pairs[cell] = usable.sum() // (2 if a is b else 1)
            if pairs[cell]:
                raw[cell] = cosines(a.raw, b.raw)[usable].mean()
                centred_means[cell] = cosines(a.centred, b.centred)[usable].mean()
            for table in (raw, centred_means, pairs):
                table[column, row] = table[cell]
    for kinds, known in backgrounds.items():  # all cells of a kind at once: a background is sorted for each call
        cells = np.asarray([[_kinds(a, b) == kinds for b in sides] for a in sides]) & (pairs > 0)
        ranks[cells] = percentile(centred_means[cells], known)
        if known.size > 1 and known.std() > 0:
            deviations[cells] = (centred_means[cells] - known.mean()) / known.std()
    main = backgrounds[_kinds(sides[0], sides[-1])]
    return Comparison(
        tuple(sides),
        raw,
        centred_means,
        ranks,
        pairs,
        main,
        len(collection.clips),
        len(set(collection.sources)),
        collection.sections,
        deviations,
    )


def _kinds(a: Side, b: Side) -> tuple[bool, bool]:
    return (False, True) if a.is_action != b.is_action else (a.is_action, b.is_action)


def background(kinds: tuple[bool, bool], collection: Collection, head: ActionHead | None) -> Similarities:
    """Every pair of the same kinds in this library: clip x clip of other sources, clip x action, or action x action."""
    chosen = np.arange(len(collection.clips))
    if len(chosen) > BACKGROUND_CLIPS:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, BACKGROUND_CLIPS, replace=False))
    clips = collection.centred[chosen]
    if kinds == (False, False):
        sources = [collection.clips[row].split_source for row in chosen]
        usable = np.triu(different(sources, sources), k=1)
        return cosines(clips, clips)[usable]
    assert head is not None, "an action side was made from a head"
    actions = directions(head)
    if kinds == (True, True):
        return cosines(actions, actions)[np.triu_indices(len(actions), k=1)]
    return cosines(clips, actions).ravel()


def by_label(collection: Collection) -> Matrix:
    """Group x group: the mean centred similarity between the clips of any two labels, never of one source."""
    labels = sorted({clip.label for clip in collection.clips if clip.label})
    if not labels:
        raise NotEnoughData(
            "no clip has a label yet; label some clips on the Library page, or add them with --labels-from-folders"
        )
    result = compare([side(Query("label", label), collection, None) for label in labels], collection, None)
    return Matrix(tuple(labels), result.centred, result.raw, tuple(labels))


def by_clip(collection: Collection) -> Matrix:
    """Clip x clip, ordered by label, then source, then name."""
    order = sorted(range(len(collection.clips)), key=lambda row: _sorting(collection.clips[row]))
    clips = tuple(collection.clips[row] for row in order)
    centred, raw = collection.centred[order], collection.raw[order]
    names, labels = tuple(clip.name for clip in clips), tuple(clip.label for clip in clips)
    return Matrix(names, cosines(centred, centred), cosines(raw, raw), labels, clips)


def _sorting(clip: Clip) -> tuple[bool, str, str, str, str]:
    return (not clip.label, clip.label, clip.source, clip.name, clip.clip_id)


def same_fingerprint(found: str, wanted: str) -> None:
    """Vectors of unlike encoders are never compared. Raises FingerprintMismatch, which names both."""
    if found != wanted:
        raise FingerprintMismatch(
            f"embeddings ({found}) must be of {wanted} to be compared; embed the clips again with one encoder"
        )
