"""What somebody wants taught, and the windows of it as the library has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core import queries
from core.clips import Clip, ClipEmbeddings, Floats, Window
from core.collecting import Collection
from core.concept_files import MOST_EXAMPLES, class_name, concept_name
from core.concepts import HEADS, NONE, Concept, Example, Space
from core.errors import BadInput, NotEnoughData, UnknownName
from core.judging import Windows
from core.mixing import unknown
from core.promises import Target
from core.queries import Query
from core.workbench import Workbench

AUTO = "auto"
"""Of a lesson's head: the one that scores best on sources left out."""
INSIDE = 0.5
"""A window belongs to a range when at least this share of the shorter of the two overlaps."""
NEGATIVES_PER_POSITIVE = 2
"""Clips of other labels that ``from_label`` takes for each of its own, each from another source first."""
MOST_NEGATIVES = 200

Altered = Mapping[int, Floats]
"""Of examples, by their number: (A, D) vectors of altered copies."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What somebody wants taught. Raises BadInput, which says what is missing.

    Args:
        name: of the concept.
        examples: clips or parts of clips, each with the name of a class or NONE; classes that ``classes`` lacks are added.
        encoder: "" for the library's own.
        classes: none for the one that is called as the concept is.
        words: free words that count as one more positive example.
        head: one of HEADS, or AUTO.
        augment: names of alterations whose embeddings count as further examples of the same clip.
        target: what the threshold is to keep, as ``core.promises.Target`` is written; "" for the default.
    """

    name: str
    examples: tuple[Example, ...] = ()
    encoder: str = ""
    classes: tuple[str, ...] = ()
    words: str = ""
    head: str = AUTO
    augment: tuple[str, ...] = ()
    target: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", concept_name(self.name))
        if self.head not in (AUTO, *HEADS):
            raise BadInput(f"head ({self.head[:40]}) must be {AUTO} or one of {', '.join(HEADS)}; choose one of these")
        if self.target:
            Target.parse(self.target)
        if len(self.examples) > MOST_EXAMPLES:
            raise BadInput(f"examples ({len(self.examples):,}) must be at most {MOST_EXAMPLES:,}; give fewer")
        object.__setattr__(self, "words", self.words.strip())
        given = [one if one.name == NONE else replace(one, name=class_name(one.name)) for one in self.examples]
        named = dict.fromkeys((*map(class_name, self.classes), *(one.name for one in given if one.name != NONE)))
        classes = tuple(named) or (self.name,)
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "examples", _different(given))
        self._check_examples()

    def _check_examples(self) -> None:
        shown = {one.name for one in self.examples}
        missing = [name for name in self.classes if name not in shown]
        if self.words and len(self.classes) > 1:
            raise BadInput(f"words ({self.words[:40]}) must belong to a concept of one class; give clips as examples of several")
        if missing and not self.words:
            more = "or words " if len(self.classes) == 1 else ""
            raise BadInput(f"examples of {missing[0][:60]} (0) must be at least 1; give a clip that shows it {more}as an example")

    def count(self, name: str) -> int:
        """How many examples show the class, or with NONE none."""
        return sum(one.name == name for one in self.examples)

    @classmethod
    def from_label(cls, bench: Workbench, label: str, name: str = "", encoder: str = "", negatives: int | None = None) -> Lesson:
        """The clips of a label as positives, and as negatives some of other labels: first one of each source, then more.

        The draw is always the same. Raises UnknownName.
        """
        clips = bench.collection(encoder or None).clips
        own = [clip for clip in clips if clip.label == label and label]
        if not own:
            raise UnknownName(unknown("label", label, sorted({clip.label for clip in clips if clip.label})))
        wanted = min(NEGATIVES_PER_POSITIVE * len(own), MOST_NEGATIVES) if negatives is None else negatives
        others = _spread([clip for clip in clips if clip.label not in ("", label)], wanted)
        named = name or label.replace("/", " ")
        shown = tuple(Example(clip.clip_id, named) for clip in own)
        return cls(named, shown + tuple(Example(clip.clip_id, NONE) for clip in others), encoder)


