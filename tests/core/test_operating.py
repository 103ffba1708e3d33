"""Alarms at every threshold, and how sure their rate is: against brute force and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.operating import alarm_steps, garwood, levels, material, rate_over_sources
from tests.core.test_calibrating import TEN_AND_FOUR, held_out


def counted(scores: np.ndarray, spans: np.ndarray, threshold: float, gap: float) -> int:
    """The number of alarms by merging what fires, one after the other."""
    alarms, end = 0, -np.inf
    for start, stop in sorted(spans[scores >= threshold].tolist()):
        alarms += start > end + gap + 1e-6
        end = max(end, stop)
    return alarms


@pytest.mark.parametrize("gap", [0.0, 1.5])
def test_steps_add_up_to_the_alarms_at_every_threshold(gap: float) -> None:
    random = np.random.default_rng(4)
    starts = np.concatenate([np.arange(20) * 1.0, np.arange(15) * 2.5])
    spans = np.stack([starts, starts + np.where(np.arange(35) % 7 == 3, 6.0, 2.0)], axis=1)
    clips, scores = np.repeat(["a", "b"], [20, 15]), random.integers(0, 12, 35).astype(float)
    order = random.permutation(35)
    steps = alarm_steps(scores[order], spans[order], clips[order].tolist(), gap)
    for threshold in np.unique(scores):
        alarms = sum(counted(scores[clips == clip], spans[clips == clip], threshold, gap) for clip in "ab")
        assert steps[scores[order] >= threshold].sum() == alarms
    assert steps.min() == -1, "two alarms met somewhere"


def test_levels_count_what_fires_at_and_above_each_score() -> None:
    at = levels(material(TEN_AND_FOUR))
    assert at.scores[0] > 9 and (at.found[0], at.alarms[0], at.fired[0]) == (0, 0, 0)
    row = at.scores.tolist().index(2.5)
    assert (at.found[row], at.alarms[row], at.fired[row]) == (7, 2, 2)
    assert (at.found[-1], at.alarms[-1], at.fired[-1]) == (10, 4, 4)


def test_the_rate_of_few_alarms_has_garwoods_interval() -> None:
    none = garwood(0, 0.25)
    assert (none.value, none.low) == (0.0, 0.0) and none.high == pytest.approx(14.76, abs=0.01)
    for count in (1, 3, 20):
        reference = stats.chi2.ppf([0.025, 0.975], [2 * count, 2 * count + 2]) / 2
        found = garwood(count, 2.0)
        assert (found.low * 2, found.high * 2) == pytest.approx(tuple(reference))
    assert garwood(0, 0.0).high == np.inf


def test_garwoods_interval_covers_the_true_rate_at_least_as_often_as_it_says() -> None:
    for expected in (0.3, 1.0, 4.0):
        counts = np.random.default_rng(2).poisson(expected, 4000)
        known = {count: garwood(count, 1.0) for count in np.unique(counts).tolist()}
        assert np.mean([known[count].low <= expected <= known[count].high for count in counts.tolist()]) >= 0.945


def test_alarms_of_few_sources_widen_the_interval() -> None:
    even, uneven = np.full(10, 2), np.asarray([20, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    hours = np.full(10, 0.1)
    assert rate_over_sources(even, hours) == garwood(20, 1.0)
    assert rate_over_sources(uneven, hours).high > 1.5 * garwood(20, 1.0).high and rate_over_sources(uneven, hours).low == 0.0


def test_negatives_are_told_apart_by_class_and_best_windows_count() -> None:
    of = material(held_out([3.0], [1.0, 2.0]))
    assert of.positives.tolist() == [3.0] and of.negatives.tolist() == [1.0, 2.0] and of.hours == pytest.approx(0.2)
    assert of.only("source 0").negatives.tolist() == [1.0] and of.only("source 0", left_out=True).positives.tolist() == []
