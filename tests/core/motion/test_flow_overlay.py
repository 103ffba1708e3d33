from __future__ import annotations

import numpy as np
import pytest

from core.motion.flow_overlay import colour_of, draw_flow


def test_a_moving_place_gets_arrows_and_the_rest_stays() -> None:
    frame = np.full((120, 200, 3), 90, np.uint8)
    flow = np.zeros((60, 100, 2), np.float32)
    flow[:, 60:, 0] = 4
    drawn = draw_flow(frame, flow)
    assert drawn.shape == frame.shape and drawn.dtype == np.uint8
    assert (frame == 90).all(), "the frame itself is left alone"
    assert (drawn[:, :100] == 90).all() and (drawn[:, 130:] != 90).any()


def test_still_pictures_stay_as_they_are() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    assert np.array_equal(draw_flow(frame, np.zeros((20, 15, 2), np.float32)), frame)


def test_arrows_point_along_the_flow_and_end_within_reach() -> None:
    frame = np.zeros((400, 400, 3), np.uint8)
    flow = np.zeros((400, 400, 2), np.float32)
    flow[194:206, 194:206] = (0, 1e4)  # an error of the flow, straight down
    rows, columns = np.nonzero(draw_flow(frame, flow).any(axis=2))
    assert rows.max() < 206 + 12 + 400 / 12 and rows.max() > 206 + 10
    assert columns.min() > 175 and columns.max() < 225


def test_opposite_directions_have_unlike_colours() -> None:
    right, left = colour_of(np.array([1, 0], np.float32)), colour_of(np.array([-1, 0], np.float32))
    assert right[0] == 255 and left[1] == 255 and right != left


def test_flow_without_two_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be \(h, w, 2\)"):
        draw_flow(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32))
