"""Teaching a concept: examples in, a head that was chosen by leaving sources out, kept in the ledger.

A head is learnt from the **windows** of the examples, not from whole clips: it is windows that a scan scores, and of 21 actions
of 209 real clips the two came to the same (docs/teach.md). Every example counts the same, however many windows it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core import calibrating, concept_files, judging
from core.augmenting import Augmenter
from core.clips import Progress
from core.concept_files import concept_name
from core.concepts import HEADS, NONE, Concept, Head, Scale, Threshold
from core.errors import BadInput, Cancelled, EncoderError, LibraryDamaged, NotEnoughData, UnknownName
from core.heads import directions, fit, flatten
from core.held_out import HeldOut
from core.judging import HeadScore, Splits, Windows
from core.lessons import AUTO, Altered, Lesson, Material, examples, examples_of, lesson_of, material
from core.mixing import unknown
from core.promises import Target
from core.similarity import Similarities
from core.store import KeptConcept
from core.workbench import Workbench

__all__ = ["AUTO", "HeadScore", "Lesson", "Teacher", "Trial", "examples", "examples_of", "lesson_of"]

DEFAULT_TARGET = Target("false-alarms", 1.0)
USUAL_PERCENT = 95.0
"""Of this library's clips so many stay below the threshold of a concept that has no negatives (as ``core.live`` has it)."""

