"""Which containers and codecs are let in, what the first bytes of a file give away, and what a browser plays."""

from __future__ import annotations

from core.clips import VideoInfo

DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,ogg,gif,flv"
"""FFmpeg's names of the demuxers that may run. None of them follows a reference to another file as we open it."""

DECODERS = frozenset(
    {
        *("h264", "hevc", "vp8", "vp9", "libdav1d", "theora", "prores", "dvvideo"),
        *("mpeg1video", "mpeg2video", "mpeg4", "h263", "flv", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3"),
        *("mjpeg", "gif", "rawvideo"),
    }
)
"""FFmpeg's names of the decoders that may run. Still pictures, subtitles and audio are not among them."""

_VIDEO, _AUDIO, _REFUSED = "video", "audio", "refused"

_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (4, b"ftyp", _VIDEO, "mp4"),
    (4, b"moov", _VIDEO, "mov"),
    (4, b"mdat", _VIDEO, "mov"),
    (4, b"wide", _VIDEO, "mov"),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO, "matroska"),
    (8, b"AVI ", _VIDEO, "avi"),
    (0, b"OggS", _VIDEO, "ogg"),
    (0, b"GIF8", _VIDEO, "gif"),
    (0, b"FLV\x01", _VIDEO, "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _VIDEO, "asf"),
    (0, b"\x00\x00\x01\xba", _VIDEO, "mpeg"),
    (0, b"\x00\x00\x01\xb3", _VIDEO, "mpegvideo"),
    (0, b"ID3", _AUDIO, "mp3"),
    (0, b"fLaC", _AUDIO, "flac"),
    (8, b"WAVE", _AUDIO, "wav"),
    (0, b"FORM", _AUDIO, "aiff"),
    (0, b"\xff\xfb", _AUDIO, "mp3"),
    (0, b"\xff\xf3", _AUDIO, "mp3"),
    (0, b"\xff\xf2", _AUDIO, "mp3"),
    (0, b"\xff\xf1", _AUDIO, "aac"),
    (0, b"\xff\xf9", _AUDIO, "aac"),
    (0, b"#EXTM3U", _REFUSED, "HLS playlist"),
    (0, b"ffconcat", _REFUSED, "ffconcat list"),
    (0, b"\x89PNG", _REFUSED, "PNG picture"),
    (0, b"\xff\xd8\xff", _REFUSED, "JPEG picture"),
    (8, b"WEBP", _REFUSED, "WebP picture"),
    (0, b"BM", _REFUSED, "BMP picture"),
    (0, b"II*\x00", _REFUSED, "TIFF picture"),
    (0, b"MM\x00*", _REFUSED, "TIFF picture"),
)


def refusal(head: bytes, *, recognised: bool) -> tuple[str, str]:
    """Why FFmpeg would not open a file that starts with ``head``: a reason of BAD_CLIP_REASONS and a sentence.

    ``recognised`` says that FFmpeg knew the format and that it is not among DEMUXERS.
    """
    for offset, mark, kind, name in _SIGNATURES:
        if head[offset : offset + len(mark)] != mark:
            continue
        if kind == _VIDEO:
            return "damaged", f"starts as {name} but its structure cannot be read; export it again"
        if kind == _AUDIO:
            return "no-video-stream", f"holds {name} sound and no picture; choose a video"
        return "unsupported-container", f"is a {name}, not a video file; choose the video itself"
    if b"<MPD" in head or head.startswith(b"v=0"):
        return "unsupported-container", "is a streaming description, not a video file; choose the video itself"
    if recognised:
        return "unsupported-container", "is in a container that is not on the allow-list; convert it to MP4 or WebM"
    return "not-a-video", "is not a media file; choose a video"


def container_name(demuxer: str, head: bytes) -> str:
    """FFmpeg's demuxer name told more exactly by the first bytes: mp4 or mov, webm or matroska."""
    if demuxer.startswith("mov,"):
        return "mov" if head[4:8] != b"ftyp" or head[8:10] == b"qt" else "mp4"
    if demuxer.startswith("matroska"):
        return "webm" if b"webm" in head[:64] else "matroska"
    return demuxer


_BROWSER_CODECS = {"mp4": {"h264", "av1", "vp9"}, "mov": {"h264"}, "webm": {"vp8", "vp9", "av1"}}


SEEKABLE = frozenset({"mp4", "mov", "webm", "matroska"})
"""Containers whose index can be trusted: a wrong landing is noticed. Others are read from their beginning."""


def seekable(info: VideoInfo) -> bool:
    """Whether reading may begin in the middle of the file."""
    return info.container in SEEKABLE


def playable_in_browser(info: VideoInfo) -> bool:
    """Whether every current browser plays the file as it is; False means: transcode it for the screen.

    An empty ``pixel_format`` counts as the ordinary 8-bit 4:2:0.
    """
    ordinary = info.pixel_format in ("", "yuv420p", "yuvj420p")
    return ordinary and info.codec in _BROWSER_CODECS.get(info.container, ())
