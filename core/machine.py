"""What machine is this? In words that say how fast it may be, and nothing about whose it is; and is it busy with other work?"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def processor(cpu_info: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name and how many of its cores this process may use, for instance "AMD EPYC 7B13, 2 cores"."""
    cores = usable_cores()
    name = _named(cpu_info) or platform.processor() or platform.machine() or "unknown processor"
    return f"{' '.join(name.split())}, {cores} core{'s' if cores != 1 else ''}"


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_share(seconds: float = 0.2) -> float:
    """The share of its cores' time that this process gets when it asks for all of it, for ``seconds``: 1 on an idle machine."""
    block = bytes(1 << 20)

    def share(_: int) -> float:
        began, computed = time.monotonic(), time.thread_time()
        while time.monotonic() - began < seconds:
            hashlib.sha256(block)  # leaves Python's lock to the other threads
        return (time.thread_time() - computed) / (time.monotonic() - began)

    cores = usable_cores()
    with ThreadPoolExecutor(cores) as threads:
        return min(sum(threads.map(share, range(cores))) / cores, 1.0)


def _named(cpu_info: Path) -> str:
    """As Linux tells it; empty elsewhere, and on processors that have no name there."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
