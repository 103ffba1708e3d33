"""Cameras over real connections on this machine: read, lost, found again, bounded; no way to a place that is not allowed."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.decoding import streams
from core.decoding.stream_child import Clock
from core.decoding.streams import Picture, Stream, check, shown, trusting
from core.errors import BadInput
from tests.core.decoding import cameras
from tests.tiny import make_clip

FPS = 40
PATIENCE_SECONDS = 60.0  # until a test says that something never happens
FILM = cameras.pieces(24, FPS)
ALL = 1000.0
"""Pictures a second: more than there are, so that none is left out, however crowded they come."""


def open_stream(address: str, **values: object) -> Stream:
    return Stream(address, **{"fps": ALL, "short_side_px": 64, "waits_seconds": (0.05,), **values})


def until(happened: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, f"{what} never happened"
        time.sleep(0.01)


def collect(stream: Stream, count: int) -> list[Picture]:
    taken: list[Picture] = []
    until(lambda: len(taken) >= count or taken.extend(stream.take(0.05)), f"{count} pictures ({stream.state})")
    return taken


def greys(pictures: list[Picture]) -> list[int]:
    """The number that each picture shows; see cameras.pieces."""
    return [round(float(np.asarray(Image.open(io.BytesIO(one.jpeg))).mean()) / cameras.STEP) for one in pictures]


def test_a_camera_over_http_is_read_in_order_and_found_again_when_it_was_lost() -> None:
    with cameras.server(cameras.http(FILM, FPS)) as port, open_stream(f"http://127.0.0.1:{port}/live") as stream:
        taken = collect(stream, len(FILM) + 6)
        assert stream.state.losses >= 1
        numbers = greys(taken)  # FFmpeg may leave out the first one while it finds out what comes
        again = next(at for at, (before, after) in enumerate(pairwise(numbers), 1) if after < before)
        for run in (numbers[:again], numbers[again : again + 3]):
            assert run == list(range(run[0], run[0] + len(run))) and run[0] < 4, numbers
        moments = [picture.seconds for picture in taken]
        assert all(later > earlier for earlier, later in pairwise(moments)) and moments[-1] <= time.monotonic() + 1
    assert stream.state.over and stream.state.words == "stopped"


def test_a_camera_over_rtsp_is_read_through_a_relay() -> None:
    heard: list[str] = []
    with cameras.server(cameras.rtsp(FILM, FPS, heard)) as port, open_stream(f"rtsp://127.0.0.1:{port}/live/1") as stream:
        numbers = greys(collect(stream, 8))
        assert numbers[:6] == list(range(numbers[0], numbers[0] + 6)), numbers
    assert [line.split()[0] for line in heard[:4]] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"] and "/live/1 " in heard[1]


def test_multipart_jpeg_is_read_too() -> None:
    film = cameras.pieces(24, FPS, form="mpjpeg", codec="mjpeg")
    say = cameras.http(film, FPS, kind="multipart/x-mixed-replace;boundary=ffmpeg")
    with cameras.server(say) as port, open_stream(f"http://127.0.0.1:{port}/cam.mjpg") as stream:
        numbers = greys(collect(stream, 6))
        assert numbers[:5] == list(range(numbers[0], numbers[0] + 5)), numbers


def test_what_nobody_takes_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 4)
    with cameras.server(cameras.http(FILM, FPS)) as port, open_stream(f"http://127.0.0.1:{port}/") as stream:
        until(lambda: stream.state.dropped >= 5, "dropping")
        assert len(stream.take()) <= 4


def test_fewer_and_smaller_pictures_come_when_fewer_are_wanted(tmp_path: Path) -> None:
    """Of a file, whose own clock decides: a camera's pictures come as they come."""
    address = f"file:{make_clip(tmp_path / 'film.mp4', 1, count=8)}"
    with open_stream(address, hosts=[address], fps=3, short_side_px=16) as stream:
        until(lambda: stream.state.over, "the end")
        taken = stream.take()
    assert [round(b.seconds - a.seconds, 2) for a, b in pairwise(taken)] == [0.3, 0.3]
    assert Image.open(io.BytesIO(taken[0].jpeg)).size == (16, 16)


