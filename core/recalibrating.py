"""Thresholds chosen anew after somebody has looked at flags: accepted ones are examples, rejected ones counter-examples.

What counts of a scanned film: the windows in flags that were looked at and, where every flag of the film was, all the rest of it
as footage in which nothing happens. Without that rest three rejected flags in ten hours would look like three false alarms in
three windows. An action that was missed lies in the rest too and counts as none; it scored below the threshold, so it can only
keep the next threshold from falling. Films that the concept was taught from do not count: their scores flatter it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.concepts import NONE, Concept, Example, Scale, Threshold
from core.errors import BadInput, NotEnoughData
from core.flagging import Course, flag_name
from core.flags import Flag
from core.held_out import HeldOut
from core.scan_forms import courses_in, version, watch_in
from core.store import Scan
from core.teaching import Teacher, calibrated
from core.workbench import Workbench

HOUR_SECONDS = 3600.0
MOST_KEPT = 16
_KEPT: WeakKeyDictionary[Workbench, dict[str, HeldOut]] = WeakKeyDictionary()
"""What the examples of concepts scored while they were held out, by the concept's version: reckoning it takes up to seconds."""
_KEEPING = threading.Lock()
Place = tuple[str, str]
"""Id of a clip or "", and the path of a file."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalibrated:
    """What looking at flags came to.

    Args:
        before: the thresholds that ``concept`` had.
        accepted, rejected: flags that count; ``left_out`` do not: of films it was taught from, or by another teaching of it.
        hours: of footage that was looked at in full.
        still_right, still_false: of the accepted and the rejected flags that count, those that would fire again.
    """

    concept: Concept
    before: tuple[Threshold, ...]
    accepted: int
    rejected: int
    left_out: int
    hours: float
    still_right: int
    still_false: int

    @property
    def sentence(self) -> str:
        if not self.accepted + self.rejected:
            said = "No flag that counts was looked at: the threshold is that of its examples."
            return f"{said} {self._without}".strip()
        looked = f" in {self.hours:.2g} hours of footage that was looked at in full" if self.hours else ""
        flags = f"{_count(self.accepted, 'accepted flag')} and {_count(self.rejected, 'false alarm')}"
        again = f"{self.still_right} of {self.accepted} would fire again, and {self.still_false} of {self.rejected}"
        thresholds = [one.sentence for one in self.concept.thresholds if one.sentence]
        parts = [f"Calibrated anew by {flags}{looked}: {again}.", self._without, *(thresholds if len(thresholds) == 1 else ())]
        return " ".join(filter(None, parts))

    @property
    def _without(self) -> str:
        if not self.left_out:
            return ""
        return f"{_count(self.left_out, 'flag')} did not count: of films it was taught from, or found before it was taught anew."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def recalibrate(bench: Workbench, name: str) -> Recalibrated:
    """Choose the thresholds of concept ``name`` anew and keep them. Raises as ``Teacher.get`` and ``Teacher.held_out``."""
    teacher = Teacher(bench)
    concept = teacher.get(name)
    films, left_out = looked_at(bench, concept)
    together = _joined(_held_out(bench, teacher, concept), evidence(concept, films))
    found = [_operate(concept, together, at) for at in range(len(concept.classes))]
    scales, thresholds = tuple(one[0] for one in found), tuple(one[1] for one in found)
    kept = teacher.keep(replace(concept, scales=scales, thresholds=thresholds))
    decided = [(flag, at) for film in films for at, flags in film.flags.items() for flag in flags if flag.verdict]
    fires = {
        verdict: [flag.score >= thresholds[at].value for flag, at in decided if flag.verdict == verdict]
        for verdict in ("accepted", "rejected")
    }
    return Recalibrated(
        kept,
        concept.thresholds,
        len(fires["accepted"]),
        len(fires["rejected"]),
        left_out,
        sum(film.seconds for film in films if film.whole) / HOUR_SECONDS,
        sum(fires["accepted"]),
        sum(fires["rejected"]),
    )


def _operate(concept: Concept, held: HeldOut, at: int) -> tuple[Scale, Threshold]:
    """As when it was taught, towards the same target; without both kinds of examples nothing changes."""
    own = held.targets[:, at]
    if not own.any() or own.all():
        return concept.scales[at], concept.thresholds[at]
    before = concept.thresholds[at]
    return calibrated(held, at, f"{before.target}:{before.wanted:g}" if before.target else "")


def _held_out(bench: Workbench, teacher: Teacher, concept: Concept) -> HeldOut:
    """What the examples scored, reckoned once for each teaching of the concept."""
    mark = f"{concept.concept_id} {version(concept)}"
    with _KEEPING:
        kept = _KEPT.setdefault(bench, {})
    if mark not in kept:
        try:
            found = teacher.held_out(concept.name)
        except (NotEnoughData, BadInput):  # too few examples to leave any out, or another library's: then the flags alone say
            found = _nothing(concept)
        with _KEEPING:
            while len(kept) >= MOST_KEPT:
                kept.pop(next(iter(kept)))
            kept[mark] = found
    return kept[mark]


# -- what was looked at --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """One scanned clip or file: by the number of the class its flags and its smoothed course, and whose source it is."""

    place: Place
    source: str
    flags: Mapping[int, Sequence[Flag]]
    lines: Mapping[int, Course]

    @property
    def whole(self) -> bool:
        """Whether all of its flags were looked at."""
        return all(flag.verdict for flags in self.flags.values() for flag in flags)

    @property
    def seconds(self) -> float:
        begins, ends = self.lines[0].cells()
        return float((ends - begins).sum())


def looked_at(bench: Workbench, concept: Concept) -> tuple[list[Film], int]:
    """The films of which flags were looked at, each by its newest scan; and how many such flags do not count."""
    book, names = bench.library.scans, [flag_name(concept, one) for one in concept.classes]
    taught = {example.clip_id for example in concept.examples}
    found: dict[tuple[int, Place], list[Flag]] = defaultdict(list)
    for flag in book.flags(concept=concept.name):
        found[flag.scan_id, _place(flag)].append(flag)
    newest: dict[Place, Film] = {}
    left_out, scans = 0, {scan_id: book.get(scan_id) for scan_id, _ in found}
    for (scan_id, place), flags in sorted(found.items()):
        judged = sum(bool(flag.verdict) for flag in flags)
        if not judged:
            continue
        current = scans[scan_id].settings["versions"].get(concept.name) == version(concept)
        lines = _lines(bench, scans[scan_id], place, names) if current and place[0] not in taught else {}
        if not lines:
            left_out += judged
            continue
        by_class = {at: [flag for flag in flags if flag.concept == names[at]] for at in lines}
        newest[place] = Film(place, _source(bench, place), by_class, lines)
    return list(newest.values()), left_out


def _place(flag: Flag) -> Place:
    return (flag.clip_id, "") if flag.clip_id else ("", flag.path)


def _source(bench: Workbench, place: Place) -> str:
    clip = bench.library.find(place[0]) if place[0] else None
    return clip.split_source if clip is not None else f"file:{place[1]}"


def _lines(bench: Workbench, scan: Scan, place: Place, names: Sequence[str]) -> dict[int, Course]:
    item = next((one for one in bench.library.scans.items(scan.scan_id) if place in ((one.clip_id, ""), ("", one.path))), None)
    lines = courses_in(scan.settings, bench.library.scans.scores(scan.scan_id, item.position)) if item else ()
    seconds = watch_in(scan.settings).reading.smoothing_seconds
    found = {names.index(one.name): one.smoothed(seconds) for one in lines if one.name in names}
    return found if len(found) == len(names) else {}  # of a scan for some of its classes the others are not known


def examples(bench: Workbench, concept: Concept) -> tuple[Example, ...]:
    """What teaching it again could learn from flags that were looked at: their seconds, as examples and as counter-examples.

    Of clips of the library alone: a file that stays where it is may be gone tomorrow.
    """
    names = {flag_name(concept, one): one for one in concept.classes}
    found = {}
    for flag in bench.library.scans.flags(concept=concept.name):
        clip = bench.library.find(flag.clip_id) if flag.verdict and flag.clip_id else None
        if clip is not None and clip.deleted_at is None and flag.concept in names:
            span = (flag.start_seconds, min(flag.end_seconds, clip.info.duration_seconds))
            name = names[flag.concept] if flag.verdict == "accepted" else NONE
            found[flag.clip_id, span] = Example(flag.clip_id, name, span, flag.verdict)
    known = {(one.clip_id, one.span) for one in concept.examples}
    return tuple(one for key, one in found.items() if key not in known)


def evidence(concept: Concept, films: Iterable[Film]) -> HeldOut:
    """Windows of films that were looked at, as examples that no head has seen: each flag is one, the rest of a film one."""
    made = _nothing(concept)
    for film in films:
        made = _joined(made, _of_film(concept, film))
    return made


def _of_film(concept: Concept, film: Film) -> HeldOut:
    line = film.lines[0]
    count, middles = len(line.starts), line.middles
    targets = np.zeros((count, len(concept.classes)), np.bool_)
    numbers, counts = np.zeros(count, np.int64), np.full(count, film.whole)
    for number, (flag, at) in enumerate(((flag, at) for at, flags in film.flags.items() for flag in flags), 1):
        inside = (middles >= flag.start_seconds) & (middles <= flag.end_seconds)
        numbers[inside], counts[inside] = number, bool(flag.verdict)
        targets[inside, at] = flag.verdict == "accepted"
        if flag.verdict == "accepted":  # windows that hold a little of the action are neither
            counts[(line.ends > flag.start_seconds) & (line.starts < flag.end_seconds) & (numbers == 0)] = False
    begins, ends = line.cells()
    kept = np.flatnonzero(counts)
    return HeldOut(
        concept.classes,
        np.stack([film.lines[at].scores for at in range(len(concept.classes))], axis=1)[kept],
        targets[kept],
        (film.source,) * len(kept),
        (ends - begins)[kept],
        (film.place[0] or film.place[1],) * len(kept),
        np.stack([line.starts, line.ends], axis=1)[kept],
        numbers[kept],
    )


def _nothing(concept: Concept) -> HeldOut:
    empty: NDArray[np.float64] = np.zeros((0, len(concept.classes)))
    return HeldOut(concept.classes, empty, empty.astype(np.bool_), (), np.zeros(0), (), np.zeros((0, 2)), np.zeros(0, np.int64))


def _joined(first: HeldOut, second: HeldOut) -> HeldOut:
    """The rows of both; the examples of the second come after those of the first."""
    if not len(first) or not len(second):
        return first if len(first) else second
    return HeldOut(
        first.classes,
        np.concatenate([first.scores, second.scores]),
        np.concatenate([first.targets, second.targets]),
        first.sources + second.sources,
        np.concatenate([first.seconds, second.seconds]),
        first.clip_ids + second.clip_ids,
        np.concatenate([first.spans, second.spans]),
        np.concatenate([first.examples, second.examples + int(first.examples.max()) + 1]),
        first.by_source and second.by_source,
    )
