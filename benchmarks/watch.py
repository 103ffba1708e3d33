"""How well, how fast and how lean is watching? Concepts taught from a few clips, looked for in long joined footage.

    MOTIONBOOK_HOME=LIBRARY python -m benchmarks.watch CLIPS WORK [--encoder i3d-rgb fused] [--tune]
    MOTIONBOOK_HOME=LIBRARY python -m benchmarks.watch CLIPS WORK --lengths 2 20 120 --encoder toy

LIBRARY holds the labelled clips of CLIPS, embedded by the encoders. WORK keeps the footage and its vectors for the next time. The
lessons and the footage are in ``benchmarks.watch_tasks``, the truth comes from joining (``benchmarks.footage``).

Beside ``watched`` stands the peer ``naive``: windows that do not overlap, every score at or above the threshold fires, windows
that adjoin are one flag. Both get three thresholds: the taught one (asked for: one false alarm an hour), confidence 0.5, and the
one that would have been best here, which nobody knows beforehand: it parts what the threshold loses from what the scores lose.

F1 is of segments: a flag is right when its tIoU with a stretch of the truth is at least 0.5; each stretch counts once. A false
alarm is a flag whose peak lies outside every stretch; hours are those of footage without the action. "found" counts stretches
that hold the peak of a flag. AP is of tenths of a second, each with the score of the window that speaks for it.
``--tune`` tries values of ``core.flagging.Reading`` on the tuning tasks alone. ``--lengths`` (minutes) measures speed and memory.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks import watch_tasks
from benchmarks.footage import Truth, join, repeat
from benchmarks.watch_tasks import Task
from core import long_files
from core.clips import Window
from core.concepts import Concept, Example
from core.decoding import Decoder
from core.flagging import Course, Reading, flags, judges, tiou
from core.flags import Flag
from core.looking import courses_of, scored
from core.sampling import windows
from core.settings import Settings
from core.workbench import Workbench

TIOU = 0.5
TICK_SECONDS = 0.1
NAIVE = Reading(smoothing_seconds=0.0, off_share=1.0, minimum_seconds=0.0, gap_seconds=0.01, overlap=1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The windows of one film by one encoder: ``spans`` (N, 2), ``vectors`` (N, D)."""

    spans: np.ndarray
    vectors: np.ndarray
    fingerprint: str


def film(task: Task, work: Path) -> tuple[Path, Truth]:
    """The footage of a task, joined when it is not there yet; its pieces are called by their own labels."""
    path = work / f"{task.film}.mp4"
    if not path.is_file() or not path.with_suffix(".json").is_file():
        join(task.items, path)
    own = Truth.load(path.with_suffix(".json"))
    return path, Truth(tuple(replace(one, label=task.name if one.label in task.wanted else one.label) for one in own.pieces))


def seen(bench: Workbench, path: Path, encoder: str) -> Seen:
    """All windows of a film, read as a scan reads them; kept beside it."""
    kept, fingerprint = path.with_name(f"{path.stem}.{encoder}.npz"), bench.fingerprint(encoder)
    if kept.is_file() and str((found := np.load(kept))["fingerprint"]) == fingerprint:
        return Seen(found["spans"], found["vectors"], fingerprint)
    with Decoder() as decoder:
        info = decoder.probe(path)
    wanted, began = windows(info.duration_seconds, bench.spec(encoder).sampling), time.perf_counter()
    chunks = list(long_files.read(bench.embedder, path, encoder, info, wanted))
    spent = time.perf_counter() - began
    print(
        f"{path.name}, {encoder}: {info.duration_seconds:.0f} s in {spent:.0f} s ({info.duration_seconds / spent:.2f} x)",
        flush=True,
    )
    spans = np.asarray([(one.start_seconds, one.end_seconds) for chunk in chunks for one in chunk.windows])
    vectors = np.concatenate([chunk.vectors for chunk in chunks])
    np.savez(kept, spans=spans, vectors=vectors, fingerprint=fingerprint)
    return Seen(spans, vectors, fingerprint)


# -- how a course is read, and how right that is -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts, so that those of several films add up."""

    right: int = 0
    flags: int = 0
    found: int = 0
    stretches: int = 0
    alarms: int = 0
    hours: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.right + other.right,
            self.flags + other.flags,
            self.found + other.found,
            self.stretches + other.stretches,
            self.alarms + other.alarms,
            self.hours + other.hours,
        )

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.flags + self.stretches) if self.flags + self.stretches else 0.0


