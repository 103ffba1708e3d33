"""Cameras as sources: RTSP, HTTP (MPEG-TS, multipart JPEG and other containers), webcams, and files played as if they were one.

Who may be connected to is decided here, before anything is looked up; the stream is read by a confined child process that
connects to no place of its own choice (``core.decoding.relaying``). What is lost is tried again, after longer and longer waits.
Memory is bounded: of pictures that nobody takes, the oldest go.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core import addresses
from core.addresses import Address
from core.decoding.relaying import Relay, fetching
from core.errors import BadInput, MotionbookError, WorkerDied
from core.processes import Child
from core.settings import DecodingLimits

VARIABLE = "MOTIONBOOK_STREAM_HOSTS"
SCHEMES = ("rtsp", "http", "https")
WHAT = "camera"
FILE = "file:"
MOST_WAITING = 128  # pictures: at 25 a second five seconds, more than any window here
MOST_BYTES_WAITING = 32 * 2**20
MOST_BYTES = 512 * 1024  # of a picture, as core.live takes them
OPEN_SECONDS = 20.0  # to the first picture: a camera may send one that stands alone only every ten seconds
SILENCE_SECONDS = 10.0  # without a picture after that: the stream is lost
WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Before each next try; the last one goes on for ever. After STEADY_SECONDS of pictures they begin anew."""
STEADY_SECONDS = 10.0
_WEBCAM = re.compile(r"webcam:(\d{1,2})", re.ASCII)


def webcam_number(address: str) -> int | None:
    """Of ``webcam:0``; None for another kind of address."""
    found = _WEBCAM.fullmatch(address)
    return int(found.group(1)) if found else None


def check(address: str, hosts: Sequence[str]) -> Address | None:
    """Whether the app may open this camera; None for a webcam. Nothing is looked up or opened. Raises BadInput."""
    if webcam_number(address) is not None:
        if address not in hosts:
            raise BadInput(
                f"camera ({address}) must be named by {VARIABLE}; whoever runs this app can start it with {VARIABLE}={address}"
            )
        return None
    parsed = addresses.parse(address, SCHEMES, what=WHAT)
    addresses.check_listed(parsed, hosts, VARIABLE, what=WHAT)
    return parsed


def trusting(address: str, hosts: Sequence[str]) -> tuple[str, ...]:
    """``hosts`` and that of this address: for an address that somebody typed at this machine's own command line."""
    if address.startswith(FILE) or webcam_number(address) is not None:
        return (*hosts, address)
    return (*hosts, addresses.parse(address, SCHEMES, what=WHAT).host)


def shown(address: str) -> str:
    """For people and logs: without the password."""
    plain = address.startswith(FILE) or webcam_number(address) is not None
    return address if plain else addresses.parse(address, SCHEMES, what=WHAT).shown


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that came at ``seconds`` of the system's monotonic clock."""

    seconds: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class StreamState:
    """``words`` is for people: "connected", "lost (it ended), trying again in 4 s". ``over``: it will not be tried again."""

    words: str
    connected: bool = False
    over: bool = False
    pictures: int = 0
    losses: int = 0
    dropped: int = 0


