"""An embedder without networks or decoding: one window a clip, its vector decided by the file's content and the encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np

from core import encoders
from core.clips import ClipEmbeddings, VideoInfo, Window
from core.embedding import Embedded
from core.encoders import RANDOM_SHA256
from core.errors import BadClip

INFO = VideoInfo("mov,mp4", "h264", 32, 32, 1.0, 10, 10.0)
Draw = Callable[[bytes, str], np.ndarray]
"""From a file's content and an encoder's name to numbers; they become the beginning of a vector."""


def by_chance(content: bytes, encoder: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(content + encoder.encode()).digest()[:4], "little")
    return np.random.default_rng(seed).normal(size=8)


class FakeEmbedder:
    """Answers at once. A file that holds the word "broken" is refused; ``asked`` lists (encoder, content)."""

    def __init__(self, draw: Draw = by_chance) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self._draw = draw

    def submit(self, path: Path, encoder: str, **_: Any) -> Future[Embedded]:
        content, spec, future = path.read_bytes(), encoders.spec(encoder), Future[Embedded]()
        self.asked.append((encoder, content))
        if b"broken" in content:
            future.set_exception(BadClip("damaged", f"{path.name} is damaged"))
            return future
        numbers = self._draw(content, encoder)
        vector = np.zeros((1, spec.dimension), np.float32)
        vector[0, : len(numbers)] = numbers
        fingerprint = spec.fingerprint(RANDOM_SHA256 if spec.needs_weights else "")
        future.set_result(
            Embedded(INFO, ClipEmbeddings(fingerprint, (Window(0.0, 1.0),), vector), b"", engine=f"pretence of {encoder}")
        )
        return future

    def cancel(self, future: Future[Embedded]) -> None: ...

    def close(self) -> None: ...
