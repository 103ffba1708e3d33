"""What the decoding child may take from the machine. POSIX resource limits; each is a wall, not a wish."""

from __future__ import annotations

import resource
from pathlib import Path

from core.settings import DecodingLimits

OPEN_FILES = 12  # three standard streams, the clip twice (FFmpeg duplicates it), a transcoded copy, and some air
WRITTEN_BYTES = 4 * 2**30  # for a transcoded copy; every other request may write nothing
THREADS = 2  # FFmpeg threads for decoding; more of them cost memory and starve the network


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, hard))


def confine(limits: DecodingLimits) -> None:
    """For the whole life of the process: address space, open files, no core dump."""
    _lower(resource.RLIMIT_AS, limits.memory_bytes)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    allow_writing(False)


def allow_writing(allowed: bool) -> None:
    """A pipe is no file: answers still get out when this is False."""
    _lower(resource.RLIMIT_FSIZE, WRITTEN_BYTES if allowed else 0)


def allow_seconds(wall_seconds: float) -> None:
    """Start the CPU time of one step afresh: SIGXCPU ends the process after THREADS times ``wall_seconds`` of work."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_seconds = usage.ru_utime + usage.ru_stime
    _lower(resource.RLIMIT_CPU, int(used_seconds + THREADS * wall_seconds) + 2)


def peak_bytes() -> int:
    """Most memory this process has held at once, its resident set.

    Linux hands getrusage's figure on from the parent when a process starts, so its own account comes first.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
