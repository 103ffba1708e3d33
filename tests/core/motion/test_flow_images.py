from __future__ import annotations

import numpy as np
import pytest

from core.motion.images import DARK, lit, picture_area


def test_padding_is_found_and_the_picture_kept() -> None:
    frames = np.zeros((3, 64, 64, 3), np.uint8)
    frames[1, 10:54, :, 2] = 1  # dark, but a picture
    assert picture_area(frames) == (10, 54, 0, 64)
    assert picture_area(np.ascontiguousarray(frames.transpose(0, 2, 1, 3))) == (0, 64, 10, 54)


def test_a_black_hole_inside_is_part_of_the_picture() -> None:
    frames = np.ones((2, 40, 50, 3), np.uint8)
    frames[:, 15:25] = 0
    assert picture_area(frames) == (0, 40, 0, 50)


@pytest.mark.parametrize("lit", [0, 3])
def test_a_night_of_nearly_no_light_keeps_its_whole_picture(lit: int) -> None:
    frames = np.zeros((2, 64, 48, 3), np.uint8)
    frames[:, 30 : 30 + lit, 20 : 20 + lit] = 9
    assert picture_area(frames) == (0, 64, 0, 48)


def test_a_dark_window_is_made_light_and_a_light_one_left_alone() -> None:
    random = np.random.default_rng(0)
    night = random.integers(0, 40, (3, 20, 30, 3), dtype=np.uint8)
    found = lit(night)
    assert found.dtype == np.uint8 and DARK * 0.85 < found.mean() < DARK * 1.15
    assert ((night[0, 0, 0, 0] <= night) == (found[0, 0, 0, 0] <= found)).all(), "what was lighter stays lighter"
    day = random.integers(0, 200, (3, 20, 30, 3), dtype=np.uint8)
    assert lit(day) is day
    assert not lit(np.zeros((2, 4, 4, 3), np.uint8)).any()


def test_nothing_jumps_between_dark_and_light() -> None:
    just_dark = np.full((1, 4, 4, 3), DARK - 1, np.uint8)
    assert np.abs(lit(just_dark).astype(int) - just_dark).max() <= 1
