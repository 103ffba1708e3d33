from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from core.clips import Framing
from core.decoding import Decoder
from core.errors import BadClip
from core.settings import DecodingLimits

SMALL = Framing(crop_px=32, short_side_px=32)
GREYS = [20, 60, 100, 140, 180, 220]
KINDS = [
    ("clip.mp4", "libx264"),
    ("clip.mov", "mpeg4"),
    ("clip.mkv", "libx264"),
    ("clip.webm", "libvpx"),
    ("clip.webm", "libvpx-vp9"),
    ("clip.avi", "mpeg4"),
    ("clip.ts", "mpeg2video"),
    ("clip.wmv", "wmv2"),
    ("clip.flv", "flv"),
]


def levels(frames: np.ndarray) -> list[int]:
    """The grey of each frame, rounded to the nearest of GREYS; fails when it is none of them."""
    means = frames.reshape(len(frames), -1).mean(1)
    nearest = [min(GREYS, key=lambda grey: abs(grey - mean)) for mean in means]
    assert np.abs(means - nearest).max() < 6
    return nearest


def read(decoder: Decoder, path: Path, *moments: list[float], framing: Framing = SMALL) -> list[np.ndarray]:
    return list(decoder.read_windows(path, [np.array(window) for window in moments], framing))


@pytest.mark.parametrize(("name", "codec"), KINDS)
def test_the_frame_shown_at_the_moment_is_read(decoder: Decoder, make_clip, name: str, codec: str) -> None:
    fps = 25 if name.endswith((".ts", ".wmv", ".flv")) else 10  # MPEG-2 has no 10 fps
    path = make_clip(name, GREYS, codec=codec, fps=fps)
    moments = [(0.5 + index) / fps for index in (0, 1, 2, 3, 4, 5, 5)]
    assert levels(read(decoder, path, moments)[0]) == [*GREYS, 220]


@pytest.mark.parametrize(("name", "codec"), KINDS)
def test_probe_measures_the_clip(decoder: Decoder, make_clip, name: str, codec: str) -> None:
    info = decoder.probe(make_clip(name, GREYS * 5, codec=codec, fps=25))
    assert (info.width_px, info.height_px, info.frames) == (64, 48, 30)
    assert info.duration_seconds == pytest.approx(1.2, abs=0.045)
    assert info.fps == pytest.approx(25, rel=0.05)


def test_timestamps_count_not_frame_numbers(decoder: Decoder, make_clip) -> None:
    path = make_clip("uneven.mkv", GREYS, times_seconds=[0, 0.1, 1.0, 1.1, 3.0, 3.1])
    moments = [0.05, 0.5, 0.99, 1.05, 2.9, 3.05, 3.15]
    assert levels(read(decoder, path, moments)[0]) == [20, 60, 60, 100, 140, 180, 220]
    assert decoder.probe(path).duration_seconds == pytest.approx(3.72, abs=0.6)  # the last frame as long as the usual one


def test_a_clip_that_starts_late_starts_at_zero(decoder: Decoder, make_clip) -> None:
    path = make_clip("late.mkv", GREYS, times_seconds=[50 + index / 10 for index in range(6)])
    assert levels(read(decoder, path, [0.05, 0.55])[0]) == [20, 220]
    assert decoder.probe(path).duration_seconds == pytest.approx(0.6, abs=0.02)


def test_moments_outside_the_clip_get_its_first_and_last_frame(decoder: Decoder, make_clip) -> None:
    assert levels(read(decoder, make_clip("c.mp4", GREYS), [-1.0, 0.7])[0]) == [20, 220]


def test_webm_as_a_browser_records_it(decoder: Decoder, make_clip) -> None:
    path = make_clip(
        "webcam.webm", GREYS, codec="libvpx", times_seconds=[0, 0.03, 0.2, 0.23, 0.5, 0.9], container_options={"live": "1"}
    )
    info = decoder.probe(path)
    assert (info.container, info.codec, info.frames) == ("webm", "vp8", 6)
    assert info.duration_seconds == pytest.approx(1.08, abs=0.2)
    assert levels(read(decoder, path, [0.02, 0.1, 0.4, 0.85, 0.95])[0]) == [20, 60, 140, 180, 220]


