"""What every encoder offers, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats, Section
from core.encoders.spec import EncoderSpec


@dataclass(frozen=True, slots=True, eq=False)
class ActionHead:
    """The classifier of an encoder: ``logits = embeddings @ weight.T + bias``.

    ``names`` has A entries, ``weight`` is (A, D) float32 and ``bias`` (A,) float32. A row of ``weight`` is the
    direction in the embedding space that speaks for its action.
    """

    names: tuple[str, ...]
    weight: Floats
    bias: Floats

    def __post_init__(self) -> None:
        if self.weight.ndim != 2 or not (len(self.names) == len(self.weight) == len(self.bias)):
            raise ValueError(
                f"names, weight and bias ({len(self.names)}, {self.weight.shape}, {self.bias.shape}) "
                "must have one entry per action"
            )

    def logits(self, embeddings: Floats) -> Floats:
        """(B, D) -> (B, A) float32."""
        logits: Floats = np.asarray(embeddings @ self.weight.T + self.bias, dtype=np.float32)
        return logits

    def within(self, section: Section, dimension: int) -> ActionHead:
        """The same directions in the space of an encoder of which this head's encoder is one part: zero in all others."""
        weight = np.zeros((len(self.names), dimension), np.float32)
        weight[:, section.start : section.stop] = self.weight
        return ActionHead(self.names, weight, self.bias)


class Encoder(Protocol):
    """Frames of windows -> embeddings. Not thread-safe: one caller at a time."""

    @property
    def spec(self) -> EncoderSpec: ...

    @property
    def fingerprint(self) -> str:
        """Vectors of unlike fingerprints are never compared."""

    @property
    def engine(self) -> str:
        """What computes, in words: library, device and precision."""

    @property
    def batch(self) -> int:
        """How many windows at once serve it best; ``embed`` takes any number."""

    def embed(self, frames: NDArray[np.uint8]) -> Floats:
        """``frames`` (B, T, H, W, 3) uint8 RGB, any B -> (B, D) float32. A row does not depend on its neighbours.

        Raises ValueError for another shape or type, OutOfMemory when not even one window fits, and BadEmbedding
        for a number that is not finite.
        """

    def logits(self, frames: NDArray[np.uint8]) -> Floats:
        """The classifier's (B, A) float32, before softmax. Raises NoActionHead, and what ``embed`` raises."""
