"""Learning curves: a power law is found again, and nothing is promised where the errors do not fall."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning_curve import predict, told


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
