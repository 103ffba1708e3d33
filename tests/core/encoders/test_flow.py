from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core import encoders
from core.clips import Floats
from core.encoders.flow import FlowMemo
from core.errors import NoActionHead
from core.motion.flow import pair_flow


def window(seed: int) -> NDArray[np.uint8]:
    """A window of the encoder's shape: a speckled square that wanders; few pictures, so that the test is quick."""
    spec, random = encoders.spec("flow"), np.random.default_rng(seed)
    frames = np.full(spec.frames_shape, 90, np.uint8)
    patch = random.integers(0, 256, (60, 40, 3), dtype=np.uint8)
    for moment in range(spec.frames):
        at = 30 + 7 * min(moment // 8, 10)
        frames[moment, at : at + 60, 2 * at : 2 * at + 40] = patch
    return frames


def test_windows_become_vectors_whatever_comes_before_or_beside_them() -> None:
    encoder = encoders.build("flow", weights=None)
    frames = np.stack([window(0), window(1)])
    both = encoder.embed(frames)
    assert both.shape == (2, encoder.spec.dimension) and both.dtype == np.float32
    assert np.isfinite(both).all() and np.abs(both[0] - both[1]).max() > 1e-3
    assert np.array_equal(encoder.embed(frames[1:]), both[1:])
    assert np.array_equal(encoders.build("flow", weights=None).embed(frames[1:]), both[1:])


def test_a_black_window_has_a_direction_all_the_same() -> None:
    encoder = encoders.build("flow", weights=None)
    vector = encoder.embed(np.zeros((1, *encoder.spec.frames_shape), np.uint8))
    assert np.linalg.norm(vector) > 1e-6


def test_it_shares_its_windows_with_the_rgb_network() -> None:
    flow, rgb = encoders.spec("flow").sampling, encoders.spec("i3d-rgb").sampling
    assert (flow.window_seconds, flow.stride_seconds, flow.tail) == (rgb.window_seconds, rgb.stride_seconds, rgb.tail)


def test_it_names_no_actions() -> None:
    encoder = encoders.build("flow", weights=None)
    with pytest.raises(NoActionHead):
        encoder.logits(np.zeros((1, *encoder.spec.frames_shape), np.uint8))


def test_a_pair_is_computed_once_and_the_oldest_forgotten() -> None:
    asked: list[int] = []

    def counted(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
        asked.append(int(first[0, 0]))
        return pair_flow(first, second)

    memo = FlowMemo(counted, most=2)
    pictures = [np.full((20, 24), value, np.uint8) for value in range(4)]
    first = memo(pictures[0], pictures[1])
    assert np.array_equal(memo(pictures[0].copy(), pictures[1].copy()), first) and first.dtype == np.float32
    memo(pictures[1], pictures[2])
    memo(pictures[2], pictures[3])
    assert asked == [0, 1, 2]
    memo(pictures[1], pictures[2])
    memo(pictures[0], pictures[1])
    assert asked == [0, 1, 2, 0]


def test_pictures_of_the_same_bytes_and_another_shape_are_told_apart() -> None:
    memo = FlowMemo(pair_flow, most=4)
    wide, high = np.zeros((20, 40), np.uint8), np.zeros((40, 20), np.uint8)
    assert memo(wide, wide).shape == (20, 40, 2) and memo(high, high).shape == (40, 20, 2)
