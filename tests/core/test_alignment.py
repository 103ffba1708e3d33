"""Dynamic time warping: against every path there is, and against re-timings that are known."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from core.alignment import MOST_STANDING, align, chance, follow, inside, seconds
from core.errors import BadInput

RANDOM = np.random.default_rng(4)


def every_path(costs: np.ndarray, standing: int, *, symmetric: bool) -> np.ndarray:
    """Least cost (R, C) of a way into each cell, by plain recursion over all steps; a way begins in row 0."""

    @functools.cache
    def least(row: int, column: int) -> float:
        if row < 0 or column < 0:
            return np.inf
        if row == 0:
            return float(costs[0, column]) if column == 0 or not symmetric else np.inf
        ways = [least(row - 1, column - 1) + (2 if symmetric else 1) * costs[row, column]]
        for k in range(1, standing + 1):
            if column >= k:
                along = costs[row, column - k : column + 1]
                ways.append(least(row - 1, column - 1 - k) + (along.sum() + along[0] if symmetric else along.mean()))
            if row >= k:
                along = costs[row - k : row + 1, column]
                ways.append(least(row - 1 - k, column - 1) + along.sum() + (along[0] if symmetric else 0))
        return float(min(ways))

    return np.array([[least(row, column) for column in range(costs.shape[1])] for row in range(len(costs))])


@pytest.mark.parametrize("standing", [1, 2, 3])
def test_no_path_is_better(standing):
    for _ in range(20):
        rows, columns = RANDOM.integers(5, 9, 2)
        table = RANDOM.uniform(-1, 1, (rows, columns))
        whole = align(table, standing=standing)
        best = every_path(1 - table, standing, symmetric=True)[-1, -1]
        assert 1 - whole.score == pytest.approx(best / (rows + columns - 1))
        part = inside(table, standing=standing)
        assert 1 - part.score == pytest.approx(every_path(1 - table, standing, symmetric=False)[-1].min() / rows)
        for path in (whole, part):
            steps = np.diff(path.cells, axis=0)
            assert ((steps >= 0) & (steps <= 1)).all() and steps.any(axis=1).all()
            assert (np.diff(path.knots, axis=0) >= 1).all(), "knots rise strictly in both"
            assert (np.diff(path.knots, axis=0) <= 1 + standing).all()
        assert whole.cells[0].tolist() == [0, 0] and whole.cells[-1].tolist() == [rows - 1, columns - 1]


def warped(ends: tuple[float, float], count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A course without repetition and the same re-timed: similarity (60, C), and the true column of each row."""
    moments = np.linspace(0, 1, count)
    true = np.interp(moments, (0, 0.5, 1), (0, *np.cumsum(ends))) * (count - 1)
    columns = np.arange(int(true[-1]) + 1)
    return np.exp(-((true[:, None] - columns[None]) ** 2) / 20), true


@pytest.mark.parametrize("ends", [(0.5, 0.5), (0.35, 0.7), (0.7, 0.4), (0.9, 0.9)])
def test_a_known_warp_is_found(ends):
    table, true = warped(ends)
    knots = align(table).knots
    assert np.abs(knots[:, 1] - true[knots[:, 0]]).max() <= 1.5


def test_the_rows_are_found_inside_the_columns():
    table, true = warped((0.5, 0.5))
    away = RANDOM.uniform(-0.1, 0.1, (len(table), 200))
    away[:, 70 : 70 + table.shape[1]] += table
    knots = inside(away).knots
    assert np.abs(knots[:, 1] - 70 - true[knots[:, 0]]).max() <= 2


def test_lengths_loosen_the_slope_limit_and_end_it():
    table = RANDOM.uniform(-1, 1, (10, 31))
    assert align(table).standing == 3
    with pytest.raises(BadInput, match="within 5 times"):
        align(RANDOM.uniform(-1, 1, (10, (1 + MOST_STANDING) * 9 + 2)))


def test_a_band_keeps_the_way_near_the_straight_line():
    table = RANDOM.uniform(-1, 1, (40, 40))
    found = align(table, band=3)
    assert np.abs(found.cells[:, 0] - found.cells[:, 1]).max() <= 3
    assert found.score <= align(table).score


@pytest.mark.parametrize(
    ("table", "told"),
    [(np.ones((1, 5)), "two windows"), (np.full((3, 3), np.nan), "finite"), (np.ones(4), "finite")],
)
def test_tables_without_an_answer(table, told):
    with pytest.raises(BadInput, match=told):
        align(table)
    with pytest.raises(BadInput, match="shorter in the longer"):
        inside(np.ones((9, 2)))


def test_chance_tells_a_match_from_noise():
    table, _ = warped((0.5, 0.5))
    found = align(table)
    real = chance(table, found, block=4)
    assert real.p_value == real.smallest_p == 0.01 and real.high < found.score
    flat = np.broadcast_to(table.mean(axis=0), table.shape)  # every row the same: any order is as good
    assert chance(flat, align(flat), block=4).p_value == 1.0
    few = chance(table, found, block=25)
    assert few.p_value is None and few.smallest_p == 0.5
    assert chance(table, inside(table), block=4, within=True).p_value == 0.01


def test_knots_in_seconds_can_be_followed():
    table, true = warped((0.35, 0.7))
    knots = seconds(align(table), 0.25 * np.arange(table.shape[0]) + 1, 0.25 * np.arange(table.shape[1]) + 2)
    assert follow(knots, 1 + 0.25 * 30) == pytest.approx(2 + 0.25 * true[30], abs=0.4)
    first, last = knots[0], knots[-1]
    assert follow(knots, first[0] - 0.5) == pytest.approx(first[1] - 0.5)
    assert follow(knots, np.array([last[0] + 0.5]))[0] == pytest.approx(last[1] + 0.5)