Report = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A lesson tried out: the concept as it would be kept, how all ``heads`` did, and what the chosen one scored ``held_out``.

    ``why`` says in a sentence, with numbers, why this head. ``heads`` are the best first; none where nothing could be left out.
    """

    concept: Concept
    heads: tuple[HeadScore, ...]
    held_out: HeldOut
    why: str


class Teacher:
    """Teaches ``bench``'s library, and knows what it was taught. Costs nothing to make; safe from several threads."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    # -- teaching ----------------------------------------------------------------------------------------------------------

    def try_out(
        self,
        lesson: Lesson,
        progress: Report = lambda _: None,
        should_stop: ShouldStop = lambda: False,
        *,
        altered: Altered | None = None,
    ) -> Trial:
        """What teaching would give; nothing is kept. ``altered`` are vectors of altered copies of the examples, by their number;
        without them what ``lesson.augment`` names is embedded first, where that was not done before.

        Raises BadInput, NotEnoughData, UnknownName, WeightsMissing, NoActionHead for words, Cancelled.
        """
        given = self._material(lesson, altered, progress, should_stop)
        windows, split = given.windows, judging.splits(given.windows)

        def step(at: int, kind: str) -> None:
            if should_stop():
                raise Cancelled("teaching was stopped; nothing was kept")
            progress(Progress(at, len(HEADS), kind))

        kind, scores, held, why = _choose(lesson, windows, split, step)
        step(len(HEADS), "keeping")
        concept = self._concept(given, kind, scores, held, " ".join((*(f"{one}." for one in given.left), why)))
        return Trial(concept, scores, held, concept.chosen)

    def teach(
        self,
        lesson: Lesson,
        progress: Report = lambda _: None,
        should_stop: ShouldStop = lambda: False,
        *,
        altered: Altered | None = None,
    ) -> Concept:
        """Teach and keep, in place of one of the same name. Raises as ``try_out``."""
        return self.keep(self.try_out(lesson, progress, should_stop, altered=altered).concept)

    def held_out(self, name: str) -> HeldOut:
        """What the examples of a concept score while their source is left out, with its own kind of head; reckoned anew."""
        concept = self.get(name)
        given = self._material(lesson_of(concept))
        return judging.hold_out(concept.head.kind, given.windows, judging.splits(given.windows))

    def _material(
        self,
        lesson: Lesson,
        altered: Altered | None = None,
        progress: Report = lambda _: None,
        should_stop: ShouldStop = lambda: False,
    ) -> Material:
        if altered is None and lesson.augment:
            altered = Augmenter(self._bench).altered(lesson, lesson.augment, progress, should_stop)
        return material(self._bench, lesson, altered)

    def _concept(self, given: Material, kind: str, scores: tuple[HeadScore, ...], held: HeldOut, why: str) -> Concept:
        windows, lesson, bench = given.windows, given.lesson, self._bench
        flat = flatten(windows.rows)
        head = flat.lift(fit(kind, flat.rows, windows.shown, windows.weights))
        prototypes = directions(windows.rows, windows.shown, windows.weights).astype(np.float32)
        scales, thresholds = zip(*(self._operate(given, head, held, at) for at in range(len(lesson.classes))), strict=True)
        notes = [(f"average precision of {one.kind}", one.average_precision) for one in scores]
        notes += [(f"examples of {name}", float(lesson.count(name))) for name in lesson.classes]
        notes += [("negatives", float(lesson.count(NONE))), ("sources", float(len(set(windows.sources) - {""})))]
        return Concept(
            lesson.name,
            bench.spec(lesson.encoder or None).name,
            bench.fingerprint(lesson.encoder or None),
            lesson.classes,
            lesson.examples,
            given.space,
            head,
            prototypes,
            scales,
            thresholds,
            why,
            tuple(notes),
            lesson.words,
            lesson.head,
            lesson.augment,
            made_at=time.time(),
        )

    def _operate(self, given: Material, head: Head, held: HeldOut, at: int) -> tuple[Scale, Threshold]:
        """Of one class: from what was held out where there was anything, otherwise from the library's usual clips."""
        if len(held):
            return calibrated(held, at, given.lesson.target)
        return Scale(0.0, 0.0), self._usual(given, head, at)

    def _usual(self, given: Material, head: Head, at: int) -> Threshold:
        """Where a library's own clips, whatever they show, stay below by USUAL_PERCENT."""
        encoder = given.lesson.encoder or None
        gallery = self._bench.library.gallery(self._bench.fingerprint(encoder))
        own = set(given.windows.clip_ids)
        other = [row for row, clip_id in enumerate(gallery.clip_ids) if clip_id not in own]
        if not other:
            return Threshold(0.0, sentence="There is nothing to compare with: the threshold is a guess. Give negatives.")
        scores = head.scores(given.space.place(gallery.vectors[other]))[:, at]
        best = _best_of_each([gallery.clip_ids[row] for row in other], scores)
        value = float(np.percentile(best, USUAL_PERCENT))
        return Threshold(
            value,
            sentence=f"Fires on one in {100 / (100 - USUAL_PERCENT):.0f} of {len(best)} other clips here, whatever they show: "
            "without negatives of other sources it is not known how often that is false. Give negatives.",
        )

    # -- what is known -----------------------------------------------------------------------------------------------------

    def all(self) -> list[Concept]:
        """By name; what an erased example was in is taught again first.

        What cannot be used, for too few examples are left or it is damaged, is left out; ``names`` has it, and ``get`` says why.
        """
        found = []
        for kept in self._bench.library.concepts.all():
            try:
                found.append(self._whole(kept))
            except (NotEnoughData, BadInput, EncoderError, LibraryDamaged):
                continue
        return found

    def names(self) -> list[str]:
        return self._bench.library.concepts.names()

    def get(self, name: str) -> Concept:
        """Raises UnknownName with near names, LibraryDamaged, and NotEnoughData where too few of its examples are left."""
        kept = self._bench.library.concepts.find(name)
        if kept is None:
            raise self._unknown(name)
        return self._whole(kept)

    def _whole(self, kept: KeptConcept) -> Concept:
        """As it is kept, or taught again from what an erasure has left."""
        if kept.whole:
            return kept.concept()
        try:
            said = concept_files.said(kept.payload)
        except ValueError as error:
            raise LibraryDamaged(f"concept {kept.name} has lost its shape ({error}); teach it again") from error
        lesson = Lesson(kept.name, kept.examples, kept.encoder, said.classes, said.words, said.asked, said.augment, said.target)
        return self.keep(replace(self.try_out(lesson).concept, concept_id=kept.concept_id, made_at=kept.made_at))

    def keep(self, concept: Concept) -> Concept:
        """Keep a concept as it is, for instance with other thresholds, in place of the one with its id or name."""
        return self._bench.library.concepts.keep(concept)

    def forget(self, name: str) -> None:
        """Raises UnknownName. ``restore`` brings it back."""
        if name not in self.names():
            raise self._unknown(name)
        self._bench.library.concepts.forget(name)

    def restore(self, name: str) -> Concept:
        """Raises UnknownName, and BadInput where another has taken the name."""
        self._bench.library.concepts.restore(name)
        return self.get(name)

    def rename(self, name: str, new: str) -> Concept:
        """And its class, where it has one that is called as it is. Raises UnknownName, and BadInput for a name that is taken."""
        concept, called = self.get(name), concept_name(new)
        if called != name and called in self.names():
            raise BadInput(f"concept name ({called[:60]}) must be one that no other concept has; choose another")
        return self.keep(_called(concept, called))

    def stale(self, concept: Concept) -> str:
        """Why a concept cannot score what its encoder sees today, and what to do; "" when it can."""
        try:
            now = self._bench.fingerprint(concept.encoder)
        except UnknownName:
            return f"{concept.name} was taught with {concept.encoder}, which is not here; teach it again with another encoder."
        except EncoderError as error:
            return f"{concept.name} was taught with {concept.encoder}, whose weights are not here: {error}"
        if now == concept.fingerprint:
            return ""
        return f"{concept.encoder} has changed since {concept.name} was taught; teach it again."

    def reteach(
        self,
        name: str,
        encoder: str | None = None,
        progress: Report = lambda _: None,
        should_stop: ShouldStop = lambda: False,
    ) -> Concept:
        """Teach it again from its examples, by the same encoder as it is now or by another. Raises as ``try_out``."""
        concept = self.get(name)
        taught = self.try_out(lesson_of(concept, encoder or ""), progress, should_stop).concept
        return self.keep(replace(taught, concept_id=concept.concept_id, made_at=concept.made_at))

    # -- files -------------------------------------------------------------------------------------------------------------

    def export(self, name: str) -> bytes:
        """The content of a ``.concept`` file."""
        return concept_files.dump(self.get(name))

    def adopt(self, content: bytes, file_name: str, name: str = "") -> Concept:
        """Keep what such a file holds, under ``name`` or its own. Raises BadInput for a damaged file or a name that is taken.

        Examples are named by their clips' content, so where the library has the clips it can be taught again.
        """
        found = concept_files.parse(content, file_name)
        called = concept_name(name or found.name)
        if called in self.names():
            raise BadInput(f"concept name ({called[:60]}) must be one that is not taken; give the import another name")
        return self.keep(replace(_called(found, called), concept_id=0))

    def _unknown(self, name: str) -> UnknownName:
        names = self.names()
        if not names:
            return UnknownName(f"concept ({name[:60]!r}) must be one that is here, and there is none yet; teach one")
        return UnknownName(unknown("concept", name, names))


