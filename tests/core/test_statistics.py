"""Retrieval by literals, and against scikit-learn's average precision; the probe on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.errors import NotEnoughData
from core.statistics import linear_probe, retrieval


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
