"""Libraries for searching in: vectors by chance instead of films, several overlapping windows a clip, some clips nearly twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.clips import Clip, ClipEmbeddings, VideoInfo, Window
from core.encoders import spec
from core.store import Library
from core.workbench import Workbench
from tests.faked import FakeEmbedder
from tests.tiny import toy_settings

CLIPS = 60
LABELS = ("running", "jogging", "waving", "")
SOURCES = ("anna", "bert", "cleo", "dora", "emil", "")
DAY = 86400.0
TWICE = {50: 3, 51: 3, 52: 7}
"""Clips that show nearly what another shows."""


def searchable(home: Path, clips: int = CLIPS) -> Workbench:
    """Clip n is named "clip n", has 1 to 5 windows of a second every half, label and source by its number, and is n days old."""
    settings, chance = toy_settings(home), np.random.default_rng(0)
    library = Library.open(home, index="memory")
    toy = spec("toy")
    library.remember_encoder(toy.fingerprint(""), toy.name, toy.dimension, {})
    drawn: list[np.ndarray] = []
    for number in range(clips):
        windows = int(chance.integers(1, 6))
        rows = chance.normal(1.5, 1.0, toy.dimension) + chance.normal(0, 0.8, (windows, toy.dimension))
        if number in TWICE:
            first = drawn[TWICE[number]]
            rows = first + chance.normal(0, 0.005, first.shape)
        drawn.append(rows)
        _put(library, home, number, rows.astype(np.float32))
    return Workbench(settings, library=library, embedder=FakeEmbedder())


def _put(library: Library, home: Path, number: int, rows: np.ndarray) -> None:
    content = home / f"{number}.bin"
    content.write_bytes(f"content of {number}".encode())
    stored = library.put_media(content)
    seconds = 1.0 + 0.5 * (len(rows) - 1)
    info = VideoInfo("mov,mp4", "h264", 32, 32, seconds, int(10 * seconds), 10.0)
    label, source = LABELS[number % len(LABELS)], SOURCES[number % len(SOURCES)]
    clip = Clip(stored.clip_id, f"clip {number}", label, source, 14, info, number * DAY, synthetic=number % 5 == 0)
    windows = tuple(Window(0.5 * row, 0.5 * row + 1.0) for row in range(len(rows)))
    library.add(clip, ClipEmbeddings(spec("toy").fingerprint(""), windows, rows))
