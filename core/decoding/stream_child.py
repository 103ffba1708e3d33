"""The confined process that reads one camera: ``python -m core.decoding.stream_child LIMITS``, driven by core.decoding.streams.

The first message is {"kind": one of KINDS, "address", "fps", "short_side_px"}. For "bytes" each further message's payload is the
next piece of the stream, so that this process needs no network. Answers are {"opened": codec, ...}, then {"seconds"} with a JPEG
for each picture, then {"reason", "message"}. It ends when its input closes.

Seconds are of the system's monotonic clock, which parent and child share: about when a picture came.
"""

from __future__ import annotations

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its thread stacks would eat the address space; set before numpy comes in

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

import av
import av.error

from core.decoding import confining
from core.decoding.formats import DECODERS, DEMUXERS
from core.decoding.pictures import Scaler, upright_size
from core.decoding.source import Source, chosen, opened
from core.decoding.thumbnails import jpeg
from core.errors import BadClip
from core.processes import read_message, write_message
from core.settings import DecodingLimits

KINDS = ("bytes", "rtsp", "webcam", "file")
LIVE_DEMUXERS = f"{DEMUXERS},mpjpeg"
"""Of bytes from a network: those of files, and the multipart JPEG of many cameras."""
WEBCAMS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}")}
AHEAD_SECONDS = 0.25  # that a file may be ahead of its own clock, so that a short wait costs no picture
JUMP_SECONDS = 10.0  # between two stamps: the camera began anew
TICK_SECONDS = 0.001  # least between two pictures
PROBE_BYTES, PROBE_SECONDS = 1_000_000, 1.0  # before the first picture; FFmpeg's own 5 MB and 5 s would be a late start
SILENCE_SECONDS = 10  # of RTSP


class Clock:
    """A stream's stamps on this machine's clock, by the picture that came with the least delay.

    ``live``: a picture cannot come before it was taken, so one that seems to do so moves the clock. A file is paced instead.
    """

    def __init__(self, *, live: bool) -> None:
        self._live, self._offset, self._stamp, self._last = live, 0.0, 0.0, -1.0

    def moment(self, stamp: float | None, now: float) -> float:
        """When a picture with this stamp (seconds of its own clock) came that is here ``now``; always later than the last."""
        if stamp is not None:
            if self._last < 0 or not -1.0 < stamp - self._stamp < JUMP_SECONDS or (self._live and stamp + self._offset > now):
                self._offset = now - stamp
            self._stamp = stamp
        self._last = max(now if stamp is None else stamp + self._offset, self._last + TICK_SECONDS)
        return self._last


class Inbox:
    """The payloads of messages as a file that can be read once, forwards."""

    def __init__(self, messages: IO[bytes]) -> None:
        self._messages, self._rest = messages, memoryview(b"")

    def read(self, count: int) -> bytes:
        if not len(self._rest):
            message = read_message(self._messages)
            if message is None:
                return b""
            self._rest = memoryview(bytes(message[1]))
        piece, self._rest = self._rest[:count], self._rest[count:]
        return bytes(piece)


@contextlib.contextmanager
def _source(header: dict[str, Any], limits: DecodingLimits) -> Iterator[Source]:
    kind, address = header["kind"], header["address"]
    if kind == "file":
        with opened(address.encode("latin-1"), limits) as source:
            yield source
        return
    container, demuxers = _container(kind, address, limits)
    with container:
        yield chosen(container, b"", limits, demuxers)


