"""Clustered order against scipy's own words for it, and a tree whose lines hang together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from core import ordering
from tests.core.test_rasters import similarities


def mixed_up(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Clips of three actions in random order, and which action each is of."""
    random = np.random.default_rng(seed)
    actions = random.permutation(np.arange(rows) % 3)
    clips = np.eye(3)[actions] + 0.2 * random.normal(size=(rows, 3))
    clips /= np.linalg.norm(clips, axis=1, keepdims=True)
    return clips @ clips.T, actions


def test_clips_of_one_action_come_to_stand_together() -> None:
    table, actions = mixed_up(60)
    found = ordering.clustered(table)
    assert sorted(found.order) == list(range(60))
    assert np.count_nonzero(np.diff(actions[found.order])) == 2


def test_order_and_tree_are_scipys() -> None:
    table = similarities(40)
    distances = squareform(np.maximum(1 - (table + table.T) / 2, 0) * (1 - np.eye(40)), checks=False)
    drawn = dendrogram(optimal_leaf_ordering(linkage(distances, "average"), distances), no_plot=True)
    found = ordering.clustered(table)
    assert found.order.tolist() == drawn["leaves"]
    theirs = {tuple(np.round([*((np.array(x) - 5) / 10), *y], 9)) for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True)}
    assert {tuple(np.round([*line[:, 0], *line[:, 1]], 9)) for line in found.lines} == theirs
    assert found.height == pytest.approx(max(max(y) for y in drawn["dcoord"]))


def test_what_is_not_known_is_unrelated_and_clips_alike_in_all_keep_a_tree() -> None:
    table = np.array([[1, 0.9, np.nan], [0.9, 1, np.nan], [np.nan, np.nan, 1]])
    found = ordering.clustered(table)
    assert sorted(found.order[1:] if found.order[0] == 2 else found.order[:2]) == [0, 1]
    assert found.lines[:, 1, 1] == pytest.approx([0.1, 1.0])
    same = ordering.clustered(np.ones((4, 4)))
    assert sorted(same.order) == [0, 1, 2, 3] and same.height == 0


def test_too_many_or_too_few_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for found, rows in ((ordering.clustered(similarities(30), most=29), 30), (ordering.clustered(np.ones((1, 1))), 1)):
        assert found.order.tolist() == list(range(rows)) and found.lines.shape == (0, 4, 2) and found.height == 0
    monkeypatch.setattr(ordering, "MOST_OPTIMAL", 10)
    table, actions = mixed_up(60)
    assert np.count_nonzero(np.diff(actions[ordering.clustered(table).order])) == 2, "the plain order of the tree groups as well"


def test_a_table_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        ordering.clustered(np.zeros((2, 3)))
