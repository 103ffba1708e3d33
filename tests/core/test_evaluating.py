"""The library's own labels as an exam: which clips sit it, what is taken away first, and when it cannot be held."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from core.collecting import Collection
from core.errors import NotEnoughData
from core.evaluating import evaluate, examine
from core.similarity import centre, cosines
from core.statistics import linear_probe, retrieval
from tests.core.test_comparing import clip, collection


def two_actions(*, swapped: str = "") -> Collection:
    """Running points up, walking to the right, each with a person's own bit of noise; ``swapped`` mislabels one clip."""
    rows = []
    for index, letter in enumerate("abcdef"):
        action = "run" if index % 2 else "walk"
        label = {"run": "walk", "walk": "run"}[action] if letter == swapped else action
        direction = [0.02 * index, 1.0, 0.5] if action == "run" else [1.0, 0.02 * index, 0.5]
        rows.append((clip(letter, label, f"person {index // 2}"), direction))
    return collection(*rows)


def test_what_is_plain_to_see_scores_one() -> None:
    found = asdict(evaluate(two_actions(), "toy"))
    hdbscan, kmeans = found.pop("clusters")
    assert kmeans["method"] == "kmeans" and (kmeans["clusters"], kmeans["ari"], kmeans["nmi"]) == (2, 1.0, 1.0)
    assert hdbscan["method"] == "hdbscan" and 0 <= hdbscan["outside"] <= 1
    assert found == {
        "encoder": "toy",
        "clips": 6,
        "sources": 3,
        "recall_at_1": 1.0,
        "recall_at_5": 1.0,
        "mean_average_precision": 1.0,
        "linear_probe_accuracy": 1.0,
    }


def test_one_wrong_label_by_hand() -> None:
    """Clip a (person 0) is a walk that is called a run. Each query searches the two clips of the two other people."""
    found = evaluate(two_actions(swapped="a"), "toy")
    # a, "run": walks c, e come first, then runs d, f: first right at rank 3. b, "run": d, f first. c and e, "walk": a looks
    # right but is not; e (or c) is second, or first. d and f, "run": the other run first, a last.
    assert found.recall_at_1 <= 5 / 6 and found.recall_at_5 == 1.0
    assert found.mean_average_precision < 1.0 and found.linear_probe_accuracy < 1.0


def test_the_unlabelled_help_the_mean_and_sit_no_exam() -> None:
    labelled = two_actions()
    extra = [(clip("0", "", "someone"), [5.0, 0.0, 0.0]), (clip("1", "", "else"), [0.0, 0.0, 1.0])]
    mixed = collection(*zip(labelled.clips, labelled.raw.tolist(), strict=True), *extra)
    found = evaluate(mixed, "toy")
    assert (found.clips, found.sources) == (6, 3)
    centred = centre(mixed.raw[:6], mixed.raw.mean(axis=0))
    expected = retrieval(cosines(centred, centred), labelled.labels, labelled.sources)
    assert found.mean_average_precision == expected.mean_average_precision
    assert found.linear_probe_accuracy == linear_probe(centred, labelled.labels, labelled.sources)


def test_a_source_is_never_its_own_answer() -> None:
    """Every clip has a twin of its label in its own source, and nothing like it elsewhere: the twin must not count."""
    random = np.random.default_rng(0)
    rows = []
    for index in range(12):
        source, label = index // 4, ("run", "walk")[index // 2 % 2]
        own = np.zeros(6)
        own[2 * source + (label == "walk")] = 1.0 if source != 2 else -1.0
        rows.append((clip("0123456789abcdef"[index], label, f"person {source}"), (own + 0.01 * random.random(6)).tolist()))
    assert evaluate(collection(*rows), "toy").recall_at_1 < 1.0


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("a", "", "1"), ("b", "", "2")], "two labels"),
        ([("a", "run", "1"), ("b", "run", "2")], "two labels"),
        ([("a", "run", "1"), ("b", "walk", "2")], "two different sources"),
        ([("a", "run", "1"), ("b", "walk", "1"), ("c", "run", "1"), ("d", "walk", "1")], "two different sources"),
    ],
)
def test_too_little_to_say_anything(rows: list[tuple[str, str, str]], why: str) -> None:
    vectors = np.random.default_rng(1).random((len(rows), 3)).tolist()
    with pytest.raises(NotEnoughData, match=why):
        evaluate(collection(*((clip(*row), vector) for row, vector in zip(rows, vectors, strict=True))), "toy")


def test_an_exam_tells_each_clip_and_means_what_evaluate_says() -> None:
    mixed = two_actions(swapped="a")
    each, means = examine(mixed, "toy"), evaluate(mixed, "toy")
    assert each.clip_ids == tuple(letter * 64 for letter in "abcdef") and each.clips == 6
    assert each.sources == tuple(f"person {n // 2}" for n in range(6))
    assert not each.first[0], "the clip with the wrong label finds a clip of its own label late"
    assert each.found_first.value == pytest.approx(means.recall_at_1)
    assert each.mean_average_precision.value == pytest.approx(means.mean_average_precision)
    assert each.found_first.low < each.found_first.value < each.found_first.high


def test_an_exam_knows_who_had_nothing_to_find() -> None:
    rows = [(clip("a", "run", "1"), [1.0, 0.1]), (clip("b", "run", "2"), [1.0, 0.2]), (clip("c", "walk", "2"), [0.0, 1.0])]
    found = examine(collection(*rows), "toy")
    assert (len(found.clip_ids), found.clips) == (2, 3)
    with pytest.raises(NotEnoughData, match="two labels"):
        examine(collection(*rows[:2]), "toy")
