"""Scores to flags, on courses that are written down."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.flagging import Course, Reading, flags, off_threshold, suppress, tiou
from core.flags import Flag

PLAIN = Reading(smoothing_seconds=0, off_share=1, minimum_seconds=0, gap_seconds=0)


def course(*scores: float, stride: float = 1.0, slope: float = 0.0) -> Course:
    """Windows of twice the stride, as every encoder has them; similarity and confidence say which window it was."""
    starts = np.arange(len(scores)) * stride
    values = np.asarray(scores, np.float64)
    return Course("fight", starts, starts + 2 * stride, values, np.tanh(values), 1 / (1 + np.exp(-values)), 1.0, slope)


def spans(found: tuple[Flag, ...]) -> list[tuple[float, float]]:
    return [(flag.start_seconds, flag.end_seconds) for flag in found]


def test_a_window_speaks_for_the_time_around_its_middle() -> None:
    """Windows 0-2, 1-3, 2-4, 3-5: the third fires, so from 2.5 to 3.5, half way to the middles 2 and 4 beside its own 3."""
    (flag,) = flags(course(0, 0, 2, 0), PLAIN)
    assert (flag.start_seconds, flag.peak_seconds, flag.end_seconds) == (2.5, 3.0, 3.5)
    assert (flag.score, flag.similarity) == (2.0, np.tanh(2.0))


def test_the_first_and_the_last_window_speak_to_the_ends() -> None:
    assert spans(flags(course(2, 0, 2), PLAIN)) == [(0.0, 1.5), (2.5, 4.0)]


def test_a_clip_of_one_window_is_flagged_whole_however_short() -> None:
    assert spans(flags(course(2.0), Reading(minimum_seconds=60))) == [(0.0, 2.0)]
    assert flags(course(), PLAIN) == ()


def test_odds_that_hardly_move_do_not_make_one_flag_of_a_whole_film() -> None:
    """A concept that tells little apart has a slope near 0: a quarter of the odds lies below every score there is."""
    line = course(0, 0.1, 2, 0.1, 0, 0.1, 0, 2, 0, 0.1, slope=0.1)
    assert len(flags(line, Reading(smoothing_seconds=0, off_share=0.25, minimum_seconds=0, gap_seconds=0))) == 2
    still = course(0, 0, 0, 2, 0, 0, 0, 2, 0, 0, slope=0.1)  # most of the film scores exactly the same
    assert len(flags(still, Reading(smoothing_seconds=0, off_share=0.25, minimum_seconds=0, gap_seconds=0))) == 2
    assert off_threshold(1.0, 0.1, Reading(), np.full(3, 2.0)) == 1.0, "never above the threshold itself"


def test_a_flag_goes_on_while_the_odds_are_good_enough() -> None:
    """With slope 1 the odds halve when the score falls by ln 2."""
    line = course(0, 2, 0.5, 2, 0.2, 0, slope=1.0)
    reading = Reading(smoothing_seconds=0, off_share=0.5, minimum_seconds=0, gap_seconds=0)
    assert off_threshold(1.0, 1.0, reading, np.zeros(6)) == pytest.approx(1 - np.log(2))
    assert spans(flags(line, reading)) == [(1.5, 4.5)]
    assert len(flags(line, PLAIN)) == 2
    assert len(flags(course(0, 2, 0.5, 2, 0.2, 0), reading)) == 2, "a score that was never calibrated has no odds"


def test_what_never_reaches_the_threshold_is_no_flag() -> None:
    assert flags(course(0.9, 0.95, 0.9, slope=1.0), Reading(smoothing_seconds=0)) == ()


def test_smoothing_drops_a_blink_and_keeps_what_lasts() -> None:
    blink, lasting = course(0, 0, 1.5, 0, 0), course(0, 1.5, 1.5, 1.5, 0)
    assert flags(blink, PLAIN)
    reading = Reading(smoothing_seconds=2, off_share=1, minimum_seconds=0, gap_seconds=0)
    assert flags(blink, reading) == ()
    (flag,) = flags(lasting, reading)
    assert flag.peak_seconds == 3.0
    assert flag.score == pytest.approx(1.5)
    assert np.allclose(blink.smoothed(2).scores, [0, 1.5 / 4, 1.5 / 2, 1.5 / 4, 0], atol=0.01)  # weights 1/4, 1/2, 1/4


def test_near_flags_are_one_and_short_ones_none() -> None:
    line = course(2, 0, 2, 0, 0, 0, 2, 2, 2)
    assert len(flags(line, PLAIN)) == 3
    joined = flags(line, Reading(smoothing_seconds=0, off_share=1, minimum_seconds=0, gap_seconds=1))
    assert spans(joined) == [(0.0, 3.5), (6.5, 10.0)]
    long = flags(line, Reading(smoothing_seconds=0, off_share=1, minimum_seconds=2, gap_seconds=0))
    assert spans(long) == [(6.5, 10.0)]


def test_another_threshold_may_be_tried() -> None:
    assert len(flags(course(0.4, 0, 0.4), PLAIN, threshold=0.3)) == 2


def test_of_overlapping_flags_the_stronger_stays() -> None:
    weak, strong = Flag("a", 0, 10, 5, 0.1, 0.1, 1.0), Flag("a", 1, 11, 6, 0.2, 0.2, 2.0)
    other, elsewhere = Flag("b", 0, 10, 5, 0.1, 0.1, 0.5), Flag("a", 0, 10, 5, 0.1, 0.1, 0.5, path="/other.mp4")
    assert suppress([weak, strong, other, elsewhere], 0.5) == (elsewhere, other, strong)
    assert suppress([weak, strong], 0.9) == (weak, strong)
    assert tiou((0, 10), (1, 11)) == pytest.approx(9 / 11)
    assert tiou((0, 1), (1, 2)) == 0


@pytest.mark.parametrize("wrong", [{"smoothing_seconds": -1}, {"off_share": 0}, {"overlap": 1.5}, {"gap_seconds": np.inf}])
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Reading(**wrong)


@settings(max_examples=50)
@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=40),
    st.floats(0, 5),
    st.floats(0.05, 1),
    st.floats(0, 4),
    st.floats(0, 4),
    st.floats(0, 3),
)
def test_flags_lie_apart_inside_the_film_and_above_the_threshold(
    scores: list[float], smoothing: float, off: float, least: float, gap: float, slope: float
) -> None:
    line = course(*scores, slope=slope)
    found = flags(line, Reading(smoothing, off, least, gap))
    assert all(flag.score >= 1.0 for flag in found)
    assert all(0 <= flag.start_seconds <= flag.peak_seconds <= flag.end_seconds <= line.ends[-1] for flag in found)
    for before, after in pairwise(found):
        assert after.start_seconds - before.end_seconds > gap
