"""The motion of a clip from picture to picture, for its rhythm: decoded and watched in a process of its own.

``watch`` is the parent's side; ``python -m core.pacing`` decodes, finds flow and answers with a course, and may be ended at any
moment.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.clips import Framing, Progress
from core.decoding import Decoder
from core.errors import Cancelled, MotionbookError, from_reason
from core.motion.course import Course, Watching
from core.processes import Child, read_message, write_message
from core.settings import DecodingLimits, Settings

MOST_FPS = 33.0  # films of 50 or 60 pictures a second are seen at half their rate: a step of a sprint still has six pictures
MOST_SECONDS = 60.0  # of a long clip the first minute, or of a range of it, tells the rhythm; more would only take longer
_SIDE_PX = 256  # as the flow stream sees films
_MOMENTS = 32  # decoded at a time
_SILENCE_SECONDS = 300.0
VERSION = 1
"""Raised when a course changes."""


def watch(
    path: Path,
    settings: Settings,
    span: tuple[float, float],
    *,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Course:
    """The course of the clip ``path`` between the seconds of ``span``, at most MOST_SECONDS of it.

    Raises BadClip, WorkerDied, and Cancelled when ``should_stop`` says so.
    """
    child = Child("core.pacing")
    try:
        values = {**asdict(settings), "home": str(settings.home), "cache": str(settings.cache)}
        child.send({"settings": values, "path": os.fspath(path.absolute()), "span": list(span)})
        while True:
            header, payload = child.receive(_SILENCE_SECONDS)
            if "reason" in header:
                raise from_reason(header["reason"], header["message"])
            if "course" in header:
                return unpacked(bytes(payload))
            if should_stop():
                raise Cancelled(f"watching {path.name} was stopped")
            report(Progress(header["done"], header["total"], header["label"]))
    finally:
        child.kill()


def packed(course: Course) -> bytes:
    """As a file: half floats are finer than flow is exact."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        rows=course.rows.astype(np.float16),
        activity=course.activity,
        clock=np.array([course.fps, course.start_seconds]),
    )
    return content.getvalue()


def unpacked(content: bytes) -> Course:
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        fps, start = kept["clock"]
        return Course(kept["rows"].astype(np.float32), kept["activity"].astype(np.float64), float(fps), float(start))


def _course(path: Path, span: tuple[float, float], limits: DecodingLimits, tell: Callable[[int, int], None]) -> Course:
    with Decoder(limits) as decoder:
        info = decoder.probe(path)
        first, last = max(span[0], 0.0), min(span[1], info.duration_seconds, span[0] + MOST_SECONDS)
        fps = info.fps
        while fps > MOST_FPS:
            fps /= 2
        moments = first + (np.arange(max(1, int((last - first) * fps)), dtype=np.float64) + 0.5) / fps
        times = [moments[start : start + _MOMENTS] for start in range(0, len(moments), _MOMENTS)]
        watching = Watching()
        for index, frames in enumerate(decoder.read_windows(path, times, Framing(_SIDE_PX, _SIDE_PX, "pad"))):
            watching.see(frames)
            tell(min((index + 1) * _MOMENTS, len(moments)), len(moments))
        return watching.course(fps, first)


def _serve(header: dict[str, Any], answer: Callable[[dict[str, Any], bytes], None]) -> None:
    path = Path(header["path"])
    try:
        answer({"done": 0, "total": 0, "label": path.name}, b"")
        limits = DecodingLimits(**header["settings"]["limits"])
        span = (float(header["span"][0]), float(header["span"][1]))
        found = _course(path, span, limits, lambda done, total: answer({"done": done, "total": total, "label": path.name}, b""))
        answer({"course": True}, packed(found))
    except MotionbookError as error:
        answer({"reason": error.reason, "message": str(error)}, b"")
    except Exception as error:  # whatever a library raises must reach a person in words
        answer({"reason": MotionbookError.reason, "message": f"{path.name} could not be watched: {error!r}"}, b"")


def main() -> None:
    """Answers go out on the original standard output; whatever libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    message = read_message(sys.stdin.buffer)
    if message is not None:
        _serve(message[0], lambda header, payload: write_message(answers, header, payload))
    os._exit(0)  # native threads must not be torn down under their work


if __name__ == "__main__":
    main()
