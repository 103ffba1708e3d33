"""The confined process that reads hostile files: ``python -m core.decoding.child LIMITS``, driven by core.decoding.decoder.

LIMITS is DecodingLimits as a JSON object. A request is a header {"do": name, "path": the path's bytes as latin-1,
"seconds": wall clock per answer, ...}. Answers are {"info": ...} or {"window": ...} and so on, then {"done": true}; or
once {"reason", "message"}. The last answer carries "peak_bytes", and "spent" when the process should be replaced.
"""

from __future__ import annotations

import os
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # its thread stacks would eat the address space; set before numpy comes in

import contextlib
import dataclasses
import fcntl
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import av.error
import numpy as np

from core.clips import Framing
from core.decoding import confining
from core.decoding.probing import probe
from core.decoding.reading import read_windows
from core.decoding.schedule import passes
from core.decoding.source import opened
from core.decoding.thumbnails import thumbnail
from core.decoding.transcoding import EVERYTHING, transcode
from core.errors import BadClip
from core.processes import Header, Payload, read_message, write_message
from core.settings import DecodingLimits

Answer = tuple[Header, bytes | memoryview]
PIPE_BYTES = 2**20  # the most that Linux gives an ordinary user


def _probe(path: bytes, header: Header, payload: Payload, limits: DecodingLimits) -> Iterator[Answer]:  # noqa: ARG001
    with opened(path, limits) as source:
        yield {"info": dataclasses.asdict(probe(source))}, b""


def _read(path: bytes, header: Header, payload: Payload, limits: DecodingLimits) -> Iterator[Answer]:
    flat = np.frombuffer(payload, np.float64)
    windows = np.split(flat, np.cumsum(header["counts"])[:-1]) if header["counts"] else []
    framing = Framing(**header["framing"])
    for run in passes(windows):
        with opened(path, limits) as source:
            for frames in read_windows(source, run, framing):
                yield {"window": list(frames.shape)}, frames.data


def _thumbnail(path: bytes, header: Header, payload: Payload, limits: DecodingLimits) -> Iterator[Answer]:  # noqa: ARG001
    at_seconds = header["at_seconds"]
    if at_seconds is None:
        with opened(path, limits) as source:
            at_seconds = probe(source).duration_seconds / 2
    with opened(path, limits) as source:
        yield {"jpeg": True}, thumbnail(source, at_seconds, header["width_px"])


def _transcode(path: bytes, header: Header, payload: Payload, limits: DecodingLimits) -> Iterator[Answer]:
    with opened(path, limits) as source:
        fps = min(max(probe(source).fps, 1.0), 120.0)
    span = (header["span"][0], header["span"][1]) if header.get("span") else EVERYTHING
    side = {"long_side_px": int(header["long_side_px"])} if header.get("long_side_px") else {}
    confining.allow_writing(True)
    try:
        with opened(path, limits) as source:
            for seconds in transcode(source, Path(os.fsdecode(bytes(payload))), fps, span, **side):
                yield {"seconds_done": seconds}, b""
    finally:
        confining.allow_writing(False)


TASKS: dict[str, Callable[[bytes, Header, Payload, DecodingLimits], Iterator[Answer]]] = {
    "probe": _probe,
    "read": _read,
    "thumbnail": _thumbnail,
    "transcode": _transcode,
}


def _refusal(error: Exception) -> dict[str, Any]:
    """The answer for a failed request. Whatever is not foreseen is named too, and the process replaced."""
    if isinstance(error, BadClip):
        return {"reason": error.reason, "message": str(error)}
    if isinstance(error, MemoryError):  # PyAV's is one too
        return {"reason": "too-large", "message": "decoding needs more memory than the limit; scale the clip down", "spent": True}
    if isinstance(error, OSError) and error.errno:  # reading is tolerant: this is the disk, or the place to write to
        return {"reason": "unreadable", "message": str(error.strerror), "errno": error.errno}
    if isinstance(error, av.error.FFmpegError):
        return {"reason": "damaged", "message": f"the clip cannot be decoded ({error.strerror}); export it again"}
    return {"reason": "decoder-died", "message": f"the decoder failed ({type(error).__name__}: {error})", "spent": True}


def _serve(header: Header, payload: Payload, sink: IO[bytes], limits: DecodingLimits) -> None:
    wall_seconds = float(header["seconds"])
    confining.allow_seconds(wall_seconds)
    try:
        for answer, body in TASKS[header["do"]](header["path"].encode("latin-1"), header, payload, limits):
            write_message(sink, answer, body)
            confining.allow_seconds(wall_seconds)
        end: dict[str, Any] = {"done": True}
    except BrokenPipeError:
        raise
    except Exception as error:
        end = _refusal(error)
    write_message(sink, {**end, "peak_bytes": confining.peak_bytes()})


def _widen(sink: IO[bytes]) -> None:
    """A window is megabytes: with the usual 64 KiB of pipe the two processes would take turns a hundred times."""
    with contextlib.suppress(AttributeError, OSError):  # Linux only, and an administrator may have lowered the most
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def main() -> None:
    limits = DecodingLimits(**json.loads(sys.argv[1]))
    sink = os.fdopen(os.dup(1), "wb")
    _widen(sink)
    os.dup2(2, 1)  # whatever a library prints must not land among the answers
    confining.confine(limits)
    while (message := read_message(sys.stdin.buffer)) is not None:
        try:
            _serve(*message, sink, limits)
        except BrokenPipeError:
            os._exit(0)  # the parent is gone, and with it everybody who could be told


if __name__ == "__main__":
    main()
