"""Bundles against plain loops, intervals against their formulas, the test against scipy's."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from core.errors import NotEnoughData
from core.resampling import (
    Bundles,
    arrangements,
    bundle,
    cell_of,
    gap,
    gap_of,
    interval,
    mean_interval,
    means,
    permutation,
    smallest_p,
)
from core.similarity import cosines, different, unit


def clips(seed: int, sources: list[str], shift: float = 0.0, dimension: int = 5) -> np.ndarray:
    """Unit rows; clips of one source lie near each other."""
    random = np.random.default_rng(seed)
    centres = {name: random.normal(size=dimension) for name in dict.fromkeys(sources)}
    rows = np.stack([centres[name] + 0.5 * random.normal(size=dimension) for name in sources])
    rows[:, 0] += shift
    return unit(rows)


A, B = list("aaabbcdd"), list("xyyzzzw")
PAIRED = list("aabbccdd")


def observed(bundles: Bundles) -> np.ndarray:
    return means(bundles, bundles.sides[None, :])[0]


@pytest.mark.parametrize("other", [B, PAIRED])
def test_means_are_those_over_pairs_of_different_sources(other: list[str]) -> None:
    first, second = clips(0, A), clips(1, other, 1.0)
    table = observed(bundle([first, second], [A, other]))
    for (rows, mine), (columns, theirs), found in [
        ((first, A), (second, other), table[0, 1]),
        ((first, A), (first, A), table[0, 0]),
        ((second, other), (second, other), table[1, 1]),
    ]:
        assert found == pytest.approx(cosines(rows, columns)[different(mine, theirs)].mean(), abs=1e-6)
    assert table[1, 0] == pytest.approx(table[0, 1])
    assert gap(table) == pytest.approx((table[0, 0] + table[1, 1]) / 2 - table[0, 1])


def test_a_weight_is_a_source_taken_several_times_but_never_paired_with_itself() -> None:
    first, second = clips(0, A), clips(1, B)
    bundles = bundle([first, second], [A, B])
    weights = np.where(bundles.sources == 0, 2.0, 1.0)[None, :]
    twice = bundle([np.vstack([first, first[:3]]), second], [[*A, "a", "a", "a"], B])
    np.testing.assert_allclose(means(bundles, bundles.sides[None, :], weights)[0], observed(twice))


def test_nothing_is_compared_within_one_source() -> None:
    bundles = bundle([clips(0, ["a", "a"]), clips(1, ["a", "b"])], [["a", "a"], ["a", "b"]])
    table = observed(bundles)
    assert math.isnan(table[0, 0]) and np.isfinite(table[0, 1]) and np.isfinite(table[1, 1])
    assert gap(table) == pytest.approx(table[1, 1] - table[0, 1]), "the mean within is over the sides that have one"
    with pytest.raises(NotEnoughData, match="must have clips"):
        bundle([clips(0, ["a"]), np.zeros((0, 5), np.float32)], [["a"], []])


# -- intervals ----------------------------------------------------------------------------------------------------------


def test_the_interval_of_a_mean_over_single_clips_is_students() -> None:
    values = np.random.default_rng(0).normal(size=9)
    found = mean_interval(values, [str(number) for number in range(9)])
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert found and (found.low, found.high) == pytest.approx((low, high)) and found.value == pytest.approx(values.mean())
    assert mean_interval(values, ["a", "b"] * 4 + ["a"]) is None


@pytest.mark.parametrize("contrast", [cell_of(2, 0, 1), cell_of(2, 0, 0), gap_of(2)], ids=["between", "within", "gap"])
@pytest.mark.parametrize("other", [B, PAIRED])
def test_the_interval_lies_within_the_plain_jackknifes(contrast: np.ndarray, other: list[str]) -> None:
    """Left out by hand, source by source; what is taken off for the second order is at most half of the variance."""
    sides = [(clips(0, A), A), (clips(1, other, 1.0), other)]
    bundles = bundle([rows for rows, _ in sides], [names for _, names in sides])
    found, plain = interval(bundles, contrast), interval(bundles, contrast, corrected=False)
    assert found is not None and plain is not None
    values = {}
    for left_out in dict.fromkeys([*A, *other]):
        kept = [(rows[[name != left_out for name in names]], [n for n in names if n != left_out]) for rows, names in sides]
        table = observed(bundle([rows for rows, _ in kept], [names for _, names in kept]))
        values[left_out] = float((np.triu(table) * contrast).sum())
    strata = [dict.fromkeys(A)] if other is PAIRED else [dict.fromkeys(A), dict.fromkeys(B)]
    parts = [np.var([values[name] for name in stratum], ddof=0) * (len(stratum) - 1) for stratum in strata]
    assert math.sqrt(0.5 * sum(parts)) - 1e-9 <= found.error < math.sqrt(sum(parts))
    assert plain.error == pytest.approx(math.sqrt(sum(parts)))
    degrees = sum(parts) ** 2 / sum(part**2 / (len(stratum) - 1) for part, stratum in zip(parts, strata, strict=True))
    assert found.degrees == pytest.approx(degrees)
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, degrees) * found.error)


def test_no_interval_of_fewer_than_three_sources() -> None:
    bundles = bundle([clips(0, list("aabb")), clips(1, B)], [list("aabb"), B])
    assert interval(bundles, cell_of(2, 0, 1)) is None and interval(bundles, gap_of(2)) is None
    assert interval(bundles, cell_of(2, 1, 1)) is not None, "the other side has enough"


def test_a_source_on_both_sides_beside_others_on_one() -> None:
    """Kinds of a single source are counted with their neighbours."""
    names = (list("abcd"), list("abcx"))
    found = interval(bundle([clips(0, names[0]), clips(1, names[1], 1.0)], names), gap_of(2))
    assert found is not None and found.low < found.value < found.high


# -- the test -----------------------------------------------------------------------------------------------------------


def plain_gap(first: np.ndarray, second: np.ndarray) -> float:
    within = [cosines(rows, rows)[~np.eye(len(rows), dtype=bool)].mean() for rows in (first, second)]
    return float(np.mean(within) - cosines(first, second).mean())


def test_p_is_scipys_for_clips_that_are_each_their_own_source() -> None:
    first, second = clips(0, list("abcd"), 2.0), clips(1, list("vwxyz"))
    found = permutation(bundle([first, second], [list("abcd"), list("vwxyz")]))
    rows = np.vstack([first, second])

    def statistic(a: np.ndarray, b: np.ndarray) -> float:
        return plain_gap(rows[a.astype(int)], rows[b.astype(int)])

    theirs = stats.permutation_test(
        (np.arange(4), np.arange(4, 9)), statistic, permutation_type="independent", alternative="greater", n_resamples=np.inf
    )
    assert found and found.exact and found.arrangements == 126 and found.smallest == 1 / 126
    assert found.p == pytest.approx(theirs.pvalue) and 0.001 < found.p < 0.9


def test_people_who_do_both_are_swapped_and_not_mixed() -> None:
    """Against scipy's test of paired samples."""
    names = list("abcde")
    first, second = clips(0, names, 1.5), clips(0, names)
    found = permutation(bundle([first, second], [names, names]))

    def statistic(a: np.ndarray, b: np.ndarray) -> float:
        rows = np.vstack([first, second])
        one, other = rows[a.astype(int)], rows[b.astype(int)]
        apart = ~np.eye(5, dtype=bool)
        within = [cosines(side, side)[apart].mean() for side in (one, other)]
        return float(np.mean(within) - cosines(one, other)[apart].mean())

    theirs = stats.permutation_test(
        (np.arange(5), np.arange(5, 10)), statistic, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert found and found.exact and found.arrangements == 32 and found.smallest == 2 / 32
    assert found.p == pytest.approx(theirs.pvalue)


def test_all_clips_of_a_source_go_together() -> None:
    first, second = clips(0, A, 2.0), clips(1, B)
    bundles = bundle([first, second], [A, B])
    rows, names = np.vstack([first, second]), np.asarray([*A, *B])
    gaps = []
    for chosen in itertools.combinations(dict.fromkeys([*A, *B]), 4):
        here = np.isin(names, chosen)
        sides = [(rows[side], names[side].tolist()) for side in (here, ~here)]
        gaps.append(gap(observed(bundle([side for side, _ in sides], [said for _, said in sides]))))
    found = permutation(bundles)
    assert found and found.p == np.mean(np.asarray(gaps) >= gap(observed(bundles)) - 1e-9) and found.arrangements == 70


@pytest.mark.parametrize(
    ("first", "second", "ways", "smallest"),
    [
        ("abcde", "vwxy", 126, 1 / 126),
        ("abc", "xyz", 20, 2 / 20),
        ("abcd", "abcd", 16, 2 / 16),
        ("abcd", "cdxy", 6 * 4, 2 / 24),
        ("abc", "cxyz", math.comb(5, 2) * 2, 1 / 20),
        ("a", "wxyz", 5, 1 / 5),
        ("a", "a", 2, 1.0),
    ],
)
def test_the_smallest_p_that_sources_allow(first: str, second: str, ways: int, smallest: float) -> None:
    bundles = bundle([clips(0, list(first), 9.0), clips(1, list(second), -9.0)], [list(first), list(second)])
    assert arrangements(bundles) == ways and smallest_p(bundles) == pytest.approx(smallest)
    found = permutation(bundles)
    assert found is None if first == second == "a" else found is not None and found.smallest == pytest.approx(smallest)


def test_the_smallest_p_is_reached_by_sides_that_are_worlds_apart() -> None:
    for first, second in (("abcde", "vwxy"), ("abcd", "abcd"), ("abcd", "cdxy")):
        bundles = bundle([clips(0, list(first), 50.0), clips(1, list(second), -50.0)], [list(first), list(second)])
        found = permutation(bundles)
        assert found and found.p == pytest.approx(found.smallest)


def test_three_sides_exchange_among_each_other() -> None:
    names = [list("ab"), list("cd"), list("ef")]
    bundles = bundle([clips(number, side, 9.0 - 9.0 * number) for number, side in enumerate(names)], names)
    found = permutation(bundles)
    assert found and found.arrangements == 90 and found.smallest == 6 / 90


def test_many_sources_are_drawn_by_chance_and_come_near_the_exact_p() -> None:
    first, second = clips(0, list("abcdef"), 0.8), clips(1, list("uvwxyz"))
    bundles = bundle([first, second], [list("abcdef"), list("uvwxyz")])
    exact, drawn = permutation(bundles), permutation(bundles, most_exact=10)
    assert exact and drawn and exact.exact and not drawn.exact and drawn.arrangements == 4999
    assert drawn.p == pytest.approx(exact.p, abs=4 * math.sqrt(exact.p * (1 - exact.p) / 4999))
    assert drawn == permutation(bundles, most_exact=10), "the same draws each time"
