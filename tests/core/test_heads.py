"""Heads of concepts: each kind tells two heaps apart, weighs classes evenly, and is the same in few coordinates as in many."""

from __future__ import annotations

import numpy as np
import pytest

from core.concepts import HEADS
from core.errors import BadInput, NotEnoughData
from core.heads import directions, fit, flatten


def heaps(count: int = 6, size: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows (3 * count, D) around three directions, and which of the first two classes they show."""
    random = np.random.default_rng(seed)
    middles = np.eye(size)[:3].repeat(count, axis=0)
    rows = middles + 0.08 * random.normal(size=middles.shape)
    targets = np.eye(3, dtype=bool).repeat(count, axis=0)[:, :2]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), targets


@pytest.mark.parametrize("kind", HEADS)
def test_each_kind_scores_its_class_above_all_others_in_rows_it_has_not_seen(kind: str) -> None:
    head = fit(kind, *heaps())
    rows, targets = heaps(seed=1)
    scores = head.scores(rows)
    for at in range(2):
        assert scores[targets[:, at], at].min() > scores[~targets[:, at], at].max()


@pytest.mark.parametrize("kind", HEADS)
def test_few_coordinates_lead_back_to_the_same_scores(kind: str) -> None:
    rows, targets = heaps()
    flat = flatten(rows)
    assert flat.rows.shape[1] <= len(rows) < rows.shape[1]
    assert np.allclose(flat.rows @ flat.rows.T, rows @ rows.T, atol=1e-6)
    other = heaps(seed=2)[0]
    small, whole = fit(kind, flat.rows, targets), fit(kind, rows, targets)
    assert np.allclose(flat.lift(small).scores(other), whole.scores(other), atol=2e-3)


def test_more_rows_than_numbers_stay_as_they_are() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    assert np.allclose(flatten(rows).rows, rows)


@pytest.mark.parametrize("kind", ["prototype", "ridge", "logistic", "svm"])
def test_weights_count_beside_those_of_the_same_class_alone(kind: str) -> None:
    rows, targets = heaps(count=3)
    targets = targets[:, :1]
    even = fit(kind, rows, targets).scores(rows)
    assert np.allclose(fit(kind, rows, targets, np.where(targets[:, 0], 7.0, 0.5)).scores(rows), even, atol=1e-3)
    heavy = np.ones(len(rows))
    heavy[0] = 5.0
    assert fit(kind, rows, targets, heavy).scores(rows)[0, 0] > even[0, 0]


def test_without_negatives_there_is_a_prototype_and_nothing_else_linear() -> None:
    rows, targets = heaps()
    own = rows[targets[:, 0]]
    every = np.ones((len(own), 1), bool)
    head = fit("prototype", own, every)
    assert np.linalg.norm(head.weights) == pytest.approx(1.0, abs=1e-5)
    assert fit("knn", own, every).scores(own).min() > 0.5
    with pytest.raises(NotEnoughData, match="examples of both"):
        fit("svm", own, every)
    with pytest.raises(NotEnoughData):
        fit("prototype", own, np.zeros((len(own), 1), bool))
    with pytest.raises(BadInput, match="must be one of prototype"):
        fit("forest", own, every)


def test_directions_are_unit_and_those_that_cancel_are_none() -> None:
    rows = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], np.float32)
    targets = np.asarray([[True, False], [False, True], [False, True]])
    found = directions(rows, targets)
    assert found.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert np.allclose(directions(rows[:2], np.ones((2, 1), bool), np.asarray([3.0, 4.0]))[0], [0.6, 0.8])
