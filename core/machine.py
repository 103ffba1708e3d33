"""What machine is this? In words that say how fast it may be, and nothing about whose it is."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def processor(cpu_info: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name and how many of its cores this process may use, for instance "AMD EPYC 7B13, 2 cores"."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    name = _named(cpu_info) or platform.processor() or platform.machine() or "unknown processor"
    return f"{' '.join(name.split())}, {cores} core{'s' if cores != 1 else ''}"


def _named(cpu_info: Path) -> str:
    """As Linux tells it; empty elsewhere, and on processors that have no name there."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
