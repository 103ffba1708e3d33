"""kill -9 aimed at the index while it persists: the next opening is quick, and answers as exact search does."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.store import Library
from core.store.chroma import ChromaIndex
from tests.core.store.conftest import DIMENSION, FINGERPRINT, exact_nearest

PROJECT = Path(__file__).resolve().parents[3]
KILLS = min(int(os.environ.get("MOTIONBOOK_KILLS") or 3), 20)
"""``make test-crash`` asks for 100 kills, of which 20 are enough here: each of them is aimed."""


def start(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("upserting.py")), str(home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )


def kill_while_it_persists(child: subprocess.Popen[str], home: Path, chance: random.Random) -> list[str]:
    """Wait until some clips are in and the graph's files have just begun to change, then kill; the acknowledged ids."""
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    acknowledged = [child.stdout.readline().strip() for _ in range(chance.randint(2, 8))]
    before, deadline = written(home), time.monotonic() + 20
    while written(home) == before and time.monotonic() < deadline and child.poll() is None:
        pass
    time.sleep(chance.random() * 0.02)
    child.kill()
    return [*acknowledged, *child.communicate()[0].split()]


def written(home: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of the files that a persist writes."""
    found = []
    for path in sorted(home.glob("index/gen-*/*/*")):
        try:
            found.append((path.name, path.stat().st_size, path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
    return found


@pytest.mark.timeout(60 + 30 * KILLS)
def test_a_kill_while_the_index_persists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One library, killed again and again; searched through the graph itself, not through the exact copy."""
    monkeypatch.setattr("core.store.library.ChromaIndex", lambda folder: ChromaIndex(folder, exact_below=0))
    home, chance, acknowledged = tmp_path / "library", random.Random(), list[str]()
    outcomes = []
    for _ in range(KILLS):
        child = start(home)
        try:
            acknowledged += kill_while_it_persists(child, home, chance)
        finally:
            child.kill()
            child.wait()
        with Library.open(home) as library:
            outcomes.append(
                (library.repaired.index_rebuilt, library.repaired.index_caught_up, round(library.repaired.seconds, 2))
            )
            present = {clip.clip_id for clip in library.clips()}
            assert present >= set(acknowledged)
            assert library.repaired.media_missing == () and library.problems() == []
            for query in np.random.default_rng().normal(size=(5, DIMENSION)).astype(np.float32):
                found = [(match.clip_id, match.window) for match in library.nearest(FINGERPRINT, query, 10)]
                assert found == exact_nearest(library, query, 10), outcomes
    print("rebuilt, windows caught up, seconds of repair:", *outcomes, sep="\n  ")  # noqa: T201
