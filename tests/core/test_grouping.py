"""Groups found without labels: what is put together, what stays out, and how they agree with labels."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput, NotEnoughData
from core.grouping import NO_CLUSTER, Grouping, agreement, group, usual_least
from tests.core.test_projecting import groups


@pytest.mark.parametrize(("method", "asked"), [("hdbscan", {}), ("kmeans", {}), ("kmeans", {"k": 3})])
def test_three_groups_are_found_and_the_same_each_time(method: str, asked: dict[str, int]) -> None:
    rows, which = groups()
    found = group(rows, method, **asked)
    assert found.count == 3 and found.silhouette > 0.5
    assert agreement(found, [str(one) for one in which]).ari == pytest.approx(1.0)
    assert np.array_equal(found.members, group(rows, method, **asked).members)


def test_clusters_are_numbered_by_size_and_strangers_stay_out() -> None:
    rows, which = groups()
    keep = np.flatnonzero((which != 1) | (np.arange(len(which)) % 2 == 0))  # half of the second group
    stranger = np.zeros((1, 16), np.float32)
    stranger[0, 9] = 5.0
    found = group(np.vstack([rows[keep], stranger]), "hdbscan", least=6)
    assert found.members[-1] == NO_CLUSTER and found.least == 6
    sizes = np.bincount(found.members[found.members >= 0]).tolist()
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == 3
    assert set(found.members[:-1][which[keep] == 1]) == {2}


def test_agreement_by_chance_is_none_for_ari_and_some_for_nmi() -> None:
    random = np.random.default_rng(1)
    found = agreement(Grouping("kmeans", random.integers(0, 20, 200), 0.0), [str(one) for one in random.integers(0, 40, 200)])
    assert abs(found.ari) < 0.03 and found.nmi == pytest.approx(found.nmi_by_chance, abs=0.03)
    assert found.nmi > 0.3, "many small groups share information by chance"
    none = agreement(Grouping("hdbscan", np.full(4, NO_CLUSTER), float("nan")), ["a", "a", "b", "b"])
    assert (none.clusters, none.outside, none.ari) == (0, 1.0, 0.0)


@pytest.mark.parametrize("count", [4, 5, 7])
@pytest.mark.parametrize("method", ["hdbscan", "kmeans"])
def test_small_and_identical_rows_are_grouped_without_a_fuss(method: str, count: int) -> None:
    rows, _ = groups()
    assert len(group(rows[:count], method).members) == count
    assert len(group(np.ones((count, 8), np.float32), method).members) == count


def test_what_cannot_be_is_refused() -> None:
    rows, _ = groups()
    with pytest.raises(NotEnoughData, match="at least 4"):
        group(rows[:3], "kmeans")
    for wrong in (
        {"method": "dbscan"},
        {"method": "kmeans", "k": 1},
        {"method": "kmeans", "k": 36},
        {"method": "hdbscan", "least": 1},
    ):
        with pytest.raises(BadInput, match="must be"):
            group(rows, **wrong)
    with pytest.raises(BadInput, match="seed"):
        group(rows, "kmeans", seed=-1)
    with pytest.raises(BadInput, match="choose k-means"):
        group(np.zeros((20_001, 2), np.float32), "hdbscan")


def test_the_usual_smallest_cluster_grows_with_the_library() -> None:
    assert [usual_least(count) for count in (4, 12, 20, 209, 560, 5000)] == [2, 3, 5, 5, 5, 50]