class Stream:
    """One camera, read in a thread from ``start`` to ``close``. Safe to use from several threads.

    Args:
        address: ``rtsp://``, ``http://``, ``https://``, ``webcam:0``, or ``file:PATH`` where ``hosts`` holds that very text.
        fps, short_side_px: of the pictures wanted; the rest is dropped where it is decoded.
        hosts: where cameras may be besides this machine.

    Raises BadInput for an address that is not allowed.
    """

    def __init__(
        self,
        address: str,
        *,
        fps: float,
        short_side_px: int,
        hosts: Sequence[str] = (),
        limits: DecodingLimits | None = None,
        waits_seconds: Sequence[float] = WAITS_SECONDS,
    ) -> None:
        if not (address.startswith(FILE) and address in hosts):
            check(address, hosts)
        self.address, self._hosts = address, tuple(hosts)
        self._wanted = {"fps": fps, "short_side_px": short_side_px}
        self._limits, self._waits = limits or DecodingLimits(), tuple(waits_seconds)
        self._waiting: deque[Picture] = deque()
        self._bytes = 0
        self._lock, self._news, self._closing = threading.Lock(), threading.Event(), threading.Event()
        self._child: Child | None = None
        self._stop: Callable[[], None] = lambda: None
        self._state = StreamState("not started yet")
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    @property
    def state(self) -> StreamState:
        return self._state

    def start(self) -> Stream:
        self._thread.start()
        return self

    def take(self, wait_seconds: float = 0.0) -> list[Picture]:
        """All pictures since the last call, the oldest first; waits for one, but no longer than that."""
        self._news.wait(wait_seconds)
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            if not self._state.over:
                self._news.clear()
        return taken

    def close(self) -> None:
        """Safe to call twice, and before ``start``."""
        self._closing.set()
        self._end_child()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def __enter__(self) -> Stream:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            self._say("connecting")
            began = time.monotonic()
            try:
                why, final = self._once()
            except Exception as error:
                why, final = f"something unexpected happened: {error!r}", False
            if self._closing.is_set():
                break
            if final:
                self._say(why, over=True)
                return
            failures = 1 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            wait_seconds = self._waits[min(failures, len(self._waits)) - 1]
            self._state = dataclasses.replace(self._state, losses=self._state.losses + 1)
            self._say(f"lost ({why}), trying again in {wait_seconds:g} s")
            self._closing.wait(wait_seconds)
        self._say("stopped", over=True)

    def _once(self) -> tuple[str, bool]:
        """One connection from its beginning to its end: why it ended, and whether that is for good."""
        try:
            with self._connected() as child:
                return self._read(child)
        except BadInput as error:
            return str(error), False
        except OSError as error:
            return getattr(error, "strerror", None) or str(error) or type(error).__name__, False
        except MotionbookError as error:
            return str(error), False
        finally:
            self._end_child()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Child]:
        """A child that reads the stream, and what feeds it."""
        if self.address.startswith(FILE):
            path = Path(self.address.removeprefix(FILE)).absolute()
            yield self._begun("file", os.fsencode(path).decode("latin-1"))
            return
        if (number := webcam_number(self.address)) is not None:
            yield self._begun("webcam", str(number))
            return
        address = addresses.parse(self.address, SCHEMES, what=WHAT)
        ip = addresses.resolve(address, self._hosts, VARIABLE, what=WHAT)
        if address.scheme == "rtsp":
            relay = Relay(address, ip)
            self._stop = relay.close
            try:
                yield self._begun("rtsp", relay.url)
            finally:
                relay.close()
            if relay.refused:
                raise BadInput(relay.refused)
            return
        with fetching(address, ip) as (read, stop):
            self._stop = stop
            child = self._begun("bytes", "")
            feeding = threading.Thread(target=_feed, args=(read, child), name="feed", daemon=True)
            feeding.start()
            yield child
            stop()

    def _begun(self, kind: str, address: str) -> Child:
        child = Child("core.decoding.stream_child", [json.dumps(dataclasses.asdict(self._limits))], quiet=True)
        with self._lock:
            self._child = child
        if self._closing.is_set():  # by somebody who saw no child yet
            raise WorkerDied("the stream was closed")
        child.send({"kind": kind, "address": address, **self._wanted})
        return child

    def _read(self, child: Child) -> tuple[str, bool]:
        pictures, last = 0, -math.inf
        while True:
            try:
                header, body = child.receive(SILENCE_SECONDS if pictures else OPEN_SECONDS)
            except TimeoutError:
                return "no picture comes", False
            except WorkerDied:
                return "its decoder ended", False
            if "reason" in header:
                return str(header.get("message", "")), self.address.startswith(FILE)
            seconds = header.get("seconds")
            if isinstance(seconds, float) and last < seconds < math.inf and 0 < len(body) <= MOST_BYTES:
                pictures, last = pictures + 1, seconds
                self._keep(Picture(seconds, bytes(body)))
                if pictures == 1:
                    self._say("connected", connected=True)

    def _keep(self, picture: Picture) -> None:
        with self._lock:
            self._waiting.append(picture)
            self._bytes += len(picture.jpeg)
            dropped = 0
            while len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES_WAITING:
                self._bytes -= len(self._waiting.popleft().jpeg)
                dropped += 1
            state = self._state
            self._state = dataclasses.replace(state, pictures=state.pictures + 1, dropped=state.dropped + dropped)
            self._news.set()

    def _say(self, words: str, *, connected: bool = False, over: bool = False) -> None:
        self._state = dataclasses.replace(self._state, words=words, connected=connected, over=over)
        if over:
            self._news.set()

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
            stop, self._stop = self._stop, lambda: None
        stop()
        if child is not None:
            child.kill()


def _feed(read: Callable[[], bytes], child: Child) -> None:
    """Hand bytes of the network on to the child, until either is gone; then its input closes, and it tells the end."""
    try:
        while piece := read():
            child.send({}, piece)
    except (OSError, ValueError, WorkerDied):
        pass
    child.end_input()
