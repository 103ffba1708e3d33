"""A copy of a clip that any browser plays, upright and with its timing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from core.decoding.footage import Footage, first_shown
from core.decoding.pictures import Scaler, rotation_degrees, upright_size
from core.decoding.source import Source
from core.decoding.writing import Mp4Writer

LONG_SIDE_PX = 1280  # as large as two clips side by side are ever shown
FRAMES_PER_REPORT = 32


def transcode(source: Source, destination: Path, fps: float) -> Iterator[float]:
    """Write the MP4 to ``destination``; yields the seconds done so far, now and then. Sound is left out."""
    footage, scaler = Footage(source), Scaler()
    first = first_shown(source, footage)
    width_px, height_px = _even_size(*upright_size(first.frame))
    with Mp4Writer(destination, width_px, height_px, fps) as writer:
        for count, shown in enumerate(itertools.chain([first], iter(footage.next_shown, None)), start=1):
            writer.add(_upright(scaler, shown.frame, width_px, height_px), shown.time_seconds)
            if count % FRAMES_PER_REPORT == 0:
                yield shown.time_seconds


def _even_size(width_px: int, height_px: int) -> tuple[int, int]:
    scale = min(1.0, LONG_SIDE_PX / max(width_px, height_px))
    return max(2, round(width_px * scale / 2) * 2), max(2, round(height_px * scale / 2) * 2)


def _upright(scaler: Scaler, frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
    if rotation_degrees(frame) == 0:
        return scaler.scaled(frame, width_px, height_px, "yuv420p")
    picture = np.ascontiguousarray(scaler.upright(frame, width_px, height_px))
    return av.VideoFrame.from_ndarray(picture, format="rgb24")
