"""Messages between processes, and children that die, hang or lie."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import WorkerDied
from core.processes import Child, read_message, write_message

ECHO = """
import sys, time, os
from core.processes import read_message, write_message
while message := read_message(sys.stdin.buffer):
    header, payload = message
    if header.get("do") == "die":
        os.kill(os.getpid(), 9)
    if header.get("do") == "hang":
        time.sleep(600)
    if header.get("do") == "lie":
        sys.stdout.buffer.write(b"no message at all, only text that goes on for a while")
        sys.stdout.buffer.flush()
        if header.get("and") == "stay":
            continue
        break
    write_message(sys.stdout.buffer, header, payload)
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    (tmp_path / "echo_child.py").write_text(ECHO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Child("echo_child")


def test_messages_come_back_whole() -> None:
    stream = io.BytesIO()
    write_message(stream, {"name": "é", "n": 1}, b"\x00\xff" * 10)
    write_message(stream, {})
    stream.seek(0)
    assert read_message(stream) == ({"name": "é", "n": 1}, b"\x00\xff" * 10)
    assert read_message(stream) == ({}, b"")
    assert read_message(stream) is None


@pytest.mark.parametrize("cut", [1, 8, 14, 25])
def test_a_torn_message_is_the_end(cut: int) -> None:
    stream = io.BytesIO()
    write_message(stream, {"a": 1}, b"payload that is torn")
    assert read_message(io.BytesIO(stream.getvalue()[:cut])) is None


def test_an_absurd_length_is_not_believed() -> None:
    assert read_message(io.BytesIO(b"\xff" * 64)) is None


def test_a_child_answers(echo: Child) -> None:
    payload = os.urandom(3_000_000)
    echo.send({"id": 7}, payload)
    assert echo.receive(timeout_seconds=60) == ({"id": 7}, payload)
    echo.close()
    assert echo.exit_status == 0


def test_a_death_is_noticed(echo: Child) -> None:
    echo.send({"do": "die"})
    with pytest.raises(WorkerDied):
        echo.receive(timeout_seconds=60)
    assert echo.exit_status == -signal.SIGKILL
    with pytest.raises(WorkerDied):
        echo.send({"id": 1}, b"x" * 1_000_000)
    echo.close()


def test_a_hanging_child_times_out_and_is_killed(echo: Child) -> None:
    echo.send({"do": "hang"})
    with pytest.raises(TimeoutError):
        echo.receive(timeout_seconds=0.5)
    echo.kill()
    assert not echo.alive


def test_what_is_no_message_is_a_death(echo: Child) -> None:
    echo.send({"do": "lie"})
    with pytest.raises(WorkerDied):
        echo.receive(timeout_seconds=60)
    echo.close()


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed without a word; its child sees the end of its input and goes."""
    (tmp_path / "echo_child.py").write_text(ECHO)
    program = """
import time
from core.processes import Child
child = Child("echo_child")
child.send({})
child.receive()
print(child.pid, flush=True)
time.sleep(600)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).resolve().parents[2])])}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    child_pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(600):
        if not _is_running(child_pid):
            return
        signal.sigtimedwait([], 0.1)
    pytest.fail("the child outlived its parent by a minute")


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_child_that_lies_and_stays_is_ended(echo: Child) -> None:
    """Nobody waits for ever for the end of a process that has no reason to end."""
    echo.send({"do": "lie", "and": "stay"})
    with pytest.raises(WorkerDied):
        echo.receive()
    assert not echo.alive
    echo.close()
