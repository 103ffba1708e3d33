"""The machine in words."""

from __future__ import annotations

import os
from pathlib import Path

from core.machine import processor


def test_the_processor_as_linux_names_it(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor : 0\nmodel name\t: Some  CPU @ 2.00GHz\nmodel name\t: another\n")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert processor(told) == f"Some CPU @ 2.00GHz, {cores} core{'s' if cores != 1 else ''}"


def test_without_a_name_there_is_still_a_word(tmp_path: Path) -> None:
    assert processor(tmp_path / "none").split(",")[0]
