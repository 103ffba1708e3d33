"""Retrieval by literals, and against scikit-learn's average precision; the probe on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.errors import NotEnoughData
from core.statistics import finds, linear_probe, mean_over_sources, retrieval, share_over_sources


def test_retrieval_by_hand() -> None:
    similarity = np.asarray(
        [
            [1.0, 0.9, 0.5, 0.1],
            [0.9, 1.0, 0.2, 0.8],
            [0.5, 0.2, 1.0, 0.3],
            [0.1, 0.8, 0.3, 1.0],
        ]
    )
    found = retrieval(similarity, ["run", "walk", "run", "walk"], ["p", "q", "q", "p"])
    # Clip 0 (p, run) searches 1 and 2: walk 0.9, then run 0.5 -> rank 2. Clip 1 (q) searches 0, 3: run, walk -> rank 2.
    # Clip 2 (q, run) searches 0, 3: run first. Clip 3 (p, walk) searches 1, 2: walk first.
    assert found.recall_at_1 == 0.5
    assert found.recall_at_5 == 1.0
    assert found.mean_average_precision == pytest.approx((0.5 + 0.5 + 1 + 1) / 4)
    assert found.queries == 4


def test_the_own_source_is_never_searched() -> None:
    similarity = np.asarray([[1.0, 0.99, 0.1], [0.99, 1.0, 0.2], [0.1, 0.2, 1.0]])
    found = retrieval(similarity, ["run", "run", "run"], ["p", "p", "q"])
    assert found.queries == 3
    with pytest.raises(NotEnoughData, match="two different sources"):
        retrieval(similarity, ["run", "run", "walk"], ["p", "p", "q"])


def test_average_precision_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    count = 60
    similarity = random.normal(size=(count, count))
    labels = [f"label {value}" for value in random.integers(0, 4, count)]
    sources = [f"source {value}" for value in random.integers(0, 6, count)]
    expected = []
    for row in range(count):
        others = [column for column in range(count) if sources[column] != sources[row]]
        truth = [labels[column] == labels[row] for column in others]
        expected.append(average_precision_score(truth, similarity[row, others]))
    assert retrieval(similarity, labels, sources).mean_average_precision == pytest.approx(np.mean(expected))


def test_the_probe_finds_what_is_linear_and_not_what_is_the_source() -> None:
    random = np.random.default_rng(2)
    labels = [label for label in ("run", "walk") for _ in range(20)]
    sources = [f"person {index % 4}" for index in range(40)]
    signal = np.asarray([[1.0 if label == "run" else -1.0, 0.0] for label in labels])
    vectors = (signal + random.normal(scale=0.1, size=(40, 2))).astype(np.float32)
    assert linear_probe(vectors, labels, sources) == 1.0
    by_person = [f"only of {source}" for source in sources]
    with pytest.raises(NotEnoughData):
        linear_probe(vectors, by_person, sources)


def test_the_probe_needs_two_sources() -> None:
    with pytest.raises(NotEnoughData, match="two sources"):
        linear_probe(np.eye(4, dtype=np.float32), ["a", "a", "b", "b"], ["p"] * 4)


def test_an_interval_draws_whole_sources() -> None:
    """Ten people of ten clips each: clips that agree within a person tell no more than ten numbers do."""
    sources = [f"person {n // 10}" for n in range(100)]
    by_person = np.repeat(np.arange(10) < 8, 10)
    by_clip = np.arange(100) % 10 < 8
    wide, none = (mean_over_sources(values.astype(float), sources) for values in (by_person, by_clip))
    assert wide.value == none.value == pytest.approx(0.8)
    assert wide.low == pytest.approx(0.5, abs=0.11) and wide.high == 1.0  # binomial(10, 0.8) / 10: 2.5 % at 0.5, 97.5 % at 1
    assert none.low == none.high == pytest.approx(0.8), "every person is alike, so drawing other ones changes nothing"


def test_an_interval_is_the_same_each_time_and_covers_the_truth() -> None:
    random, covered = np.random.default_rng(0), 0
    for _ in range(40):
        person = np.repeat(random.normal(size=30), 4)
        values = person + random.normal(size=120)
        found = mean_over_sources(values, [str(n // 4) for n in range(120)])
        assert found == mean_over_sources(values, [str(n // 4) for n in range(120)])
        covered += found.low <= 0 <= found.high
    assert covered >= 34, "of 40 intervals at 95 %; fewer happen once in ten thousand times"


def test_a_share_without_failures_is_not_certain() -> None:
    every = share_over_sources(np.ones(100, bool), ["a", "b"] * 50)
    assert every.value == every.high == 1.0
    assert every.low == pytest.approx(1 - 3.7 / 100, abs=0.002)  # Wilson: 1 / (1 + 1.96² / 100)
    none = share_over_sources(np.zeros(10, bool), ["a", "b"] * 5)
    assert none.value == none.low == 0.0 and none.high == pytest.approx(0.278, abs=0.002)


def test_a_share_keeps_the_wider_end() -> None:
    sources = [f"person {n // 10}" for n in range(100)]
    found = share_over_sources(np.repeat(np.arange(10) < 5, 10), sources)
    drawn = mean_over_sources(np.repeat(np.arange(10) < 5, 10).astype(float), sources)
    assert (found.low, found.high) == (drawn.low, drawn.high)
    assert drawn.high - drawn.low > 0.4, "Wilson on 100 clips would say 0.19"


def test_what_each_clip_found_leads_to_the_means() -> None:
    random = np.random.default_rng(3)
    similarity = random.random((30, 30))
    labels, sources = [str(n % 3) for n in range(30)], [str(n % 5) for n in range(30)]
    each, means = finds(similarity, labels, sources), retrieval(similarity, labels, sources)
    assert means.recall_at_1 == np.mean(each.first_ranks == 1)
    assert means.mean_average_precision == pytest.approx(each.precisions.mean())
    assert means.queries == len(each.rows) == 30
