"""Which clips to ask about: those whose label would help a concept most, its look-alikes, and examples that may be wrong.

Questions come ten at a time. Some are *unsure*: the concept's calibrated share lies nearest to one half (uncertainty sampling:
Lewis & Gale 1994). Some are *likely*: they score highest, and a "no" is a hard negative, which random clips hardly ever are.
Of both, those are taken that are unlike what is known and unlike each other (k-centre: Sener & Savarese 2018), another source
before a second clip of one. ``benchmarks/teach.py`` measures what that is worth against ten clips at random (docs/teach.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip, Floats
from core.concepts import NONE, Concept, Example
from core.errors import NotEnoughData
from core.held_out import HeldOut
from core.similarity import Similarities, cosines
from core.teaching import Lesson, Teacher
from core.workbench import Workbench

COUNT = 10
LIKELY_SHARE = 0.5  # all or none of them helped less (docs/teach.md)
"""Of the questions, those that ask about the best scores; the rest ask where the concept is unsure."""
SHORTLIST = 2  # times as many as are asked, among which the most unlike are taken; four times as many helped less (docs/teach.md)
DOUBTFUL = 0.5
"""Share of the other side's examples that must contradict one before it is suggested."""
NEAR = 0.25  # from one half: further away a concept is told not to be unsure
_BATCH = 4096  # windows scored at a time

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """Does the window ``span`` of a clip show the class ``name``?

    Args:
        score, confidence: of that window, as the concept sees it now.
        kind: "unsure" or "likely".
        why: a sentence that says what an answer is good for.
    """

    clip_id: str
    span: tuple[float, float]
    score: float
    confidence: float
    why: str
    name: str = ""
    kind: str = "unsure"

    def answer(self, name: str) -> Example:
        """As an example: the class ``name`` was seen there, or NONE of them."""
        return Example(self.clip_id, name, self.span, "asked")


@dataclass(frozen=True, slots=True)
class Doubt:
    """An example that its own score speaks against, which a head gave that never saw its source.

    ``contradicted`` is the share of examples of the other side that score beyond it; ``others`` is how many those are of.
    """

    example: Example
    name: str
    score: float
    contradicted: float
    others: int

    @property
    def sentence(self) -> str:
        share = f"{round(self.contradicted * self.others)} of {self.others}"
        if self.example.name == self.name:
            return f"Given as {self.name}, yet {share} examples that are not {self.name} score higher. Look at it again."
        return f"Given as not {self.name}, yet it scores higher than {share} examples that are. Look at it again."


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """The best window of each of N clips.

    Args:
        spans: (N, 2) seconds.
        scores, confidence: (N,).
        unsure: (N,) how far from the concept's boundary; the smaller, the less sure it is.
        vectors: (N, D) as they are embedded.
    """

    clips: tuple[Clip, ...]
    spans: NDArray[np.float64]
    scores: Similarities
    confidence: Similarities
    unsure: Similarities
    vectors: Floats


