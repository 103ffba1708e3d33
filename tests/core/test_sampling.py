"""Windows and moments, by literals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.clips import Window
from core.sampling import Sampling, frame_times, windows


def spans(duration: float, sampling: Sampling) -> list[tuple[float, float]]:
    return [(round(window.start_seconds, 6), round(window.end_seconds, 6)) for window in windows(duration, sampling)]


def test_exact_fit_is_one_window() -> None:
    assert spans(2.0, Sampling(2.0, 1.0)) == [(0, 2)]


def test_windows_step_by_the_stride() -> None:
    assert spans(4.0, Sampling(2.0, 1.0)) == [(0, 2), (1, 3), (2, 4)]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("drop", [(0, 2), (1, 3)]),
        ("shift", [(0, 2), (1, 3), (1.9, 3.9)]),
        ("spread", [(0, 2), (1.9, 3.9)]),
    ],
)
def test_tail_policies(tail: str, expected: list[tuple[float, float]]) -> None:
    assert spans(3.9, Sampling(2.0, 1.0, tail=tail)) == expected


def test_shift_ignores_less_than_a_tenth_of_a_window() -> None:
    assert spans(3.1, Sampling(2.0, 1.0, tail="shift")) == [(0, 2), (1, 3)]


def test_spread_puts_a_single_window_in_the_middle() -> None:
    assert spans(2.5, Sampling(2.0, 1.0, tail="spread")) == [(0.25, 2.25)]


def test_a_short_clip_is_one_window_of_its_own_length() -> None:
    assert spans(0.5, Sampling(2.0, 1.0)) == [(0, 0.5)]


def test_moments_are_the_middles_of_equal_slots() -> None:
    assert frame_times(Window(1.0, 3.0), 4, Sampling(2.0, 1.0)).tolist() == [1.25, 1.75, 2.25, 2.75]


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("stretch", [0.125, 0.375, 0.625, 0.875]),
        ("loop", [0.25, 0.75, 0.25, 0.75]),
        ("hold", [0.25, 0.75, 1.0, 1.0]),
    ],
)
def test_rules_for_clips_shorter_than_a_window(short: str, expected: list[float]) -> None:
    times = frame_times(Window(0.0, 1.0), 4, Sampling(2.0, 1.0, short=short))
    np.testing.assert_allclose(times, expected, atol=2e-6)


@pytest.mark.parametrize("duration", [0.0, -1.0, math.inf, math.nan])
def test_impossible_durations_are_refused(duration: float) -> None:
    with pytest.raises(ValueError, match="duration_seconds"):
        windows(duration, Sampling(2.0, 1.0))


@pytest.mark.parametrize(
    "values",
    [
        {"window_seconds": 0.0},
        {"stride_seconds": -1.0},
        {"window_seconds": math.inf},
        {"tail": "wag"},
        {"short": "shrink"},
    ],
)
def test_impossible_samplings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Sampling(**{"window_seconds": 2.0, "stride_seconds": 1.0, **values})


def test_frames_must_be_positive() -> None:
    with pytest.raises(ValueError, match="frames"):
        frame_times(Window(0.0, 1.0), 0, Sampling(2.0, 1.0))


@pytest.mark.parametrize("tail", ["drop", "shift", "spread"])
def test_every_window_lies_inside_the_clip(tail: str) -> None:
    for duration in np.linspace(0.05, 30, 400):
        for window in windows(float(duration), Sampling(2.56, 1.28, tail=tail)):
            assert 0 <= window.start_seconds < window.end_seconds <= duration + 1e-9
