"""Scores of windows become flags: smoothed, with hysteresis, gaps closed, blinks dropped. Arithmetic on arrays alone.

Windows overlap, and an action fills a window by half when it begins at the window's middle. So each window speaks for the time
from half way to the middle of the one before to half way to the next: that is where flags begin and end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.concepts import Concept, Scale
from core.errors import BadInput, UnknownName
from core.flags import Flag
from core.similarity import Similarities

Seconds = NDArray[np.float64]
NUMBERS = 3
"""Of a window and a class: score, similarity, confidence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a course of scores is read.

    Args:
        smoothing_seconds: a window's score is averaged with those whose middles are nearer than this, the less the farther
            (a triangle); 0 takes scores as they are.
        off_share: a flag goes on while the odds are at least this share of those at the threshold (hysteresis); 1 ends it as soon
            as the score is below the threshold. Odds, since scores of heads have no common zero.
        minimum_seconds: shorter flags are dropped; never longer than the footage itself.
        gap_seconds: flags nearer than this are one.
        overlap: of two flags of one name whose time ranges overlap by more (tIoU), the stronger stays.

    The defaults are those of 96 combinations that did best on the tuning footage of benchmarks/watch.py (docs/watch.md), but for
    ``minimum_seconds``, where 2 did a little better and would lose short actions. Windows overlap and so are smooth as they are;
    thresholds are learnt of single windows, which smoothing lowers.

    Raises BadInput for numbers that can be none of this.
    """

    smoothing_seconds: float = 0.0
    off_share: float = 0.25
    minimum_seconds: float = 1.0
    gap_seconds: float = 2.0
    overlap: float = 0.5

    def __post_init__(self) -> None:
        for name in ("smoothing_seconds", "minimum_seconds", "gap_seconds"):
            if not 0 <= (value := getattr(self, name)) < math.inf:
                raise BadInput(f"{name} ({value}) must be seconds, 0 or more; correct it")
        for name in ("off_share", "overlap"):
            if not 0 < (value := getattr(self, name)) <= 1:
                raise BadInput(f"{name} ({value}) must be above 0 and at most 1; correct it")


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One class of a concept over N windows of a clip or file, in time order.

    Args:
        name: what its flags are called: the concept, or ``concept/class``.
        starts, ends: (N,) seconds of the windows.
        scores, similarity, confidence: (N,) each, as of ``core.concepts.Scored``.
        threshold: the score from which on it fires.
        slope: how fast the logarithm of the odds grows with the score; 0 when that was never calibrated: no hysteresis then.
    """

    name: str
    starts: Seconds
    ends: Seconds
    scores: Similarities
    similarity: Similarities
    confidence: Similarities
    threshold: float
    slope: float = 0.0

    def __post_init__(self) -> None:
        columns = (self.starts, self.ends, self.scores, self.similarity, self.confidence)
        if {column.shape for column in columns} != {(len(self.starts),)}:
            raise ValueError(f"columns of a course must all be (N,), not {[column.shape for column in columns]}")

    @property
    def middles(self) -> Seconds:
        return np.asarray((self.starts + self.ends) / 2)

    def smoothed(self, seconds: float) -> Course:
        """Each window averaged with its neighbours: weights fall from 1 to 0 over ``seconds`` between middles."""
        values, middles = np.stack([self.scores, self.similarity, self.confidence]), self.middles
        sums, weights = values.copy(), np.ones(len(middles))
        for step in range(1, len(middles) if seconds > 0 else 0):
            near = np.maximum(seconds - (middles[step:] - middles[:-step]), 0) / seconds
            if not near.any():
                break
            sums[:, step:] += near * values[:, :-step]
            sums[:, :-step] += near * values[:, step:]
            weights[step:] += near
            weights[:-step] += near
        scores, similarity, confidence = sums / weights
        return replace(self, scores=scores, similarity=similarity, confidence=confidence)

    def cells(self) -> tuple[Seconds, Seconds]:
        """(N,) starts and ends of the time that each window speaks for; they do not overlap."""
        if not len(self.starts):
            return self.starts, self.ends
        borders = (self.middles[:-1] + self.middles[1:]) / 2
        return (
            np.concatenate([self.starts[:1], np.maximum(borders, self.starts[1:])]),
            np.concatenate([np.minimum(borders, self.ends[:-1]), self.ends[-1:]]),
        )


def flags(course: Course, reading: Reading, threshold: float | None = None) -> tuple[Flag, ...]:
    """Where ``course`` fires, in time order. ``threshold`` replaces the course's own.

    Numbers of a flag are those of its smoothed peak, so its score is never below the threshold.
    """
    if not len(course.starts):
        return ()
    on = course.threshold if threshold is None else threshold
    smooth = course.smoothed(reading.smoothing_seconds)
    begins, ends = course.cells()
    least = min(reading.minimum_seconds, float(ends[-1] - begins[0]))
    runs = _joined(
        list(_runs(smooth.scores, on, off_threshold(on, course.slope, reading, smooth.scores))), begins, ends, reading.gap_seconds
    )
    found = (_flag(smooth, begins, ends, run) for run in runs)
    return suppress([one for one in found if one.end_seconds - one.start_seconds >= least - 1e-6], reading.overlap)


