"""Which encoder should this library use? Quality on its own labels against speed on this machine, and what they lead to.

Every encoder sits the same exam: the same labelled clips, each looking for its action among the clips of other people. So two
encoders are compared clip by clip, and their difference is known better than either number alone. An encoder counts as good
as the best one when the 95 % interval of the difference holds 0 and the difference itself is small; of those, the quickest is
taken.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip
from core.evaluating import Exam
from core.speed import Speed
from core.statistics import Interval, mean_over_sources

BUSY = 0.8  # with less of the processor free, a speed says more about the other work
EXAM_CLIPS = 2_000  # more only cost time: the interval is then a hundredth wide
SAMPLE_CLIPS = 120  # settles a share of 0.9 to about 0.05 either way, and takes a slow encoder minutes rather than hours
LEAST_CLIPS = 24  # below these two a difference says more about who was filmed than about the encoders
LEAST_SOURCES = 4
SMALL = 0.02  # a difference that nobody would notice in use
QUICKER = 1.2  # a ratio of speeds worth giving up nothing for
MUCH_QUICKER = 1.5  # worth naming as the other choice,
WORTH_NAMING = 0.7  # unless it finds less than this share of what the advised one finds


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What is known of one encoder: its speed here and its exam, None where nobody has measured them yet.

    ``lacking`` counts the clips of the exam that it has not embedded, ``missing`` those of the whole library.
    """

    encoder: str
    title: str
    speed: Speed | None = None
    exam: Exam | None = None
    lacking: int = 0
    missing: int = 0

    @property
    def quality(self) -> float:
        """Recall@1; NaN without an exam."""
        return float(self.exam.first.mean()) if self.exam is not None else float("nan")

    @property
    def seconds_per_minute(self) -> float:
        """Of video; infinite while nobody has timed it."""
        return self.speed.seconds_per_minute.median if self.speed is not None else float("inf")


@dataclass(frozen=True, slots=True)
class Advice:
    """Args:
    take: the encoder to use; None when the numbers cannot tell.
    sentence: why, in words and numbers.
    frontier: encoders that no other one beats in both quality and speed, the quickest first.
    notes: what is missing, or what to bear in mind, one sentence each.
    """

    take: str | None
    sentence: str
    frontier: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def sample(clips: Iterable[Clip], most: int = SAMPLE_CLIPS) -> list[Clip]:
    """Labelled clips to compare encoders on: at most ``most``, spread evenly over labels and, within a label, over sources.

    Only labels that two sources have, since others have nothing to find. The same library gives the same clips, and every label
    takes its clips from the same people first, so that actions are not confused with who shows them.
    """
    of_label: dict[str, dict[str, list[Clip]]] = defaultdict(lambda: defaultdict(list))
    for clip in sorted(clips, key=lambda clip: clip.clip_id):
        if clip.label:
            of_label[clip.label][clip.split_source].append(clip)
    wells = [_dealt(by_source) for _, by_source in sorted(of_label.items()) if len(by_source) > 1]
    dealt = (clip for round_ in itertools.zip_longest(*wells) for clip in round_ if clip is not None)
    return list(itertools.islice(dealt, most))


def _dealt(by_source: dict[str, list[Clip]]) -> Iterator[Clip]:
    """One clip of each source in turn."""
    order = sorted(by_source, key=lambda source: hashlib.sha256(source.encode()).digest())
    rounds = itertools.zip_longest(*(by_source[source] for source in order))
    return (clip for round_ in rounds for clip in round_ if clip is not None)


def difference(a: Exam, b: Exam) -> Interval:
    """How much more often a finds the action first than b, over the clips that sat both exams, sources drawn anew."""
    in_b = {clip_id: row for row, clip_id in enumerate(b.clip_ids)}
    rows = [row for row, clip_id in enumerate(a.clip_ids) if clip_id in in_b]
    if not rows:
        return Interval(float("nan"), float("nan"), float("nan"))
    there = [in_b[a.clip_ids[row]] for row in rows]
    gained = a.first[rows].astype(np.float64) - b.first[there]
    return mean_over_sources(gained, [a.sources[row] for row in rows])


def within_noise(a: Exam, b: Exam) -> bool:
    """Whether these clips cannot tell which of the two is better."""
    told = difference(a, b)
    return not (told.low > 0 or told.high < 0)


