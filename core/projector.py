"""The process that lays out a map: ``python -m core.projector``. UMAP and t-SNE cannot be interrupted, but a process can.

A request is a layout's key and the rows' bytes; the answer is the places' bytes and the notes, or an error by name.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import IO

import numpy as np

from core.clips import Floats
from core.errors import Cancelled, MotionbookError, WorkerDied, from_reason
from core.processes import Child, Header, Payload, read_message, write_message
from core.projecting import Layout, Placed, from_key, project

LOOK_SECONDS = 0.1
STOPPED = "making the map was stopped; the map before it is kept"


def place(
    rows: Floats,
    layout: Layout,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    waiting: Callable[[], None] = lambda: None,
) -> Placed:
    """``project`` in a process of its own, which ends at once when ``should_stop`` says so: Cancelled, WorkerDied.

    ``waiting`` is called a few times a second meanwhile.
    """
    child = Child("core.projector", quiet=True)
    try:
        child.send({"layout": layout.key, "rows": list(rows.shape)}, np.ascontiguousarray(rows, "<f4").data)
        answers: list[tuple[Header, Payload] | None] = []
        reader = threading.Thread(target=lambda: answers.append(_answer(child)), name="map", daemon=True)
        reader.start()
        while reader.is_alive():
            if should_stop():
                raise Cancelled(STOPPED)
            waiting()
            reader.join(LOOK_SECONDS)
    finally:
        child.kill()
    if not answers or answers[0] is None:
        raise WorkerDied("the process that lays out the map ended by itself; try again, of clips instead of moments or by PCA")
    header, payload = answers[0]
    if header.get("error"):
        raise from_reason(header["reason"], header["error"])
    places = np.frombuffer(bytes(payload), "<f4").reshape(-1, 2).astype(np.float32)
    return Placed(places, tuple(header["notes"]))


def _answer(child: Child) -> tuple[Header, Payload] | None:
    try:
        return child.receive()
    except WorkerDied:
        return None


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the requests end."""
    while (message := read_message(requests)) is not None:
        header, payload = message
        try:
            rows = np.frombuffer(bytes(payload), "<f4").reshape(header["rows"]).astype(np.float32)
            placed = project(rows, from_key(header["layout"]))
        except MotionbookError as error:
            write_message(answers, {"error": str(error), "reason": error.reason})
        except Exception as error:  # what a foreign library refuses is told to the one who asked
            write_message(answers, {"error": f"the map cannot be laid out: {error!r}", "reason": MotionbookError.reason})
        else:
            body = np.ascontiguousarray(placed.places, "<f4").tobytes()
            write_message(answers, {"notes": list(placed.notes)}, body)


def main() -> None:
    """Serve on standard input and output; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
