"""Agreement of two spaces: against definitions written out at length, and on spaces whose agreement is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.agreement import correlation, linear_cka, neighbour_overlap, ranks
from core.similarity import unit

RANDOM = np.random.default_rng(0)


def rows(count: int, dimension: int) -> np.ndarray:
    return RANDOM.normal(size=(count, dimension)).astype(np.float32)


def turned(vectors: np.ndarray) -> np.ndarray:
    """The same space after a rotation."""
    rotation, _ = np.linalg.qr(RANDOM.normal(size=(vectors.shape[1],) * 2))
    return (vectors @ rotation).astype(np.float32)


def hsic_by_definition(k: np.ndarray, other: np.ndarray) -> float:
    """The U-statistic that the unbiased estimator abbreviates: means over all different indices (Song et al. 2012, 3.1)."""
    n = len(k)
    two = [k[i, j] * other[i, j] for i, j in itertools.permutations(range(n), 2)]
    three = [k[i, j] * other[i, q] for i, j, q in itertools.permutations(range(n), 3)]
    four = [k[i, j] * other[q, r] for i, j, q, r in itertools.permutations(range(n), 4)]
    return float(np.mean(two) - 2 * np.mean(three) + np.mean(four))


def test_cka_is_the_one_of_the_definition() -> None:
    a, b = rows(7, 3), rows(7, 5)
    k, other = (table.astype(np.float64) @ table.T for table in (a, b))
    expected = hsic_by_definition(k, other) / math.sqrt(hsic_by_definition(k, k) * hsic_by_definition(other, other))
    assert linear_cka(a, b) == pytest.approx(expected, rel=1e-4)


def test_cka_knows_no_rotation_scale_or_shift_and_unrelated_spaces_are_near_0() -> None:
    a = rows(200, 40)
    assert linear_cka(a, 3 * turned(a) + 7) == pytest.approx(1.0, abs=1e-3)
    wide = rows(60, 1000)  # more columns than clips: the plain estimate would be above 0.9
    assert abs(linear_cka(wide, rows(60, 1000))) < 0.1


def test_cka_of_too_little_is_no_number() -> None:
    assert math.isnan(linear_cka(rows(3, 2), rows(3, 2)))
    assert math.isnan(linear_cka(np.ones((9, 2), np.float32), rows(9, 2)))


def test_neighbours_by_hand() -> None:
    """Four people in a row, one clip each. In space b the third and the fourth have changed places."""
    angles = np.radians([0, 10, 25, 60])
    a = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    b = a[[0, 1, 3, 2]]
    found = neighbour_overlap(a, b, np.arange(4), 1)
    # Nearest in a: 0 -> 1, 1 -> 0, 2 -> 1, 3 -> 2. In b: 0 -> 1, 1 -> 0, 2 -> 3, 3 -> 1.
    assert (found.k, found.share, found.jaccard, found.clips) == (1, 0.5, 0.5, 4)
    assert found.chance == pytest.approx(1 / 3)


def test_neighbours_agree_with_the_long_way_round() -> None:
    a, b, sources = unit(rows(40, 6)), unit(rows(40, 6)), RANDOM.integers(0, 7, 40)
    shares, jaccards = [], []
    for row in range(40):
        there = [other for other in range(40) if sources[other] != sources[row]]
        best = [set(sorted(there, key=lambda other: -float(space[row] @ space[other]))[:5]) for space in (a, b)]
        shares.append(len(best[0] & best[1]) / 5)
        jaccards.append(len(best[0] & best[1]) / len(best[0] | best[1]))
    found = neighbour_overlap(a, b, sources, 5)
    assert (found.share, found.jaccard) == (pytest.approx(np.mean(shares)), pytest.approx(np.mean(jaccards)))


def test_unrelated_spaces_share_what_chance_gives() -> None:
    tries = [neighbour_overlap(unit(rows(300, 8)), unit(rows(300, 8)), np.arange(300) % 30, 10) for _ in range(20)]
    assert np.mean([found.share for found in tries]) == pytest.approx(tries[0].chance, rel=0.1)
    same = unit(rows(50, 8))
    assert neighbour_overlap(same, turned(same), np.arange(50), 10).share == 1.0


def test_nobody_who_cannot_choose_is_asked() -> None:
    found = neighbour_overlap(unit(rows(5, 3)), unit(rows(5, 3)), np.array([0, 0, 0, 0, 1]), 10)
    assert (found.k, found.clips) == (3, 1), "the one clip of source 1 chooses 3 of 4; the others find a single clip"
    assert math.isnan(neighbour_overlap(unit(rows(3, 3)), unit(rows(3, 3)), np.zeros(3, np.int64), 10).share)


def test_ranks_are_percentages_and_their_correlation_is_spearmans() -> None:
    np.testing.assert_allclose(ranks(np.array([0.3, 0.1, 0.2, 0.2])), [87.5, 12.5, 50, 50])
    a, b = np.round(RANDOM.normal(size=200), 1), np.round(RANDOM.normal(size=200), 1)
    assert correlation(ranks(a), ranks(b)) == pytest.approx(spearmanr(a, b).statistic)
    assert math.isnan(correlation(np.ones(5), np.arange(5.0)))
