"""An encoder made of a network: an engine that computes embeddings, and the classifier as plain numbers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.batching import Batches, check_embeddings, check_frames
from core.encoders.protocol import ActionHead
from core.encoders.spec import EncoderSpec
from core.errors import NoActionHead
from core.motion.images import lit


class Engine(Protocol):
    """A network ready to run. Normalisation is inside: it takes decoded frames as they are."""

    @property
    def described(self) -> str:
        """Library, device and precision, in words."""

    @property
    def batch(self) -> int:
        """How many windows at once serve it best."""

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        """(b, T, H, W, 3) uint8 -> (b, D) float32. Raises MemoryError when that many windows do not fit."""


class NetworkEncoder:
    """Fulfils ``protocol.Encoder``."""

    def __init__(self, spec: EncoderSpec, engine: Engine, *, weights_sha256: str, head: ActionHead | None) -> None:
        self.spec = spec
        self.fingerprint = spec.fingerprint(weights_sha256)
        self.engine, self.batch = engine.described, engine.batch
        self._head = head
        self._batches = Batches(engine.run, engine.batch)

    def embed(self, frames: NDArray[np.uint8]) -> Floats:
        check_frames(frames, self.spec)
        if len(frames) == 0:
            return np.empty((0, self.spec.dimension), np.float32)
        if self.spec.lighten:
            frames = np.stack([lit(window) for window in frames])
        return check_embeddings(self._batches(frames), self.spec.name)

    def logits(self, frames: NDArray[np.uint8]) -> Floats:
        if self._head is None:
            raise NoActionHead(f"encoder ({self.spec.name}) must have a classifier for that; choose another encoder")
        return self._head.logits(self.embed(frames))