def test_overlapping_windows_come_in_order(decoder: Decoder, make_clip) -> None:
    windows = read(decoder, make_clip("c.mp4", GREYS), [0.05, 0.25], [0.15, 0.35], [0.25, 0.45])
    assert [levels(window) for window in windows] == [[20, 100], [60, 140], [100, 180]]


def test_windows_may_go_back_in_time(decoder: Decoder, make_clip) -> None:
    windows = read(decoder, make_clip("c.avi", GREYS, codec="mpeg4"), [0.45], [0.05, 0.55], [0.25])
    assert [levels(window) for window in windows] == [[180], [20, 220], [100]]


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.avi"])
def test_a_moment_far_in_is_the_same_with_and_without_decoding_up_to_it(decoder: Decoder, make_clip, name: str) -> None:
    path = make_clip(name, [GREYS[index // 7 % 6] for index in range(400)], codec_options={"g": "25"}, codec="mpeg4")
    moments = [0.05, 21.05, 21.75, 39.05]
    every = np.concatenate(read(decoder, path, [index / 10 + 0.05 for index in range(400)]))
    assert np.array_equal(read(decoder, path, moments)[0], every[[0, 210, 217, 390]])


def test_no_windows_are_no_windows(decoder: Decoder, make_clip) -> None:
    assert read(decoder, make_clip("c.mp4", GREYS)) == []


@pytest.mark.parametrize("times", [[[]], [[float("nan")]], [[[0.0]]]])
def test_bad_times_are_refused_before_the_child_sees_them(decoder: Decoder, tmp_path: Path, times: list) -> None:
    with pytest.raises(ValueError, match="times must be"):
        decoder.read_windows(tmp_path / "any.mp4", [np.array(window) for window in times], SMALL)


def quarters(width: int = 96, height: int = 64) -> np.ndarray:
    """Red and green above blue and white."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2, 0] = 255
    picture[: height // 2, width // 2 :, 1] = 255
    picture[height // 2 :, : width // 2, 2] = 255
    picture[height // 2 :, width // 2 :] = 255
    return picture


def corners(frame: np.ndarray) -> list[str]:
    """Names of the colours top left, top right, bottom left, bottom right."""
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    spots = [frame[y, x] for y in (4, -5) for x in (4, -5)]
    return [names[tuple((spot > 127).astype(int).tolist())] for spot in spots]


@pytest.mark.parametrize("mode", ["crop", "whole"])
@pytest.mark.parametrize(
    ("counterclockwise", "expected"),
    [
        (0, ["red", "green", "blue", "white"]),
        (-90, ["blue", "red", "white", "green"]),
        (180, ["white", "blue", "green", "red"]),
        (90, ["green", "white", "red", "blue"]),
    ],
)
def test_the_picture_stands_upright(decoder: Decoder, make_clip, mode: str, counterclockwise: int, expected: list[str]) -> None:
    path = make_clip("turned.mp4", GREYS, size=(96, 64), picture=lambda _: quarters(), rotation=counterclockwise)
    frame = read(decoder, path, [0.05], framing=Framing(32, 32, mode))[0][0]
    assert frame.shape == (32, 32, 3)
    assert corners(frame) == expected
    info = decoder.probe(path)
    assert info.rotation_degrees == -counterclockwise % 360
    assert (info.width_px, info.height_px) == ((64, 96) if counterclockwise % 180 else (96, 64))


def bars(width: int, height: int) -> np.ndarray:
    """A white middle third between black sides."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, width // 3 : 2 * width // 3] = 255
    return picture


def test_crop_keeps_the_middle_and_whole_keeps_the_borders(decoder: Decoder, make_clip) -> None:
    path = make_clip("wide.mp4", GREYS, size=(192, 64), picture=lambda _: bars(192, 64))
    crop = read(decoder, path, [0.05], framing=Framing(28, 32))[0][0]
    whole = read(decoder, path, [0.05], framing=Framing(28, 32, "whole"))[0][0]
    assert crop[:, 2:-2].min() > 230  # 32 px of 96 scaled are white, and 28 of them are kept
    assert whole[:, :8].max() < 25
    assert whole[:, -8:].max() < 25
    assert whole[:, 12:16].min() > 230


def test_an_iterator_left_early_harms_nobody(make_clip) -> None:
    path = make_clip("c.mp4", GREYS * 20)
    with Decoder() as decoder:
        reading = decoder.read_windows(path, [np.array([index / 10]) for index in range(100)], Framing(224, 256))
        assert levels(next(reading)) == [20]
        reading.close()
        assert decoder.probe(path).frames == 120
        assert levels(read(decoder, path, [0.15])[0]) == [60]


def test_two_iterators_can_run_side_by_side(decoder: Decoder, make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    moments = [np.array([0.05 + index / 10]) for index in range(6)]
    readings = [decoder.read_windows(path, moments, SMALL) for _ in range(2)]
    pairs = [(levels(one)[0], levels(other)[0]) for one, other in zip(*readings, strict=True)]
    assert pairs == [(grey, grey) for grey in GREYS]


def test_threads_share_one_decoder(decoder: Decoder, make_clip) -> None:
    path, seen = make_clip("c.mp4", GREYS), []

    def look() -> None:
        seen.extend(levels(read(decoder, path, [0.05, 0.55])[0]) for _ in range(5))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [[20, 220]] * 30


def test_one_child_serves_many_requests(make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    with Decoder() as decoder:
        decoder.probe(path)
        pid = decoder.pid
        with pytest.raises(BadClip):
            decoder.probe(path.with_name("absent.mp4"))
        decoder.thumbnail(path)
        read(decoder, path, [0.05])
        assert decoder.pid == pid


def test_a_killed_child_is_named_and_replaced(make_clip) -> None:
    path = make_clip("c.mp4", GREYS * 20)
    moments = [np.full(64, index / 10) for index in range(100)]
    with Decoder() as decoder:
        reading = decoder.read_windows(path, moments, Framing(224, 256))
        next(reading)
        os.kill(decoder.pid, signal.SIGKILL)
        with pytest.raises(BadClip) as caught:
            list(reading)
        assert caught.value.reason == "decoder-died"
        assert decoder.probe(path).frames == 120


def test_a_child_killed_between_requests_is_not_even_noticed(make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    with Decoder() as decoder:
        decoder.probe(path)
        first = decoder.pid
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert decoder.probe(path).frames == 6
        assert decoder.pid != first


def test_a_child_that_hangs_is_given_up(make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    with Decoder(DecodingLimits(wall_seconds=5.0)) as decoder:
        decoder.probe(path)
        os.kill(decoder.pid, signal.SIGSTOP)
        with pytest.raises(BadClip) as caught:
            decoder.probe(path)
        assert caught.value.reason == "timed-out"
        assert decoder.probe(path).frames == 6


def test_a_tiny_time_limit_times_out(make_clip) -> None:
    with Decoder(DecodingLimits(wall_seconds=0.001)) as decoder, pytest.raises(BadClip) as caught:
        decoder.probe(make_clip("c.mp4", GREYS))
    assert caught.value.reason == "timed-out"


def test_a_closed_decoder_leaves_no_process_and_says_so(make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    decoder = Decoder()
    decoder.probe(path)
    decoder.close()
    decoder.close()
    with pytest.raises(ProcessLookupError):
        os.kill(decoder.pid, 0)
    with pytest.raises(ValueError, match="closed"):
        decoder.probe(path)


def test_names_in_any_encoding_are_found(decoder: Decoder, make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    for name in (b"caf\xe9.mp4", "日本 語\n.mp4".encode()):
        other = path.with_name(os.fsdecode(name))
        other.write_bytes(path.read_bytes())
        assert decoder.probe(other).frames == 6


def test_importing_the_room_does_not_load_ffmpeg() -> None:
    code = "import sys, core.decoding; print('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
