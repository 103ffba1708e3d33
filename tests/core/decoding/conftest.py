"""Clips made on the spot, whose every frame is known: frame i is grey of level ``levels[i]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.decoding import Decoder

MakeClip = Callable[..., Path]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    def make(
        name: str,
        levels: Sequence[int],
        *,
        codec: str = "libx264",
        times_seconds: Sequence[float] | None = None,
        fps: int = 10,
        size: tuple[int, int] = (64, 48),
        container_options: dict[str, str] | None = None,
        codec_options: dict[str, str] | None = None,
        pixel_format: str = "yuv420p",
        rotation: int = 0,
        picture: Callable[[int], np.ndarray] | None = None,
    ) -> Path:
        times = times_seconds if times_seconds is not None else [index / fps for index in range(len(levels))]
        path = tmp_path / name
        with av.open(str(path), "w", options=container_options or {}) as container:
            stream = container.add_stream(codec, rate=fps)
            stream.width, stream.height, stream.pix_fmt = *size, pixel_format
            stream.codec_context.options = codec_options or {}
            if times_seconds is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            if rotation:
                stream.set_display_rotation(rotation)
            for index, (level, time) in enumerate(zip(levels, times, strict=True)):
                pixels = picture(index) if picture else np.full((size[1], size[0], 3), level, np.uint8)
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format=pixel_format)
                base = Fraction(1, 1000) if times_seconds is not None else Fraction(1, fps)
                frame.pts, frame.time_base = round(time / base), base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make
