"""Clusters with names: the network's, the analyst's, and who does not fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.clustering import Cluster, clusters, leads, likeness, odd_ones
from core.encoders import ActionHead
from core.grouping import NO_CLUSTER, Grouping
from core.workbench import Workbench
from tests.core.planted import dimension, plant, plant_groups
from tests.tiny import toy_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("clusters")
    with toy_bench(folder / "library") as made:
        plant_groups(made, folder, ["run", "jog", "wave"], 8)
        stranger = 0.8 * np.eye(dimension(made))[:1] + 1.0 * np.eye(dimension(made))[6:7]
        plant(made, folder, stranger, "jog", "stranger", "odd.mp4")  # called jogging, between running and something else
        yield made


def test_clusters_are_named_by_the_labels_of_most_of_them(bench: Workbench) -> None:
    found = clusters(bench, method="kmeans", k=3)
    assert sorted(found.names) == ["jog", "run", "wave"] and found.seed == 0
    called = {cluster.name: cluster.called for cluster in found.found}
    assert called == {"run": "mostly run (8 of 9)", "jog": "all jog (8)", "wave": "all wave (8)"}
    assert [cluster.size for cluster in found.found] == [9, 8, 8] and found.outside == 0
    assert {cluster.sources for cluster in found.found} == {9, 8}
    assert "no classifier" in found.why_unnamed and not found.found[0].looks_like
    assert found.found[1].fit > 0.5


def test_the_one_who_does_not_fit_is_told_first(bench: Workbench) -> None:
    found = clusters(bench, method="kmeans", k=3)
    first = found.odd[0]
    assert found.points.clips[first.row].name == "odd.mp4" and first.oddness > 2.5
    assert first.cluster == found.labels[first.row] and found.found[first.cluster].name == "run"
    assert [one.oddness for one in found.odd] == sorted((one.oddness for one in found.odd), reverse=True)


def test_names_come_from_the_actions_that_a_cluster_points_to(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    weight = np.eye(dimension(bench), dtype=np.float32)[[0, 1, 2, 7]]
    head = ActionHead(("running", "jogging", "waving", "swimming"), weight, np.zeros(4, np.float32))
    monkeypatch.setattr(bench, "head", lambda _encoder=None: head)
    found = clusters(bench, method="kmeans", k=3)
    seen = {cluster.name: cluster.actions[0] for cluster in found.found}
    assert {name: action for name, (action, _) in seen.items()} == {"run": "running", "jog": "jogging", "wave": "waving"}
    assert all(lead > 1 for _, lead in seen.values()) and found.why_unnamed == ""
    assert all("swimming" not in cluster.looks_like for cluster in found.found)


def test_moments_are_clustered_too(bench: Workbench) -> None:
    found = clusters(bench, method="hdbscan", of="moments", least=5)
    assert len(found.labels) == 25 and len(found.found) == 3 and found.least == 5
    assert found.outside == (found.labels == NO_CLUSTER).sum() and found.points.windows.tolist() == [0] * 25


def test_a_lead_is_the_gap_in_standard_deviations() -> None:
    similarity = np.asarray([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]], np.float32)
    inside = np.asarray([True, True, False, False])
    assert leads(similarity, inside).tolist() == [2.0, 0.0]
    assert leads(similarity, np.ones(4, bool)).tolist() == [0.0, 0.0], "of everything nothing leads"


def test_likeness_leaves_the_own_source_out_where_others_are() -> None:
    rows = np.asarray([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    grouping = Grouping("kmeans", np.asarray([0, 0, 0, NO_CLUSTER]), 0.0)
    fits = likeness(rows, ["a", "a", "b", "c"], grouping)
    assert fits[:3].tolist() == [0.0, 0.0, 0.0] and np.isnan(fits[3])
    assert likeness(rows, ["a", "a", "a", "c"], grouping)[:3].tolist() == [0.5, 0.5, 0.0]
    assert np.isnan(likeness(rows, list("abcd"), Grouping("kmeans", np.arange(4), 0.0))).all()


def test_oddness_is_in_robust_deviations_and_needs_a_few_clips() -> None:
    fits = np.asarray([0.5, 0.52, 0.54, 0.56, 0.58, 0.1])
    grouping = Grouping("kmeans", np.zeros(6, np.int64), 0.0)
    (only,) = odd_ones(grouping, fits)
    assert only.row == 5 and only.oddness == pytest.approx((0.53 - 0.1) / (1.4826 * 0.03))
    assert odd_ones(Grouping("kmeans", np.zeros(4, np.int64), 0.0), fits[2:]) == ()


@pytest.mark.parametrize(
    ("labels", "unlabelled", "actions", "called", "name"),
    [
        ((("walk", 17), ("run", 3)), 0, (), "mostly walk (17 of 20)", "walk"),
        ((("walk", 20),), 0, (), "all walk (20)", "walk"),
        ((("walk", 2),), 18, (("jogging", 2.0),), "walk (2 labelled of 20)", "like jogging"),
        ((("a", 8), ("b", 7), ("c", 5)), 0, (("jogging", 2.0),), "mixed: a (8), b (7), c (5)", "like jogging"),
        ((), 20, (), "", "cluster 3"),
    ],
)
def test_names_in_words(labels, unlabelled: int, actions, called: str, name: str) -> None:
    made = Cluster(2, 20, 5, actions, labels, unlabelled, 0.5)
    assert (made.called, made.name) == (called, name)
