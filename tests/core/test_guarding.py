"""The guard: watched folders, new clips and cameras, real ones on this machine, by the toy encoder and a concept of redness."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import arrivals, guarding
from core.embedding import WorkerEmbedder
from core.guarding import Guard, PlaceState, guard_of
from core.manifest import Item
from core.rules import Firing, Rule, Rulebook, Where
from core.watching import Watcher
from core.workbench import Workbench
from tests.core.decoding import cameras
from tests.core.test_acting import receiver
from tests.core.watchable import COLOURS, film, finder, redness
from tests.tiny import toy_bench, toy_settings

PATIENCE_SECONDS = 60.0  # until a test says that something never happens


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerEmbedder]:
    embedder = WorkerEmbedder(toy_settings(tmp_path_factory.mktemp("worker")))
    yield embedder
    embedder.close()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    film(folder / "red.mp4", ("blue", 2), ("red", 2), ("blue", 1))
    film(folder / "blue.mp4", ("blue", 2))
    return folder


@pytest.fixture
def bench(home: Path, worker: WorkerEmbedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    monkeypatch.setattr(guarding, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(guarding, "REST", 0.0)
    monkeypatch.setattr(arrivals, "STILL_SECONDS", 0.05)
    with toy_bench(home, worker) as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def guard(bench: Workbench) -> Guard:
    return Guard(bench, finder(redness(bench)))


def arrive(film: Path, place: Path) -> None:
    """At once, as no copy does: a machine that stands still for a moment must not make two files of it."""
    shutil.copy(film, place.with_suffix(".part")).rename(place)


def armed(bench: Workbench, rule: Rule) -> Rule:
    book = Rulebook(bench)
    return book.arm(book.rehearsed(book.save(rule).rule_id, 0, 0.0, "").rule_id)


def until(happened: Callable[[], object], what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, f"it never happened: {what()}"
        time.sleep(0.01)


def fired(bench: Workbench, count: int, at: Guard) -> tuple[Firing, ...]:
    book = Rulebook(bench)
    until(lambda: len(book.log()) >= count, lambda: (book.log(), at.state))
    return book.log()


def place(at: Guard, kind: str) -> PlaceState:
    return next((one for one in at.state.places if one.kind == kind), PlaceState(kind, "", "not there yet"))


def test_a_new_file_in_a_watched_folder_fires_once_restarts_or_not(bench: Workbench, films: Path, inbox: Path) -> None:
    arrive(films / "red.mp4", inbox / "history.mp4")
    with receiver(200) as (url, heard):
        armed(bench, Rule("reds", "red", Where("folder", str(inbox)), ("notice", "webhook"), url))
        one = guard(bench)
        one.start()
        until(lambda: place(one, "folder").words == "watching", lambda: one.state)
        arrive(films / "blue.mp4", inbox / "blue.mp4")
        arrive(films / "red.mp4", inbox / "red.mp4")
        (line,) = fired(bench, 1, one)
        until(lambda: heard, lambda: one.state)
        until(lambda: place(one, "folder").seen == 2, lambda: one.state)
        one.close()
    assert (line.rule, line.place) == ("reds", "red.mp4") and line.flag.start_seconds == pytest.approx(2.0, abs=0.6)
    assert Rulebook(bench).log()[0].outcome == "webhook delivered (200)" and b'"file": "red.mp4"' in heard[0][2]
    assert [flag.path for flag in Watcher(bench).flags()] == [str(inbox / "red.mp4")], "it can be looked at on the Watch page"
    again = guard(bench)
    again.resume()
    arrive(films / "red.mp4", inbox / "later.mp4")
    assert [one.place for one in fired(bench, 2, again)] == ["later.mp4", "red.mp4"]
    again.stop()
    third = guard(bench)
    third.resume()
    assert not third.running, "somebody stopped it"


def test_a_new_clip_of_the_library_fires_where_its_label_says(bench: Workbench, films: Path) -> None:
    armed(bench, Rule("anywhere", "red"))
    armed(bench, Rule("in the yard", "red", Where("label", "yard")))
    one = guard(bench)
    one.start()
    until(lambda: place(one, "clips").words == "watching", lambda: one.state)
    bench.run_job(bench.enqueue([Item(films / "blue.mp4", "yard"), Item(films / "red.mp4", "yard")]))
    lines = fired(bench, 2, one)
    assert {line.rule for line in lines} == {"anywhere", "in the yard"} and {line.place for line in lines} == {"red.mp4"}
    until(lambda: place(one, "clips").seen == 2, lambda: one.state)
    assert one.state.running and one.state.trouble == ""


def test_a_camera_is_watched_while_a_rule_wants_it(bench: Workbench) -> None:
    fps = 20
    pictures = [
        np.full((32, 32, 3), COLOURS[colour], np.uint8) for colour, count in (("blue", 10), ("red", 80)) for _ in range(count)
    ]
    with cameras.server(cameras.http(cameras.film(pictures, fps), fps)) as port:
        address = f"http://127.0.0.1:{port}/live"
        rule = armed(bench, Rule("reds", "red", Where("camera", address)))
        one = guard(bench)
        one.start()
        (line, *_) = fired(bench, 1, one)
        assert line.place == address and line.flag.concept == "red"
        seen = place(one, "camera")
        assert seen.flags >= 1 and seen.late_seconds < PATIENCE_SECONDS
        Rulebook(bench).disarm(rule.rule_id)
        until(lambda: not [found for found in one.state.places if found.kind == "camera"], lambda: one.state)


def test_what_fails_at_one_place_is_told_and_keeps_no_other_waiting(bench: Workbench, films: Path, inbox: Path) -> None:
    armed(bench, Rule("unknown", "nothing taught", Where("camera", "http://127.0.0.1:9/")))
    armed(bench, Rule("reds", "red", Where("folder", str(inbox))))
    one = guard(bench)
    one.start()
    until(lambda: place(one, "folder").words == "watching", lambda: one.state)
    (inbox / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    until(lambda: "nothing taught" in one.state.trouble, lambda: one.state)
    until(lambda: place(one, "folder").seen == 1, lambda: one.state)
    arrive(films / "red.mp4", inbox / "red.mp4")
    assert [line.rule for line in fired(bench, 1, one)] == ["reds"]


def test_a_camera_that_is_not_allowed_any_more_is_not_opened(bench: Workbench) -> None:
    heard: list[object] = []
    with cameras.server(heard.append) as port:
        bench.settings = replace(bench.settings, stream_hosts=("cam.example",))
        armed(bench, Rule("reds", "red", Where("camera", f"rtsp://cam.example:{port}/live")))
        bench.settings = replace(bench.settings, stream_hosts=())
        one = guard(bench)
        one.start()
        until(lambda: "MOTIONBOOK_STREAM_HOSTS" in one.state.trouble, lambda: one.state)


def test_it_ends_before_the_library_closes(home: Path, worker: WorkerEmbedder) -> None:
    with toy_bench(home, worker) as bench:
        one = guard_of(bench)
        assert guard_of(bench) is one
        one.start()
        assert one.running
    assert not one.running and bench not in guarding._guards
