"""One errand at a time in a thread: fetching something large while people look on. It is not a job: a restart forgets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.clips import Progress
from core.errors import BadInput, Cancelled, MotionbookError

STOPPED = "It was stopped."
"""The ``error`` of an errand that somebody stopped: no failure."""
Report = Callable[[Progress], None]
Work = Callable[[Report, Callable[[], bool]], None]


@dataclass(frozen=True, slots=True)
class ErrandState:
    """``ended`` with an empty ``error`` means that all was done. Times are seconds of the monotonic clock."""

    title: str
    progress: Progress
    started_at: float
    ended: bool = False
    error: str = ""


class Errands:
    """Runs at most one piece of work; ``state`` may be read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._state: ErrandState | None = None

    @property
    def state(self) -> ErrandState | None:
        """The errand under way or the last one; None before the first."""
        return self._state

    def start(self, title: str, work: Work) -> None:
        """``work(report, should_stop)`` begins in a thread. Raises BadInput while another is under way."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise BadInput(f"errand ({title}) must wait until the one before it has ended; cancel that, or wait")
            self._stop.clear()
            self._state = ErrandState(title, Progress(0, 0), time.monotonic())
            self._thread = threading.Thread(target=self._run, args=(work,), name=title, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask the work to stop; it does so at its next look."""
        self._stop.set()

    def join(self, timeout_seconds: float | None = None) -> None:
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _run(self, work: Work) -> None:
        error = ""
        try:
            work(self._report, self._stop.is_set)
        except Cancelled:
            error = STOPPED
        except MotionbookError as failure:
            error = str(failure)
        except Exception as failure:  # a defect of ours must be seen, not swallowed with the thread
            error = f"something unexpected happened: {failure!r}"
        assert self._state is not None  # start() made it
        self._state = replace(self._state, ended=True, error=error)

    def _report(self, progress: Progress) -> None:
        assert self._state is not None  # start() made it
        self._state = replace(self._state, progress=progress)