def test_a_file_is_played_in_its_own_time_and_ends(tmp_path: Path) -> None:
    address = f"file:{make_clip(tmp_path / 'läuft.mp4', 1, count=4)}"
    with open_stream(address, hosts=[address]) as stream:
        until(lambda: stream.state.over, "the end")
        taken = stream.take()
    assert len(taken) == 4 and [round(b.seconds - a.seconds, 2) for a, b in pairwise(taken)] == [0.1] * 3
    assert stream.state.losses == 0


@pytest.mark.parametrize(
    "address",
    [
        "file:/etc/passwd",
        "/etc/passwd",
        "concat:/etc/passwd|/etc/hosts",
        "subfile,,start,0,end,9,,:/etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "rtsp://cam.example/live",
        "udp://127.0.0.1:1234",
        "pipe:0",
        "webcam:0",
        "webcam:0:video_size=1x1",
        "webcam:/dev/sda",
    ],
)
def test_what_is_not_allowed_is_not_opened(address: str) -> None:
    with pytest.raises(BadInput):
        open_stream(address, hosts=("other.example", "webcam:1"))


def test_what_the_settings_or_the_own_command_line_name_may_be_opened() -> None:
    assert check("webcam:1", ["webcam:1"]) is None
    for address in ("rtsp://cam.example:8554/live", "webcam:0", "file:/a/b.mp4"):
        open_stream(address, hosts=trusting(address, ())).close()
    assert shown("rtsp://ann:geheim@cam.example/live") == "rtsp://ann@cam.example/live"


def test_an_http_redirect_leads_nowhere() -> None:
    def elsewhere(connection: socket.socket) -> None:
        heard.append(connection.recv(4096))

    heard: list[bytes] = []
    with cameras.server(elsewhere) as other:
        answer = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n".encode()

        def redirect(connection: socket.socket) -> None:
            connection.recv(4096)
            connection.sendall(answer)

        with cameras.server(redirect) as port, open_stream(f"http://127.0.0.1:{port}/") as stream:
            until(lambda: stream.state.losses >= 2, "a second refusal")
            assert not stream.state.connected and not stream.take()
    assert not heard


def test_an_rtsp_redirect_leads_nowhere() -> None:
    """Without the relay FFmpeg follows it: then the other server hears from it, which this test was seen to notice."""
    heard: list[bytes] = []
    with cameras.server(lambda connection: heard.append(connection.recv(4096))) as other:

        def redirect(connection: socket.socket) -> None:
            for line in connection.makefile("rb"):
                if line.lower().startswith(b"cseq"):
                    answer = (
                        f"RTSP/1.0 302 Found\r\nCSeq: {line.split()[1].decode()}\r\nLocation: rtsp://127.0.0.1:{other}/\r\n\r\n"
                    )
                    connection.sendall(answer[:9].encode())
                    time.sleep(0.05)  # in two pieces: the relay must see it all the same
                    connection.sendall(answer[9:].encode())

        with cameras.server(redirect) as port, open_stream(f"rtsp://127.0.0.1:{port}/") as stream:
            said: list[str] = []
            until(lambda: said.append(stream.state.words) or "redirect" in said[-1], "the refusal")
    assert not heard


@pytest.mark.parametrize("text", [b"ffconcat version 1.0\nfile '{}'\n", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n"])
def test_a_playlist_from_the_network_opens_no_file(text: bytes, tmp_path: Path) -> None:
    bait = make_clip(tmp_path / "secret.mp4", 1)
    body = text.replace(b"{}", str(bait).encode())
    with cameras.server(cameras.http([body], FPS)) as port, open_stream(f"http://127.0.0.1:{port}/x.m3u8") as stream:
        until(lambda: stream.state.losses >= 1, "the refusal")
        assert not stream.take() and stream.state.pictures == 0


def test_a_clock_goes_by_stamps_and_never_backwards() -> None:
    clock = Clock(live=True)
    assert clock.moment(50.0, 100.0) == 100.0
    assert clock.moment(50.1, 100.5) == pytest.approx(100.1), "it came late; when it was taken, its stamp says"
    assert clock.moment(50.2, 100.12) == pytest.approx(100.12), "it came sooner than possible: so the first one was late"
    assert clock.moment(3.0, 101.0) == 101.0, "the camera began anew"
    assert clock.moment(90.0, 102.0) == 102.0
    assert clock.moment(None, 90.0) > 102.0
    paced = Clock(live=False)
    assert [paced.moment(stamp, 10.0) for stamp in (0.0, 0.5, 1.0)] == [10.0, 10.5, 11.0]
