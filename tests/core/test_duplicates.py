from __future__ import annotations

import numpy as np
import pytest

from core.duplicates import families, near_pairs
from core.similarity import unit


def rows() -> np.ndarray:
    random = np.random.default_rng(2)
    plain = unit(random.normal(size=(6, 64)))
    return np.vstack([plain, unit(plain[:2] + 0.01 * random.normal(size=(2, 64))), plain[:1]]).astype(np.float32)


def test_pairs_are_found_once_the_nearest_first() -> None:
    found = near_pairs(rows())
    assert {(a, b) for a, b, _ in found} == {(0, 6), (0, 8), (6, 8), (1, 7)}
    assert found[0][:2] == (0, 8) and found[0][2] == pytest.approx(1.0)
    assert near_pairs(rows()[:6]) == [] and near_pairs(rows()[:0]) == []


def test_pairs_across_two_sides() -> None:
    assert {(a, b) for a, b, _ in near_pairs(rows()[:6], rows()[6:])} == {(0, 0), (0, 2), (1, 1)}


def test_families_join_what_pairs_join() -> None:
    assert families(6, [(0, 3, 1.0), (3, 5, 1.0), (1, 2, 1.0)]) == [[0, 3, 5], [1, 2]]
    assert families(3, []) == []


def test_many_rows_are_looked_through_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = near_pairs(rows())
    monkeypatch.setattr("core.duplicates._AT_ONCE", 2)
    sliced = near_pairs(rows())
    assert [pair[:2] for pair in sliced] == [pair[:2] for pair in whole]
