"""H.264 in MP4 that any browser plays: for copies of foreign clips and for rendered ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from numpy.typing import NDArray

TICKS_PER_SECOND = 90_000  # the customary video clock; exact for every common frame rate
QUALITY_CRF = 23  # x264's default: visually close to the source at a fraction of its size


class Mp4Writer:
    """Writes frames with their times; ``with Mp4Writer(...) as writer: writer.add(frame, seconds)``.

    Sizes must be even (4:2:0 halves them). Times must rise; one that does not is moved to the next tick.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, fps: float, *, preset: str = "veryfast") -> None:
        if width_px % 2 or height_px % 2 or min(width_px, height_px) < 2:
            raise ValueError(f"size ({width_px}x{height_px}) must be even for 4:2:0 video; round it to even numbers")
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width_px, height_px, "yuv420p"
        self._stream.codec_context.options = {"crf": str(QUALITY_CRF), "preset": preset}
        self._stream.codec_context.thread_count = 2
        self._stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
        self._ticks = -1

    def add(self, frame: av.VideoFrame, time_seconds: float) -> None:
        """``frame`` of the writer's size in any pixel format."""
        picture = frame.reformat(format="yuv420p", threads=1)
        self._ticks = max(round(time_seconds * TICKS_PER_SECOND), self._ticks + 1)
        picture.pts, picture.time_base = self._ticks, Fraction(1, TICKS_PER_SECOND)
        picture.pict_type = av.video.frame.PictureType.NONE  # else x264 would repeat the source's key frames
        self._container.mux(self._stream.encode(picture))

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def write_mp4(path: Path, frames: Iterable[NDArray[np.uint8]], fps: float) -> None:
    """Write ``frames``, each (H, W, 3) uint8 RGB with even sides, as H.264/yuv420p MP4 with its index in front.

    Raises ValueError for no frames or odd sizes, OSError when the disk refuses.
    """
    waiting = iter(frames)
    first = next(waiting, None)
    if first is None:
        raise ValueError("frames (none) must hold at least one picture; draw something first")
    height_px, width_px, _ = first.shape
    with Mp4Writer(path, width_px, height_px, fps) as writer:
        for index, picture in enumerate(itertools.chain([first], waiting)):
            writer.add(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"), index / fps)
