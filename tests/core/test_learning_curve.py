"""Learning curves: a power law is found again, and nothing is promised where the errors do not fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.clips import Progress
from core.concepts import NONE, Example
from core.errors import BadInput, Cancelled
from core.learning_curve import learning_curve, predict, told
from core.lessons import Lesson
from tests.core.planted import plant_groups
from tests.tiny import toy_bench


def test_a_power_law_is_continued() -> None:
    counts = (4, 8, 12, 16)
    scores = [1 - 0.8 * count**-0.5 for count in counts]
    found = predict(counts, scores, 32)
    assert found is not None and found[0] == pytest.approx(1 - 0.8 * 32**-0.5) and found[1] == pytest.approx(0.5)
    curve = told(counts, scores, [0.05] * 4)
    assert (
        curve.predicted == (32, found[0])
        and curve.sentence == "16 examples give 0.80 \u00b1 0.05; 16 more would give about 0.86."
    )


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((0.7, 0.7, 0.7), "did not raise it"),
        ((0.8, 0.7, 0.6), "did not raise it"),
        ((0.9, 1.0, 1.0), "hardly raise it"),
    ],
)
def test_where_errors_do_not_fall_nothing_is_promised(scores: tuple[float, ...], words: str) -> None:
    curve = told((4, 8, 16), scores, (0.1, 0.1, 0.1))
    assert curve.predicted is None and words in curve.sentence


def test_two_sizes_are_too_few() -> None:
    assert predict((4, 8), np.asarray([0.5, 0.7]).tolist(), 16) is None
    assert "so few" in told((4, 8), (0.5, 0.7), (0.1, 0.1)).sentence


def test_more_examples_of_noisy_actions_are_told_better_and_the_last_point_is_that_of_all(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = plant_groups(bench, tmp_path, ["a", "b"], 12, noise=2.5)
        shown = tuple(Example(one, "a" if name == "a" else NONE) for name, each in ids.items() for one in each)
        steps: list[Progress] = []
        curve = learning_curve(bench, Lesson("a", shown, head="prototype"), steps.append)
        assert curve.counts == (6, 9, 12, 18, 24) and steps[-1].done < steps[-1].total
        assert curve.scores[0] + 0.05 < curve.scores[-1] < 1.0 and all(0 < one < 0.3 for one in curve.spreads)
        assert curve.sentence.startswith(f"24 examples give {curve.scores[-1]:.2f}")
        assert curve.as_dict()["counts"] == [6, 9, 12, 18, 24]
        with pytest.raises(Cancelled):
            learning_curve(bench, Lesson("a", shown), should_stop=lambda: True)
        with pytest.raises(BadInput, match="two positives"):
            learning_curve(bench, Lesson("a", shown[:3]))
