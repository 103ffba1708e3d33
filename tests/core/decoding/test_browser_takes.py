"""What a browser's recorder writes: webm as a live stream, with neither a duration nor an index, its pictures coming unevenly."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from core.clips import Framing
from core.decoding import Decoder, playable_in_browser

STEPS_SECONDS = (0.033, 0.021, 0.045, 0.034, 0.054, 0.012)
"""Between pictures; takes of a busy machine had 0.012 to 0.054 (docs/webcam.md)."""
COUNT = 330


def times() -> np.ndarray:
    steps = np.resize(STEPS_SECONDS, COUNT - 1)
    return np.round(np.concatenate([[0.0], np.cumsum(steps)]), 3)


def level(index: int) -> int:
    """The grey of a picture: it names the picture among its neighbours."""
    return 30 + 12 * (index % 16)


@pytest.fixture(params=["libvpx", "libvpx-vp9"])
def take(make_clip, request: pytest.FixtureRequest) -> Path:
    return make_clip(
        "take.webm", [level(index) for index in range(COUNT)], codec=request.param, times_seconds=times().tolist(), fps=30,
        size=(32, 32), container_options={"live": "1", "cluster_time_limit": "1000"},
        codec_options={"deadline": "realtime", "cpu-used": "8", "g": "100", "crf": "10", "b": "400k"},
    )  # fmt: skip


def test_a_take_without_duration_or_index_is_read_by_its_clock(decoder: Decoder, take: Path):
    shown = times()
    with av.open(str(take)) as container:
        assert container.duration is None, "or this is not such a file"
    info = decoder.probe(take)
    assert info.duration_seconds == pytest.approx(shown[-1], abs=0.07) and info.frames == COUNT
    assert info.fps == pytest.approx(COUNT / shown[-1], rel=0.01) and playable_in_browser(info)

    moments = [np.arange(0, 2, 0.04), np.linspace(9.0, info.duration_seconds, 40, endpoint=False)]  # the second after a jump
    wanted = [[level(int(np.searchsorted(shown, moment + 1e-6, side="right")) - 1) for moment in window] for window in moments]
    for frames, greys in zip(decoder.read_windows(take, moments, Framing(crop_px=16, short_side_px=16)), wanted, strict=True):
        assert np.abs(frames.mean((1, 2, 3)) - greys).max() < 6

    with av.open(_file(take, decoder.thumbnail(take))) as picture:
        grey = next(picture.decode(video=0)).to_ndarray(format="gray").mean()
    middle = int(np.searchsorted(shown, info.duration_seconds / 2, side="right")) - 1
    assert grey == pytest.approx(level(middle), abs=6)


def _file(beside: Path, content: bytes) -> str:
    path = beside.with_suffix(".jpg")
    path.write_bytes(content)
    return str(path)
