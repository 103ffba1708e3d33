"""Thumbnails, browser copies and written clips."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.clips import Framing
from core.decoding import Decoder, playable_in_browser
from core.decoding.writing import write_mp4
from core.errors import BadClip

GREYS = [20, 60, 100, 140, 180, 220]
SMALL = Framing(32, 32)


def picture(jpeg: bytes, tmp_path: Path) -> np.ndarray:
    path = tmp_path / "thumbnail.jpg"
    path.write_bytes(jpeg)
    with Image.open(path) as image:
        assert image.format == "JPEG"
        return np.asarray(image.convert("RGB"))


def test_a_thumbnail_shows_the_middle_and_is_not_enlarged(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    path = make_clip("c.mp4", [20, 20, 20, 180, 20, 20])
    shown = picture(decoder.thumbnail(path), tmp_path)
    assert shown.shape == (48, 64, 3)
    assert abs(float(shown.mean()) - 180) < 6
    assert picture(decoder.thumbnail(path, width_px=32), tmp_path).shape == (24, 32, 3)


def test_a_thumbnail_of_another_moment(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    shown = picture(decoder.thumbnail(make_clip("c.mp4", GREYS), at_seconds=0.15), tmp_path)
    assert abs(float(shown.mean()) - 60) < 6


def test_a_thumbnail_stands_upright(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    half = np.zeros((48, 64, 3), np.uint8)
    half[:, :32] = 255
    path = make_clip("c.mp4", GREYS, picture=lambda _: half, rotation=-90)
    shown = picture(decoder.thumbnail(path), tmp_path)
    assert shown.shape == (64, 48, 3)
    assert shown[:24].min() > 240
    assert shown[-24:].max() < 15


def test_a_copy_for_the_browser_keeps_pictures_and_times(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    decoder.transcode(make_clip("c.avi", GREYS, codec="mpeg4"), tmp_path / "copy.mp4")
    info = decoder.probe(tmp_path / "copy.mp4")
    assert playable_in_browser(info)
    assert (info.width_px, info.height_px, info.frames) == (64, 48, 6)
    frames = next(decoder.read_windows(tmp_path / "copy.mp4", [np.arange(6) / 10 + 0.05], SMALL))
    assert np.abs(frames.mean((1, 2, 3)) - GREYS).max() < 6


def test_a_small_copy_has_the_size_that_was_asked_for(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    decoder.transcode(make_clip("c.avi", GREYS, codec="mpeg4"), tmp_path / "small.mp4", span=(0.2, 0.5), long_side_px=32)
    info = decoder.probe(tmp_path / "small.mp4")
    assert (info.width_px, info.height_px) == (32, 24) and info.frames < 6


def test_a_refused_clip_leaves_no_copy(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    with pytest.raises(BadClip) as caught:
        decoder.transcode(make_clip("c.mkv", GREYS, codec="ffv1"), tmp_path / "copy.mp4")
    assert caught.value.reason == "unsupported-codec"
    assert not list(tmp_path.glob("copy*"))


def test_uneven_times_survive_the_copy(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    path = make_clip("uneven.webm", GREYS, codec="libvpx", times_seconds=[0, 0.1, 1.0, 1.1, 3.0, 3.1])
    decoder.transcode(path, tmp_path / "copy.mp4")
    frames = next(decoder.read_windows(tmp_path / "copy.mp4", [np.array([0.05, 0.95, 1.05, 2.95, 3.15])], SMALL))
    assert np.abs(frames.mean((1, 2, 3)) - [20, 60, 100, 140, 220]).max() < 6


def test_a_copy_is_small_upright_and_starts_at_once(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    path = make_clip("big.mp4", GREYS, size=(1602, 802), rotation=90)
    decoder.transcode(path, tmp_path / "copy.mp4")
    info = decoder.probe(tmp_path / "copy.mp4")
    assert (info.width_px, info.height_px, info.rotation_degrees) == (640, 1280, 0)
    data = (tmp_path / "copy.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_copy_that_cannot_be_written_leaves_nothing(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    path = make_clip("c.mp4", GREYS)
    with pytest.raises(FileNotFoundError):
        decoder.transcode(path, tmp_path / "absent" / "copy.mp4")
    assert decoder.probe(path).frames == 6


def test_written_clips_are_read_back(decoder: Decoder, tmp_path: Path) -> None:
    write_mp4(tmp_path / "w.mp4", (np.full((48, 64, 3), grey, np.uint8) for grey in GREYS), 12.5)
    info = decoder.probe(tmp_path / "w.mp4")
    assert (info.codec, info.pixel_format, info.frames, info.width_px, info.height_px) == ("h264", "yuv420p", 6, 64, 48)
    assert info.duration_seconds == pytest.approx(6 / 12.5, abs=0.01)
    with av.open(str(tmp_path / "w.mp4")) as container:
        assert [round(float(frame.pts * frame.time_base), 3) for frame in container.decode(video=0)] == [
            0.0,
            0.08,
            0.16,
            0.24,
            0.32,
            0.4,
        ]


@pytest.mark.parametrize("frames", [[], [np.zeros((47, 64, 3), np.uint8)]])
def test_nothing_and_odd_sizes_are_not_written(tmp_path: Path, frames: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="must"):
        write_mp4(tmp_path / "w.mp4", frames, 25)
