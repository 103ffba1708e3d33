"""Timing: a clock and an embedder that are made up, for the sums; a real worker, for the way through."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import encoders, machine
from core.clips import Clip, ClipEmbeddings, Progress, VideoInfo, Window
from core.embedding import Embedded, WorkerEmbedder
from core.errors import BadClip, Cancelled, NotEnoughData
from core.speed import LEAST_RUNS, RUNS, Speed, clips_to_time, measure
from tests.tiny import make_clip, toy_settings

INFO = VideoInfo("mov,mp4", "h264", 64, 48, 6.0, 60, 10.0)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_share", lambda: 0.75)


class Timed:
    """Takes ``seconds`` for each clip of its own clock, 3 windows and 6 seconds of video a clip; the first takes 50 more."""

    def __init__(self, seconds: float, wobble: tuple[float, ...] = (1.0,)) -> None:
        self.now, self.asked, self.cancelled = 0.0, 0, 0
        self._seconds, self._wobble = seconds, wobble

    def submit(self, path: Path, encoder: str, **_: Any) -> Future[Embedded]:
        self.now += self._seconds * self._wobble[self.asked % len(self._wobble)] + (50 if self.asked == 0 else 0)
        self.asked += 1
        future: Future[Embedded] = Future()
        windows = tuple(Window(2.0 * n, 2.0 * n + 2) for n in range(3))
        embedded = ClipEmbeddings(f"{encoder}-1", windows, np.ones((3, 4), np.float32))
        if path.name == "bad.mp4":
            future.set_exception(BadClip("damaged", "bad.mp4 is damaged"))
        elif path.name != "never.mp4":
            future.set_result(Embedded(INFO, embedded, b"", engine="an engine"))
        return future

    def cancel(self, future: Future[Embedded]) -> None:
        self.cancelled += not future.done()

    def close(self) -> None: ...


def time_it(embedder: Timed, *names: str, **values: Any) -> Speed:
    return measure(embedder, "toy", [Path(name) for name in names or ("a.mp4",)], clock=lambda: embedder.now, **values)


def test_the_sums_by_hand() -> None:
    """0.6 s a clip of 3 windows and 6 s: 0.2 s a window, 6 s a minute. Loading is not in it."""
    embedder = Timed(0.6)
    found = time_it(embedder)
    assert found.seconds_per_window.median == pytest.approx(0.2) and found.seconds_per_minute.median == pytest.approx(6.0)
    assert found.windows_per_second.median == pytest.approx(5.0)
    assert found.windows == 9, "two seconds hold three clips"
    assert (found.runs, found.encoder, found.fingerprint, found.engine) == (RUNS, "toy", "toy-1", "an engine")
    assert found.machine == machine.processor() and found.free == 0.75


def test_the_spread_is_that_of_the_runs() -> None:
    found = time_it(Timed(2.0, (1, 1, 1.0, 1.5, 1.0, 1.0, 0.5)))
    each = found.seconds_per_window
    assert (each.low, each.median, each.high) == pytest.approx((1 / 3, 2 / 3, 1.0))
    assert found.windows_per_second.low == pytest.approx(1.0) and found.windows_per_second.high == pytest.approx(3.0)


def test_a_slow_encoder_gets_fewer_runs_and_a_quick_one_more_clips() -> None:
    slow = Timed(40.0)
    assert time_it(slow).runs == LEAST_RUNS and slow.asked == LEAST_RUNS + 2
    assert time_it(Timed(0.001), "a.mp4", "b.mp4").windows == 96


def test_progress_ends_at_its_total() -> None:
    heard: list[Progress] = []
    time_it(Timed(1.0), report=heard.append)
    assert [step.done for step in heard] == list(range(RUNS + 3)) and heard[-1].total == RUNS + 2
    assert heard[0].label == "toy: loading"


def test_stopping_takes_back_what_was_asked_for() -> None:
    embedder = Timed(1.0)
    looks = iter([False, False, True])
    with pytest.raises(Cancelled):
        time_it(embedder, "never.mp4", should_stop=lambda: next(looks))
    assert embedder.cancelled == 1


def test_errors_of_the_embedder_come_through() -> None:
    with pytest.raises(BadClip, match="damaged"):
        time_it(Timed(1.0), "bad.mp4")
    with pytest.raises(NotEnoughData, match="add clips"):
        measure(Timed(1.0), "toy", [])


def test_a_speed_survives_being_kept_as_json() -> None:
    found = time_it(Timed(1.0))
    assert Speed.from_dict(found.as_dict()) == found


def test_clips_to_time_are_usual_ones_of_different_people() -> None:
    def clip(number: int, seconds: float, source: str) -> Clip:
        return Clip(f"{number:064x}", "", "", source, 1, replace(INFO, duration_seconds=seconds), 0.0)

    clips = [clip(0, 5, "a"), clip(1, 5.1, "a"), clip(2, 900, "b"), clip(3, 6, "c"), clip(4, 1, "d"), clip(5, 5, "c")]
    assert [clip.info.duration_seconds for clip in clips_to_time(clips)] == [5, 5, 1, 900]
    assert {clip.source for clip in clips_to_time(clips)} == set("abcd")
    assert len(clips_to_time(clips, most=9)) == 6
    assert clips_to_time([]) == []


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerEmbedder]:
    made = WorkerEmbedder(toy_settings(tmp_path_factory.mktemp("home")))
    yield made
    made.close()


def test_a_real_encoder_is_timed(worker: WorkerEmbedder, tmp_path: Path) -> None:
    paths = [make_clip(tmp_path / f"{n}.mp4", n, count=30) for n in range(2)]
    found = measure(worker, "toy", paths, run_seconds=0.05)
    assert found.engine == encoders.build("toy", weights=None).engine
    assert found.fingerprint == encoders.spec("toy").fingerprint("")
    each = found.seconds_per_window
    assert 0 < each.low <= each.median <= each.high
    assert found.windows % 5 == 0, "three seconds are five windows of the toy encoder"
    windows_per_minute = found.seconds_per_minute.median / each.median
    assert windows_per_minute == pytest.approx(100, rel=0.01)
