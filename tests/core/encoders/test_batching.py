from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core import encoders
from core.clips import Floats
from core.encoders.batching import Batches
from core.encoders.network import NetworkEncoder
from core.errors import BadEmbedding, NoActionHead, OutOfMemory

TOY = encoders.spec("toy")


class SmallDevice:
    """Holds at most ``room`` windows; its embedding of a window is its first value, fourteen times."""

    described = "a small device"

    def __init__(self, room: int, batch: int = 8) -> None:
        self.room, self.batch = room, batch
        self.tried: list[int] = []

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        self.tried.append(len(frames))
        if len(frames) > self.room:
            raise MemoryError("no room")
        return np.repeat(frames[:, 0, 0, 0, 0, None], 14, axis=1).astype(np.float32)


def numbered(count: int) -> NDArray[np.uint8]:
    """Windows whose values are all their number, from 1."""
    return np.broadcast_to(np.arange(1, count + 1, dtype=np.uint8)[:, None, None, None, None], (count, *TOY.frames_shape))


def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost() -> None:
    device = SmallDevice(room=3)
    encoder = NetworkEncoder(TOY, device, weights_sha256="", head=None)
    assert encoder.embed(numbered(11))[:, 0].tolist() == list(range(1, 12))
    assert device.tried[:3] == [8, 4, 2], "it halves until it fits"
    device.tried.clear()
    encoder.embed(numbered(4))
    assert device.tried == [2, 2], "it remembers what fitted"


def test_when_not_even_one_window_fits_it_says_so() -> None:
    device = SmallDevice(room=0)
    with pytest.raises(OutOfMemory, match="one window"):
        Batches(device.run, 8)(numbered(8))
    assert device.tried == [8, 4, 2, 1]


def test_a_number_that_is_not_finite_never_becomes_an_embedding() -> None:
    class Broken(SmallDevice):
        def run(self, frames: NDArray[np.uint8]) -> Floats:
            return np.full((len(frames), 14), np.nan, np.float32)

    with pytest.raises(BadEmbedding, match="toy"):
        NetworkEncoder(TOY, Broken(9), weights_sha256="", head=None).embed(numbered(1))


def test_without_classifier_there_are_no_logits() -> None:
    with pytest.raises(NoActionHead):
        NetworkEncoder(TOY, SmallDevice(9), weights_sha256="", head=None).logits(numbered(1))


def test_it_tells_what_computes_and_how_many_at_once() -> None:
    encoder = NetworkEncoder(TOY, SmallDevice(9, batch=5), weights_sha256="", head=None)
    assert (encoder.engine, encoder.batch, encoder.fingerprint) == ("a small device", 5, TOY.fingerprint(""))
    assert encoder.embed(numbered(0)).shape == (0, 14)
