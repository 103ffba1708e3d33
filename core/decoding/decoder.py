"""The parent's side of decoding: asks a confined child process, and outlives it."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from core.clips import Framing, VideoInfo
from core.errors import BAD_CLIP_REASONS, BadClip, WorkerDied
from core.processes import Child, Header, Payload
from core.settings import DecodingLimits

REQUESTS_PER_CHILD = 500  # a fresh process now and then, so that what a decoder leaks stays small
CHILDREN_AT_ONCE = 4  # requests of several threads each have a child of their own, up to here
BYTES_PER_SECOND = 100e6  # a slow disk: a large file gets this much more time


class Decoder:
    """Reads video files in a child process that may die. Every refusal is a BadClip with a named reason.

    One child serves request after request; it is replaced after a death, a time-out, an iterator left early, and every
    REQUESTS_PER_CHILD requests. Safe to use from several threads: a second child is started only while the first is busy.

    Args:
        limits: what one file may cost.
    """

    def __init__(self, limits: DecodingLimits | None = None) -> None:
        self.limits = limits or DecodingLimits()
        self.pid: int | None = None
        """Process id of the child that took the last request."""
        self.peak_bytes = 0
        """Most memory any child of this decoder has held at once."""
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(CHILDREN_AT_ONCE)
        self._idle: tuple[Child, int] | None = None
        self._closed = False

    def probe(self, path: Path) -> VideoInfo:
        """What the file holds. Reads all its packets and decodes its first two frames."""
        header, _ = self._answer(path, {"do": "probe"})
        try:
            return VideoInfo(**header["info"])
        except (KeyError, TypeError, ValueError) as error:  # a child taken over may answer anything
            raise _broken(path) from error

    def read_windows(
        self, path: Path, times: Sequence[NDArray[np.float64]], framing: Framing
    ) -> Generator[NDArray[np.uint8], None, None]:
        """For each array (T,) of moments its frames (T, H, W, 3) with H = W = ``framing.crop_px``, in order.

        Moments are seconds from the first frame; each gets the frame shown then. Windows come as soon as they are
        complete. A clip whose frames end before half the moments of a window is "damaged".
        """
        moments = [np.ascontiguousarray(window, dtype=np.float64) for window in times]
        if any(window.ndim != 1 or not len(window) or not np.isfinite(window).all() for window in moments):
            raise ValueError("times must be arrays (T,) of finite seconds with at least one moment each")
        return self._windows(path, moments, framing)

    def thumbnail(self, path: Path, *, width_px: int = 320, at_seconds: float | None = None) -> bytes:
        """JPEG of the frame shown at ``at_seconds``, upright, at most ``width_px`` wide and never enlarged.

        None means the middle; whoever has probed the file saves a reading of it by saying half its duration.
        """
        _, body = self._answer(path, {"do": "thumbnail", "width_px": width_px, "at_seconds": at_seconds})
        return bytes(body)

    def transcode(
        self, path: Path, destination: Path, *, span: tuple[float, float] | None = None, long_side_px: int | None = None
    ) -> None:
        """Write a copy that any browser plays: H.264 yuv420p MP4, upright, without sound.

        ``span`` is the part to copy, in seconds from the first frame; None means all of it. The long side gets at most
        ``long_side_px``, 1280 unless given.
        ``destination`` appears only when it is complete. Raises OSError when the disk refuses it.
        """
        part = destination.with_name(destination.name + ".part")
        try:
            header: Header = {"do": "transcode", "span": span and list(span), "long_side_px": long_side_px}
            for _ in self._answers(path, header, os.fsencode(part.absolute())):
                pass  # reports of progress: they say that it is alive
            part.replace(destination)
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """End the idle child; busy ones end with their request. Safe to call twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, None
        if idle is not None:
            idle[0].close()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _windows(
        self, path: Path, moments: list[NDArray[np.float64]], framing: Framing
    ) -> Generator[NDArray[np.uint8], None, None]:
        header = {"do": "read", "counts": [len(window) for window in moments], "framing": dataclasses.asdict(framing)}
        payload = np.concatenate(moments).tobytes() if moments else b""
        count = 0
        with closing(self._answers(path, header, payload)) as answers:
            for window, (_, body) in zip(moments, answers, strict=False):
                yield _checked_frames(path, body, len(window), framing)
                count += 1
            for _ in answers:
                raise _broken(path)
        if count != len(moments):
            raise _broken(path)

    def _answer(self, path: Path, header: Header) -> tuple[Header, Payload]:
        answers = list(self._answers(path, header))
        if len(answers) != 1:
            raise _broken(path)
        return answers[0]

    def _answers(self, path: Path, header: Header, payload: bytes = b"") -> Generator[tuple[Header, Payload], None, None]:
        """The child's answers to one request. Left early, the child is ended: it may be in the middle of anything."""
        with self._places:
            child, served = self._borrow()
            sound = False
            try:
                wall_seconds = self._wall_seconds(path)
                name = os.fsencode(path).decode("latin-1")
                child.send({**header, "path": name, "seconds": wall_seconds}, payload)
                while True:
                    answer, body = child.receive(wall_seconds)
                    if "reason" in answer or "done" in answer:
                        sound = not answer.get("spent")
                        self._end(path, {**answer, "do": header["do"]})
                        return
                    yield answer, body
            except TimeoutError as error:
                raise _timed_out(path, self.limits) from error
            except WorkerDied as error:
                if child.exit_status == -signal.SIGXCPU:
                    raise _timed_out(path, self.limits) from error
                raise BadClip(
                    "decoder-died", f"{path.name}: the decoder ended while it read the file; convert the clip"
                ) from error
            finally:
                self._give_back(child, served + 1, sound)

    def _end(self, path: Path, answer: Header) -> None:
        self.peak_bytes = max(self.peak_bytes, int(answer.get("peak_bytes", 0)))
        if "errno" in answer and answer.get("do") == "transcode":
            raise OSError(int(answer["errno"]), f"{path.name}: {answer.get('message', '')}")
        if "reason" in answer:
            reason = answer["reason"] if answer["reason"] in BAD_CLIP_REASONS else "decoder-died"
            raise BadClip(reason, f"{path.name}: {answer.get('message', '')}")

    def _wall_seconds(self, path: Path) -> float:
        try:
            size_bytes = path.stat().st_size
        except (OSError, ValueError):
            size_bytes = 0  # the child will say what is wrong with it
        return self.limits.wall_seconds + min(size_bytes, self.limits.file_bytes) / BYTES_PER_SECOND

    def _borrow(self) -> tuple[Child, int]:
        with self._lock:
            if self._closed:
                raise ValueError("decoder (closed) must be open; make a new Decoder")
            idle, self._idle = self._idle, None
        if idle is None or not idle[0].alive:
            if idle is not None:
                idle[0].close()
            idle = Child("core.decoding.child", [json.dumps(dataclasses.asdict(self.limits))], quiet=True), 0
        self.pid = idle[0].pid
        return idle

    def _give_back(self, child: Child, served: int, sound: bool) -> None:
        if not sound:
            child.kill()
            return
        with self._lock:
            keep = not self._closed and self._idle is None and served < REQUESTS_PER_CHILD
            if keep:
                self._idle = child, served
        if not keep:
            child.close()


def _timed_out(path: Path, limits: DecodingLimits) -> BadClip:
    return BadClip(
        "timed-out", f"{path.name}: decoding must answer within {limits.wall_seconds:g} seconds; convert or cut the clip"
    )


def _broken(path: Path) -> BadClip:
    return BadClip("decoder-died", f"{path.name}: the decoder gave a wrong answer; convert the clip")


def _checked_frames(path: Path, body: Payload, frames: int, framing: Framing) -> NDArray[np.uint8]:
    side = framing.crop_px
    if len(body) != frames * side * side * 3:
        raise _broken(path)
    return np.frombuffer(body, np.uint8).reshape(frames, side, side, 3)
