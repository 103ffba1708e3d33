"""The arithmetic of similarity, by literals and against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadEmbedding
from core.similarity import centre, cosines, different, percentile, pool, unit


def rows(*values: list[float]) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)


def test_unit_keeps_the_direction() -> None:
    np.testing.assert_allclose(unit(rows([3, 4], [0, -2])), [[0.6, 0.8], [0, -1]])


@pytest.mark.parametrize("bad", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_vector_without_direction_is_refused(bad: list[float]) -> None:
    with pytest.raises(BadEmbedding):
        unit(rows([1, 0], bad))


def test_pool_averages_directions_not_lengths() -> None:
    owners, pooled = pool(rows([100, 0], [0, 1], [0, 5]), ["a", "a", "b"])
    assert owners == ("a", "b")
    np.testing.assert_allclose(pooled, [[np.sqrt(0.5), np.sqrt(0.5)], [0, 1]], atol=1e-6)


def test_pool_of_nothing_is_empty() -> None:
    owners, pooled = pool(np.zeros((0, 3), dtype=np.float32), [])
    assert owners == () and pooled.shape == (0, 3)


def test_centre_takes_the_mean_away() -> None:
    vectors = unit(rows([1, 0], [0, 1]))
    centred = centre(vectors, vectors.mean(axis=0))
    np.testing.assert_allclose(cosines(centred, centred), [[1, -1], [-1, 1]], atol=1e-6)


def test_a_row_that_is_the_mean_is_similar_to_nothing() -> None:
    vectors = unit(rows([1, 0]))
    assert cosines(centre(vectors, vectors[0]), vectors).tolist() == [[0.0]]


def test_cosines_are_those_of_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(5, 7)).astype(np.float32), random.normal(size=(4, 7)).astype(np.float32)
    expected = [[float(x @ y / np.linalg.norm(x) / np.linalg.norm(y)) for y in b] for x in a]
    np.testing.assert_allclose(cosines(unit(a), unit(b)), expected, atol=1e-6)


def test_different_compares_names() -> None:
    assert different(["a", "b"], ["a", "a", "c"]).tolist() == [[False, False, True], [True, True, True]]


def test_percentile_counts_ties_half() -> None:
    assert percentile(np.asarray([0.0, 2.0, 9.0]), np.asarray([1.0, 2.0, 3.0, 4.0])).tolist() == [0.0, 37.5, 100.0]


def test_percentile_without_a_background_is_unknown() -> None:
    assert np.isnan(percentile(np.asarray([0.5]), np.asarray([]))).all()
