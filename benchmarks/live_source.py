"""A camera watched for a concept: how late a flag is, and what memory it takes over time.

    python -m benchmarks.live_source LIBRARY FOOTAGE.mp4 --concept fight --positive fight [--seconds 300] [--encoder i3d-rgb]

LIBRARY is a library in which the concept is taught, or that has clips of that label: then it is taught first. FOOTAGE.mp4 and
FOOTAGE.json come from ``python -m benchmarks.footage``. A process of its own plays the footage as a camera would, MPEG-TS over
HTTP or RTSP on this machine, each picture at its moment. Two delays are told:

* transport: from the moment that a picture is sent to the moment that it is here as a JPEG; a film of greys that count.
* flag: from the first picture of an action to the flag, and from the last picture that a flag needed to the flag. The first
  holds what no machine can take away: an action must have filled the window by half or so, and last ``minimum_seconds``.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from core.decoding.streams import Stream
from core.guarding import Eye
from core.lessons import Lesson
from core.onlooking import Seen
from core.settings import Settings
from core.teaching import Teacher
from core.watching import Watch
from core.workbench import Workbench
from tests.core.decoding import cameras

TRANSPORT_SECONDS = 10
FPS = 25
LEVELS = 256 // cameras.STEP


def packets(path: Path) -> list[tuple[float, bytes]]:
    """The footage as MPEG-TS: for each picture when it is due, in seconds from the first, and its bytes."""
    sink, made, at = io.BytesIO(), [], 0
    with av.open(str(path)) as source, av.open(sink, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is None:
                continue
            due = float(packet.dts * packet.time_base)
            packet.stream = stream
            container.mux(packet)
            whole = sink.getbuffer().nbytes
            made.append((due, bytes(sink.getbuffer()[at:whole])))
            at = whole
    first = made[0][0]
    return [(due - first, content) for due, content in made]


def play(parts: Sequence[tuple[float, bytes]], form: str, told: Any) -> None:
    """A camera in this process until it is ended: ``told`` gets its port, then the moment of each connection's first picture."""
    contents, dues = [content for _, content in parts], [due for due, _ in parts]

    def began(number: int) -> None:
        if number == 0:
            told.put(time.monotonic())

    def answer(connection: Any) -> None:
        rate = len(dues) / (dues[-1] + dues[1])
        say = cameras.http(contents, rate, sent=began) if form == "http" else cameras.rtsp(contents, rate, [], sent=began)
        say(connection)

    with cameras.server(answer) as port:
        told.put(port)
        time.sleep(1e6)


class Camera:
    """``play`` in a process of its own, so that neither disturbs the other's clock."""

    def __init__(self, parts: Sequence[tuple[float, bytes]], form: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.told: Any = context.Queue()
        self._process = context.Process(target=play, args=(parts, form, self.told), daemon=True)
        self._process.start()
        self.address = f"{form}://127.0.0.1:{self.told.get()}/live"

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()


def transport(form: str) -> dict[str, float]:
    """Milliseconds from sending to having: median and 95th percentile, the first second left out."""
    film = cameras.pieces(TRANSPORT_SECONDS * FPS, FPS, side_px=240)
    found: list[float] = []
    camera = Camera([(number / FPS, part) for number, part in enumerate(film)], form)
    with camera, Stream(camera.address, fps=1000, short_side_px=240) as stream:
        began, number = float(camera.told.get()), -1
        while time.monotonic() < began + TRANSPORT_SECONDS - 0.5:
            for picture in stream.take(0.05):
                now = time.monotonic()
                level = round(float(np.asarray(Image.open(io.BytesIO(picture.jpeg))).mean()) / cameras.STEP) % LEVELS
                number = level if number < 0 else number + (level - number) % LEVELS
                if number > FPS:
                    found.append(now - (began + number / FPS))
    return {
        "pictures": len(found),
        "median_ms": round(1000 * statistics.median(found), 1),
        "p95_ms": round(1000 * float(np.percentile(found, 95)), 1),
    }


def resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        return float("nan")


def flags(
    bench: Workbench, camera: Camera, watch: Watch, pieces: Sequence[dict[str, Any]], positive: str, seconds: float
) -> dict[str, Any]:
    seen: list[tuple[float, Seen]] = []
    memory: list[dict[str, float]] = []
    eye = Eye(bench, camera.address, watch, lambda one: seen.append((time.monotonic(), one)))
    began = float(camera.told.get())
    try:
        while (now := time.monotonic()) < began + seconds and not eye.over:
            if now - began >= 30 * (len(memory) + 1) - 15:
                child = eye.stream._child
                memory.append(
                    {
                        "at_seconds": round(now - began),
                        "app_mb": round(resident_mb(multiprocessing.current_process().pid or 0)),
                        "stream_child_mb": round(resident_mb(child.pid)) if child else 0,
                        "pictures_kb": round(eye.onlooker.kept_bytes / 1000),
                    }
                )
            time.sleep(0.2)
        state, windows = eye.stream.state, eye.onlooker.windows
    finally:
        eye.close()
    actions = [one for one in pieces if one["label"] == positive and one["end_seconds"] < seconds - 3]
    shift = (eye.onlooker._began or began) - began  # the first picture of a connection is not always the film's first
    told = [(at - began, one) for at, one in seen if not one.over]
    first = [
        next(
            (
                at - one["start_seconds"]
                for at, seen in told
                if one["start_seconds"] <= seen.flag.peak_seconds + shift <= one["end_seconds"]
            ),
            None,
        )
        for one in actions
    ]
    late = [one.late_seconds for _, one in told]
    return {
        "windows_per_second": round(windows / seconds, 2),
        "flags": len(told),
        "load_average": os.getloadavg()[0],
        "actions": len(actions),
        "actions_flagged": sum(one is not None for one in first),
        "from_first_picture_of_action_s": _spread([one for one in first if one is not None]),
        "from_last_picture_needed_s": _spread(late),
        "losses": state.losses,
        "dropped_pictures": state.dropped,
        "memory": memory,
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {"median": round(statistics.median(values), 2), "least": round(min(values), 2), "most": round(max(values), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("footage", type=Path)
    parser.add_argument("--concept", required=True)
    parser.add_argument(
        "--positive", required=True, help="label of the concept's pieces in the footage's truth, and of its clips"
    )
    parser.add_argument("--encoder", default="i3d-rgb")
    parser.add_argument("--seconds", type=float, default=300.0)
    arguments = parser.parse_args()
    print(json.dumps({"transport": {form: transport(form) for form in ("http", "rtsp")}}, indent=2), flush=True)
    pieces = json.loads(arguments.footage.with_suffix(".json").read_text(encoding="utf-8"))["pieces"]
    with Workbench(Settings.from_environment(home=arguments.library)) as bench:
        teacher = Teacher(bench)
        if arguments.concept not in teacher.names():
            teacher.teach(Lesson.from_label(bench, arguments.positive, name=arguments.concept, encoder=arguments.encoder))
        with Camera(packets(arguments.footage), "http") as camera:
            found = flags(bench, camera, Watch((arguments.concept,)), pieces, arguments.positive, arguments.seconds)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