def _container(kind: str, address: str, limits: DecodingLimits) -> tuple[av.container.InputContainer, str]:
    options = {
        "codec_whitelist": ",".join(sorted(DECODERS)),
        "max_streams": str(8 * limits.streams),
        "probesize": str(PROBE_BYTES),
        "analyzeduration": str(round(PROBE_SECONDS * 1e6)),
        "fflags": "nobuffer",
    }
    size = {"max_pixels": str(limits.pixels)}
    if kind == "bytes":
        only = {**options, "protocol_whitelist": "none", "format_whitelist": LIVE_DEMUXERS}
        inbox = Inbox(sys.stdin.buffer)
        return av.open(inbox, container_options=only, options=size, metadata_errors="replace", buffer_size=16384), LIVE_DEMUXERS
    if kind == "rtsp":
        only = {
            **options,
            "protocol_whitelist": "tcp",
            "format_whitelist": "rtsp",
            "rtsp_transport": "tcp",
            "allowed_media_types": "video",
            "timeout": str(SILENCE_SECONDS * 1_000_000),
        }
        return av.open(address, container_options=only, options=size, metadata_errors="replace"), "rtsp"
    demuxer, device = WEBCAMS.get(sys.platform, ("", ""))
    if not demuxer:
        raise BadClip("unsupported-container", "a webcam can be read on Linux and macOS; use the Live page on other systems")
    only = {**options, "protocol_whitelist": "file", "format_whitelist": demuxer}
    names = {"v4l2": "video4linux2,v4l2"}
    found = av.open(device.format(int(address)), format=demuxer, container_options=only, options=size)
    return found, names.get(demuxer, demuxer)


def _pictures(source: Source, fps: float, short_side_px: int, *, live: bool) -> Iterator[tuple[float, bytes]]:
    """(moment, JPEG) of ``fps`` pictures a second at most, none enlarged."""
    source.stream.codec_context.thread_type = "SLICE"  # threads that take a frame each hand it out later
    clock, scaler, due = Clock(live=live), Scaler(), 0.0
    stamped = source.container_name != "mpjpeg"  # it has no stamps: FFmpeg makes up 25 a second
    for frame in source.container.decode(source.stream):
        moment = clock.moment(frame.time if stamped else None, time.monotonic())
        if not live and (ahead := moment - AHEAD_SECONDS - time.monotonic()) > 0:
            time.sleep(ahead)
        if moment + 0.25 / fps < due:
            continue
        due = (due if moment - due < 1 / fps else moment) + 1 / fps
        width, height = upright_size(frame)
        source.check_picture(width, height)
        share = min(short_side_px / min(width, height), 1.0)
        size = max(2, round(width * share)), max(2, round(height * share))
        yield moment, jpeg(av.VideoFrame.from_ndarray(scaler.upright(frame, *size), format="rgb24"))


def _refusal(error: Exception) -> dict[str, str]:
    if isinstance(error, BadClip):
        return {"reason": error.reason, "message": str(error)}
    if isinstance(error, MemoryError):
        return {"reason": "too-large", "message": "its pictures need more memory than the limit"}
    if isinstance(error, av.error.FFmpegError):
        return {"reason": "damaged", "message": str(error.strerror).lower()}
    return {"reason": "decoder-died", "message": f"the decoder failed ({type(error).__name__}: {error})"}


def _serve(header: dict[str, Any], sink: IO[bytes], limits: DecodingLimits) -> None:
    try:
        with _source(header, limits) as source:
            codec = source.stream.codec_context
            write_message(sink, {"opened": codec.name, "width_px": codec.width, "height_px": codec.height})
            live = header["kind"] != "file"
            for moment, content in _pictures(source, header["fps"], header["short_side_px"], live=live):
                write_message(sink, {"seconds": moment}, content)
                confining.allow_seconds(limits.wall_seconds)
        end = {"reason": "ended", "message": "it ended"}
    except BrokenPipeError:
        raise
    except Exception as error:
        end = _refusal(error)
    write_message(sink, end)


def _end_with_input() -> None:
    while read_message(sys.stdin.buffer) is not None:
        pass
    os._exit(0)


def main() -> None:
    limits = DecodingLimits(**json.loads(sys.argv[1]))
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not land among the answers
    first = read_message(sys.stdin.buffer)
    if first is None:
        return
    confining.confine(limits)
    confining.allow_seconds(limits.wall_seconds)
    if first[0]["kind"] != "bytes":
        threading.Thread(target=_end_with_input, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # the parent is gone, and with it everybody who could be told
        _serve(first[0], sink, limits)
    os._exit(0)  # a reader may hang in a driver


if __name__ == "__main__":
    main()
