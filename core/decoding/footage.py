"""Decoded frames in the order they are shown, each with its time; what cannot be decoded is passed over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

import av
import av.error

from core.decoding.clock import FrameClock
from core.decoding.formats import SEEKABLE
from core.decoding.source import Source
from core.errors import BadClip

DEMUX_RETRIES = 16  # a demuxer that fails in the middle may go on behind the damage, but not for ever
FAILURES_IN_A_ROW = 300  # about ten seconds of video without one good frame: the rest is taken for lost
_LEAD_SECONDS = 0.5  # land this much early, so that a slightly wrong index still lands before the moment


class Shown(NamedTuple):
    time_seconds: float
    frame: av.VideoFrame


class Footage:
    """Pulls frames one by one: ``next_shown`` and ``jump``. ``failures`` counts packets that did not decode.

    ``watch`` is called with every packet as it is read.

    Raises BadClip("too-large") when a frame is over the limits, MemoryError and av's when memory ends.
    """

    def __init__(self, source: Source, watch: Callable[[av.Packet], None] | None = None) -> None:
        self.failures = 0
        self._watch = watch
        self._source = source
        self._clock = FrameClock(source.step_seconds)
        self._waiting: deque[av.VideoFrame] = deque()
        self._packets = packets(source)
        self._may_jump = source.container_name in SEEKABLE
        self._landing_seconds: float | None = None

    def next_shown(self) -> Shown | None:
        """The next frame, or None at the end of what can be decoded."""
        while True:
            frame = self._next_frame()
            shown = None if frame is None else self._checked(frame)
            if self._landing_seconds is None or self._landed(shown):
                return shown

    def jump(self, time_seconds: float) -> None:
        """Go on near, and not after, ``time_seconds`` if the file allows it; else nothing changes."""
        if self._may_jump:
            self._landing_seconds = time_seconds
            self._seek(self._clock.stamp(time_seconds - _LEAD_SECONDS))

    def undecoded(self) -> Iterator[av.Packet]:
        """The packets that are left, for counting."""
        return self._packets

    def _checked(self, frame: av.VideoFrame) -> Shown:
        self._source.check_picture(frame.width, frame.height)
        return Shown(self._clock.time(self._source.stamp_seconds(frame)), frame)

    def _landed(self, shown: Shown | None) -> bool:
        """Whether the first frame behind a jump is early enough; if not, everything is read from the start."""
        landing, self._landing_seconds = self._landing_seconds, None
        if shown is not None and landing is not None and shown.time_seconds <= landing:
            return True
        self._may_jump = False
        self._seek(self._clock.stamp(0.0))
        return False

    def _seek(self, stamp_seconds: float) -> None:
        base = self._source.stream.time_base
        self._packets.close()
        self._waiting.clear()
        try:
            self._source.container.seek(int(stamp_seconds / base), stream=self._source.stream)
        except av.error.FFmpegError:
            self._may_jump = False  # the position is as before: decoding simply goes on
        self._clock.jump()
        self._packets = packets(self._source)

    def _next_frame(self) -> av.VideoFrame | None:
        failed_in_a_row = 0
        while not self._waiting:
            packet = next(self._packets, None)
            if packet is None or failed_in_a_row > FAILURES_IN_A_ROW:
                return None
            if self._watch is not None:
                self._watch(packet)
            frames = self._decoded(packet)
            failed_in_a_row = failed_in_a_row + 1 if frames is None else 0
            self._waiting.extend(frames or ())
        return self._waiting.popleft()

    def _decoded(self, packet: av.Packet) -> list[av.VideoFrame] | None:
        """The frames that ``packet`` completes; None when it is damaged."""
        try:
            return list(packet.decode())
        except (av.error.MemoryError, av.error.BlockingIOError) as error:
            raise MemoryError("the decoder found no memory") from error
        except av.error.FFmpegError:
            self.failures += 1
            return None


def packets(source: Source) -> Generator[av.Packet, None, None]:
    """Packets of the video stream, and at the end an empty one that brings the decoder's last frames out."""
    for _attempt in range(DEMUX_RETRIES):
        try:
            yield from source.container.demux(source.stream)
        except (av.error.MemoryError, BadClip):
            raise
        except av.error.FFmpegError:
            continue
        return


def is_shown(packet: av.Packet) -> bool:
    """Whether a frame of its own is expected from ``packet``: not of the empty last one, nor of one edited out."""
    return packet.size > 0 and not packet.is_discard


def first_shown(source: Source, footage: Footage) -> Shown:
    """The first frame of a clip. Raises BadClip with the reason for there being none."""
    shown = footage.next_shown()
    if shown is None:
        if footage.failures:
            raise BadClip("damaged", "no frame of the clip can be decoded; export it again")
        raise BadClip("no-frames", f"the {source.codec_name} stream holds no frame; record the clip again")
    return shown
