"""Measures of separation against scikit-learn and scipy, and with sources that those do not know."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score, silhouette_score

from core.separating import auc, chords, energy_distance, silhouette
from core.similarity import cosines, different, unit

SIDES = np.asarray([0] * 9 + [1] * 7)
OWN = [str(number) for number in range(16)]


def rows(seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(16, 4))
    vectors[:9, 0] += 1.0
    return unit(vectors)


def test_auc_is_scikit_learns() -> None:
    similarity = np.round(cosines(rows(), rows()), 1)  # with ties
    upper = np.triu_indices(16, 1)
    same = SIDES[upper[0]] == SIDES[upper[1]]
    assert auc(similarity, SIDES, different(OWN, OWN)) == pytest.approx(roc_auc_score(same, similarity[upper]))


def test_silhouette_is_scikit_learns_also_for_three_sides() -> None:
    three = np.asarray([0] * 6 + [1] * 5 + [2] * 5)
    for sides in (SIDES, three):
        theirs = silhouette_score(rows().astype(np.float64), sides, metric="cosine")
        assert silhouette(cosines(rows(), rows()), sides, different(OWN, OWN)) == pytest.approx(theirs, abs=1e-6)


def test_energy_distance_over_all_pairs_is_scipys() -> None:
    """scipy takes the root, and counts each point's distance to itself."""
    values = np.random.default_rng(0).normal(size=16) + SIDES
    distances = np.abs(values[:, None] - values[None, :])
    theirs = stats.energy_distance(values[:9], values[9:])
    assert energy_distance(distances, SIDES, np.ones((16, 16), bool)) == pytest.approx(theirs**2)


def test_chords_are_euclidean() -> None:
    vectors = rows().astype(np.float64)
    theirs = np.linalg.norm(vectors[:, None] - vectors[None, :], axis=2)
    np.testing.assert_allclose(chords(cosines(rows(), rows())), theirs, atol=1e-3)


def test_pairs_of_one_source_never_count() -> None:
    """Four clips of one source that are all the same would make any side look tight."""
    vectors = rows()
    vectors[:4] = vectors[0]
    sources = ["one"] * 4 + OWN[4:]
    usable, similarity = different(sources, sources), cosines(vectors, vectors)
    wrong = similarity.copy()
    wrong[:4, :4] = -1.0  # whatever stands there
    for measure in (auc, silhouette):
        assert (
            measure(wrong, SIDES, usable)
            == measure(similarity, SIDES, usable)
            != measure(similarity, SIDES, ~np.eye(16, dtype=bool))
        )
    assert energy_distance(chords(wrong), SIDES, usable) == energy_distance(chords(similarity), SIDES, usable)


def test_without_pairs_there_is_no_number() -> None:
    usable = different(["one"] * 16, ["one"] * 16)
    similarity = cosines(rows(), rows())
    assert all(math.isnan(measure(similarity, SIDES, usable)) for measure in (auc, energy_distance, silhouette))
