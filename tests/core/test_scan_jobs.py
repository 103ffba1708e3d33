"""Scans as jobs: done in the background, stopped and resumed without scoring a window twice, over restarts too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import long_files
from core.embedding import WorkerEmbedder
from core.errors import BadInput, UnknownName, WeightsMissing
from core.manifest import Item
from core.scan_forms import pack, unpack
from core.watching import Watcher
from core.workbench import Workbench
from tests.core.test_watching import RED
from tests.core.watchable import film, finder, redness
from tests.tiny import toy_bench

CHUNK = 4


@pytest.fixture
def open_bench(home: Path, toy_worker: WorkerEmbedder, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Workbench]:
    """Opens the one library of a test, as often as asked; small chunks, so that a short film has several."""
    monkeypatch.setattr(long_files, "CHUNK", CHUNK)
    return lambda: toy_bench(home, toy_worker)


@pytest.fixture
def bench(open_bench: Callable[[], Workbench]) -> Iterator[Workbench]:
    with open_bench() as opened:
        yield opened


@pytest.fixture
def long_film(tmp_path: Path) -> Path:
    """21 windows; it is red from 4 s to 7 s."""
    return film(tmp_path / "films" / "long.mp4", ("blue", 4), ("red", 3), ("blue", 4))


def watcher(bench: Workbench) -> Watcher:
    return Watcher(bench, finder(redness(bench)))


class Counting:
    """How many windows the worker was asked for."""

    def __init__(self, bench: Workbench) -> None:
        self.windows, self._vary = 0, bench.embedder.vary
        bench.embedder.vary = self  # type: ignore[assignment, method-assign]

    def __call__(self, path: Path, encoder: str, windows: Any, **more: Any) -> Any:
        self.windows += len(windows)
        return self._vary(path, encoder, windows, **more)


def until(said: Callable[[], bool]) -> None:
    """Waits for a state, for as long as a loaded machine may take."""
    end = time.monotonic() + 60
    while not said():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.02)


def after_chunks(watching: Watcher, scan_id: int, count: int) -> Callable[[], bool]:
    """A ``should_stop`` that says so once so many chunks are kept."""
    return lambda: watching.items(scan_id)[0].windows >= count * CHUNK


def test_a_folder_is_scanned_in_the_background(bench: Workbench, long_film: Path) -> None:
    """One file is in the library already, one is no video: the scan goes on, and tells."""
    known = film(long_film.parent / "known.mp4", ("red", 2))
    (long_film.parent / "note.mp4").write_text("no video")
    bench.run_job(bench.enqueue([Item(known, "door", "cam")]))
    watching = watcher(bench)
    scan_id = watching.begin("Yard", RED, folder=long_film.parent)
    until(lambda: not watching.scan(scan_id).active)
    scan = watching.scan(scan_id)
    assert (scan.state, scan.title, scan.total, scan.done, scan.flags) == ("done", "Yard", 3, 3, 2)
    assert watching.progress(scan_id).done == watching.progress(scan_id).total
    (refused,) = watching.refused(scan_id)
    assert (refused.reason, refused.name) == ("not-a-video", str(long_film.parent / "note.mp4"))
    (clip,) = bench.library.clips()
    in_clip, in_file = watching.flags(scan_id, clip_id=clip.clip_id), watching.flags(scan_id, path=str(long_film))
    assert len(in_clip) == len(in_file) == 1
    assert np.allclose((in_file[0].start_seconds, in_file[0].end_seconds), (4, 7), atol=0.51)
    for place in ({"clip_id": clip.clip_id}, {"path": str(long_film)}):
        (line,) = watching.courses(scan_id, **place)
        assert line.scores.max() > line.threshold == 0.5


def test_a_stopped_scan_goes_on_where_it_was(open_bench: Callable[[], Workbench], long_film: Path) -> None:
    """Over a restart, and without asking for a window twice; what it finds is what a scan in one go finds."""
    with open_bench() as bench:
        watching = watcher(bench)
        scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)
        begun = watching.run(scan_id, should_stop=after_chunks(watching, scan_id, 2))
        assert (begun.state, begun.flags) == ("queued", ())
        assert CHUNK * 2 <= begun.windows == watching.items(scan_id)[0].windows < 21
    with open_bench() as bench:
        counting, watching = Counting(bench), watcher(bench)
        watching.work_in_background()
        until(lambda: not watching.scan(scan_id).active)
        assert counting.windows == 21 - begun.windows
        (resumed,) = watching.flags(scan_id)
        again = watching.begin("Yard", RED, paths=[long_film], background=False)
        (whole,) = watching.run(again).flags
        assert replace(resumed, flag_id=0, scan_id=0) == replace(whole, flag_id=0, scan_id=0)


def test_a_killed_scan_goes_on_where_it_was(
    open_bench: Callable[[], Workbench], long_film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is put back, as when the process is killed: the next opening of the library does."""
    with open_bench() as bench:
        watching = watcher(bench)
        scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)
        keep = bench.library.scans.keep_scores

        def killed(*told: Any) -> None:
            keep(*told)
            if told[3] >= 2 * CHUNK:
                raise KeyboardInterrupt

        monkeypatch.setattr(bench.library.scans, "keep_scores", killed)
        with pytest.raises(KeyboardInterrupt):
            watching.run(scan_id)
        assert watching.scan(scan_id).state == watching.items(scan_id)[0].state == "running"
    with open_bench() as bench:
        counting, watching = Counting(bench), watcher(bench)
        assert watching.scan(scan_id).state == "queued"
        done = watching.run(scan_id)
        assert (done.state, done.windows, counting.windows, len(done.flags)) == ("done", 21 - 2 * CHUNK, 21 - 2 * CHUNK, 1)


