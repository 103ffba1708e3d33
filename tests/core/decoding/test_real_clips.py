"""The labelled test clips: every odd file ends as its manifest says, and turned ones stand upright."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from PIL import Image

from core.clips import Framing
from core.decoding import Decoder
from core.errors import BadClip

SMALL = Framing(crop_px=64, short_side_px=72)

REFUSED = {
    "odd/derived_text_renamed.mp4": "not-a-video",
    "odd/derived_zero_length.mp4": "not-a-video",
    "odd/derived_truncated_no_moov_tail.mp4": "damaged",
    "odd/truncated_48bytes.mp4": "damaged",
    "odd/spotlight/gs-16b-2c-44100hz.mp4": "no-video-stream",
    "odd/torchcodec/nasa_13013.mp4.audio.mp3": "no-video-stream",
    "odd/torchcodec/nasa_13013.mp4.audio_44100.mp3": "no-video-stream",
    "odd/spotlight/nature-360p.gif": "too-short",  # it can be opened, but holds a single frame
}
OWN_FACTS = {"odd/spotlight/sea-360p.avi", "odd/torchcodec/nasa_13013.mp4"}
"""Two whose manifest row describes something else: a doubled clock, and another of the file's two video streams."""


def odd_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="") as text:
        return [row for row in csv.DictReader(text) if row["path"].startswith("odd/")]


def outcome(decoder: Decoder, path: Path) -> str:
    """Everything that ingesting does with a file, and how it ends."""
    try:
        info = decoder.probe(path)
        moments = [np.linspace(0, info.duration_seconds, 9)[:-1]]
        windows = list(decoder.read_windows(path, moments, SMALL))
        assert [window.shape for window in windows] == [(8, 64, 64, 3)]
        assert decoder.thumbnail(path)[:2] == b"\xff\xd8"
    except BadClip as error:
        return error.reason
    return "ok"


def test_every_odd_file_ends_as_its_manifest_says(decoder: Decoder, real_clips: Path) -> None:
    rows = odd_rows(real_clips)
    expected = {row["path"]: REFUSED.get(row["path"], "ok") for row in rows}
    assert {row["path"]: outcome(decoder, real_clips / row["path"]) for row in rows} == expected
    assert {row["path"] for row in rows if row["status"].startswith(("unopenable", "no_video"))} < set(REFUSED)
    assert len(rows) >= 30


def test_sizes_and_durations_are_those_of_the_manifest(decoder: Decoder, real_clips: Path) -> None:
    for row in odd_rows(real_clips):
        if row["status"] != "ok" or row["path"] in OWN_FACTS or row["path"] in REFUSED:
            continue
        info = decoder.probe(real_clips / row["path"])
        assert {info.width_px, info.height_px} == {int(row["width"]), int(row["height"])}, row["path"]
        assert abs(info.frames - int(row["frames"])) <= 2, row["path"]
        if row["duration_seconds"]:
            assert info.duration_seconds == pytest.approx(float(row["duration_seconds"]), abs=0.07), row["path"]


def test_a_partly_damaged_clip_gives_the_frames_it_has(decoder: Decoder, real_clips: Path) -> None:
    path = real_clips / "odd/decord/corrupted.mp4"
    windows = list(decoder.read_windows(path, [np.array([0.05, 1.05]), np.array([2.05, 2.65])], SMALL))
    assert all(window.std() > 10 for window in windows)
    assert not np.array_equal(windows[0], windows[1])


def plain(path: Path, quarter_turns: int = 0) -> np.ndarray:
    """The first frame the long way: full-size RGB, turned clockwise, then made 64 x 64 by averaging."""
    with av.open(str(path)) as container:
        flags = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        full = next(container.decode(video=0)).to_ndarray(format="rgb24", interpolation=flags)
    upright = np.ascontiguousarray(np.rot90(full, -quarter_turns))
    return np.asarray(Image.fromarray(upright).resize((64, 64), Image.Resampling.BILINEAR)).astype(int)


def ours(decoder: Decoder, path: Path) -> np.ndarray:
    return next(decoder.read_windows(path, [np.array([0.0])], Framing(64, 64, "whole")))[0].astype(int)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turned_clips_stand_upright(decoder: Decoder, real_clips: Path, turn: int) -> None:
    path = real_clips / f"odd/decord/video_{turn}.mov"
    info = decoder.probe(path)
    assert info.rotation_degrees == turn
    assert (info.width_px, info.height_px) == ((320, 568) if turn % 180 else (568, 320))
    differences = [np.abs(ours(decoder, path) - plain(path, turns)).mean() for turns in range(4)]
    assert np.argmin(differences) == turn // 90
    assert min(differences) < 3


@pytest.mark.parametrize("name", ["torchcodec/h264_10bits.mp4", "torchcodec/bt709_full_range.mp4", "spotlight/sea-360p.webm"])
def test_pixels_are_those_of_a_full_size_conversion(decoder: Decoder, real_clips: Path, name: str) -> None:
    path = real_clips / "odd" / name
    assert np.abs(ours(decoder, path) - plain(path)).mean() < 3
