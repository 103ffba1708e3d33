"""How fast is an encoder on this machine? Timed the way clips are added: decoding, network and worker process together.

The first run of a clip loads the network, and on a CPU may convert it: it is not counted. Then the same clips go through
several times. What is told is the median with the lowest and highest run: seconds of waiting for each window, and for each
minute of video, which is what compares encoders that cut clips differently.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as NotYet
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import machine
from core.clips import Clip, Progress
from core.embedding import Embedded, Embedder
from core.errors import Cancelled, NotEnoughData

RUNS = 5
LEAST_RUNS = 3
RUN_SECONDS = 2.0  # so long that the start of a run, and a fiftieth of a second here or there, do not matter
MOST_SECONDS = 60.0  # after loading; from here on no further run begins, unless LEAST_RUNS are missing
MOST_FILES = 32  # in one run; the same clips again and again where there are fewer
GOOD_SECONDS = 20.0  # the duration of clip to take where there is a choice: long enough for several windows, soon done
LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Spread:
    """Of several runs: the median, the lowest and the highest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one encoder was here.

    Args:
        encoder, fingerprint: what was timed.
        machine: the processor in words.
        engine: what computed, in words: library, device, precision.
        seconds_per_window: of a window of this encoder's length.
        seconds_per_minute: for a minute of video.
        windows, runs: how many windows one run had, and how many runs there were.
        measured_at: seconds since 1970, UTC.
        free: the share of the cores' time that other work left over when timing began.
    """

    encoder: str
    fingerprint: str
    machine: str
    engine: str
    seconds_per_window: Spread
    seconds_per_minute: Spread
    windows: int
    runs: int
    measured_at: float
    free: float = 1.0

    @property
    def windows_per_second(self) -> Spread:
        each = self.seconds_per_window
        return Spread(1 / each.median, 1 / each.high, 1 / each.low)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data; ``from_dict`` takes it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Speed:
        spreads = {name: Spread(**data[name]) for name in ("seconds_per_window", "seconds_per_minute")}
        return cls(**{**data, **spreads})


def clips_to_time(clips: Sequence[Clip], most: int = 4) -> list[Clip]:
    """A few clips of usual length, of different sources where there are any; the same ones for every encoder."""
    usual = min(statistics.median([clip.info.duration_seconds for clip in clips]), GOOD_SECONDS) if clips else 0.0
    order = sorted(clips, key=lambda clip: (abs(clip.info.duration_seconds - usual), clip.clip_id))
    seen: set[str] = set()
    again: list[Clip] = []
    firsts: list[Clip] = []
    for clip in order:
        (again if clip.split_source in seen else firsts).append(clip)
        seen.add(clip.split_source)
    return [*firsts, *again][:most]


def measure(
    embedder: Embedder,
    encoder: str,
    paths: Sequence[Path],
    *,
    report: Callable[[Progress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    run_seconds: float = RUN_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Speed:
    """Time ``encoder`` on the clips at ``paths``; about ten runs of ``run_seconds``, longer only for an encoder that is slower.

    Raises NotEnoughData without paths, Cancelled when ``should_stop`` said so, and whatever ``embedder`` raises.
    """
    if not paths:
        raise NotEnoughData("speed is measured on the library's own clips; add clips, or make the samples")
    steps = RUNS + 2
    report(Progress(0, steps, f"{encoder}: loading"))
    first = _run(embedder, encoder, paths[:1], should_stop)
    report(Progress(1, steps, f"{encoder}: a first look"))
    free, began = machine.free_share(), clock()
    _run(embedder, encoder, paths[:1], should_stop)
    count = min(max(round(run_seconds / max(clock() - began, 1e-6)), 1), MOST_FILES)
    chosen = list(itertools.islice(itertools.cycle(paths), count))
    per_window, per_minute, windows = [], [], 0
    for run in range(RUNS):
        if run >= LEAST_RUNS and clock() - began > MOST_SECONDS:
            break
        report(Progress(run + 2, steps, f"{encoder}: run {run + 1} of {RUNS}"))
        run_began = clock()
        done = _run(embedder, encoder, chosen, should_stop)
        seconds = max(clock() - run_began, 1e-9)
        windows = sum(len(one.embeddings.windows) for one in done)
        per_window.append(seconds / windows)
        per_minute.append(60.0 * seconds / sum(one.info.duration_seconds for one in done))
    report(Progress(steps, steps, f"{encoder}: timed"))
    return Speed(
        encoder=encoder,
        fingerprint=first[0].embeddings.fingerprint,
        machine=machine.processor(),
        engine=first[0].engine,
        seconds_per_window=_spread(per_window),
        seconds_per_minute=_spread(per_minute),
        windows=windows,
        runs=len(per_window),
        measured_at=time.time(),
        free=free,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def _run(embedder: Embedder, encoder: str, paths: Sequence[Path], should_stop: Callable[[], bool]) -> list[Embedded]:
    """All at once, as adding does it: while one is computed, the next is decoded."""
    futures = [embedder.submit(path, encoder) for path in paths]
    done = []
    try:
        for future in futures:
            while True:
                if should_stop():
                    raise Cancelled("timing was stopped")
                try:
                    done.append(future.result(timeout=LOOK_SECONDS))
                    break
                except NotYet:
                    if future.done():
                        raise
    finally:
        for future in futures[len(done) :]:
            embedder.cancel(future)
    return done
