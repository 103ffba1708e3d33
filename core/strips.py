"""A similarity over time: smoothed, and its peaks. Pure arithmetic on the windows of one clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from core.clips import Window
from core.similarity import Similarities

PROMINENCE = 0.08
"""A peak stands out by as much of centred similarity; docs/time.md tells what two windows of one action differ by."""
SHARE_OF_RANGE = 0.2  # of what the strip spans: on a strip with high peaks, ripples are none
SURROUNDINGS = 3.0  # windows' lengths around a peak, against which its ends are measured: an action, and what is before and after
SMOOTHING = 0.6  # windows' strides, one standard deviation: less than one window, so that nothing moves
MOST_PEAKS = 12


@dataclass(frozen=True, slots=True)
class Peak:
    """A stretch of a clip that is more alike than what lies around it; where it is most so, and how much."""

    start_seconds: float
    end_seconds: float
    peak_seconds: float
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """W windows of a clip against a query.

    Args:
        seconds: (W,) middles of the windows.
        similarity: (W,) centred similarity, smoothed a little.
        exact: (W,) the same as it was measured.
        peaks: the most alike first: their numbers on the screen.
        own_source: whether the query's clips are of the long clip's own source, for want of others.
    """

    seconds: NDArray[np.float64]
    similarity: Similarities
    exact: Similarities
    peaks: tuple[Peak, ...]
    own_source: bool = False


def strip(windows: Sequence[Window], similarity: Similarities, duration_seconds: float, *, own_source: bool = False) -> Strip:
    """The strip of W windows in time order with their similarities (W,)."""
    starts = np.array([window.start_seconds for window in windows])
    ends = np.array([window.end_seconds for window in windows])
    exact = np.asarray(similarity, np.float64)
    smooth = gaussian_filter1d(exact, SMOOTHING, mode="nearest") if len(exact) > 2 else exact
    middles = (starts + ends) / 2
    return Strip(middles, smooth, exact, _peaks(middles, starts, ends, smooth, duration_seconds), own_source)


def _peaks(
    middles: NDArray[np.float64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    smooth: Similarities,
    duration_seconds: float,
) -> tuple[Peak, ...]:
    """Where the strip rises above its surroundings on both sides; its ends count as low."""
    if len(smooth) < 2:
        return ()
    from scipy.signal import find_peaks, peak_widths  # half a second to import, and every command imports this file

    spans = float(np.ptp(smooth))
    padded = np.concatenate([[smooth.min()], smooth, [smooth.min()]])
    around = max(3, round(SURROUNDINGS * float((ends - starts).max()) / max(float(np.diff(middles).mean()), 1e-9)))
    found, _ = find_peaks(padded, prominence=max(PROMINENCE, SHARE_OF_RANGE * spans))
    _, _, lefts, rights = peak_widths(padded, found, rel_height=0.5, wlen=around)
    made = []
    for place, left, right in zip(found - 1, lefts - 1, rights - 1, strict=True):
        low, high = np.interp([left, right], np.arange(len(middles)), middles)
        half = float(ends[place] - starts[place]) / 2
        start = min(float(low), float(middles[place]) - half / 2)
        end = max(float(high), float(middles[place]) + half / 2)
        made.append(Peak(max(start, 0.0), min(end, duration_seconds), float(middles[place]), float(smooth[place])))
    return tuple(sorted(made, key=lambda peak: -peak.similarity)[:MOST_PEAKS])
