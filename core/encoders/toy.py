"""An encoder that a reader can compute by hand: average colours of four quarters, how much changes, and a constant.

For tests, examples and a first look without weights. It knows nothing about actions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.batching import check_frames
from core.encoders.spec import EncoderSpec
from core.errors import NoActionHead

CONSTANT = 0.1
"""Keeps the vector of a black and still window away from zero, which has no direction."""
DIMENSION = 14


class ToyEncoder:
    """Its 14 numbers, with colours from 0 to 1 averaged over all T moments:

    * 0-2: R, G, B of the top left quarter, 3-5: top right, 6-8: bottom left, 9-11: bottom right;
    * 12: mean absolute change of a value from one moment to the next (0 for a still picture);
    * 13: the constant 0.1.
    """

    engine = "numpy on CPU, float32"
    batch = 1

    def __init__(self, spec: EncoderSpec) -> None:
        self.spec = spec
        self.fingerprint = spec.fingerprint("")

    def embed(self, frames: NDArray[np.uint8]) -> Floats:
        """(B, T, H, W, 3) uint8 -> (B, 14) float32."""
        check_frames(frames, self.spec)
        vectors = np.empty((len(frames), DIMENSION), np.float32)
        for row, window in enumerate(frames):
            vectors[row] = _vector(window / 255)
        return vectors

    def logits(self, frames: NDArray[np.uint8]) -> Floats:  # noqa: ARG002  (the protocol's)
        raise NoActionHead(f"encoder ({self.spec.name}) must have a classifier for that; choose another encoder")


def _vector(window: NDArray[np.float64]) -> Floats:
    """(T, H, W, 3) in 0..1 -> (14,)."""
    middle = window.shape[1] // 2
    top, bottom = window[:, :middle], window[:, middle:]
    quarters = (top[:, :, :middle], top[:, :, middle:], bottom[:, :, :middle], bottom[:, :, middle:])
    colours = [quarter.mean(axis=(0, 1, 2)) for quarter in quarters]
    change = np.abs(np.diff(window, axis=0)).mean()
    return np.concatenate([*colours, [change, CONSTANT]]).astype(np.float32)
