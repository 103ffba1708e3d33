"""Files made to harm: they read nothing outside, and cost little."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from core.clips import Framing
from core.decoding import Decoder
from core.errors import BadClip
from core.settings import DecodingLimits

GREYS = [20, 60, 100, 140, 180, 220]
SMALL = Framing(32, 32)
MOST_BYTES = 1_500_000_000


@pytest.fixture
def own_decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def everything(decoder: Decoder, path: Path) -> str:
    """How a file ends that is probed and read: "ok" or the reason."""
    try:
        info = decoder.probe(path)
        list(decoder.read_windows(path, [np.linspace(0, min(info.duration_seconds, 10.0), 8)], SMALL))
    except BadClip as error:
        return error.reason
    return "ok"


@contextmanager
def opens_of(path: Path) -> Iterator[list[int]]:
    """Fills the list with one entry for each time anybody opens ``path``, by the kernel's own account (inotify)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    opened_event = 0x20
    assert descriptor >= 0 and libc.inotify_add_watch(descriptor, os.fsencode(path), opened_event) >= 0
    opens: list[int] = []
    yield opens
    try:
        events = os.read(descriptor, 4096)
    except BlockingIOError:
        events = b""
    os.close(descriptor)
    opens.extend([1] * (len(events) // 16))


PLAYLISTS = {
    "ffconcat": "ffconcat version 1.0\nfile '{path}'\nfile '{name}'\n",
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:1.0,\n{path}\n#EXTINF:1.0,\n{name}\n#EXT-X-ENDLIST\n",
    "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\nfile://{path}\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file://{path}</BaseURL></MPD>\n',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "smil": '<smil><body><video src="{path}"/></body></smil>',
    "m3u": "{path}\n",
}


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_under_a_media_name_reads_nothing_else(
    decoder: Decoder, make_clip, tmp_path: Path, kind: str, suffix: str
) -> None:
    outside = make_clip("outside.mp4", GREYS)
    playlist = tmp_path / f"innocent{suffix}"
    playlist.write_text(PLAYLISTS[kind].format(path=outside, name=outside.name))
    with opens_of(outside) as opens:
        outcomes = {everything(decoder, playlist), _thumbnail(decoder, playlist), _transcode(decoder, playlist)}
    assert opens == []
    assert outcomes == ({"not-a-video"} if kind in ("smil", "m3u") else {"unsupported-container"})


def _thumbnail(decoder: Decoder, path: Path) -> str:
    with pytest.raises(BadClip) as caught:
        decoder.thumbnail(path)
    return caught.value.reason


def _transcode(decoder: Decoder, path: Path) -> str:
    with pytest.raises(BadClip) as caught:
        decoder.transcode(path, path.with_name("copy.mp4"))
    return caught.value.reason


def test_the_watch_sees_an_opening(decoder: Decoder, make_clip) -> None:
    path = make_clip("outside.mp4", GREYS)
    with opens_of(path) as opens:
        decoder.probe(path)
    assert len(opens) == 1


def test_an_mp4_that_refers_to_another_file_does_not_open_it(decoder: Decoder, make_clip, tmp_path: Path) -> None:
    """QuickTime data references: the media may be said to lie in another file, here named in a ``dref`` entry."""
    outside = make_clip("outside.mov", GREYS)
    inside = bytearray(make_clip("inside.mov", GREYS).read_bytes())
    at = inside.index(b"url ", inside.index(b"dref"))
    inside[at : at + 8] = b"alis\0\0\0\0"  # no longer "in this file"
    (tmp_path / "refers.mov").write_bytes(inside)
    with opens_of(outside) as opens:
        everything(decoder, tmp_path / "refers.mov")
    assert opens == []


def test_only_ordinary_files_are_opened(decoder: Decoder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.mp4")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "device.mp4").symlink_to("/dev/zero")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    for name in ("fifo.mp4", "folder.mp4", "device.mp4", "loop.mp4", "absent.mp4", "nul\0.mp4", "x" * 300):
        assert everything(decoder, tmp_path / name) == "unreadable", name


def test_a_file_that_may_not_be_read_is_unreadable(make_clip) -> None:
    if os.geteuid() == 0:
        with Decoder() as decoder:  # root may read everything: a file that is gone stands for it
            assert everything(decoder, Path("/proc/1/absent")) == "unreadable"
        return
    path = make_clip("c.mp4", GREYS)
    path.chmod(0)
    with Decoder() as decoder:
        assert everything(decoder, path) == "unreadable"


def patched(path: Path, *changes: tuple[bytes, int, bytes], every: bool = False) -> Path:
    """``path`` rewritten: behind each ``mark``, ``offset`` bytes from its start, other bytes."""
    data = bytearray(path.read_bytes())
    for mark, offset, value in changes:
        at = data.find(mark)
        assert at >= 0, mark
        while at >= 0:
            data[at + offset : at + offset + len(value)] = value
            at = data.find(mark, at + 1) if every else -1
    path.write_bytes(data)
    return path


def gif_bomb(make_clip) -> Path:
    return patched(make_clip("bomb.gif", GREYS, codec="gif", pixel_format="rgb8"), (b"GIF89a", 6, b"\xff\xff\xff\xff"))


def vp8_bomb(make_clip) -> Path:
    return patched(make_clip("bomb.webm", GREYS, codec="libvpx"), (b"\x9d\x01\x2a", 3, b"\xff\x3f\xff\x3f"), every=True)


def jpeg_bomb(make_clip) -> Path:
    path = make_clip("bomb.avi", GREYS, codec="mjpeg", pixel_format="yuvj420p")
    return patched(path, (b"\xff\xc0\x00\x11\x08", 5, struct.pack(">HH", 16000, 16000)), every=True)


def honest_jpeg_bomb(make_clip) -> Path:
    size = struct.pack("<II", 16000, 16000)
    return patched(jpeg_bomb(make_clip), (b"avih", 40, size), (b"strf", 12, size))


def raw_bomb(make_clip) -> Path:
    path = make_clip("raw.avi", GREYS, codec="rawvideo")
    return patched(path, (b"strf", 12, struct.pack("<II", 30000, 30000)))


@pytest.mark.parametrize("bomb", [gif_bomb, vp8_bomb, jpeg_bomb, honest_jpeg_bomb, raw_bomb])
def test_pixel_bombs_are_refused_cheaply(own_decoder: Decoder, make_clip, bomb) -> None:
    assert everything(own_decoder, bomb(make_clip)) in ("too-large", "damaged")
    assert 0 < own_decoder.peak_bytes < 300_000_000


def test_a_real_giant_is_too_large(own_decoder: Decoder, make_clip) -> None:
    giant = make_clip("giant.mkv", GREYS[:2], codec="mpeg4", size=(4096, 2320))
    assert everything(own_decoder, giant) == "too-large"
    assert own_decoder.peak_bytes < 300_000_000


@pytest.mark.parametrize(("size", "reason"), [((1024, 64), "too-large"), ((480, 64), "ok")])
def test_ribbons_are_refused(decoder: Decoder, make_clip, size: tuple[int, int], reason: str) -> None:
    assert everything(decoder, make_clip("ribbon.mp4", GREYS, size=size)) == reason


def test_a_picture_that_grows_in_the_middle_is_checked_again(make_clip, tmp_path: Path) -> None:
    small = make_clip("small.ts", GREYS * 10, codec="mpeg2video", fps=25)
    large = make_clip("large.ts", GREYS * 10, codec="mpeg2video", fps=25, size=(640, 480))
    (tmp_path / "grows.ts").write_bytes(small.read_bytes() + large.read_bytes())
    with Decoder(DecodingLimits(pixels=100_000)) as decoder:
        assert everything(decoder, small) == "ok"
        reading = decoder.read_windows(tmp_path / "grows.ts", [np.array([1.0, 2.0]), np.array([3.0, 4.0])], SMALL)
        with pytest.raises(BadClip) as caught:
            list(reading)
        assert caught.value.reason == "damaged"  # the decoder refuses the larger half, so footage is missing
    with Decoder() as decoder:
        windows = list(decoder.read_windows(tmp_path / "grows.ts", [np.array([1.0, 2.0]), np.array([3.0, 4.0])], SMALL))
    assert [window.shape for window in windows] == [(2, 32, 32, 3)] * 2


def test_a_frame_bomb_is_refused(own_decoder: Decoder, make_clip) -> None:
    """A kilobyte of MP4 that claims a hundred million frames of one byte."""
    count = struct.pack(">I", 100_000_000)
    path = patched(
        make_clip("bomb.mp4", GREYS, codec="mpeg4"),
        (b"stsz", 8, struct.pack(">I", 1) + count),
        (b"stts", 12, count),
        (b"stsc", 16, count),
    )
    assert everything(own_decoder, path) != "ok"
    assert own_decoder.peak_bytes < MOST_BYTES


def test_more_frames_than_the_limit_are_too_long(make_clip) -> None:
    with Decoder(DecodingLimits(frames=20)) as decoder:
        assert everything(decoder, make_clip("many.mp4", GREYS * 4)) == "too-long"
        assert everything(decoder, make_clip("few.mp4", GREYS * 3)) == "ok"


def test_a_claimed_duration_is_not_believed(decoder: Decoder, make_clip) -> None:
    path = patched(make_clip("claims.mp4", GREYS), (b"mvhd", 20, b"\x7f\xff\xff\xff"), (b"mdhd", 20, b"\x7f\xff\xff\xff"))
    assert decoder.probe(path).duration_seconds == pytest.approx(0.6, abs=0.02)


def test_hours_between_a_few_frames_are_no_clip(decoder: Decoder, make_clip) -> None:
    assert everything(decoder, make_clip("gap.mkv", GREYS, times_seconds=[0, 0.1, 0.2, 7200, 7200.1, 7200.2])) == "too-short"


def test_a_clip_over_the_longest_duration_is_too_long(make_clip) -> None:
    with Decoder(DecodingLimits(duration_seconds=2.0)) as decoder:
        assert everything(decoder, make_clip("long.mp4", GREYS * 4)) == "too-long"
        assert everything(decoder, make_clip("short.mp4", GREYS * 3)) == "ok"


def test_a_file_over_the_limit_is_not_opened(make_clip) -> None:
    path = make_clip("c.mp4", GREYS)
    with Decoder(DecodingLimits(file_bytes=path.stat().st_size - 1)) as decoder:
        assert everything(decoder, path) == "too-large"


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".mp4", ".ts"])
def test_stream_bombs_are_refused(own_decoder: Decoder, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"streams{suffix}"
    outcomes = {}
    for count in (20, 33, 99, 126):  # an AVI can number 99 streams, a Matroska file 126
        if (suffix, count) != (".avi", 126):
            _write_streams(path, count)
        outcomes[count] = everything(own_decoder, path)
    assert outcomes == {20: "ok", 33: "too-large", 99: "too-large", 126: "too-large"}
    assert own_decoder.peak_bytes < MOST_BYTES


def _write_streams(path: Path, count: int) -> None:
    import av

    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mpeg4", rate=10) for _ in range(count)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for stream in streams:
            for index in range(3):
                frame = av.VideoFrame(32, 32, "yuv420p")
                frame.pts = index
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))


