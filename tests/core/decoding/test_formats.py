import dataclasses

import pytest

from core.clips import VideoInfo
from core.decoding import playable_in_browser
from core.decoding.formats import container_name, refusal

MP4 = VideoInfo("mp4", "h264", 64, 48, 1.0, 25, 25.0, 0, "yuv420p")


@pytest.mark.parametrize(
    ("changes", "playable"),
    [
        ({}, True),
        ({"pixel_format": ""}, True),
        ({"pixel_format": "yuv420p10le"}, False),
        ({"codec": "hevc"}, False),
        ({"codec": "mpeg4"}, False),
        ({"container": "avi"}, False),
        ({"container": "matroska"}, False),
        ({"container": "webm"}, False),
        ({"container": "webm", "codec": "vp9"}, True),
        ({"container": "webm", "codec": "vp8"}, True),
        ({"container": "gif", "codec": "gif"}, False),
    ],
)
def test_what_browsers_play(changes: dict[str, str], playable: bool) -> None:
    assert playable_in_browser(dataclasses.replace(MP4, **changes)) is playable


@pytest.mark.parametrize(
    ("head", "recognised", "reason"),
    [
        (b"\0\0\0\x20ftypisom", False, "damaged"),
        (b"RIFF\0\0\0\0AVI LIST", False, "damaged"),
        (b"RIFF\0\0\0\0WAVEfmt ", True, "no-video-stream"),
        (b"ID3\x03", True, "no-video-stream"),
        (b"#EXTM3U\n", False, "unsupported-container"),
        (b"\x89PNG\r\n", True, "unsupported-container"),
        (b'<?xml version="1.0"?><MPD>', False, "unsupported-container"),
        (b"something that FFmpeg knows", True, "unsupported-container"),
        (b"Dear diary", False, "not-a-video"),
        (b"", False, "not-a-video"),
    ],
)
def test_a_refusal_is_named_by_the_first_bytes(head: bytes, recognised: bool, reason: str) -> None:
    assert refusal(head, recognised=recognised)[0] == reason


def test_containers_are_told_apart_by_their_content() -> None:
    mov = "mov,mp4,m4a,3gp,3g2,mj2"
    assert container_name(mov, b"\0\0\0\x14ftypqt  ") == "mov"
    assert container_name(mov, b"\0\0\0\x14ftypisom") == "mp4"
    assert container_name("matroska,webm", b"\x1a\x45\xdf\xa3....B\x82\x84webm") == "webm"
    assert container_name("matroska,webm", b"\x1a\x45\xdf\xa3....B\x82\x88matroska") == "matroska"
    assert container_name("avi", b"RIFF") == "avi"
