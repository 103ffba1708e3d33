"""What every encoder made of a network does before its engine runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from core import encoders
from core.clips import Floats
from core.encoders.network import NetworkEncoder
from core.motion.images import DARK

TOY = encoders.spec("toy")


class Mean:
    """An engine whose first number is the mean brightness it was shown."""

    described, batch = "numpy", 2

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        rows = np.ones((len(frames), TOY.dimension), np.float32)
        rows[:, 0] = frames.mean(axis=(1, 2, 3, 4))
        return rows


def shown(lighten: bool, *levels: int) -> list[float]:
    spec = dataclasses.replace(TOY, lighten=lighten)
    frames = np.stack([np.full(spec.frames_shape, level, np.uint8) for level in levels])
    return NetworkEncoder(spec, Mean(), weights_sha256="", head=None).embed(frames)[:, 0].tolist()


def test_dark_windows_are_made_light_and_others_stay_as_they_are() -> None:
    assert shown(True, 10, 100, 200) == pytest.approx([DARK, 100, 200], abs=1)
    assert shown(False, 10, 100) == [10, 100]


def test_a_window_does_not_depend_on_its_neighbours() -> None:
    assert shown(True, 10, 200)[0] == shown(True, 10, 20)[0] == shown(True, 10)[0]