def off_threshold(on: float, slope: float, reading: Reading, scores: Similarities) -> float:
    """The score below which a flag ends: where the odds have fallen to ``off_share`` of those at ``on``.

    Always above what the film usually scores (the median of ``scores``), else a concept that tells little apart, whose odds
    hardly move with the score, would make one flag of a whole film (seen: docs/watch.md); and never above ``on``.
    """
    usual = float(np.nextafter(np.median(scores), np.inf))
    return min(on, max(on + math.log(reading.off_share) / slope, usual)) if slope > 0 else on


def suppress(found: Iterable[Flag], overlap: float) -> tuple[Flag, ...]:
    """Of flags of one name in one place that overlap by more than ``overlap`` (tIoU), the strongest; in time order."""
    kept: list[Flag] = []
    for flag in sorted(found, key=lambda one: (-one.score, one.start_seconds)):
        rivals = (one for one in kept if (one.concept, one.clip_id, one.path) == (flag.concept, flag.clip_id, flag.path))
        if all(tiou((one.start_seconds, one.end_seconds), (flag.start_seconds, flag.end_seconds)) <= overlap for one in rivals):
            kept.append(flag)
    return tuple(sorted(kept, key=lambda one: (one.start_seconds, one.concept)))


def tiou(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Temporal intersection over union of two time ranges, 0 to 1."""
    both = min(a[1], b[1]) - max(a[0], b[0])
    return max(both, 0.0) / ((a[1] - a[0]) + (b[1] - b[0]) - both) if both > 0 else 0.0


def _runs(scores: Similarities, on: float, off: float) -> Iterator[tuple[int, int]]:
    """Stretches [first, last] of windows that are not below ``off`` and of which one reaches ``on``."""
    up = np.concatenate([[False], scores >= min(on, off), [False]])
    edges = np.flatnonzero(up[1:] != up[:-1])
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if scores[first:after].max() >= on:
            yield first, after - 1


def _joined(runs: Sequence[tuple[int, int]], begins: Seconds, ends: Seconds, gap_seconds: float) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and begins[first] - ends[joined[-1][1]] <= gap_seconds:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _flag(course: Course, begins: Seconds, ends: Seconds, run: tuple[int, int]) -> Flag:
    first, last = run
    peak = first + int(course.scores[first : last + 1].argmax())
    return Flag(
        course.name,
        float(begins[first]),
        float(ends[last]),
        float(np.clip(course.middles[peak], begins[first], ends[last])),
        float(np.clip(course.similarity[peak], -1.0, 1.0)),
        float(course.confidence[peak]),
        float(course.scores[peak]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """One class of a concept, and from which score on it fires here."""

    name: str
    concept: Concept
    number: int
    threshold: float

    @property
    def slope(self) -> float:
        scale = self.concept.scales[self.number]
        return 0.0 if scale == Scale() else max(scale.slope, 0.0)


def judges(concept: Concept, only: str = "", thresholds: dict[str, float] | None = None) -> tuple[Judge, ...]:
    """All classes of a concept, or ``only`` one; ``thresholds`` by name replace its own. Raises UnknownName."""
    if only and only not in concept.classes:
        raise UnknownName(f"class ({only[:40]}) must be one of {concept.name}: {', '.join(concept.classes)}; choose one of these")
    own = thresholds or {}
    made = []
    for number, one in enumerate(concept.classes):
        name = flag_name(concept, one)
        if not only or only == one:
            value = own.get(name, own.get(concept.name, concept.thresholds[number].value))
            made.append(Judge(name, concept, number, value))
    return tuple(made)


def flag_name(concept: Concept, one: str) -> str:
    """What flags of a class are called: the concept's name where it has no other class, else ``concept/class``."""
    return concept.name if concept.classes == (one,) else f"{concept.name}/{one}"


def judge(panel: Sequence[Judge], vectors: NDArray[np.float32], fingerprint: str) -> NDArray[np.float64]:
    """What K judges of one encoder say of windows' vectors (N, D): (N, K, NUMBERS). Raises FingerprintMismatch."""
    table = np.zeros((len(vectors), len(panel), NUMBERS))
    scored = {id(one.concept): one.concept.score(vectors, fingerprint) for one in panel} if len(vectors) else {}
    for column, one in enumerate(panel if len(vectors) else ()):
        found = scored[id(one.concept)]
        for place, values in enumerate((found.scores, found.similarity, found.confidence)):
            table[:, column, place] = values[:, one.number]
    return table


class Judged(Protocol):
    """What a course needs to know of its judge."""

    @property
    def name(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def slope(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Remembered:
    """A judge as a scan remembers it: the concept may have been taught anew since."""

    name: str
    threshold: float
    slope: float


def courses(panel: Sequence[Judged], spans: Seconds, table: NDArray[np.float64]) -> tuple[Course, ...]:
    """Of windows ``spans`` (N, 2) and what the judges said of them (N, K, NUMBERS): a course for each judge."""
    return tuple(_course(one, spans, table[:, column]) for column, one in enumerate(panel))


def _course(one: Judged, spans: Seconds, numbers: NDArray[np.float64]) -> Course:
    scores, similarity, confidence = numbers.T
    return Course(one.name, spans[:, 0], spans[:, 1], scores, similarity, confidence, one.threshold, one.slope)
