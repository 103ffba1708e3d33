"""Child processes that may die: framed messages over pipes, deadlines, and an end that leaves nothing behind.

A message is a JSON header and raw bytes. Never a pickle: a decoder that a hostile file has taken over must not be
able to run code in its parent.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from core.errors import WorkerDied

Header = dict[str, Any]
Payload = bytes | bytearray
_LENGTHS = struct.Struct(">IQ")  # bytes of header, bytes of payload
HEADER_LIMIT_BYTES = 16 * 2**20
PAYLOAD_LIMIT_BYTES = 2**30
PIPE_BYTES = 2**20  # the most that Linux gives an ordinary user
_PROJECT = Path(__file__).resolve().parents[1]


def write_message(stream: IO[bytes], header: Mapping[str, Any], payload: bytes | memoryview = b"") -> None:
    """Write one message and flush it. The other side may be gone: then OSError (BrokenPipeError)."""
    text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    body = memoryview(payload).cast("B")
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    if len(body):
        stream.write(body)
    stream.flush()


class Readable(Protocol):
    """What read_message needs: ``read(n)`` gives n bytes, or fewer only at the end."""

    def read(self, count: int, /) -> Payload: ...


def read_message(stream: Readable) -> tuple[Header, Payload] | None:
    """The next message of a blocking stream, or None at its end, a torn message included."""
    try:
        lengths = stream.read(_LENGTHS.size)
        if len(lengths) < _LENGTHS.size:
            return None
        header_bytes, payload_bytes = _LENGTHS.unpack(lengths)
        if header_bytes > HEADER_LIMIT_BYTES or payload_bytes > PAYLOAD_LIMIT_BYTES:
            return None
        text, payload = stream.read(header_bytes), stream.read(payload_bytes)
    except TimeoutError:
        raise
    except (OSError, ValueError):
        return None
    if len(text) < header_bytes or len(payload) < payload_bytes:
        return None
    try:
        header = json.loads(text)
    except ValueError:
        return None
    return (header, payload) if isinstance(header, dict) else None


class Child:
    """A Python child process, ``python -m module``, that answers messages. Its standard error goes to ours or to nowhere.

    It ends when its standard input closes, so it cannot outlive a parent that was killed.
    """

    def __init__(self, module: str, arguments: Sequence[str] = (), *, quiet: bool = False) -> None:
        inherited = os.environ.get("PYTHONPATH")
        paths = [str(_PROJECT), *([inherited] if inherited else [])]  # `core` is importable wherever we were started
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            env=environment,
            start_new_session=True,  # a Ctrl-C on the terminal is the parent's to handle
        )
        _widen(self._process.stdin, self._process.stdout)
        self._sending, self._receiving = threading.Lock(), threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._process.poll()

    def send(self, header: Mapping[str, Any], payload: bytes | memoryview = b"") -> None:
        """Raises WorkerDied when the child is gone."""
        assert self._process.stdin is not None
        try:
            with self._sending:
                write_message(self._process.stdin, header, payload)
        except (OSError, ValueError) as error:
            raise WorkerDied(f"the child process {self.pid} is gone; start it again") from error

    def receive(self, timeout_seconds: float | None = None) -> tuple[Header, Payload]:
        """The next message. Raises WorkerDied at the child's end and TimeoutError when the time is up.

        After a TimeoutError the stream may be torn in the middle of a message: ``kill`` the child.
        """
        assert self._process.stdout is not None
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        with self._receiving:
            stdout = self._process.stdout
            message = None if stdout.closed else read_message(_DescriptorReader(stdout.fileno(), deadline))
        if message is None:
            self._end(timeout_seconds=1.0)
            raise WorkerDied(f"the child process {self.pid} ended with status {self._process.returncode}; start it again")
        return message

    def end_input(self) -> None:
        """Nothing more will be sent; what it still has to say can be received."""
        assert self._process.stdin is not None
        with self._sending, contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Ask it to end by closing its input; kill it when it does not. Safe to call twice."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.close()
        except OSError:
            pass  # it is gone already, with something unsent: nothing to save
        self._end(timeout_seconds)
        with self._receiving:  # whoever still reads sees the end of the stream first
            self._process.stdout.close()

    def kill(self) -> None:
        self._process.kill()
        self.close()

    def _end(self, timeout_seconds: float) -> None:
        """Its stream is over, or nonsense: it ends now, by itself or not."""
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _widen(*pipes: IO[bytes] | None) -> None:
    """Larger pipes, where the system allows it: 64 kB would be filled and emptied 75 times for one window."""
    for pipe in pipes:
        if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            try:
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            except OSError:
                pass  # over this user's share of pipe memory: slower, and otherwise the same


class _DescriptorReader:
    """``read(n)`` straight from a file descriptor, giving up at a moment of the monotonic clock."""

    def __init__(self, descriptor: int, deadline: float | None) -> None:
        self._descriptor, self._deadline = descriptor, deadline

    def read(self, count: int) -> bytearray:
        """Straight into one buffer: a window is several megabytes, and every copy of it would show in a measurement."""
        whole = bytearray(count)
        missing = memoryview(whole)
        while len(missing):
            if self._deadline is not None:
                left_seconds = self._deadline - time.monotonic()
                if left_seconds <= 0 or not select.select([self._descriptor], [], [], left_seconds)[0]:
                    raise TimeoutError("the child process did not answer in time")
            got = os.readv(self._descriptor, [missing])
            if got == 0:
                return whole[: count - len(missing)]
            missing = missing[got:]
        return whole