def test_memory_that_runs_out_is_too_large_and_the_next_clip_is_read(make_clip) -> None:
    large = make_clip("large.mp4", GREYS, codec="mpeg4", size=(3840, 2160))
    small = make_clip("small.mp4", GREYS)
    with Decoder(DecodingLimits(memory_bytes=_start_bytes() + 30 * 2**20)) as decoder:
        assert everything(decoder, small) == "ok"
        assert everything(decoder, large) in ("too-large", "decoder-died")
        assert everything(decoder, small) == "ok"
    with Decoder() as decoder:
        assert everything(decoder, large) == "ok"
        assert decoder.peak_bytes < MOST_BYTES


def _start_bytes() -> int:
    """Address space of a child that has done nothing but start: what its libraries take."""
    with Decoder() as decoder:
        with pytest.raises(BadClip):
            decoder.probe(Path("/absent"))
        status = Path(f"/proc/{decoder.pid}/status").read_text()
    return int(status.split("VmSize:")[1].split()[0]) * 1024


def test_pictures_and_subtitles_are_no_videos(decoder: Decoder, tmp_path: Path) -> None:
    from PIL import Image

    outcomes = {}
    for kind in ("png", "jpeg", "bmp", "webp", "tiff"):
        Image.new("RGB", (64, 48)).save(tmp_path / "picture.mp4", format=kind)
        outcomes[kind] = everything(decoder, tmp_path / "picture.mp4")
    (tmp_path / "words.mp4").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n")
    outcomes["srt"] = everything(decoder, tmp_path / "words.mp4")
    assert outcomes == dict.fromkeys(outcomes, "unsupported-container")


def test_sound_with_cover_art_is_no_video(decoder: Decoder, tmp_path: Path) -> None:
    import av

    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=44100)
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 4096), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 44100
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8)).reformat(format="yuvj420p")
        picture.pts = 0
        for stream, item in ((cover, picture), (sound, frame)):
            container.mux(stream.encode(item))
            container.mux(stream.encode(None))
    assert everything(decoder, path) == "no-video-stream"