class Questions:
    """Asks what ``bench``'s library knows about a concept."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def next(self, of: Concept | Lesson, count: int = COUNT, name: str = "") -> tuple[Question, ...]:
        """At most ``count`` questions about clips that are no examples yet, one of each clip; fewer where there are fewer.

        ``of`` is a taught concept, or a lesson, which is tried out first. ``name`` is the class, the first one without it.
        Raises what ``Teacher.try_out`` raises, and NotEnoughData when no clip is left to ask about.
        """
        concept, found = self._look(of, name)
        most = (SHORTLIST + 1) * count  # ``pick`` looks no deeper: of a large library only these are placed
        near = np.union1d(np.argsort(-found.scores, kind="stable")[:most], np.argsort(found.unsure, kind="stable")[:most])
        sources = [found.clips[row].split_source for row in near]
        kinds = pick(concept.space.place(found.vectors[near]), found.scores[near], found.unsure[near], sources, count)
        asked = concept.classes[_class(concept, name)]
        return tuple(_question(found, int(near[row]), kind, asked) for row, kind in kinds)

    def look_alikes(self, of: Concept | Lesson, count: int = COUNT, name: str = "") -> tuple[Question, ...]:
        """Likely hard negatives: the highest scores among clips that carry another label than all positive examples.

        Labels may be wrong, so each is a question. Raises as ``next``.
        """
        concept, found = self._look(of, name)
        asked = concept.classes[_class(concept, name)]
        own = {one.clip_id for one in concept.examples if one.name == asked}
        known = {clip.clip_id: clip.label for clip in self._bench.library.clips()}
        positive = {known.get(clip_id, "") for clip_id in own} | {"", asked}
        order = [int(row) for row in np.argsort(-found.scores, kind="stable") if found.clips[row].label not in positive]
        return tuple(_question(found, row, "look-alike", asked) for row in order[:count])

    def suspects(self, concept: Concept) -> tuple[Doubt, ...]:
        """Examples of a kept concept that may be wrong, the most contradicted first. Raises as ``Teacher.held_out``."""
        return doubts(concept.examples, Teacher(self._bench).held_out(concept.name))

    def _look(self, of: Concept | Lesson, name: str) -> tuple[Concept, _Moments]:
        concept = of if isinstance(of, Concept) else Teacher(self._bench).try_out(of).concept
        column = _class(concept, name)
        gallery = self._bench.library.gallery(concept.fingerprint)
        clips = {clip.clip_id: clip for clip in self._bench.library.clips()}
        spans = np.stack([gallery.start_seconds, gallery.end_seconds], axis=1)
        free = _unanswered(gallery.clip_ids, spans, concept.examples) & np.asarray(
            [one in clips for one in gallery.clip_ids], bool
        )
        scores, confidence = np.full(len(spans), -np.inf), np.zeros(len(spans))
        for start in range(0, len(spans), _BATCH):
            told = concept.score(gallery.vectors[start : start + _BATCH], gallery.fingerprint)
            scores[start : start + _BATCH] = told.scores[:, column]
            confidence[start : start + _BATCH] = told.confidence[:, column]
        best = dict[str, int]()
        for row in np.flatnonzero(free):
            clip_id = gallery.clip_ids[row]
            if clip_id not in best or scores[row] > scores[best[clip_id]]:
                best[clip_id] = int(row)
        if not len(spans):
            raise NotEnoughData(
                f"no clip is embedded as {concept.name} needs it ({concept.encoder}); teach it again, or embed the library"
            )
        if not best:
            raise NotEnoughData(f"every clip is an example of {concept.name} already; add clips to be asked about")
        rows = np.asarray(list(best.values()), np.int64)
        scale, limit = concept.scales[column], concept.thresholds[column].value
        told_scores, told_shares = scores[rows], confidence[rows]
        unsure = np.abs(told_shares - 0.5) if scale.slope else np.abs(told_scores - limit)  # never calibrated: by its threshold
        chosen = tuple(clips[one] for one in best)
        return concept, _Moments(chosen, spans[rows], told_scores, told_shares, unsure, gallery.vectors[rows])


def _class(concept: Concept, name: str) -> int:
    return concept.number(name) if name else 0


def _unanswered(clip_ids: Sequence[str], spans: NDArray[np.float64], examples: Sequence[Example]) -> Mask:
    """(N,) the windows that no example speaks of: not of its clip, or apart from its seconds."""
    free = np.ones(len(clip_ids), dtype=bool)
    owners = np.asarray(clip_ids, dtype=object)
    for one in examples:
        start, end = one.span or (-np.inf, np.inf)
        free &= ~((owners == one.clip_id) & (spans[:, 0] < end) & (spans[:, 1] > start))
    return free


def pick(
    rows: Floats,
    scores: Similarities,
    unsure: Similarities,
    sources: Sequence[str],
    count: int = COUNT,
    likely_share: float = LIKELY_SHARE,
) -> list[tuple[int, str]]:
    """Which of N clips to ask about, and why: ("likely" or "unsure"). The best scores first, then the unsure ones.

    Args:
        rows: (N, D) unit rows of their windows.
        scores, unsure: (N,), the highest scores the likeliest, the smallest distance from the boundary the least sure.
        sources: N names.
    """
    likely = spread(rows, np.argsort(-scores, kind="stable"), sources, round(count * likely_share), [])
    order = np.argsort(unsure, kind="stable")
    left = order[~np.isin(order, likely)]
    rest = spread(rows, left, sources, count - len(likely), likely)
    return [(row, "likely") for row in likely] + [(row, "unsure") for row in rest]


def spread(rows: Floats, order: Rows, sources: Sequence[str], count: int, taken: Sequence[int]) -> list[int]:
    """``count`` of the first SHORTLIST x ``count`` of ``order``: the first, then ever the one least like all taken ones.

    Those of a source that nothing was taken of go first.
    """
    short = [int(row) for row in order[: SHORTLIST * count]]
    chosen, before = list[int](), list(taken)
    while short and len(chosen) < count:
        fresh = {sources[row] for row in before}
        new = [row for row in short if sources[row] not in fresh] or short
        if before:
            nearest = cosines(rows[new], rows[before]).max(axis=1)
            row = new[int(np.argmin(nearest))]
        else:
            row = new[0]
        chosen.append(row)
        before.append(row)
        short.remove(row)
    return chosen


def _question(found: _Moments, row: int, kind: str, name: str) -> Question:
    share = f"{100 * float(found.confidence[row]):.0f}\u00a0%"
    clip = found.clips[row]
    near = abs(float(found.confidence[row]) - 0.5) < NEAR
    why = {
        "unsure": f"The concept is unsure here ({share} {name}): either answer moves its boundary."
        if near
        else f"Nothing left is near its boundary; this is among the nearest ({share} {name}).",
        "likely": f"One of the best scores left ({share} {name}): a yes is a new example, a no is what it confuses with {name}.",
        "look-alike": f"Labelled {clip.label}, and scores high ({share} {name}): most likely a negative that teaches much.",
    }[kind]
    start, end = found.spans[row]
    return Question(
        clip.clip_id, (float(start), float(end)), float(found.scores[row]), float(found.confidence[row]), why, name, kind
    )


def doubts(examples: Sequence[Example], held_out: HeldOut) -> tuple[Doubt, ...]:
    """Examples that their left-out scores contradict, over all classes, the most contradicted first."""
    told, found = held_out.by_example(), list[Doubt]()
    for column, name in enumerate(told.classes):
        scores, is_one = told.scores[:, column], told.targets[:, column]
        for row, number in enumerate(told.examples):
            others = scores[is_one != is_one[row]]
            beyond = others > scores[row] if is_one[row] else others < scores[row]
            if len(others) and float(beyond.mean()) > DOUBTFUL:
                found.append(Doubt(examples[int(number)], name, float(scores[row]), float(beyond.mean()), len(others)))
    return tuple(sorted(found, key=lambda one: (-one.contradicted, one.example.clip_id)))


__all__ = ["COUNT", "NONE", "Doubt", "Question", "Questions", "doubts", "pick", "spread"]
