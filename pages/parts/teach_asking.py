"""What the Teach page is working on, and its written form in the address. Pure functions: whatever a link holds, nothing raises.

Written ``concept=fight`` for one that is kept as it is; ``name=fight&positive=clips:3fa9c1,88ab12&positive=clip:77aa01@2-4.5&
negative=label:walking&words=two people fight&encoder=fused&target=false-alarms:1`` for one that is being put together. Of several
classes each ``positive`` has its ``class``, in the same order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.augmenting import CHOICES
from core.clips import Clip, clean_label
from core.concepts import HEADS, NONE, Concept, Example
from core.errors import BadQuery, MotionbookError, UnknownName
from core.queries import AND, MINUS, Query, parse

PARAMS = ("concept", "name", "encoder", "words", "class", "positive", "negative", "head", "target", "augment", "view")
SHOWS = "shows it"
"""The class of a positive example of a plain concept, whose name may change while it is put together."""
AUTO = "auto"
TARGETS = {"": "Automatic", "false-alarms": "False alarms", "precision": "Precision", "conformal": "Conformal"}
USUAL = {"": 0.0, "false-alarms": 1.0, "precision": 0.9, "conformal": 0.05}
"""One false alarm an hour, as the issue of this page asks; nine of ten right; the 5 % of most tests."""
VIEWS = {"examples": "Examples", "quality": "How well", "ask": "Ask me ten", "doubts": "Doubtful"}
MOST_LINKED = 400  # examples in an address: 400 beginnings of ids are 5 kB, which browsers and proxies take
LEAST_NEGATIVES, MOST_NEGATIVES = 6, 12
CHUNK = 100  # ids in one query of the address: 1.3 kB, of the 4 that a query may have
ID_DIGITS = 12
NAME_LENGTH = 80
WORDS_LENGTH = 200
Taken = tuple[str, tuple[float, float] | None]
"""A clip, or a part of it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A concept that is put together, or one that is kept and looked at.

    Args:
        concept: the name of the kept one that it began as; "" for a new one.
        classes: names, where it has several; none for a plain concept, whose positives are called SHOWS.
        examples: in the order they came.
        head: one of core.concepts.HEADS, or AUTO.
        augment: names of altered copies of the examples that it learns from as well.
        target, wanted: what the threshold is made for; "" for one false alarm an hour where there is footage enough to tell.
    """

    concept: str = ""
    name: str = ""
    encoder: str = ""
    words: str = ""
    classes: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    head: str = AUTO
    target: str = ""
    wanted: float = 0.0
    augment: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes, as examples carry them."""
        return self.classes or (SHOWS,)

    def of(self, name: str) -> tuple[Example, ...]:
        """The examples of one class, or of NONE."""
        return tuple(one for one in self.examples if one.name == name)

    @property
    def positives(self) -> tuple[Example, ...]:
        return tuple(one for one in self.examples if one.name != NONE)

    @property
    def taught(self) -> tuple[Example, ...]:
        """The examples as a lesson has them: positives of a plain concept carry its name."""
        return tuple(replace(one, name=self.name) if one.name == SHOWS else one for one in self.examples)

    @property
    def target_text(self) -> str:
        """As ``core.promises.Target`` is written; "" for the usual."""
        return f"{self.target}:{self.wanted:g}" if self.target else ""

    def added(self, taken: Iterable[Taken], name: str, origin: str = "taught") -> Draft:
        """With these as examples of ``name``; one that was another class's changes over."""
        new = dict.fromkeys(taken)
        kept = tuple(one for one in self.examples if (one.clip_id, one.span) not in new or one.name == name)
        known = {(one.clip_id, one.span) for one in kept}
        fresh = tuple(Example(clip_id, name, span, origin) for clip_id, span in new if (clip_id, span) not in known)
        return replace(self, examples=kept + fresh)

    def without(self, wanted: Example) -> Draft:
        return replace(self, examples=tuple(one for one in self.examples if one != wanted))

    def moved(self, wanted: Example, name: str) -> Draft:
        """One example of another class, in its place."""
        return replace(self, examples=tuple(replace(one, name=name) if one == wanted else one for one in self.examples))

    def params(self, view: str = "examples") -> dict[str, str | list[str]]:
        """As query parameters; what is as usual is left out."""
        told: dict[str, str | list[str]] = {"concept": self.concept} if self.concept else {}
        told |= {what: value for what, value in (("name", self.name), ("encoder", self.encoder), ("words", self.words)) if value}
        kept = self.examples[:MOST_LINKED]
        written = [(name, query) for name in self.names for query in queries([one for one in kept if one.name == name])]
        told["positive"] = [query for _, query in written]
        if self.classes:
            told["class"] = [name for name, _ in written]
        told["negative"] = queries([one for one in kept if one.name == NONE])
        if self.head != AUTO:
            told["head"] = self.head
        if self.target:
            told["target"] = self.target_text
        told["augment"] = list(self.augment)
        if view != "examples":
            told["view"] = view
        return {what: value for what, value in told.items() if value}


