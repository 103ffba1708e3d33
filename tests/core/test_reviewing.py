"""What was said about flags becomes held-out scores that move a threshold."""

from __future__ import annotations

import numpy as np
import pytest

from core.calibrating import Target, threshold
from core.held_out import HeldOut
from core.reviewing import footage_of, joined, reviewed

STARTS = np.arange(59) * 1.0
SPANS = np.stack([STARTS, STARTS + 2], axis=1)


def watched(accepted: dict[int, list[tuple[float, float]]], undecided: list[tuple[float, float]] | None = None) -> HeldOut:
    """A minute in which windows from 10, 30 and 50 seconds on fire."""
    scores = np.zeros((59, 1))
    for start, score in ((10, 5.0), (30, 4.0), (50, 3.0)):
        scores[start : start + 3] = score
    flagged = accepted, undecided or []
    return reviewed(("fight",), scores, SPANS, clip_id="c", source="s", accepted=flagged[0], undecided=flagged[1])


def test_accepted_flags_are_examples_and_the_rest_is_other_footage() -> None:
    held = watched({0: [(10.0, 14.0)]})
    own = held.targets[:, 0]
    assert set(held.scores[own, 0].tolist()) == {5.0} and len(set(held.examples[own].tolist())) == 1
    assert set(held.scores[~own, 0].tolist()) == {0.0, 3.0, 4.0}
    assert held.seconds.sum() == pytest.approx(60, abs=3) and footage_of(SPANS).sum() == 60


def test_what_nobody_looked_at_counts_for_nothing() -> None:
    held = watched({0: [(10.0, 14.0)]}, [(30.0, 34.0)])
    assert 4.0 not in held.scores[:, 0] and 3.0 in held.scores[:, 0]


def test_rejected_flags_raise_the_threshold() -> None:
    target = Target("conformal", 0.2)
    before, after = (watched({0: said}) for said in ([(10.0, 14.0), (30.0, 34.0), (50.0, 54.0)], [(10.0, 14.0)]))
    low, high = (threshold(held, 0, target) for held in (before, after))
    assert low.value < 3.0 < 4.0 < high.value < 5.0 and (low.found, high.found) == (3, 1)


def test_held_out_scores_are_joined_without_mixing_examples() -> None:
    one = watched({0: [(10.0, 14.0)]})
    both = joined([one, one])
    assert len(both) == 2 * len(one) and len(set(both.examples.tolist())) == 2 * len(set(one.examples.tolist()))
    with pytest.raises(ValueError, match="same classes"):
        joined([])