def lesson_of(concept: Concept, encoder: str = "") -> Lesson:
    """The lesson that a concept was taught by."""
    target = concept.thresholds[0]
    wanted = f"{target.target}:{target.wanted:g}" if target.target else ""
    return Lesson(
        concept.name,
        concept.examples,
        encoder or concept.encoder,
        concept.classes,
        concept.words,
        concept.asked,
        concept.augment,
        wanted,
    )


def examples(clip_ids: Sequence[str], name: str, origin: str = "taught") -> tuple[Example, ...]:
    """Whole clips as examples of ``name``, or of NONE."""
    return tuple(Example(clip_id, name, origin=origin) for clip_id in clip_ids)


def examples_of(
    bench: Workbench, query: Query, name: str, encoder: str | None = None, origin: str = "taught"
) -> tuple[Example, ...]:
    """The clips that a query names as examples of ``name``, or of NONE; of ``clip:ID@2.0-4.5`` that part.

    Raises BadInput for queries that are no clips of the library: words, action names, files, takes.
    """
    side = bench.sides([query], encoder)[0][0]
    leaves = list(query.leaves())
    if not side.clips or any(leaf.kind in ("file", "take") for leaf in leaves) or set(side.clips[0].clip_id) == {"0"}:
        raise BadInput(f"example ({str(query)[:60]}) must be clips of the library; add them first, and give words with --words")
    spans = {leaf.value: leaf.span for leaf in leaves if leaf.kind == "clip" and leaf.span}
    return tuple(
        Example(clip.clip_id, name, next((span for start, span in spans.items() if clip.clip_id.startswith(start)), None), origin)
        for clip in side.clips
    )


def _different(given: Sequence[Example]) -> tuple[Example, ...]:
    """Each clip or part once. Raises BadInput for one that is given as two things."""
    known: dict[tuple[str, tuple[float, float] | None], Example] = {}
    for one in given:
        before = known.setdefault((one.clip_id, one.span), one)
        if before.name != one.name:
            raise BadInput(
                f"example ({one.clip_id[:8]}) must be either {before.name or 'none'} or {one.name or 'none'}; take one back"
            )
    return tuple(known.values())


