"""Teaching a concept: examples in, a head that was chosen by leaving sources out, kept in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.clips import Progress
from core.concepts import HEADS, NONE, Concept, Example
from core.errors import BadInput
from core.held_out import HeldOut
from core.statistics import Interval
from core.workbench import Workbench

AUTO = "auto"
"""Of a lesson's head: the one that scores best on sources left out."""


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
    """

    name: str
    examples: tuple[Example, ...] = ()
    encoder: str = ""
    classes: tuple[str, ...] = ()
    words: str = ""
    head: str = AUTO
    augment: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.head not in (AUTO, *HEADS):
            raise BadInput(f"head ({self.head[:40]}) must be {AUTO} or one of {', '.join(HEADS)}; choose one of these")
        named = dict.fromkeys((*self.classes, *(one.name for one in self.examples if one.name != NONE)))
        object.__setattr__(self, "classes", tuple(named) or (self.name,))


@dataclass(frozen=True, slots=True)
class HeadScore:
    """How a kind of head did on sources left out: means over classes, of examples (an example is as good as its best window)."""

    kind: str
    average_precision: float
    interval: Interval
    auc: float


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A lesson tried out: the concept as it would be kept, how all ``heads`` did, and what the chosen one scored ``held_out``.

    ``why`` says in a sentence, with numbers, why this head.
    """

    concept: Concept
    heads: tuple[HeadScore, ...]
    held_out: HeldOut
    why: str


Report = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


class Teacher:
    """Teaches ``bench``'s library, and knows what it was taught."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def try_out(self, lesson: Lesson, progress: Report = lambda _: None, should_stop: ShouldStop = lambda: False) -> Trial:
        """What teaching would give; nothing is kept. Raises BadInput, NotEnoughData, UnknownName, Cancelled."""
        raise NotImplementedError

    def teach(self, lesson: Lesson, progress: Report = lambda _: None, should_stop: ShouldStop = lambda: False) -> Concept:
        """Teach and keep, in place of one of the same name. Raises as ``try_out``."""
        raise NotImplementedError

    def all(self) -> list[Concept]:
        """By name."""
        raise NotImplementedError

    def get(self, name: str) -> Concept:
        """Raises UnknownName with near names."""
        raise NotImplementedError

    def held_out(self, name: str) -> HeldOut:
        """What the examples of a concept score while their source is left out, with its own kind of head; reckoned anew."""
        raise NotImplementedError

    def keep(self, concept: Concept) -> Concept:
        """Keep a concept as it is, for instance with other thresholds, in place of the one with its id or name."""
        raise NotImplementedError

    def forget(self, name: str) -> None:
        """Raises UnknownName. ``restore`` brings it back."""
        raise NotImplementedError

    def restore(self, name: str) -> Concept:
        raise NotImplementedError

    def rename(self, name: str, new: str) -> Concept:
        raise NotImplementedError

    def stale(self, concept: Concept) -> str:
        """Why a concept cannot score what its encoder sees today, and what to do; "" when it can."""
        raise NotImplementedError

    def reteach(self, name: str, encoder: str | None = None) -> Concept:
        """Teach it again from its examples, by the same encoder as it is now or by another."""
        raise NotImplementedError


def lesson_of(concept: Concept, encoder: str = "") -> Lesson:
    """The lesson that a concept was taught by."""
    return Lesson(concept.name, concept.examples, encoder or concept.encoder, concept.classes, concept.words)


def examples(clip_ids: Sequence[str], name: str, origin: str = "taught") -> tuple[Example, ...]:
    """Whole clips as examples of ``name``, or of NONE."""
    return tuple(Example(clip_id, name, origin=origin) for clip_id in clip_ids)