def outcome(found: Sequence[Flag], truth: Truth, label: str) -> Outcome:
    """The strongest flag chooses its stretch first; a stretch counts once."""
    stretches = truth.spans(label)
    free, right = set(stretches), 0
    for flag in sorted(found, key=lambda one: -one.score):
        best = max(free, key=lambda span: tiou(span, (flag.start_seconds, flag.end_seconds)), default=None)
        if best is not None and tiou(best, (flag.start_seconds, flag.end_seconds)) >= TIOU:
            free.discard(best)
            right += 1
    held = [[begin <= flag.peak_seconds <= end for flag in found] for begin, end in stretches]
    alarms = sum(not any(one[at] for one in held) for at in range(len(found)))
    return Outcome(right, len(found), sum(map(any, held)), len(stretches), alarms, truth.hours_without(label))


def average_precision(course: Course, truth: Truth, label: str) -> float:
    """Of tenths of a second, each scored by the window that speaks for it."""
    ticks = np.arange(TICK_SECONDS / 2, truth.seconds, TICK_SECONDS)
    begins, _ = course.cells()
    scores = course.scores[np.clip(np.searchsorted(begins, ticks, side="right") - 1, 0, None)]
    shown = np.zeros(len(ticks), bool)
    for begin, end in truth.spans(label):
        shown |= (ticks >= begin) & (ticks < end)
    return float(average_precision_score(shown, scores))


def thinned(course: Course) -> Course:
    """Windows that do not overlap: the first, then the next that begins where it ended, and so on."""
    kept, end = [], -1.0
    for at, (begin, until) in enumerate(zip(course.starts, course.ends, strict=True)):
        if begin >= end - 1e-6:
            kept.append(at)
            end = float(until)
    columns = ("starts", "ends", "scores", "similarity", "confidence")
    return replace(course, **{name: getattr(course, name)[kept] for name in columns})


def best(course: Course, reading: Reading, truth: Truth, label: str, most: int = 60) -> tuple[float, Outcome]:
    """The threshold with the highest F1 here, of at most ``most`` of the scores; of equals the one with fewer alarms."""
    scores = np.unique(course.smoothed(reading.smoothing_seconds).scores)
    tried = scores[np.unique(np.linspace(0, len(scores) - 1, most).round().astype(int))]
    told = [(float(one), outcome(flags(course, reading, float(one)), truth, label)) for one in tried]
    return max(told, key=lambda pair: (pair[1].f1, -pair[1].alarms))


def even(concept: Concept) -> float:
    """The score of confidence 0.5."""
    scale = concept.scales[0]
    return -scale.offset / scale.slope if scale.slope > 0 else concept.thresholds[0].value


# -- lessons -------------------------------------------------------------------------------------------------------------


def taught(bench: Workbench, task: Task, encoder: str) -> Concept:
    """The concept as the product teaches it: head by leaving sources out, threshold for one false alarm an hour."""
    from core.teaching import Lesson, Teacher

    ids = {clip.name: clip.clip_id for clip in bench.library.clips()}
    examples = [Example(ids[name], task.name) for name in task.positives] + [Example(ids[name], "") for name in task.negatives]
    return Teacher(bench).try_out(Lesson(task.name, tuple(examples), encoder)).concept


def course_of(concept: Concept, what: Seen) -> Course:
    panel = judges(concept)
    table = scored(panel, [Window(*span) for span in what.spans], what.vectors, what.fingerprint)
    return courses_of({concept.encoder: table}, {concept.encoder: panel})[0]


def watched(bench: Workbench, tasks: Iterable[Task], work: Path, encoder: str) -> list[tuple[Task, Concept, Course, Truth]]:
    made = []
    for task in tasks:
        path, truth = film(task, work)
        concept = taught(bench, task, encoder)
        made.append((task, concept, course_of(concept, seen(bench, path, encoder)), truth))
    return made


WAYS = ("watched", "naive")
THRESHOLDS = ("taught", "confidence 0.5", "best here")