def _called(concept: Concept, name: str) -> Concept:
    """The same under another name, and its class, where it has one that is called as it is."""
    if concept.classes == (concept.name,):
        shown = tuple(replace(one, name=name) if one.name == concept.name else one for one in concept.examples)
        concept = replace(concept, classes=(name,), examples=shown)
    return replace(concept, name=name)


def _choose(
    lesson: Lesson, windows: Windows, split: Splits, step: Callable[[int, str], None]
) -> tuple[str, tuple[HeadScore, ...], HeldOut, str]:
    """The head's kind, how all did, what the chosen one scored, and why it."""
    if split.tests:
        found = judging.judge(windows, split, HEADS, step)
        kind = found.kind if lesson.head == AUTO else lesson.head
        mine = next(one for one in found.scores if one.kind == kind)
        asked = f"{kind} was asked for: average precision {mine.average_precision:.2f} left out; "
        return kind, found.scores, found.held_out[kind], found.why if lesson.head == AUTO else asked + found.why
    kind = "prototype" if lesson.head == AUTO else lesson.head
    why = f"{kind}{'' if lesson.head == AUTO else ' was asked for'}: {_lack(lesson)}, so heads could not be compared."
    return kind, (), judging.hold_out(kind, windows, split), why


def _lack(lesson: Lesson) -> str:
    """What is missing before anything can be left out."""
    if not lesson.examples:
        return "it is taught by words alone"
    if not lesson.count(NONE) and len(lesson.classes) == 1:
        return "it has no negatives"
    few = next((name for name in lesson.classes if lesson.count(name) < 2), NONE)
    return f"{few} has {lesson.count(few)} example{'s' * (lesson.count(few) != 1)}" if few else "it has a single negative"


def calibrated(held: HeldOut, at: int, target: str) -> tuple[Scale, Threshold]:
    """The scale and the threshold of the class ``at`` by what was held out.

    Without a ``target`` it is DEFAULT_TARGET where the examples suffice for that, otherwise the best F1 of the examples.
    """
    best = held.by_example()
    scale = calibrating.platt(best.scores[:, at], best.targets[:, at])
    found = calibrating.threshold(held, at, Target.parse(target) if target else DEFAULT_TARGET)
    if target or found.possible:
        return scale, found.threshold
    return scale, best_f1(best, at)


def best_f1(best: HeldOut, at: int) -> Threshold:
    """The threshold that tells the examples of class ``at`` best from the others; ``best`` has one row of each.

    Halfway between the lowest score that fires and the next; of equally good ones the highest.
    """
    scores, own = best.scores[:, at], best.targets[:, at]
    levels = np.unique(scores)[::-1]
    fired = scores[None, :] >= levels[:, None]
    right, false = (fired & own).sum(axis=1), (fired & ~own).sum(axis=1)
    f1 = 2 * right / np.maximum(right + false + own.sum(), 1)
    place = int(np.argmax(f1))
    value = float(levels[place] + levels[place + 1]) / 2 if place + 1 < len(levels) else float(levels[place]) - 1e-6
    hours = float(best.seconds[~own].sum()) / 3600
    return Threshold(
        value,
        sentence=f"Tells the examples best apart: it fires on {right[place]} of {own.sum()} of {best.classes[at]} and on "
        f"{false[place]} of {(~own).sum()} others, each scored while its {'source' if best.by_source else 'clip'} was left out. "
        f"{hours * 60:.1f} minutes of others are too little to promise a number of false alarms an hour.",
    )


def _best_of_each(owners: list[str], scores: Similarities) -> Similarities:
    """The best score of each of the owners, whose rows stand together."""
    starts = [0, *(row for row in range(1, len(owners)) if owners[row] != owners[row - 1])]
    return np.asarray(np.maximum.reduceat(scores, starts))
