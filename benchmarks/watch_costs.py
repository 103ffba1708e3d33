"""Speed and peak memory of a scan of one long film, in a process of its own: what ``benchmarks.watch --lengths`` starts.

    python -m benchmarks.watch_costs FILM ENCODER

Memory is the resident size of the process and all it started (worker, decoders), summed and looked at twice a second; pages that
they share count in each. Beside the peak stands that of the run's first half: where both are alike, memory is flat.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

import numpy as np

from benchmarks.embedding import cpu_seconds, family_of
from core.concepts import Concept, Head, Scale, Space, Threshold
from core.settings import Settings
from core.watching import Watch, Watcher
from core.workbench import Workbench

LOOK_SECONDS = 0.5


class Memory:
    """Looks at what the process and its children hold while ``with`` lasts: ``samples`` in bytes."""

    def __init__(self) -> None:
        self.samples: list[int] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            self.samples.append(sum(map(resident_bytes, family_of(os.getpid()))))

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()


def resident_bytes(process: int) -> int:
    """What a process holds now; 0 for one that has ended."""
    try:
        return int((Path("/proc") / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def any_concept(bench: Workbench, encoder: str) -> Concept:
    """A direction drawn once: how long scoring takes does not depend on what was learnt."""
    size = bench.spec(encoder).dimension
    row = np.random.default_rng(0).normal(size=(1, size)).astype(np.float32)
    return Concept(
        *("any", encoder, bench.fingerprint(encoder), ("any",), ()),
        *(Space(np.zeros(size, np.float32), bench.sections(encoder)), Head("ridge", row, np.zeros(1, np.float32))),
        *(row / np.linalg.norm(row), (Scale(),), (Threshold(1e9),)),
    )


def cost(path: Path, encoder: str, home: Path) -> str:
    """A row: minutes, encoder, seconds, multiple of real time, processor seconds, windows, MiB in the first half, MiB at most."""
    with Workbench(Settings.from_environment(home=home)) as bench:
        concept = any_concept(bench, encoder)
        watcher = Watcher(bench, lambda _: concept)
        with Memory() as memory:
            began = time.perf_counter()
            found = watcher.scan_file(path, Watch(("any",)))
            spent, used = time.perf_counter() - began, cpu_seconds(os.getpid())
    first = max(memory.samples[: (len(memory.samples) + 1) // 2], default=0)
    mebibytes = " | ".join(f"{value / 2**20:.0f}" for value in (first, max(memory.samples, default=0)))
    seconds = found.duration_seconds
    return (
        f"| {seconds / 60:.1f} | {encoder} | {spent:.0f} | {seconds / spent:.1f} | {used:.0f} | {found.windows} | {mebibytes} |"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(cost(Path(sys.argv[1]), sys.argv[2], Path(folder)), flush=True)