def report(bench: Workbench, tasks: Iterable[Task], work: Path, encoder: str, reading: Reading) -> None:
    sums: dict[tuple[str, str, str], Outcome] = defaultdict(Outcome)
    precisions: dict[tuple[str, str], list[float]] = defaultdict(list)
    for task, concept, course, truth in watched(bench, tasks, work, encoder):
        print(f"<!-- {task.film}, {encoder}: head {concept.head.kind}; {concept.thresholds[0].sentence} -->", flush=True)
        for way, line, how in (("watched", course, reading), ("naive", thinned(course), NAIVE)):
            precision = average_precision(line.smoothed(how.smoothing_seconds), truth, task.name)
            told = [outcome(flags(line, how, value), truth, task.name) for value in (concept.thresholds[0].value, even(concept))]
            told.append(best(line, how, truth, task.name)[1])
            for group in (task.name, "all six of two people") if task.name in watch_tasks.SIX else (task.name,):
                precisions[group, way].append(precision)
                for name, one in zip(THRESHOLDS, told, strict=True):
                    sums[group, way, name] += one
    for task_name in dict.fromkeys(name for name, _, _ in sums):
        for way, threshold in itertools.product(WAYS, THRESHOLDS):
            one, precision = sums[task_name, way, threshold], np.mean(precisions[task_name, way])
            told = [task_name, encoder, way, threshold, f"{one.found} of {one.stretches}", one.flags, f"{one.f1:.2f}"]
            told += [f"{one.alarms} in {one.hours * 60:.1f} min: {one.alarms / one.hours:.0f}", f"{precision:.2f}"]
            print(f"| {' | '.join(map(str, told))} |", flush=True)


def tune(bench: Workbench, clips: Path, work: Path, encoder: str) -> None:
    """Mean F1 over the tuning tasks for each reading: with the threshold that is best for it, at confidence 0.5, as taught."""
    made = watched(bench, watch_tasks.tuning(clips), work, encoder)
    grid = itertools.product((0.0, 1.6, 2.0, 2.6), (1.0, 0.5, 0.25, 0.1), (1.0, 2.0), (0.01, 1.0, 2.0, 3.0))
    rows = []
    for smoothing, off, least, gap in grid:
        how = Reading(smoothing, off, least, gap)
        told = [
            [
                best(course, how, truth, task.name, 25)[1].f1,
                outcome(flags(course, how, even(concept)), truth, task.name).f1,
                outcome(flags(course, how), truth, task.name).f1,
            ]
            for task, concept, course, truth in made
        ]
        rows.append(((smoothing, off, least, gap), *np.mean(told, axis=0)))
    print("| smoothing s | off share | minimum s | gap s | F1, best threshold | F1, confidence 0.5 | F1, taught |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    rows.sort(key=lambda row: -sum(row[1:]))
    default = Reading()
    own = (default.smoothing_seconds, default.off_share, default.minimum_seconds, default.gap_seconds)
    for values, *scores in rows[:12] + rows[-3:] + [row for row in rows if row[0] == own]:
        print(
            f"| {' | '.join(f'{value:g}' for value in values)} | {' | '.join(f'{value:.3f}' for value in scores)} |", flush=True
        )
    naive = [
        [
            best(thinned(course), NAIVE, truth, task.name, 25)[1].f1,
            outcome(flags(thinned(course), NAIVE, even(concept)), truth, task.name).f1,
            outcome(flags(thinned(course), NAIVE), truth, task.name).f1,
        ]
        for task, concept, course, truth in made
    ]
    print(f"| naive | | | | {' | '.join(f'{value:.3f}' for value in np.mean(naive, axis=0))} |")


def lengths(clips: Path, work: Path, encoders: Sequence[str], minutes: Sequence[float]) -> None:
    """The footage of the fights again and again until it is that long; each film in a process of its own."""
    once, truth = film(watch_tasks.fights(clips), work)
    print(
        "| minutes | encoder | seconds | times real time | processor seconds | windows | MiB in the first half | MiB at most |",
        flush=True,
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for encoder, wanted in itertools.product(encoders, minutes):
        times = max(1, round(wanted * 60 / truth.seconds))
        path = work / f"{once.stem} {times} times.mp4"
        if not path.is_file():
            repeat(once, path, times)
        subprocess.run([sys.executable, "-m", "benchmarks.watch_costs", str(path), encoder], check=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("clips", type=Path)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--encoder", nargs="+", default=["i3d-rgb"])
    arguments.add_argument("--tune", action="store_true")
    arguments.add_argument("--lengths", nargs="+", type=float, default=[], help="minutes of footage to time")
    asked = arguments.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    if asked.lengths:
        lengths(asked.clips, asked.work, asked.encoder, asked.lengths)
        return
    with Workbench(Settings.from_environment()) as bench:
        if asked.tune:
            tune(bench, asked.clips, asked.work, asked.encoder[0])
            return
        print("| action | encoder | way | threshold | found | flags | F1 at tIoU 0.5 | false alarms: an hour | AP |")
        print("|---|---|---|---|---:|---:|---:|---:|---:|")
        for encoder in asked.encoder:
            report(bench, watch_tasks.reported(asked.clips), asked.work, encoder, Reading())


if __name__ == "__main__":
    main()
