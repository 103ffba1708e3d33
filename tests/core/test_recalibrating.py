"""Thresholds after flags were looked at, on films whose colours say what is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.concepts import NONE, Example
from core.embedding import WorkerEmbedder
from core.flagging import Course
from core.flags import Flag
from core.lessons import Lesson
from core.manifest import Item
from core.recalibrating import Film, evidence
from core.teaching import Teacher
from core.watching import Watch, Watcher
from core.workbench import Workbench
from tests.core.test_watching import AS_IT_IS
from tests.core.watchable import film, redness
from tests.tiny import toy_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, toy_worker: WorkerEmbedder) -> Iterator[Workbench]:
    """A library in which red was taught from two clips of two sources, against two blue ones."""
    folder = tmp_path_factory.mktemp("recalibrating")
    with toy_bench(folder / "library", toy_worker) as opened:
        named = [("red", 2.0), ("red", 2.5), ("blue", 2.0), ("blue", 2.5)]
        paths = [film(folder / f"{number} {colour}.mp4", (colour, seconds)) for number, (colour, seconds) in enumerate(named)]
        opened.run_job(opened.enqueue([Item(path, path.name, f"person {number}") for number, path in enumerate(paths)]))
        shown = [Example(clip.clip_id, "red" if "red" in clip.name else NONE) for clip in opened.library.clips()]
        Teacher(opened).teach(Lesson("red", tuple(shown), head="prototype"))
        yield opened


def test_a_rejected_flag_raises_the_threshold_and_taking_it_back_lowers_it(bench: Workbench, tmp_path: Path) -> None:
    """Green was not among the examples: it fires, somebody says that it is no red, and it fires no more; red does."""
    watcher, teacher = Watcher(bench), Teacher(bench)
    path = film(tmp_path / "yard.mp4", ("blue", 4), ("green", 3), ("blue", 4), ("red", 3), ("blue", 4))
    low = (replace(teacher.get("red").thresholds[0], value=-0.2),)
    teacher.keep(teacher.get("red").with_thresholds(low))
    scan_id = watcher.begin("", Watch(("red",), AS_IT_IS), paths=[path], background=False)
    green, red = watcher.run(scan_id).flags
    assert green.start_seconds < 7 < red.start_seconds
    nothing = watcher.recalibrate("red")
    assert (nothing.accepted, nothing.rejected) == (0, 0) and "No flag" in nothing.sentence
    watcher.decide(green.flag_id, "rejected")
    watcher.decide(red.flag_id, "accepted")
    told = watcher.recalibrate("red")
    assert (told.accepted, told.rejected, told.left_out, told.still_right, told.still_false) == (1, 1, 0, 1, 0)
    assert green.score < teacher.get("red").thresholds[0].value <= red.score
    assert told.hours == pytest.approx(18 / 3600, rel=0.01)
    assert "by 1 accepted flag and 1 false alarm" in told.sentence
    again = watcher.begin("", Watch(("red",), AS_IT_IS), paths=[path], background=False)
    (left,) = watcher.run(again).flags
    assert left.peak_seconds == red.peak_seconds
    watcher.decide([green.flag_id, red.flag_id], "")
    assert watcher.recalibrate("red").concept.thresholds[0].value == nothing.concept.thresholds[0].value


def test_flags_in_clips_it_was_taught_from_do_not_count(bench: Workbench) -> None:
    watcher = Watcher(bench)
    own = next(example.clip_id for example in Teacher(bench).get("red").examples if example.name == "red")
    scan_id = watcher.begin("", Watch(("red",), AS_IT_IS, thresholds=(("red", -5.0),)), clips=[own], background=False)
    (flag,) = watcher.run(scan_id).flags
    watcher.decide(flag.flag_id, "rejected")
    told = watcher.recalibrate("red")
    assert (told.rejected, told.left_out) == (0, 1) and "1 flag did not count" in told.sentence
    watcher.decide(flag.flag_id, "")


def test_flags_can_be_learnt_from(bench: Workbench, tmp_path: Path) -> None:
    """Those of clips of the library, once each; taking the verdict back takes the example back."""
    path = film(tmp_path / "gate.mp4", ("blue", 2), ("red", 2.2))
    bench.run_job(bench.enqueue([Item(path, "gate", "cam")]))
    clip = next(clip for clip in bench.library.clips() if clip.name == "gate.mp4")
    watcher = Watcher(bench)
    scan_id = watcher.begin("", Watch(("red",), AS_IT_IS), clips=[clip.clip_id], background=False)
    (flag,) = watcher.run(scan_id).flags
    assert not watcher.examples("red")
    watcher.decide(flag.flag_id, "accepted")
    (example,) = watcher.examples("red")
    assert (example.clip_id, example.name, example.origin) == (clip.clip_id, "red", "accepted")
    assert example.span == (flag.start_seconds, flag.end_seconds)
    watcher.decide(flag.flag_id, "rejected")
    assert watcher.examples("red")[0].name == NONE
    watcher.decide(flag.flag_id, "")
    assert not watcher.examples("red")


def test_what_counts_of_a_film(bench: Workbench) -> None:
    """Windows of 2 s each second; a flag that was accepted, one that was rejected, and one that nobody looked at."""
    starts = np.arange(12.0)
    line = Course("red", starts, starts + 2, starts, starts, starts, 0.0)
    right, wrong = Flag("red", 2.5, 4.5, 3, 0, 0, verdict="accepted"), Flag("red", 7.5, 8.5, 8, 0, 0, verdict="rejected")
    concept = redness(bench)
    looked = evidence(concept, [Film(("", "/yard.mp4"), "yard", {0: [right, wrong]}, {0: line})])
    assert looked.targets[:, 0].sum() == 2, "the windows whose middles are 3 and 4"
    assert 2.0 not in looked.spans[:, 0] - 2 and len(looked) == 10, "the windows beside it hold a little of it"
    assert len(np.unique(looked.examples)) == 3
    assert looked.sources == ("yard",) * 10
    nobody = replace(right, start_seconds=10, peak_seconds=10, end_seconds=11, verdict="")
    partly = evidence(concept, [Film(("", "/yard.mp4"), "yard", {0: [right, wrong, nobody]}, {0: line})])
    assert len(partly) == 3, "what is in the two flags; the rest was not looked at"