def opened(concept: Concept) -> Draft:
    """A kept concept as a draft."""
    plain, first = concept.classes == (concept.name,), concept.thresholds[0]
    examples = tuple(replace(one, name=SHOWS) if plain and one.name == concept.name else one for one in concept.examples)
    target = first.target if first.target in TARGETS and math.isfinite(first.wanted) else ""
    return Draft(
        concept.name,
        concept.name,
        concept.encoder,
        concept.words,
        () if plain else concept.classes,
        examples,
        concept.asked,
        target,
        first.wanted if target else 0.0,
        concept.augment,
    )


def queries(examples: Sequence[Example]) -> list[str]:
    """The written form of examples: whole clips together, parts of clips each by itself."""
    whole = [one.clip_id[:ID_DIGITS] for one in examples if one.span is None]
    sets = [str(Query("clips", ",".join(whole[at : at + CHUNK]))) for at in range(0, len(whole), CHUNK)]
    return sets + [str(Query("clip", one.clip_id[:ID_DIGITS], span=one.span)) for one in examples if one.span is not None]


def expand(query: Query, clips: Sequence[Clip]) -> list[Taken]:
    """The clips of the library that a query names. Raises BadQuery for what names none, UnknownName for what is not there."""
    if query.kind == AND:
        sets = [expand(part, clips) for part in query.parts]
        return [one for one in sets[0] if all(one in other for other in sets[1:])]
    if query.kind == MINUS:
        first, second = (expand(part, clips) for part in query.parts)
        return [one for one in first if one not in set(second)]
    if query.kind in ("label", "source"):
        found: list[Taken] = [(clip.clip_id, None) for clip in clips if getattr(clip, query.kind) == query.value]
        if not found:
            raise UnknownName(f"{query.kind} ({query.value[:60]}) must be in this library; choose one of its {query.kind}s")
        return found
    if query.kind in ("clip", "clips"):
        return [(_known(start, clips), query.span) for start in query.ids or (query.value,)]
    raise BadQuery(f"example ({str(query)[:60]}) must name clips of the library; write label:, source:, clip: or clips:")


def _known(start: str, clips: Sequence[Clip]) -> str:
    found = [clip.clip_id for clip in clips if clip.clip_id.startswith(start)]
    if len(found) != 1:
        why = "there is none" if not found else f"{len(found)} begin so"
        raise UnknownName(f"clip ({start[:ID_DIGITS]}) must begin the id of one clip, {why}; choose a clip of the library")
    return found[0]