def test_a_cancelled_scan_can_be_resumed(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)

    def cancel_half_way() -> bool:
        if after_chunks(watching, scan_id, 2)():
            watching.cancel(scan_id)
        return False

    assert watching.run(scan_id, should_stop=cancel_half_way).state == "cancelled"
    done = watching.items(scan_id)[0].windows
    assert 0 < done < 21
    counting = Counting(bench)
    watching.resume(scan_id)
    until(lambda: watching.scan(scan_id).state == "done")
    assert counting.windows == 21 - done


def test_the_background_leaves_alone_what_somebody_runs(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    own = watching.begin("mine", RED, paths=[long_film], background=False)
    other = watching.begin("for the background", RED, paths=[long_film])
    until(lambda: not watching.scan(other).active)
    assert watching.scan(own).state == "queued" and not watching.items(own)[0].windows
    assert watching.run(own).windows == 21


def test_a_file_that_was_changed_is_scanned_anew(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)
    watching.run(scan_id, should_stop=after_chunks(watching, scan_id, 2))
    film(long_film, ("blue", 11), ("red", 1))
    done = watching.run(scan_id)
    assert done.windows == 23
    assert done.flags[0].start_seconds > 10


def test_a_concept_taught_anew_meanwhile_scans_the_rest_anew(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)
    watching.run(scan_id, should_stop=after_chunks(watching, scan_id, 2))
    taught = redness(bench)
    other = replace(taught, head=replace(taught.head, biases=np.array([-5.0], np.float32)))
    done = Watcher(bench, finder(other)).run(scan_id)
    assert (done.windows, done.flags) == (21, ())
    assert "taught anew" in watching.scan(scan_id).message


def test_verdicts_are_kept_and_taken_back(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    scan_id = watching.begin("", RED, paths=[long_film], background=False)
    (flag,) = watching.run(scan_id).flags
    assert watching.decide(flag.flag_id, "rejected") == {flag.flag_id: ""}
    assert [one.verdict for one in watching.flags(concept="red", verdict="rejected")] == ["rejected"]
    assert watching.decide([flag.flag_id], "") == {flag.flag_id: "rejected"}
    assert not watching.flags(verdict="rejected")
    with pytest.raises(UnknownName, match="flags list"):
        watching.decide([flag.flag_id, 999], "accepted")
    assert watching.flags(scan_id)[0].verdict == "", "nothing was changed"
    with pytest.raises(BadInput, match="accepted, rejected"):
        watching.decide(flag.flag_id, "perhaps")
    watching.forget(scan_id)
    assert not watching.flags()
    with pytest.raises(UnknownName):
        watching.scan(scan_id)


def test_what_cannot_be_scanned_is_refused_before_it_begins(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching, empty = watcher(bench), tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadInput, match="must hold video files"):
        watching.begin("", RED, folder=empty)
    with pytest.raises(BadInput, match="something to look through"):
        watching.begin("", RED)
    with pytest.raises(UnknownName):
        watching.begin("", RED, clips=["abcdef" * 8])

    def missing(_: str | None = None) -> str:
        raise WeightsMissing("weights of toy must be here; fetch them")

    monkeypatch.setattr(bench, "fingerprint", missing)
    with pytest.raises(WeightsMissing):
        watching.begin("", RED, folder=tmp_path)
    assert not watching.scans()


def test_weights_that_go_meanwhile_fail_the_scan_and_lose_nothing(
    bench: Workbench, long_film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = watcher(bench)
    scan_id = watching.begin("Yard", RED, paths=[long_film], background=False)
    with monkeypatch.context() as gone:

        def missing(*_: Any, **__: Any) -> Any:
            raise WeightsMissing("weights of toy must be here; fetch them")

        gone.setattr(bench.embedder, "vary", missing)
        with pytest.raises(WeightsMissing):
            watching.run(scan_id)
        assert (watching.scan(scan_id).state, watching.scan(scan_id).message[:7]) == ("failed", "weights")
    watching.resume(scan_id, background=False)
    assert watching.run(scan_id).state == "done"


def test_an_erased_clip_leaves_no_flag(bench: Workbench, long_film: Path) -> None:
    watching = watcher(bench)
    watching.run(watching.begin("before it was added", RED, paths=[long_film], background=False))
    bench.run_job(bench.enqueue([Item(long_film, "door", "cam")]))
    (clip,) = bench.library.clips()
    scan_id = watching.begin(f"All of {clip.name}", RED, clips=[clip.clip_id], background=False)
    assert watching.run(scan_id).flags
    bench.library.erase([clip.clip_id])
    assert not watching.flags() and not watching.items(scan_id)
    assert clip.name not in watching.scan(scan_id).title


def test_what_was_kept_and_lost_its_shape_is_nothing() -> None:
    assert unpack(b"") == unpack(b"no archive") == ({}, b"")
    assert unpack(pack({}, b"mark")) == ({}, b"mark")
