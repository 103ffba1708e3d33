"""What the motion streams see, drawn over a clip: people and their joints, or where every patch of the picture moves.

The film is drawn in a process of its own, ``python -m core.overlaying``: it decodes, runs networks and encodes, and may be
ended at any moment. ``draw_over`` is its parent's side.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import encoders, weights
from core.clips import Framing, Progress
from core.decoding import Decoder
from core.errors import BadInput, Cancelled, MotionbookError, from_reason
from core.processes import Child, read_message, write_message
from core.settings import DecodingLimits, Settings

KINDS = {"skeleton": "skeleton", "flow": "flow"}
"""What can be drawn, and the encoder whose stream it shows."""
FPS = 12.5  # enough to follow a step, half the work of every frame
MOST_SECONDS = 60.0  # of a long clip its first minute is drawn: more would keep people waiting longer than it tells them
_SIDE_PX = 640
_MOMENTS = 32  # decoded at a time
_SILENCE_SECONDS = 300.0  # without a word for this long it is stuck
Frames = NDArray[np.uint8]


def draw_over(
    path: Path,
    destination: Path,
    kind: str,
    settings: Settings,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Write an MP4 of the clip ``path`` with ``kind`` drawn over it; ``report`` hears of moments done.

    Raises BadInput for an unknown kind, BadClip, WeightsMissing, WorkerDied, and Cancelled when ``should_stop`` says so.
    """
    known_kind(kind)
    child = Child("core.overlaying")
    try:
        values = {**asdict(settings), "home": str(settings.home), "cache": str(settings.cache)}
        request = {"path": os.fspath(path.absolute()), "destination": os.fspath(destination.absolute()), "kind": kind}
        child.send({"settings": values, **request})
        while True:
            header, _ = child.receive(_SILENCE_SECONDS)
            if "reason" in header:
                raise from_reason(header["reason"], header["message"])
            if "drawn" in header:
                return
            if should_stop():
                raise Cancelled(f"drawing over {path.name} was stopped")
            report(Progress(header["done"], header["total"], header["label"]))
    finally:
        child.kill()


def known_kind(kind: str) -> str:
    """``kind`` again. Raises BadInput for one that cannot be drawn."""
    if kind not in KINDS:
        raise BadInput(f"overlay ({kind!r}) must be one of {', '.join(KINDS)}; choose one of these")
    return kind


def _film(path: Path, kind: str, settings: Settings, tell: Callable[[int, int], None]) -> Iterator[Frames]:
    """The clip's frames (H, W, 3) at FPS, drawn over; H and W are even."""
    from core.motion.images import picture_area

    draw = _painter(kind, settings)
    with Decoder(settings.limits) as decoder:
        seconds = min(decoder.probe(path).duration_seconds, MOST_SECONDS)
        moments = (np.arange(max(1, int(seconds * FPS)), dtype=np.float64) + 0.5) / FPS
        times = [moments[start : start + _MOMENTS] for start in range(0, len(moments), _MOMENTS)]
        before, area = None, (0, 0, 0, 0)
        for index, frames in enumerate(decoder.read_windows(path, times, Framing(_SIDE_PX, _SIDE_PX, "pad"))):
            top, bottom, left, right = area = area if any(area) else picture_area(frames)
            frames = frames[:, top : bottom - (bottom - top) % 2, left : right - (right - left) % 2]
            yield from draw(frames, before)
            before = frames[-1]
            tell(min((index + 1) * _MOMENTS, len(moments)), len(moments))


def _painter(kind: str, settings: Settings) -> Callable[[Frames, Frames | None], list[Frames]]:
    """(T, H, W, 3) and the frame before them -> T pictures drawn over."""
    if kind == "flow":
        from core.motion.flow import dense_flow
        from core.motion.flow_overlay import draw_flow

        def draw_motion(frames: Frames, before: Frames | None) -> list[Frames]:
            first = frames[:1] if before is None else before[None]
            flow = dense_flow(np.concatenate([first, frames]))
            return [draw_flow(frame, field) for frame, field in zip(frames, flow, strict=True)]

        return draw_motion
    from core.encoders.skeleton import watcher
    from core.motion.overlay import draw_people

    located = weights.locate(encoders.spec(KINDS[kind]), settings.cache)
    assert located is not None  # this encoder has weights
    watching = watcher(located)

    def draw_bodies(frames: Frames, _before: Frames | None) -> list[Frames]:
        everybody = watching.people_of(frames)
        return [draw_people(frame, people) for frame, people in zip(frames, everybody, strict=True)]

    return draw_bodies


def _serve(header: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
    from core.decoding.writing import write_mp4

    values = header["settings"]
    places = {"home": Path(values["home"]), "cache": Path(values["cache"]), "limits": DecodingLimits(**values["limits"])}
    settings = Settings(**{**values, **places})
    path = Path(header["path"])

    def tell(done: int, total: int) -> None:
        answer({"done": done, "total": total, "label": path.name})

    try:
        tell(0, 0)
        write_mp4(Path(header["destination"]), _film(path, header["kind"], settings, tell), FPS)
        answer({"drawn": True})
    except MotionbookError as error:
        answer({"reason": error.reason, "message": str(error)})
    except Exception as error:  # whatever a library raises must reach a person in words
        answer({"reason": MotionbookError.reason, "message": f"{path.name} could not be drawn over: {error!r}"})


def main() -> None:
    """Answers go out on the original standard output; whatever libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    message = read_message(sys.stdin.buffer)
    if message is not None:
        _serve(message[0], lambda header: write_message(answers, header))
    os._exit(0)  # native threads must not be torn down under their work


if __name__ == "__main__":
    main()
