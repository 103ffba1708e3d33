"""A small library to try things on: clips of random bytes, vectors of random numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clips import Clip, ClipEmbeddings, Floats, VideoInfo, Window
from core.store import Library

FINGERPRINT = "feedbeef"
SCHEMA_5 = ("concept_examples", "concepts", "scan_items", "scans", "flags", "rules", "firings")
"""Tables that version 5 of the ledger added, in an order in which they can be dropped."""
DIMENSION = 16


class Maker:
    """Makes clips; the same seed gives the same ones."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder, self.random = folder, np.random.default_rng(seed)
        self._numbers = itertools.count()
        folder.mkdir(exist_ok=True)

    def file(self, size: int = 3_000) -> Path:
        path = self.folder / f"take {next(self._numbers)}.mp4"
        path.write_bytes(self.random.bytes(size))
        return path

    def vectors(self, count: int, dimension: int = DIMENSION) -> Floats:
        return self.random.normal(size=(count, dimension)).astype(np.float32)

    def embeddings(self, count: int = 3, *, fingerprint: str = FINGERPRINT, dimension: int = DIMENSION) -> ClipEmbeddings:
        windows = tuple(Window(float(row), row + 1.5) for row in range(count))
        return ClipEmbeddings(fingerprint, windows, self.vectors(count, dimension))

    def add(self, library: Library, count: int = 3, *, path: Path | None = None, **values: object) -> str:
        """Put a clip with ``count`` windows into the library; its id."""
        path = path or self.file()
        media = library.put_media(path)
        kept = {name: values.pop(name) for name in ("thumbnail", "job") if name in values}
        clip = self.clip(media.clip_id, **{"name": path.name, "bytes": media.bytes, **values})
        library.remember_encoder(FINGERPRINT, "toy", DIMENSION)
        library.add(clip, self.embeddings(count) if count else None, **kept)
        return media.clip_id

    def clip(self, clip_id: str, **values: object) -> Clip:
        info = VideoInfo("mov,mp4", "h264", 320, 240, 4.5, 112, 25.0, 90, "yuv420p")
        known = {"name": "a", "label": "running", "source": "person 1", "bytes": 1, "added_at": 1000.0 + next(self._numbers)}
        return Clip(clip_id, info=info, **{**known, **values})


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "takes")


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library.open(home, index="memory") as opened:
        yield opened


@pytest.fixture
def reopen() -> Callable[[Library], Library]:
    """Close and open again, with the in-memory index."""

    def again(library: Library) -> Library:
        library.close()
        return Library.open(library.home, index="memory")

    return again


def exact_nearest(library: Library, vector: Floats, k: int) -> list[tuple[str, int]]:
    """The answer that every index must give, worked out from the ledger's vectors in float64."""
    gallery = library.gallery(FINGERPRINT)
    rows, wanted = gallery.vectors.astype(np.float64), vector.astype(np.float64)
    similarities = rows @ wanted / np.linalg.norm(rows, axis=1) / np.linalg.norm(wanted)
    window, before = [], None
    for clip_id in gallery.clip_ids:
        window.append(0 if clip_id != before else window[-1] + 1)
        before = clip_id
    return [(gallery.clip_ids[row], window[row]) for row in np.argsort(-similarities, kind="stable")[:k]]


@pytest.fixture
def exact() -> Callable[[Library, Floats, int], list[tuple[str, int]]]:
    return exact_nearest
