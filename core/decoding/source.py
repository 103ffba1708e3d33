"""An opened video file: checked against the allow-lists and limits before anything of it is decoded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
import av.error

from core.decoding.clock import nominal_step_seconds
from core.decoding.confining import THREADS
from core.decoding.formats import DECODERS, DEMUXERS, container_name, refusal
from core.errors import BadClip
from core.settings import DecodingLimits

HEAD_BYTES = 4096
_STREAMS_MARGIN = 8  # FFmpeg's Matroska reader goes on, confused, at its own maximum: ours has to be passed first
_LONGEST_FRAME_SECONDS = 10.0  # a single stamped frame length above this is not believed


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The chosen video stream of an open file."""

    container: av.container.InputContainer
    stream: av.video.VideoStream
    container_name: str
    limits: DecodingLimits

    @property
    def codec_name(self) -> str:
        return str(self.stream.codec_context.codec.canonical_name)

    @property
    def step_seconds(self) -> float:
        rate = self.stream.average_rate or self.stream.guessed_rate or self.stream.base_rate
        return nominal_step_seconds(float(rate) if rate else None)

    @property
    def stamps_by_decoding_order(self) -> bool:
        """AVI stores no showing times, and FFmpeg's guess at them is wrong as soon as there are B-frames."""
        return self.container_name == "avi"

    def stamp_seconds(self, item: av.VideoFrame | av.Packet) -> float | None:
        """The showing time that a frame or packet carries, on the file's own clock; None when it carries none."""
        ticks = item.dts if self.stamps_by_decoding_order or item.pts is None else item.pts
        return None if ticks is None else float(ticks * self._tick(item))

    def order_seconds(self, packet: av.Packet) -> float | None:
        return None if packet.dts is None else float(packet.dts * self._tick(packet))

    def length_seconds(self, item: av.VideoFrame | av.Packet) -> float | None:
        """How long a frame says it is shown; None when it says nothing credible."""
        seconds = float((item.duration or 0) * self._tick(item))
        return seconds if 0 < seconds <= _LONGEST_FRAME_SECONDS else None

    def _tick(self, item: av.VideoFrame | av.Packet) -> float:
        base = item.time_base or self.stream.time_base
        return float(base) if base else self.step_seconds

    def check_picture(self, width_px: int, height_px: int) -> None:
        check_picture(width_px, height_px, self.limits)


def check_picture(width_px: int, height_px: int, limits: DecodingLimits) -> None:
    """Raises BadClip("too-large") for a picture over any of the limits."""
    size = f"picture size ({width_px}x{height_px})"
    if max(width_px, height_px) > limits.side_px or width_px * height_px > limits.pixels:
        raise BadClip("too-large", f"{size} must be at most {limits.side_px} px a side and {limits.pixels} px; scale it down")
    if min(width_px, height_px) < 1:
        raise BadClip("damaged", f"{size} must be at least 1x1; export the clip again")
    if max(width_px, height_px) > limits.aspect_ratio * min(width_px, height_px):
        raise BadClip("too-large", f"{size} must have sides within 1:{limits.aspect_ratio:g}; crop it")


@contextmanager
def opened(path: bytes, limits: DecodingLimits) -> Iterator[Source]:
    """The video in the file at ``path``. Raises BadClip; foreign errors of what is done with it pass through."""
    descriptor, size_bytes = _open_regular(path)
    try:
        if size_bytes > limits.file_bytes:
            raise BadClip("too-large", f"file size ({size_bytes} bytes) must be at most {limits.file_bytes}; cut the clip")
        if size_bytes == 0:
            raise BadClip("not-a-video", "the file is empty; choose a video")
        head = os.pread(descriptor, HEAD_BYTES, 0)
        with _open_container(descriptor, head, limits) as container:
            source = chosen(container, head, limits)
            if not source.stream.codec_context.width:
                _check_declared(path, source.stream.index, limits)
            yield source
    finally:
        os.close(descriptor)


def _open_regular(path: bytes) -> tuple[int, int]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - opening a device can have effects, so ask first
            raise BadClip("unreadable", "the path must be an ordinary file; choose a video file")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if isinstance(error, BadClip):
            raise
        detail = getattr(error, "strerror", None) or str(error)
        raise BadClip("unreadable", f"the file cannot be opened ({detail}); check that it is there and may be read") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # it was exchanged between the question and the opening
        os.close(descriptor)
        raise BadClip("unreadable", "the path must be an ordinary file; choose a video file")
    return descriptor, status.st_size


def _check_declared(path: bytes, stream: int, limits: DecodingLimits) -> None:
    """FFmpeg forgets a size over its ``max_pixels``; opened once more with no decoder at all, the header tells it."""
    descriptor, _ = _open_regular(path)
    try:
        with _open_container(descriptor, b"", limits, decoders="none") as container:
            codec = container.streams[stream].codec_context if stream < len(container.streams) else None
            if codec is not None and codec.width and codec.height:
                check_picture(codec.width, codec.height, limits)
    finally:
        os.close(descriptor)


def _open_container(
    descriptor: int, head: bytes, limits: DecodingLimits, decoders: str = ",".join(sorted(DECODERS))
) -> av.container.InputContainer:
    """FFmpeg gets the open file, not its name: with only the ``fd`` protocol allowed it can open no other file.

    ``decoders`` are those that may run while it opens.
    """
    try:
        return av.open(
            "fd:",
            container_options={
                "fd": str(descriptor),
                "protocol_whitelist": "fd",
                "format_whitelist": DEMUXERS,
                "codec_whitelist": decoders,
                "max_streams": str(_STREAMS_MARGIN * limits.streams),
            },
            options={"max_pixels": str(limits.pixels)},
            metadata_errors="replace",
        )
    except av.error.MemoryError as error:
        raise BadClip("too-large", f"streams or header need more than the limits allow (streams: {limits.streams})") from error
    except av.error.FFmpegError as error:
        reason, sentence = refusal(head, recognised=isinstance(error, av.error.ArgumentError))
        raise BadClip(reason, f"the file {sentence}") from error


def chosen(container: av.container.InputContainer, head: bytes, limits: DecodingLimits, demuxers: str = DEMUXERS) -> Source:
    """The video stream of an open container, checked. Raises BadClip."""
    if not set(container.format.name.split(",")) <= set(demuxers.split(",")):
        raise BadClip("unsupported-container", f"container ({container.format.name}) is not on the allow-list; convert it")
    if len(container.streams) > limits.streams:
        raise BadClip(
            "too-large", f"streams ({len(container.streams)}) must be at most {limits.streams}; export one video stream"
        )
    stream = _video_stream(container)
    codec = stream.codec_context
    if codec is None or codec.name not in DECODERS:
        name = "unknown" if codec is None else codec.name
        raise BadClip("unsupported-codec", f"video codec ({name}) is not on the allow-list; convert the clip to H.264")
    if codec.width or codec.height:
        check_picture(codec.width, codec.height, limits)
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    codec.options = {"max_pixels": str(limits.pixels)}
    codec.thread_count, codec.thread_type = THREADS, "AUTO"
    return Source(container, stream, container_name(container.format.name, head), limits)


def _video_stream(container: av.container.InputContainer) -> av.video.VideoStream:
    """The stream a player would show; cover art is a picture, not a video."""
    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        raise BadClip("no-video-stream", "the file holds no video stream; choose a video")
    best = container.streams.best("video")
    return best if best in streams else streams[0]
