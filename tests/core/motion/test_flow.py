from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.motion.flow import camera_motion, dense_flow, pair_flow, without_camera_motion


def texture(side: int = 160) -> NDArray[np.uint8]:
    noise = gaussian_filter(np.random.default_rng(1).normal(size=(side, side, 3)), (2, 2, 0))
    return np.clip(128 + 300 * noise, 0, 255).astype(np.uint8)


def test_a_shift_comes_back_in_pixels() -> None:
    picture = texture()
    frames = np.stack([picture[10:110, 10:130], picture[8:108, 7:127], picture[8:108, 7:127]])
    flow = dense_flow(frames)
    assert flow.shape == (2, 100, 120, 2) and flow.dtype == np.float32
    assert np.allclose(np.median(flow[0, 10:-10, 10:-10], axis=(0, 1)), (3, 2), atol=0.1)
    assert np.abs(flow[1]).max() < 0.05


def test_threads_that_look_at_once_see_what_each_sees_alone() -> None:
    """While one window is computed the next is altered: both ask for flow."""
    films = [np.stack([texture()[step * k : step * k + 90, :110] for k in range(6)]) for step in (1, 2, 3, 4)]
    alone = [dense_flow(film) for film in films]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            for one, other in zip(threads.map(dense_flow, films), alone, strict=True):
                np.testing.assert_array_equal(one, other)


def test_one_picture_has_no_flow() -> None:
    assert dense_flow(np.zeros((1, 20, 30, 3), np.uint8)).shape == (0, 20, 30, 2)
    assert without_camera_motion(np.zeros((0, 20, 30, 2), np.float32)).shape == (0, 20, 30, 2)


@pytest.mark.parametrize("shape", [(2, 20, 20), (2, 20, 20, 4), (2, 15, 20, 3)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        dense_flow(np.zeros(shape, np.uint8))


def test_pan_zoom_and_roll_of_the_camera_go_and_the_actor_stays() -> None:
    rows, columns = np.mgrid[0:90, 0:120].astype(np.float32)
    camera = np.stack([2 + 0.02 * (columns - 60) - 0.03 * (rows - 45), -1 + 0.02 * (rows - 45) + 0.03 * (columns - 60)], axis=-1)
    actor = np.zeros_like(camera)
    actor[20:60, 30:60] = (5, 0)  # a ninth of the picture
    left = without_camera_motion((camera + actor)[None])[0]
    assert np.abs(left - actor).max() < 0.2
    assert np.abs(camera_motion(camera) - camera).max() < 1e-3


def test_a_still_camera_is_taken_for_still() -> None:
    flow = np.zeros((1, 90, 120, 2), np.float32)
    flow[0, 10:80, 40:70] = (0, 4)
    assert np.abs(without_camera_motion(flow) - flow).max() < 0.1


def test_flow_does_not_depend_on_what_was_looked_at_before() -> None:
    random = np.random.default_rng(3)
    first, second = random.integers(0, 256, (2, 112, 128), dtype=np.uint8)
    alone = pair_flow(first, second)
    for height, width in random.integers(16, 300, (12, 2)):
        pair_flow(*random.integers(0, 256, (2, height, width), dtype=np.uint8))
        np.testing.assert_array_equal(pair_flow(first, second), alone)