def _spread(clips: Sequence[Clip], wanted: int) -> list[Clip]:
    """``wanted`` clips, the sources taking turns; the labels of a source take turns as well, by their ids."""
    order = np.random.default_rng(0).permutation(len(clips))
    turns: dict[str, int] = {}
    ranked = []
    for at in order.tolist():
        turns[clips[at].split_source] = turn = turns.get(clips[at].split_source, -1) + 1
        ranked.append((turn, at))
    return [clips[at] for _, at in sorted(ranked, key=lambda one: one[0])[:wanted]]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The windows of a lesson in a space, and what could not be had of it: sentences."""

    windows: Windows
    space: Space
    lesson: Lesson
    left: tuple[str, ...] = ()


def material(bench: Workbench, lesson: Lesson, altered: Altered | None = None) -> Material:
    """The examples that the encoder has embedded. Examples whose clips are gone are left out, and that is said.

    Raises NotEnoughData where too few are left, and NoActionHead for words that the encoder cannot read.
    """
    encoder, collection = lesson.encoder or None, bench.collection(lesson.encoder or None)
    by_words = bool(lesson.words) and not lesson.examples
    if by_words:  # words are known to the RGB stream alone
        streams = {one.stream: float(one.stream == "rgb") for one in collection.sections}
        collection = collection if len(streams) == 1 else collection.weighed(streams)
    space = Space(collection.mean, collection.sections)
    clips = {clip.clip_id: clip for clip in collection.clips}
    here = [one for one in lesson.examples if one.clip_id in clips]
    left = _missing(bench, lesson, len(lesson.examples) - len(here))
    if not here and not lesson.words:
        raise NotEnoughData(f"{lesson.name} cannot be taught: {left[0] if left else 'it has no examples'}; give others")
    kept = replace(lesson, examples=tuple(here)) if left else lesson  # says which class has no example any more
    rows, owners, spans, seconds, aside = _of_examples(bench, here, space, encoder, altered or {})
    targets = [[one.name == name for name in lesson.classes] for one in here]
    sources, ids = [clips[one.clip_id].split_source for one in here], [one.clip_id for one in here]
    if lesson.words:
        rows.append(_word_row(bench, lesson, collection))
        owners.append(len(here))
        spans.append((0.0, 0.0))
        seconds.append(0.0)
        aside.append(True)
        targets.append([True])
        sources.append("")
        ids.append("")
    windows = Windows(
        np.vstack(rows),
        np.asarray(owners, np.int64),
        np.asarray(spans, np.float64).reshape(-1, 2),
        np.asarray(seconds, np.float64),
        np.asarray(aside, bool),
        lesson.classes,
        np.asarray(targets, bool).reshape(-1, len(lesson.classes)),
        tuple(sources),
        tuple(ids),
    )
    return Material(windows, space, kept, left)


def _missing(bench: Workbench, lesson: Lesson, count: int) -> tuple[str, ...]:
    if not count:
        return ()
    name = bench.spec(lesson.encoder or None).name
    return (f"{count} of {len(lesson.examples)} examples are not in the library, or not embedded by {name}",)


def _of_examples(
    bench: Workbench,
    given: Sequence[Example],
    space: Space,
    encoder: str | None,
    altered: Altered,
) -> tuple[list[Floats], list[int], list[tuple[float, float]], list[float], list[bool]]:
    fingerprint = bench.fingerprint(encoder)
    rows, owners, spans, seconds, aside = list[Floats](), list[int](), list[tuple[float, float]](), list[float](), list[bool]()
    known: dict[str, ClipEmbeddings] = {}
    for number, one in enumerate(given):
        embedded = known.get(one.clip_id) or bench.library.embeddings(one.clip_id, fingerprint)
        assert embedded is not None  # the collection has it
        known[one.clip_id] = embedded
        within = inside(embedded.windows, one.span)
        rows.append(space.place(embedded.vectors[within]))
        times = [embedded.windows[row] for row in within]
        owners += [number] * len(within)
        spans += [(time.start_seconds, time.end_seconds) for time in times]
        seconds += footage(times).tolist()
        aside += [False] * len(within)
        extra = altered.get(number)
        if extra is not None and len(extra):
            rows.append(space.place(extra))
            owners += [number] * len(extra)
            spans += [(0.0, 0.0)] * len(extra)
            seconds += [0.0] * len(extra)
            aside += [True] * len(extra)
    return rows, owners, spans, seconds, aside


def inside(windows: Sequence[Window], span: tuple[float, float] | None) -> list[int]:
    """The windows of a range: those that lie in it by half (or fill half of it), or the one that lies in it most."""
    if span is None:
        return list(range(len(windows)))
    shares = [
        (min(one.end_seconds, span[1]) - max(one.start_seconds, span[0]))
        / min(one.end_seconds - one.start_seconds, span[1] - span[0])
        for one in windows
    ]
    return [row for row, share in enumerate(shares) if share >= INSIDE] or [int(np.argmax(shares))]


def footage(windows: Sequence[Window]) -> NDArray[np.float64]:
    """(N,) seconds that each window adds to those before it: overlapping windows together are as long as what they show."""
    added, latest = [], 0.0
    for one in windows:
        added.append(max(one.end_seconds - max(one.start_seconds, latest), 0.0))
        latest = max(latest, one.end_seconds)
    return np.asarray(added, np.float64)


def _word_row(bench: Workbench, lesson: Lesson, collection: Collection) -> Floats:
    """(1, D) where ``text:`` stands in the RGB stream, scaled as that stream is in this space; one row beside one clip's."""
    sides, _, _ = bench.sides([words_query(lesson.words)], lesson.encoder or None)
    rgb = next((one for one in collection.sections if one.stream == "rgb"), collection.sections[0])
    total = sum(one.weight for one in collection.sections)
    row = np.zeros((1, collection.mean.shape[0]), np.float32)
    row[:, rgb.start : rgb.stop] = sides[0].centred[:, rgb.start : rgb.stop] * np.sqrt(rgb.weight / total)
    return row


def words_query(words: str) -> Query:
    """Words as somebody types them: alone, or as a whole ``text:`` query with its mix."""
    return queries.parse(words) if words.lower().startswith("text:") else Query("text", words)