def frontier(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Those with both numbers that no other one beats in quality without being slower, the quickest first."""
    known = [one for one in candidates if one.exam is not None and one.speed is not None]
    kept, best = [], -1.0
    for one in sorted(known, key=lambda one: (one.seconds_per_minute, -one.quality)):
        if one.quality > best:
            kept.append(one.encoder)
            best = one.quality
    return tuple(kept)


def chart(candidates: Iterable[Candidate]) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Of those with both numbers: names, (N, 3) seconds a minute and (N, 3) quality, as ``figures.speed_quality`` takes them."""
    known = [(one, one.speed, one.exam) for one in candidates if one.speed is not None and one.exam is not None]
    seconds = [(at.median, at.low, at.high) for at in (speed.seconds_per_minute for _, speed, _ in known)]
    quality = [(found.value, found.low, found.high) for found in (exam.found_first for _, _, exam in known)]
    return [one.encoder for one, _, _ in known], np.array(seconds).reshape(-1, 3), np.array(quality).reshape(-1, 3)


def advise(candidates: Sequence[Candidate]) -> Advice:
    """What the numbers say. Candidates without an exam are named in the notes, with what they lack."""
    judged = [one for one in candidates if one.exam is not None]
    notes = tuple(_missing(candidates))
    if not judged:
        return Advice(None, _nothing(candidates), (), notes)
    exam = _exam(judged[0])
    if len(exam.clip_ids) < LEAST_CLIPS or len(set(exam.sources)) < LEAST_SOURCES:
        return Advice(None, _too_little(exam), frontier(candidates), notes)
    best = max(judged, key=lambda one: (one.quality, _exam(one).precisions.mean(), -one.seconds_per_minute))
    take = _quickest_as_good(best, judged)
    sentences = [f"Take {take.encoder}: it {_finds(take)}{_pace(take)}."]
    if take is not best:
        sentences.append(f"{best.encoder} finds it for {best.quality:.2f}, which these clips cannot tell from that.")
    sentences.extend(_alternative(take, judged))
    doubtful = [one.encoder for one in judged if one is not take and one is not best and within_noise(_exam(one), _exam(take))]
    if doubtful:
        notes = (f"Within noise of {take.encoder} on these clips: {', '.join(doubtful)}; more labelled clips would tell.", *notes)
    return Advice(take.encoder, " ".join(sentences), frontier(candidates), notes)


def _exam(one: Candidate) -> Exam:
    assert one.exam is not None  # only the judged are asked
    return one.exam


def _quickest_as_good(best: Candidate, judged: Sequence[Candidate]) -> Candidate:
    as_good = [one for one in judged if best.quality - one.quality <= SMALL and within_noise(_exam(best), _exam(one))]
    quickest = min(as_good, key=lambda one: (one.seconds_per_minute, -one.quality))
    return quickest if QUICKER * quickest.seconds_per_minute <= best.seconds_per_minute else best


def _finds(one: Candidate) -> str:
    exam, found = _exam(one), _exam(one).found_first
    many = f"{found.value:.2f} of {len(exam.clip_ids)} clips ({found.low:.2f} to {found.high:.2f})"
    return f"finds the same action first for {many} of {len(set(exam.sources))} sources"


def _pace(one: Candidate) -> str:
    if one.speed is None:
        return ""
    return f", and takes {duration(one.speed.seconds_per_window.median)} a window here"


def duration(seconds: float) -> str:
    """A time in words, with two or three digits: "1.4 s", "85 ms", "3 min"."""
    if seconds < 0.995:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.00995 else f"{1000 * seconds:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 99.5 else f"{seconds / 60:.0f} min"


def _alternative(take: Candidate, judged: Sequence[Candidate]) -> list[str]:
    """The best of those that are much quicker."""
    quick = [one for one in judged if one is not take and MUCH_QUICKER * one.seconds_per_minute <= take.seconds_per_minute]
    quick = [one for one in quick if take.speed is not None and one.quality >= WORTH_NAMING * take.quality]
    if not quick:
        return []
    other = max(quick, key=lambda one: (one.quality, -one.seconds_per_minute))
    ratio = take.seconds_per_minute / other.seconds_per_minute
    told = f"{other.encoder} is {ratio:.1f}x quicker" if ratio < 9.95 else f"{other.encoder} is {ratio:.0f}x quicker"
    return [f"{told} and finds it for {other.quality:.2f}."]


def _missing(candidates: Sequence[Candidate]) -> Iterator[str]:
    for one in candidates:
        if one.exam is not None and one.speed is None:
            yield f"{one.encoder} has not been timed on this machine."
        if one.speed is not None and one.speed.free < BUSY:
            yield (
                f"{one.encoder} was timed while other work left it {one.speed.free:.0%} of the processor; "
                "measure again when the machine is idle."
            )
    absent = [one for one in candidates if one.exam is None and one.lacking]
    if absent:
        names, most = ", ".join(one.encoder for one in absent), max(one.lacking for one in absent)
        have = "has" if len(absent) == 1 else "have"
        yield f"{names} {have} not sat this exam: {most} of its clips must be embedded first."


def _nothing(candidates: Sequence[Candidate]) -> str:
    if not candidates:
        return "No encoder is ready; fetch weights first."
    if any(one.lacking for one in candidates):
        return "No encoder has embedded the clips of the exam yet; measure to compare them."
    return (
        "These labels cannot tell which encoder to take: at least two labels are needed that clips of two sources have; "
        "label more clips, or give them sources."
    )


def _too_little(exam: Exam) -> str:
    clips, sources = len(exam.clip_ids), len(set(exam.sources))
    return (
        f"These labels cannot tell which encoder to take: {clips} clips of {sources} sources have something to find, "
        f"and it needs {LEAST_CLIPS} of {LEAST_SOURCES}; label more clips, or give them sources."
    )
