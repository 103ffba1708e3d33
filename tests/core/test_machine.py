"""The machine in words."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from core.machine import free_share, processor, usable_cores


def test_the_processor_as_linux_names_it(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor : 0\nmodel name\t: Some  CPU @ 2.00GHz\nmodel name\t: another\n")
    cores = usable_cores()
    assert 1 <= cores <= (os.cpu_count() or 1)
    assert processor(told) == f"Some CPU @ 2.00GHz, {cores} core{'s' if cores != 1 else ''}"


def test_without_a_name_there_is_still_a_word(tmp_path: Path) -> None:
    assert processor(tmp_path / "none").split(",")[0]


def test_a_busy_machine_leaves_less() -> None:
    """Three processes for each core take most of it, whatever else this machine is doing."""
    before = free_share(0.1)
    spin = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(spin) for _ in range(3 * usable_cores())]
    try:
        time.sleep(0.3)
        during = free_share(1.0)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert 0 < during < 0.6
    assert 0 < before <= 1
