"""Tiles, slices and maps: arithmetic that can be checked by eye."""

from __future__ import annotations

import numpy as np
import pytest

from core.occluding import AREAS, EVERYWHERE, area, seen_by, slices, spread_out, tiles

PICTURE = (0.0, 0.0, 1.0, 1.0)


def test_tiles_overlap_by_half_and_cover_the_view() -> None:
    found = tiles((0.2, 0.0, 0.8, 1.0), 2)
    assert [one.kind for one in found] == ["hidden"] * 4
    np.testing.assert_allclose(found[0].region, (0.2, 0.0, 0.6, 2 / 3))
    np.testing.assert_allclose(found[3].region, (0.4, 1 / 3, 0.8, 1.0))
    assert {one.span for one in found} == {(0.0, 1.0)}


def test_slices_follow_each_other_through_the_window() -> None:
    found = slices(4)
    assert [one.span for one in found] == [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)]
    assert {one.region for one in found} == {PICTURE}


def test_a_cell_is_the_mean_of_the_tiles_that_cover_it() -> None:
    np.testing.assert_allclose(spread_out(np.array([[4.0, 0.0], [0.0, 8.0]])), [[4, 2, 0], [2, 3, 4], [0, 4, 8]])


def test_the_view_of_several_streams_stays_inside_the_picture() -> None:
    assert seen_by([(0.2, 0.0, 0.8, 1.0), (0.0, -0.3, 1.0, 1.3)]) == PICTURE
    assert seen_by([(0.2, 0.0, 0.8, 1.0)]) == (0.2, 0.0, 0.8, 1.0)


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_an_area_has_its_name(row: int, column: int) -> None:
    places = np.full((6, 6), -0.1)
    places[2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 0.4
    assert area(places, PICTURE) == AREAS[row][column]


def test_even_support_and_none_have_no_place() -> None:
    assert area(np.full((7, 7), 0.2), PICTURE) == EVERYWHERE
    assert area(0.2 + 0.01 * np.eye(7), PICTURE) == EVERYWHERE
    assert area(np.full((7, 7), -0.2), PICTURE) == EVERYWHERE


def test_a_place_is_named_in_the_film_and_not_in_what_the_encoder_sees() -> None:
    places = np.zeros((6, 6))
    places[:, 0] = 1.0
    assert area(places, (0.4, 0.0, 1.0, 1.0)) in ("the top", "the middle", "the bottom")
