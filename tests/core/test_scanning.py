"""Every answer of a scan against brute force in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.clips import Floats
from core.errors import BadEmbedding, BadInput, FingerprintMismatch
from core.scanning import Scan
from core.similarity import unit


def rows(count: int, dimension: int = 24, seed: int = 0) -> Floats:
    return unit(np.random.default_rng(seed).normal(size=(count, dimension)))


def right(vectors: Floats, query: Floats, k: int, among: list[int] | None = None) -> list[tuple[int, float]]:
    exact = (vectors.astype(np.float64) @ query.astype(np.float64)).round(7)
    allowed = np.arange(len(vectors)) if among is None else np.array(sorted(set(among)), np.intp)
    best = allowed[np.lexsort((allowed, -exact[allowed]))][:k]
    return list(zip(best.tolist(), exact[best].tolist(), strict=True))


def gathered(count: int, dimension: int = 200, seed: int = 0) -> Floats:
    """As actions do: around places of their own, along a few directions more than along others."""
    random = np.random.default_rng(seed)
    strength = 1 / np.arange(1, dimension + 1)
    centres = np.random.default_rng(99).normal(size=(40, dimension)) * strength
    return unit(centres[random.integers(0, 40, count)] + 0.5 * random.normal(size=(count, dimension)) * strength)


def same(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> bool:
    rows_found, rows_expected = [row for row, _ in found], [row for row, _ in expected]
    return rows_found == rows_expected and np.allclose([one for _, one in found], [one for _, one in expected], rtol=0, atol=2e-7)


def given(scan: Scan, query: Floats, k: int, among: object = None) -> list[tuple[int, float]]:
    found, similarities = scan.best(query, k, among)  # type: ignore[arg-type]
    return [(int(row), float(one)) for row, one in zip(found, similarities, strict=True)]


def test_it_answers_as_exact_search() -> None:
    vectors = rows(700)
    scan = Scan(vectors)
    for query in rows(10, seed=1):
        for k in (1, 10, 699, 700, 5_000):
            assert same(given(scan, query, k), right(vectors, query, k))
        assert scan.similarities(query) == pytest.approx(vectors @ query, abs=1e-6)


def test_bytes_rule_out_nothing_that_belongs_to_the_answer() -> None:
    """Rows of much the same kind, rows of noise, and some that many bytes cannot tell apart."""
    random = np.random.default_rng(4)
    near = unit(np.repeat(gathered(1), 300, axis=0) + 0.002 * random.normal(size=(300, 200)))
    vectors = np.vstack([gathered(2_000), rows(2_000, 200), near, near[::-1], np.zeros((2, 200), np.float32)])
    scan, chosen = Scan(vectors, plain_below=50), list(range(0, 4_500, 2))
    for query in np.vstack([gathered(4, seed=1), rows(4, 200, seed=1), near[:2]]):
        for k in (1, 10, 40):
            assert same(given(scan, query, k), right(vectors, query, k))
        assert same(given(scan, query, 10, np.array(chosen)), right(vectors, query, 10, chosen))


@pytest.mark.parametrize("kind", [gathered, rows])
def test_above_the_threshold_answers_are_as_good_as_exact_search(kind: Callable[[int, int, int], Floats]) -> None:
    """Noise has no strongest directions: there the bytes decide."""
    vectors, chosen = kind(8_000, 200, 0), list(range(0, 8_000, 2))
    scan, found, asked = Scan(vectors, plain_below=50, exact_below=100), 0, 0
    for query in kind(20, 200, 1):
        for among in (None, chosen):
            given_rows = given(scan, query, 10, None if among is None else np.array(among))
            expected = dict(right(vectors, query, 10, among))
            assert all(value == pytest.approx(vectors[row] @ query, abs=1e-6) for row, value in given_rows)
            found, asked = found + len({row for row, _ in given_rows} & expected.keys()), asked + 10
    assert found / asked >= 0.99


def test_memory_is_a_quarter_more_than_that_of_the_rows() -> None:
    vectors = rows(2_000, 512)
    assert 1.25 < Scan(vectors, plain_below=50).bytes / vectors.nbytes < 1.4
    assert Scan(vectors, plain_below=50, exact_below=100).bytes > Scan(vectors, plain_below=50).bytes


def test_a_filter_is_a_mask_or_row_numbers() -> None:
    vectors, query = rows(500), rows(1, seed=2)[0]
    scan, chosen = Scan(vectors), list(range(3, 500, 9))
    mask = np.isin(np.arange(500), chosen)
    for among in (mask, np.array(chosen), np.array(chosen[::-1] + chosen[:4])):
        assert same(given(scan, query, 12, among), right(vectors, query, 12, chosen))
    assert given(scan, query, 12, np.zeros(500, bool)) == [] and given(scan, query, 12, np.zeros(0, np.intp)) == []


def test_ties_go_by_row() -> None:
    vectors = np.repeat(rows(4), [30, 1, 30, 2], axis=0)[::-1]
    scan, query = Scan(vectors), rows(4)[2]
    assert [row for row, _ in given(scan, query, 12)] == list(range(2, 14))
    assert [row for row, _ in given(scan, query, 3, np.array([20, 5, 9, 8]))] == [5, 8, 9]


def test_rows_without_a_direction_are_alike_to_nothing() -> None:
    scan = Scan(np.vstack([np.zeros((2, 24), np.float32), rows(1)]))
    assert given(scan, -rows(1)[0], 3) == [(0, 0.0), (1, 0.0), (2, -1.0)]


def test_little_or_nothing_is_fine() -> None:
    empty = Scan(np.zeros((0, 24), np.float32))
    assert given(empty, rows(1)[0], 5) == [] and len(empty) == 0 and empty.bytes == 0
    assert empty.similarities(rows(1)[0]).shape == (0,)
    assert given(Scan(rows(3)), rows(1)[0], 0) == []
    assert Scan(rows(3)).bytes == 3 * 24 * 4


def test_what_does_not_fit_is_refused() -> None:
    scan = Scan(rows(5))
    with pytest.raises(FingerprintMismatch, match=r"query \(shape \(8,\)\)"):
        scan.best(rows(1, 8)[0], 2)
    with pytest.raises(BadEmbedding, match="finite"):
        scan.similarities(np.full(24, np.nan, np.float32))
    with pytest.raises(BadInput, match=r"mask \(shape \(4,\)\)"):
        scan.best(rows(1)[0], 2, np.ones(4, bool))
    with pytest.raises(BadInput, match=r"row \(-1 to 2\)"):
        scan.best(rows(1)[0], 2, np.array([2, -1]))
