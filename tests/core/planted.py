"""A workbench whose clips are planted, not filmed: bytes nobody decodes and vectors that a test chose, by the toy encoder."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.clips import Clip, ClipEmbeddings, VideoInfo, Window
from core.workbench import Workbench

INFO = VideoInfo("mov,mp4", "h264", 320, 240, 4.5, 112, 25.0)
_numbers = itertools.count()


def dimension(bench: Workbench) -> int:
    return bench.spec().dimension


def plant(bench: Workbench, folder: Path, vectors: np.ndarray, label: str = "", source: str = "", name: str = "") -> str:
    """A clip with one window for each row of ``vectors`` (N, D), of a second each; its id."""
    number = next(_numbers)
    path = folder / f"planted {number}.mp4"
    path.write_bytes(np.random.default_rng(number).bytes(500))
    media = bench.library.put_media(path)
    spec, fingerprint = bench.spec(), bench.fingerprint()
    bench.library.remember_encoder(fingerprint, spec.name, spec.dimension)
    rows = np.zeros((len(vectors), spec.dimension), np.float32)
    rows[:, : vectors.shape[1]] = vectors
    windows = tuple(Window(float(row), row + 1.0) for row in range(len(rows)))
    made = Clip(media.clip_id, name or path.name, label, source, media.bytes, INFO, 1000.0 + number)
    bench.library.add(made, ClipEmbeddings(fingerprint, windows, rows))
    return media.clip_id


def plant_groups(
    bench: Workbench, folder: Path, labels: Sequence[str], each: int, *, windows: int = 1, noise: float = 0.25, seed: int = 0
) -> dict[str, list[str]]:
    """``each`` clips of other people around a direction of its own for each label; their ids by label."""
    random, made = np.random.default_rng(seed), dict[str, list[str]]()
    size = dimension(bench)
    for number, label in enumerate(labels):
        middle = np.eye(size)[number]
        for person in range(each):
            vectors = middle + noise * random.normal(size=(windows, size)) / np.sqrt(size)
            made.setdefault(label, []).append(plant(bench, folder, vectors, label, f"person {person}"))
    return made
