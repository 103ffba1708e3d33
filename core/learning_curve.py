"""How good a concept is with fewer examples than it has, and what more would give: its learning curve.

The error (1 - average precision on sources left out) of learners falls about as a power of the number of examples (Cortes et al.
1994; Hestness et al. 2017): a line through the logarithms says what twice as many would give. Where the measured errors do not
fall, nothing is predicted, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

REPEATS = 12  # random choices of examples of each size
SHARES = (0.25, 0.375, 0.5, 0.75, 1.0)
"""Of the examples that there are."""
LEAST_ERROR = 0.01  # a smaller error is not told apart from none by so few examples
LEAST_SLOPE = 0.05  # errors that fall by less, as a power, halve only with a million times the examples


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Average precision on sources left out, by number of examples.

    Args:
        counts: how many examples, growing; the last is all of them.
        scores, spreads: mean and standard deviation over random choices of so many.
        predicted: (how many, what they would give); None where the power law does not hold.
        power: of the error; 0 where nothing is predicted.
    """

    counts: tuple[int, ...]
    scores: tuple[float, ...]
    spreads: tuple[float, ...]
    predicted: tuple[int, float] | None
    sentence: str
    power: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "counts": list(self.counts),
            "average_precision": list(self.scores),
            "spread": list(self.spreads),
            "predicted": list(self.predicted) if self.predicted else None,
            "sentence": self.sentence,
        }


def predict(counts: Sequence[int], scores: Sequence[float], wanted: int) -> tuple[float, float] | None:
    """What ``wanted`` examples would score, and the power of the error; None where errors do not fall, or of two sizes only."""
    errors = 1.0 - np.asarray(scores, np.float64)
    if len(set(counts)) < 3 or errors[-1] < LEAST_ERROR:
        return None
    slope, _ = np.polyfit(np.log(counts), np.log(np.maximum(errors, LEAST_ERROR)), 1, w=np.sqrt(counts))
    if slope > -LEAST_SLOPE:
        return None
    error = errors[-1] * (wanted / counts[-1]) ** slope  # from the last point on, which is measured best, at the line's slope
    return float(1.0 - error), float(-slope)


def told(counts: Sequence[int], scores: Sequence[float], spreads: Sequence[float]) -> LearningCurve:
    """A curve with its prediction for twice as many examples, and its sentence."""
    have = counts[-1]
    found = predict(counts, scores, 2 * have)
    text = f"{have} examples give {scores[-1]:.2f} \u00b1 {spreads[-1]:.2f}"
    if found:
        sentence = f"{text}; {have} more would give about {found[0]:.2f}."
    elif scores[-1] >= 1 - LEAST_ERROR:
        sentence = f"{text}: more examples of these kinds can hardly raise it; look for clips that it gets wrong."
    elif len(set(counts)) < 3:
        sentence = f"{text}; how it grows cannot be told from so few."
    else:
        sentence = f"{text}; more of them did not raise it so far, so what more would give cannot be told."
    predicted = (2 * have, found[0]) if found else None
    return LearningCurve(tuple(counts), tuple(scores), tuple(spreads), predicted, sentence, found[1] if found else 0.0)
