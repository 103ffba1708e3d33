"""Who moves in a window, on a film of which every pixel's part is known: a disc that crosses a wall of stripes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from core.motion.masking import background, moving, without_actor, without_scene

T, H, W, RADIUS = 12, 112, 128, 14
GROUND = np.clip(120 + 250 * gaussian_filter(np.random.default_rng(1).normal(size=(H, W + 60, 3)), (2, 2, 0)), 0, 255)
SKIN = np.clip(
    90 + 300 * gaussian_filter(np.random.default_rng(2).normal(size=(2 * RADIUS + 1, 2 * RADIUS + 1, 3)), (1, 1, 0)), 0, 255
)
ROWS, COLUMNS = np.mgrid[0:H, 0:W]


def disc(moment: int) -> np.ndarray:
    return (ROWS - 56) ** 2 + (COLUMNS - (24 + 7 * moment)) ** 2 <= RADIUS**2


def film(*, pan: int = 0, actor: bool = True) -> np.ndarray:
    frames = np.stack([GROUND[:, pan * t : pan * t + W] for t in range(T)]).astype(np.uint8)
    for t in range(T if actor else 0):
        left = 24 + 7 * t - RADIUS
        frames[t][disc(t)] = SKIN[(ROWS - 56 + RADIUS)[disc(t)], (COLUMNS - left)[disc(t)]].astype(np.uint8)
    return frames


@pytest.mark.parametrize("pan", [0, 2])
def test_the_mask_holds_the_actor_and_little_else(pan: int) -> None:
    mask = moving(film(pan=pan))
    assert mask.shape == (T, H, W) and mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
    truth = np.stack([disc(t) for t in range(T)])
    assert mask[truth].mean() > 0.9
    assert mask[~truth].mean() < 0.2
    assert mask[:, :20].max() < 0.05 and mask[:, -20:].max() < 0.05, "far from the disc there is only scene"


def test_the_scene_without_its_actor_is_the_scene() -> None:
    alone, empty = without_actor(film()), film(actor=False)
    assert np.abs(alone.astype(int) - empty).mean() < 2
    assert np.abs(background(film(), moving(film())).astype(int) - empty[0]).mean() < 2


def test_the_actor_without_his_scene_moves_on_plain_ground() -> None:
    frames, found = film(), without_scene(film())
    truth = np.stack([disc(t) for t in range(T)])
    assert np.abs(found[truth].astype(int) - frames[truth]).mean() < 12
    assert (found[:, :20] == frames.reshape(-1, 3).mean(axis=0).round()).all()


def test_where_nothing_moves_everything_is_scene() -> None:
    still = film(actor=False)
    assert moving(still).max() == 0
    np.testing.assert_array_equal(without_actor(still), still)
    assert len(np.unique(without_scene(still).reshape(-1, 3), axis=0)) == 1
    assert moving(still[:1]).max() == 0, "one picture tells nothing of motion"
    assert moving(np.zeros((4, 8, 8, 3), np.uint8)).max() == 0, "too small to look for motion in"
