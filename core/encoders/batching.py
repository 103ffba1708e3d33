"""Many windows through an engine that takes a few at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.spec import EncoderSpec
from core.errors import BadEmbedding, OutOfMemory

_log = logging.getLogger(__name__)


def check_frames(frames: NDArray[np.uint8], spec: EncoderSpec) -> None:
    """Raises ValueError unless ``frames`` is (B, T, H, W, 3) uint8 as ``spec`` wants it."""
    if (
        not isinstance(frames, np.ndarray)
        or frames.dtype != np.uint8
        or frames.ndim != 5
        or frames.shape[1:] != spec.frames_shape
    ):
        told = f"{frames.dtype} {frames.shape}" if isinstance(frames, np.ndarray) else type(frames).__name__
        raise ValueError(
            f"frames ({told}) must be uint8 (B, T, H, W, 3) with T, H, W, 3 = {spec.frames_shape} for {spec.name}; "
            "decode them with this encoder's frames and framing"
        )


def check_embeddings(embeddings: Floats, name: str) -> Floats:
    """``embeddings`` again. Raises BadEmbedding when a number is not finite."""
    if not np.isfinite(embeddings).all():
        raise BadEmbedding(f"embeddings ({name}) must be finite numbers; check the encoder's weights")
    return embeddings


class Batches:
    """Runs an engine over any number of windows, and learns how many fit its memory.

    Args:
        run: (b, T, H, W, 3) uint8 -> (b, D) float32; raises MemoryError when b windows do not fit.
        most: how many windows to try at once.
    """

    def __init__(self, run: Callable[[NDArray[np.uint8]], Floats], most: int) -> None:
        self._run, self.size = run, most

    def __call__(self, frames: NDArray[np.uint8]) -> Floats:
        """Raises OutOfMemory when a single window does not fit."""
        parts: list[Floats] = []
        done = 0
        while done < len(frames):
            part = self._try(frames[done : done + self.size])
            if part is not None:
                parts.append(part)
                done += len(part)
        return np.concatenate(parts).astype(np.float32, copy=False)

    def _try(self, frames: NDArray[np.uint8]) -> Floats | None:
        """The embeddings, or None after the batch size was halved."""
        try:
            return self._run(frames)
        except MemoryError as error:
            if len(frames) == 1:
                raise OutOfMemory("memory of the device must hold one window; close other programs or use the CPU") from error
            self.size = len(frames) // 2
            _log.warning("%d windows did not fit the device's memory; going on with %d at a time", len(frames), self.size)
            return None
