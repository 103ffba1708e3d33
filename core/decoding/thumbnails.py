"""One JPEG that stands for a clip: the frame in its middle."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from core.decoding.footage import Footage, Shown, first_shown
from core.decoding.pictures import Scaler, upright_size
from core.decoding.schedule import EPSILON_SECONDS
from core.decoding.source import Source

QUALITY = 4  # of FFmpeg's 2 (best) to 31; about 10 kB at 320 px


def thumbnail(source: Source, middle_seconds: float, width_px: int) -> bytes:
    """JPEG of the frame shown at ``middle_seconds``, upright, at most ``width_px`` wide and never enlarged."""
    frame = _frame_at(source, middle_seconds).frame
    width, height = upright_size(frame)
    width_px = min(width_px, width)
    picture = Scaler().upright(frame, width_px, max(1, round(height * width_px / width)))
    return jpeg(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"))


def _frame_at(source: Source, time_seconds: float) -> Shown:
    footage = Footage(source)
    shown = first_shown(source, footage)
    footage.jump(time_seconds)
    while (following := footage.next_shown()) is not None and following.time_seconds <= time_seconds + EPSILON_SECONDS:
        shown = following
    return shown


def jpeg(frame: av.VideoFrame) -> bytes:
    """The frame as it lies there."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"qmin": str(QUALITY), "qmax": str(QUALITY)}
    picture = frame.reformat(format="yuvj420p", dst_color_range="JPEG", threads=1)
    picture.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(picture), *encoder.encode(None)])
