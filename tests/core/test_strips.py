"""Peaks of a similarity over time."""

from __future__ import annotations

import numpy as np
import pytest

from core.clips import Window
from core.strips import strip


def windows(count: int, stride: float = 0.5, length: float = 2.0) -> list[Window]:
    return [Window(stride * row, stride * row + length) for row in range(count)]


def bump(at: float, height: float, width: float, count: int = 80) -> np.ndarray:
    return height * np.exp(-(((0.5 * np.arange(count) + 1.0) - at) ** 2) / (2 * width**2))


def test_peaks_are_numbered_from_the_most_alike():
    found = strip(windows(80), bump(10, 0.3, 1.5) + bump(25, 0.6, 2.0) - 0.1, 42.0)
    assert [round(peak.peak_seconds) for peak in found.peaks] == [25, 10]
    assert found.peaks[0].similarity == pytest.approx(0.49, abs=0.02)
    assert found.peaks[0].start_seconds < 25 < found.peaks[0].end_seconds
    assert found.peaks[0].end_seconds - found.peaks[0].start_seconds == pytest.approx(4.0, abs=0.8)


def test_ripples_are_no_peaks_and_the_ends_may_be():
    ripples = 0.02 * np.sin(np.arange(80))
    assert strip(windows(80), ripples, 42.0).peaks == ()
    high = strip(windows(80), bump(10, 0.9, 2.0) + bump(30, 0.1, 1.5) + ripples, 42.0)
    assert len(high.peaks) == 1, "beside a high peak a low one is none"
    end = strip(windows(80), bump(41, 0.5, 3.0), 41.5)
    assert len(end.peaks) == 1 and end.peaks[0].end_seconds <= 41.5


def test_a_long_stretch_with_ripples_is_one_peak():
    """An exercise of ten seconds: no single window's length stands out of it, but it stands out as a whole."""
    plateau = 0.3 / (1 + np.exp(-2 * (bump(20, 10, 4) - 5))) + 0.02 * np.sin(np.arange(80) / 2)
    (peak,) = strip(windows(80), plateau, 42.0).peaks
    assert 15 < peak.peak_seconds < 25


def test_the_exact_numbers_stay():
    values = np.random.default_rng(0).normal(size=30)
    found = strip(windows(30), values, 17.0)
    assert np.array_equal(found.exact, values) and found.seconds[0] == 1.0
    assert np.abs(found.similarity - values).max() > 0.01, "smoothed"


def test_one_window_has_no_course():
    found = strip(windows(1), np.array([0.4]), 2.0)
    assert found.peaks == () and found.similarity.tolist() == [0.4]