def read(
    params: Mapping[str, Sequence[str]], clips: Sequence[Clip], encoders: Sequence[str], kept: Draft | None = None
) -> tuple[Draft, list[str]]:
    """The draft that query parameters ask for, and complaints about what could not be understood.

    Args:
        kept: the concept that ``concept=`` names, as a draft: its examples stand where the address has none of its own.
    """
    complaints: list[str] = []

    def one(name: str) -> str:
        return (list(params.get(name, ())) or [""])[0]

    base = kept or Draft()
    encoder = one("encoder") or base.encoder
    if encoder and encoder not in encoders:
        complaints.append(f"encoder ({encoder[:40]!r}) must be one of {', '.join(encoders)}; {encoders[0]} is taken instead")
        encoder = ""
    head = one("head") or base.head
    if head not in (AUTO, *HEADS):
        complaints.append(f"head ({head[:40]!r}) must be one of {', '.join((AUTO, *HEADS))}; {AUTO} is taken instead")
        head = AUTO
    target, wanted = _target(one("target"), base, complaints)
    augment = tuple(dict.fromkeys(params.get("augment", ()))) or base.augment
    if unknown := [name for name in augment if name not in CHOICES]:
        complaints.append(f"augment ({unknown[0][:40]!r}) must be one of {', '.join(CHOICES)}; it is left out")
        augment = tuple(name for name in augment if name in CHOICES)
    draft = Draft(
        base.concept, named(one("name")) or base.name, encoder, one("words").strip()[:WORDS_LENGTH] or base.words,
        base.classes, base.examples, head, target, wanted, augment,
    )  # fmt: skip
    if params.get("positive") or params.get("negative"):
        draft = _with_examples(replace(draft, examples=(), classes=()), params, clips, complaints)
    return draft, complaints


def _with_examples(draft: Draft, params: Mapping[str, Sequence[str]], clips: Sequence[Clip], complaints: list[str]) -> Draft:
    positives, classes = list(params.get("positive", ())), [named(name) for name in params.get("class", ())]
    if classes and (len(classes) != len(positives) or not all(classes)):
        complaints.append("class must stand once for each positive; all of them are taken for one class")
        classes = []
    if len(set(classes)) > 1:
        draft = replace(draft, classes=tuple(dict.fromkeys(classes)))
    names = classes if draft.classes else [SHOWS] * len(positives)
    for text, name in [*zip(positives, names, strict=True), *((text, NONE) for text in params.get("negative", ()))]:
        try:
            draft = draft.added(expand(parse(text), clips), name)
        except MotionbookError as error:
            complaints.append(str(error))
    return draft


def _target(text: str, base: Draft, complaints: list[str]) -> tuple[str, float]:
    if not text:
        return base.target, base.wanted
    kind, _, number = text.partition(":")
    try:
        wanted = float(number)
    except ValueError:
        wanted = math.nan
    most = math.inf if kind == "false-alarms" else 1.0
    if kind and kind in TARGETS and 0 < wanted < most:
        return kind, wanted
    complaints.append(
        f"target ({text[:40]!r}) must be false-alarms:1, precision:0.9 or conformal:0.05; the usual is taken instead"
    )
    return "", 0.0


def named(text: str) -> str:
    """A name of a concept or a class as it is kept: one line, not too long; "" for what is no name."""
    try:
        return clean_label(text[: 2 * NAME_LENGTH])[:NAME_LENGTH].strip()
    except MotionbookError:
        return ""


def spread(draft: Draft, clips: Sequence[Clip], most: int = MOST_NEGATIVES) -> list[Taken]:
    """Clips that may stand for everything else: of other labels than the positives', each label and source in turn.

    The same each time. As many as there are positives, LEAST_NEGATIVES at least and ``most`` at most.
    """
    used = {one.clip_id for one in draft.examples}
    shown = {one.clip_id for one in draft.positives}
    labels = {clip.label for clip in clips if clip.clip_id in shown and clip.label}
    others = [clip for clip in clips if clip.clip_id not in used and clip.label not in labels]
    of_source, of_label = Counter[tuple[str, str]](), Counter[str]()
    order = list[tuple[int, int, int, Clip]]()
    for place, row in enumerate(np.random.default_rng(0).permutation(len(others))):
        clip = others[row]
        order.append((of_source[clip.label, clip.split_source], of_label[clip.label], place, clip))
        of_source[clip.label, clip.split_source] += 1
        of_label[clip.label] += 1
    wanted = min(max(len(shown), LEAST_NEGATIVES), most)
    return [(clip.clip_id, None) for *_, clip in sorted(order, key=lambda one: one[:3])[:wanted]]
