from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LibraryLocked
from core.store import Library
from core.store.lock import LibraryLock, read_pid

PROJECT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from core.store.lock import LibraryLock
lock = LibraryLock(Path(sys.argv[1]))
print(flush=True)
sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


def test_a_second_process_is_refused_with_the_holders_pid(tmp_path: Path) -> None:
    child = hold(tmp_path / "lock")
    try:
        with pytest.raises(LibraryLocked, match=f"process {child.pid} .*close the app") as refusal:
            LibraryLock(tmp_path / "lock")
        assert refusal.value.pid == child.pid
    finally:
        child.kill()
        child.communicate()


def test_a_killed_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    child = hold(tmp_path / "lock")
    child.kill()
    child.communicate()
    lock = LibraryLock(tmp_path / "lock")
    assert read_pid(tmp_path / "lock") == os.getpid()
    lock.release()
    lock.release()
    assert read_pid(tmp_path / "lock") is None


def test_the_same_process_is_refused_too(home: Path) -> None:
    with Library.open(home, index="memory"):
        with pytest.raises(LibraryLocked) as refusal:
            Library.open(home, index="memory")
        assert refusal.value.pid == os.getpid()
    Library.open(home, index="memory").close()


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    lock = LibraryLock(tmp_path / "lock")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    try:
        lock.release()
        LibraryLock(tmp_path / "lock").release()
    finally:
        child.communicate(b"\n")


def test_a_forked_child_closes_its_copy_at_once(tmp_path: Path) -> None:
    lock = LibraryLock(tmp_path / "lock")
    held = (tmp_path / "lock").stat().st_ino
    pid = os.fork()
    if pid == 0:
        inodes = [os.fstat(number).st_ino for number in range(3, 256) if os.path.exists(f"/proc/self/fd/{number}")]  # noqa: PTH110
        os._exit(held in inodes)
    assert os.waitpid(pid, 0)[1] == 0
    with pytest.raises(LibraryLocked):
        LibraryLock(tmp_path / "lock")
    lock.release()
