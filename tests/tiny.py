"""Clips that are made in a few milliseconds, each different from every other, and a workbench that needs no weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.decoding.writing import write_mp4
from core.embedding import Embedder
from core.settings import Settings
from core.workbench import Workbench

SIZE_PX = 32
FPS = 10


def frames(seed: int, count: int = 10) -> list[np.ndarray]:
    """(H, W, 3) uint8 each: four quarters of colours that ``seed`` alone decides, and a line that moves."""
    colours = np.random.default_rng(seed).integers(0, 256, (2, 2, 3), dtype=np.uint8)
    still = colours.repeat(SIZE_PX // 2, axis=0).repeat(SIZE_PX // 2, axis=1)
    made = []
    for index in range(count):
        picture = still.copy()
        picture[:, index % SIZE_PX] = 255
        made.append(picture)
    return made


def make_clip(path: Path, seed: int, *, count: int = 10) -> Path:
    """``count`` frames at 10 a second, so by default one second: one window of the toy encoder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mp4(path, frames(seed, count), FPS)
    return path


def make_clips(folder: Path, count: int, *, first_seed: int = 0) -> list[Path]:
    return [make_clip(folder / f"take {first_seed + index:03}.mp4", first_seed + index) for index in range(count)]


def toy_settings(home: Path) -> Settings:
    return Settings.from_environment(home=home, encoder="toy", device="cpu")


class KeptOpen:
    """An Embedder that outlives the workbenches that use it: starting a worker takes longer than most tests."""

    def __init__(self, embedder: Embedder) -> None:
        self.submit, self.vary, self.cancel = embedder.submit, embedder.vary, embedder.cancel
        self.sentences = embedder.sentences

    def close(self) -> None: ...


def toy_bench(home: Path, embedder: Embedder | None = None) -> Workbench:
    return Workbench(toy_settings(home), embedder=KeptOpen(embedder) if embedder else None)
