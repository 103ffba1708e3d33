"""A copy of a clip, or of a part of it, that any browser plays: upright and with its timing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from core.decoding.footage import Footage, first_shown
from core.decoding.pictures import Scaler, rotation_degrees, upright_size
from core.decoding.reading import JUMP_SECONDS
from core.decoding.source import Source
from core.decoding.writing import Mp4Writer

LONG_SIDE_PX = 1280  # as large as two clips side by side are ever shown
FRAMES_PER_REPORT = 32
EVERYTHING = (0.0, math.inf)


def transcode(
    source: Source,
    destination: Path,
    fps: float,
    span: tuple[float, float] = EVERYTHING,
    long_side_px: int = LONG_SIDE_PX,
) -> Iterator[float]:
    """Write the MP4 to ``destination``; yields the seconds done so far, now and then. Sound is left out.

    Of a ``span`` the frames shown from its first second until its last are written, and the copy begins at 0. There is always
    one frame, if only the last of the clip.
    """
    footage, scaler = Footage(source), Scaler()
    first = first_shown(source, footage)
    width_px, height_px = _even_size(*upright_size(first.frame), long_side_px)
    if span[0] > first.time_seconds + JUMP_SECONDS:
        footage.jump(span[0])
    with Mp4Writer(destination, width_px, height_px, fps) as writer:
        waiting = first
        for count, shown in enumerate(iter(footage.next_shown, None), start=1):
            if shown.time_seconds > span[0]:  # the frame before it is on screen when the span begins
                writer.add(_upright(scaler, waiting.frame, width_px, height_px), max(waiting.time_seconds - span[0], 0.0))
            waiting = shown
            if count % FRAMES_PER_REPORT == 0:
                yield shown.time_seconds
            if shown.time_seconds >= span[1]:
                return
        writer.add(_upright(scaler, waiting.frame, width_px, height_px), max(waiting.time_seconds - span[0], 0.0))


def _even_size(width_px: int, height_px: int, long_side_px: int) -> tuple[int, int]:
    scale = min(1.0, long_side_px / max(width_px, height_px))
    return max(2, round(width_px * scale / 2) * 2), max(2, round(height_px * scale / 2) * 2)


def _upright(scaler: Scaler, frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
    if rotation_degrees(frame) == 0:
        return scaler.scaled(frame, width_px, height_px, "yuv420p")
    picture = np.ascontiguousarray(scaler.upright(frame, width_px, height_px))
    return av.VideoFrame.from_ndarray(picture, format="rgb24")
