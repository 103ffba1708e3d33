"""kill -9 at random moments of an add: nothing acknowledged is lost, nothing is left behind, the next start repairs by itself."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core import encoders
from core.store import Library
from core.store.chroma import ChromaIndex
from tests.tiny import make_clips, toy_bench

PROJECT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("MOTIONBOOK_KILLS") or 5)
"""``make test-crash`` sets 100."""
CLIPS = 30  # of one job; some of them twice
TOY = encoders.spec("toy").fingerprint("")


class Run:
    """One process that adds, from its start to its end; what it acknowledged."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.started = time.monotonic()
        self.acknowledged: list[str] = []
        self.done = False
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crashing.py")), str(home), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, clip_id = line.strip().partition(" ")
            if word == "ACK" and len(clip_id) == 64:
                self.acknowledged.append(clip_id)
            self.done |= word == "DONE"

    def wait_until(self, moment: float, acknowledged: int) -> None:
        """Until a time of the monotonic clock, or until so many clips are acknowledged, or its own end."""
        while time.monotonic() < moment and len(self.acknowledged) < acknowledged and self.process.poll() is None:
            time.sleep(0.001)

    def kill(self) -> list[int]:
        """SIGKILL, to this process alone; the processes that it had started."""
        family = descendants(self.process.pid)
        self.process.kill()
        self.end()
        return family

    def end(self) -> None:
        self.process.wait()
        self._reading.join()


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended while we looked
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass
class Tally:
    """What the whole campaign saw. ``lost`` and ``orphans`` would be defects."""

    kills: int = 0
    acknowledged: set[str] = field(default_factory=set)
    killed_with: list[int] = field(default_factory=list)
    repair_seconds: list[float] = field(default_factory=list)
    mended: int = 0
    rebuilt: int = 0
    caught_up: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {len(self.acknowledged)} clips acknowledged, 0 lost, 0 orphans, 0 duplicates; "
            f"killed after {min(self.killed_with)} to {max(self.killed_with)} acknowledgements of a run; "
            f"{self.mended} files swept, index rebuilt {self.rebuilt} times and {self.caught_up} windows caught up; "
            f"repair at most {max(self.repair_seconds):.2f} s"
        )


def check(home: Path, tally: Tally) -> None:
    """Open what the kill left, as the next start does, and look at everything."""
    with Library.open(home) as library:
        repaired = library.repaired
        tally.repair_seconds.append(repaired.seconds)
        tally.mended += repaired.orphan_media_removed + repaired.orphan_derived_removed + repaired.temp_removed
        tally.rebuilt += repaired.index_rebuilt
        tally.caught_up += repaired.index_caught_up
        ids = [clip.clip_id for clip in library.clips()]
        assert len(ids) == len(set(ids))
        assert tally.acknowledged <= set(ids), "lost: acknowledged, but not in the library"
        assert repaired.media_missing == () and library.problems() == []
        assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.glob("media/*/*")} == {
            clip_id: clip_id for clip_id in ids
        }, "an orphan, or a file that is not what its name says"
        assert {path.name for path in (home / "derived").iterdir()} == {f"{clip_id}.jpg" for clip_id in ids}
        assert list((home / "temp").iterdir()) == [] and list((home / "incoming").iterdir()) == []
        check_vectors(library, ids)
        check_jobs(library, set(ids))


def check_vectors(library: Library, ids: list[str]) -> None:
    gallery = library.gallery(TOY)
    assert sorted(gallery.clip_ids) == sorted(ids), "one window each"
    for clip_id, vector in zip(gallery.clip_ids, gallery.vectors, strict=True):
        best = library.nearest(TOY, vector, 1)
        assert [match.clip_id for match in best] == [clip_id], "the index does not find a clip by its own vector"


def check_jobs(library: Library, ids: set[str]) -> None:
    """What the ledger calls added is there, and what is there has been called added exactly once."""
    items = [item for job in library.jobs(limit=10**6) for item in library.job_items(job.job_id)]
    added = [item.clip_id for item in items if item.state == "added"]
    assert sorted(added) == sorted(ids)
    assert {item.state for item in items} <= {"added", "duplicate", "queued"}


@pytest.mark.timeout(120 + 30 * KILLS)
def test_kills_at_random_moments_of_an_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One library is killed again and again, so that what a kill leaves meets the next kill.

    What is left is searched through the index's graph itself, and at the end through its exact copy too.
    """
    home, chance, tally = tmp_path / "library", random.Random(), Tally()
    folders = (with_twins(tmp_path / f"job {number}", number) for number in itertools.count())
    whole = Run(home, next(folders))
    whole.end()
    assert whole.done and len(whole.acknowledged) == CLIPS
    life_seconds = time.monotonic() - whole.started
    tally.acknowledged.update(whole.acknowledged)
    with monkeypatch.context() as patch:
        patch.setattr("core.store.library.ChromaIndex", lambda folder: ChromaIndex(folder, exact_below=0))
        kill_again_and_again(home, folders, tally, chance, life_seconds)
    finish(home, tally)
    print(tally)  # noqa: T201


def kill_again_and_again(home: Path, folders: Iterator[Path], tally: Tally, chance: random.Random, life_seconds: float) -> None:
    folder = next(folders)
    while tally.kills < KILLS:
        run = Run(home, folder)
        if tally.kills % 2:  # some moments are in the start, which takes as long as the work: half the kills aim at the work
            run.wait_until(run.started + 60, chance.randint(0, CLIPS - 1))
            time.sleep(chance.random() * life_seconds / CLIPS)
        else:
            run.wait_until(run.started + chance.uniform(0, life_seconds), 10**6)
        family = run.kill()
        tally.acknowledged.update(run.acknowledged)
        if not run.done:
            tally.kills += 1
            tally.killed_with.append(len(run.acknowledged))
        deadline = time.monotonic() + 10
        while (left := [pid for pid in family if alive(pid)]) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert left == [], "a child outlived its parent"
        check(home, tally)
        folder = folder if unfinished(home) else next(folders)


def with_twins(folder: Path, number: int) -> Path:
    """CLIPS new clips, and three of them once more under other names."""
    clips = make_clips(folder, CLIPS, first_seed=1000 * number)
    for clip in clips[::10]:
        clip.with_name(f"{clip.stem} again.mp4").write_bytes(clip.read_bytes())
    return folder


def unfinished(home: Path) -> bool:
    with Library.open(home) as library:
        return bool(library.jobs(active_only=True))


def finish(home: Path, tally: Tally) -> None:
    """The last job is resumed, and every clip of every job that was ever written down is in."""
    with toy_bench(home) as bench:
        for job_id in bench.unfinished():
            assert bench.run_job(job_id).refused == ()
        jobs = bench.library.jobs(limit=10**6)
        assert {job.state for job in jobs} == {"done"}
        assert [(job.counts["added"], job.counts["duplicate"]) for job in jobs] == [(CLIPS, 3)] * len(jobs)
        tally.acknowledged.update(clip.clip_id for clip in bench.library.clips())
        assert len(tally.acknowledged) == CLIPS * len(jobs)
    check(home, tally)
