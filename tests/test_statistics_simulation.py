"""The short form of benchmarks/statistics.py: what is plainly wrong fails here; the long form measures how right it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks import statistics
from benchmarks.statistics import DESIGNS, NULLS, Design, coverage, null_ps, percentile_bootstrap, power
from core.resampling import Bundles, Estimate


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "TRUTH_CLIPS", 40_000)
    monkeypatch.setattr(statistics, "BOOTSTRAPS", 99)


@pytest.mark.parametrize("design", [DESIGNS[2], DESIGNS[13]], ids=lambda design: design.name)
def test_intervals_hold_the_truth(design: Design) -> None:
    """Of 250 intervals of 95 % between 227 and 248 hold it, but once in a thousand times."""
    for name, (true, held, width) in coverage(design, 250).items():
        assert 0.908 <= held <= 0.996, (name, held)
        assert 0 < width < 1 and true > 0


def test_a_method_that_covers_too_little_is_seen() -> None:
    """The percentile bootstrap's intervals at half their width."""

    def narrow(bundles: Bundles, contrast: np.ndarray, random: np.random.Generator) -> Estimate | None:
        found = percentile_bootstrap(bundles, contrast, random)
        assert found is not None
        quarter = (found.high - found.low) / 4
        return replace(found, low=found.low + quarter, high=found.high - quarter)

    assert max(held for _, held, _ in coverage(DESIGNS[3], 100, method=narrow).values()) < 0.9


@pytest.mark.parametrize("design", [NULLS[0], NULLS[5]], ids=lambda design: design.name)
def test_p_is_uniform_where_there_is_no_difference(design: Design) -> None:
    ps = null_ps(design, 250)
    assert stats.kstest(ps, "uniform").pvalue > 0.001
    assert np.ptp(ps) > 0.9


def test_a_difference_is_found() -> None:
    assert power(DESIGNS[3], 30) > 0.9
