"""How often a movement repeats itself in a minute. Pure arithmetic on a course: one row of numbers for each picture of a film.

A movement that repeats is like itself one period later (Cutler & Davis 2000, Robust real-time periodic motion detection: the
autocorrelation of self-similarity). The course is cut into passages in which somebody moves, these into overlapping stretches of
2, 4 and 8 seconds; each stretch tells at which delay it is most like itself, located between pictures by a parabola. The delay
on which most stretches agree is the period.

Steps, not strides: from the side the left leg looks as the right one does, so the first delay at which the movement returns is
one step. From the front they are mirror images of each other, so a course is also compared with itself in a mirror.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, gaussian_filter1d, label

from core.clips import Floats

Array = NDArray[np.float64]

STRETCHES_SECONDS = (2.0, 4.0, 8.0)
SHORTEST_SECONDS = 0.8  # of a passage: two steps of a sprint
FASTEST_SECONDS, FASTEST_STEPS = 0.2, 4  # 300 a minute: nobody steps faster; and a period of fewer pictures is not seen
REACH = 0.6  # of a stretch: a delay longer than that is seen not even twice
NEARLY = 0.6  # of the best likeness: the first delay that returns to it is the period, later ones are two periods or three
LEAST_LIKENESS = 0.2  # at the period: noise has peaks too, of up to 0.15 (docs/time.md)
SAME = 0.12  # of the natural logarithm: delays that agree
SURE = 0.25
"""Confidence below which no cadence is told."""
_PAUSE_SECONDS = 0.6  # somebody who rests for less is still moving: an arm stands still at each end of a wave
_MOVING = 0.5  # of the liveliest moments: less is entering or leaving the picture, or standing
_SMOOTH_SECONDS = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Cadence:
    """How often a minute a movement repeats: steps of a walk or run, jumps, waves.

    Args:
        per_minute: None when no rhythm was found; ``reason`` then says why.
        low, high: between which the stretches lie that agree, and no closer than pictures come.
        confidence: from 0 to 1, how like itself the movement is one period later, times the share of the time that agrees.
        moving_seconds: how long somebody moves.
        delays, likeness: (L,) seconds, and how alike the movement is after each, over all stretches that agree.
    """

    per_minute: float | None
    low: float | None
    high: float | None
    confidence: float
    reason: str
    moving_seconds: float
    delays: Array
    likeness: Array

    @property
    def steps_per_minute(self) -> float | None:
        """The same: of a walk or a run, a repetition is a step."""
        return self.per_minute


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    seconds: float
    likeness: Array
    period: float | None
    height: float


def cadence(rows: Floats, activity: Array, fps: float, *, mirror: Floats | None = None) -> Cadence:
    """The cadence of a course: ``rows`` (n, D), ``activity`` (n,), ``mirror`` (n, D) the same rows in a mirror."""
    parts = passages(activity, fps)
    moving = sum(last - first for first, last in parts) / fps
    stretches = [
        stretch
        for first, last in parts
        for stretch in _stretches(rows[first:last], None if mirror is None else mirror[first:last], fps)
    ]
    if not stretches:
        why = "nobody moves long enough" if len(rows) >= SHORTEST_SECONDS * fps else "the clip is too short"
        return _none(f"{why}: a rhythm needs {SHORTEST_SECONDS:g} seconds of movement or more", 0.0, moving)
    agreeing = _agreeing(stretches)
    if not agreeing:
        return _none("the movement does not come back to where it was", 0.0, moving)
    return _told(stretches, agreeing, fps, moving)


def passages(activity: Array, fps: float) -> list[tuple[int, int]]:
    """(first, last) half-open steps between which somebody moves without a pause worth the name."""
    if len(activity) < 2 or activity.max() <= 0:
        return []
    smooth = gaussian_filter1d(np.asarray(activity, np.float64), _SMOOTH_SECONDS * fps)
    gap = max(1, round(_PAUSE_SECONDS * fps))
    moving = np.pad(smooth > _MOVING * np.percentile(smooth, 95), gap)
    marked, count = label(binary_closing(moving, np.ones(gap))[gap:-gap])
    places = [np.flatnonzero(marked == number + 1) for number in range(count)]
    return [(int(at[0]), int(at[-1]) + 1) for at in places if len(at) >= SHORTEST_SECONDS * fps]


def liveliest(activity: Array, fps: float, most_seconds: float) -> tuple[int, int]:
    """(first, last) half-open steps of the longest passage, or its ``most_seconds`` of most motion; the beginning without one."""
    first, last = max(passages(activity, fps), key=lambda part: part[1] - part[0], default=(0, len(activity)))
    length = min(last - first, round(most_seconds * fps))
    if length <= 0:
        return 0, 0
    sums = np.convolve(activity[first:last], np.ones(length), "valid")
    start = first + int(sums.argmax())
    return start, start + length


def likeness(rows: Array, other: Array, most: int) -> Array:
    """(most + 1,) correlation of ``rows`` (n, D) with ``other`` 0, 1, ... ``most`` steps later, their means taken away."""
    rows, other = rows - rows.mean(axis=0), other - other.mean(axis=0)
    products = rows @ other.T
    before, behind = np.cumsum((rows**2).sum(axis=1)), np.cumsum((other**2).sum(axis=1)[::-1])
    found = np.zeros(most + 1)
    for delay in range(most + 1):
        shared = len(rows) - delay
        found[delay] = np.trace(products, delay) / max(float(np.sqrt(before[shared - 1] * behind[shared - 1])), 1e-12)
    return found


def peak_of(values: Array, first: int) -> tuple[float, float] | None:
    """(delay in steps, height) of the first peak from ``first`` on that is nearly as high as the highest; None without.

    Both lie on the parabola through the peak and its two neighbours.
    """
    peaks = []
    for place in range(max(first, 1), len(values) - 1):
        left, here, right = values[place - 1 : place + 2]
        if here >= left and here > right and here >= LEAST_LIKENESS:
            bend = left - 2 * here + right
            off = (left - right) / (2 * bend) if bend else 0.0
            peaks.append((place + off, here - 0.25 * (left - right) * off))
    if not peaks:
        return None
    highest = max(height for _, height in peaks)
    return next((place, height) for place, height in peaks if height >= NEARLY * highest)


def _stretches(rows: Floats, mirror: Floats | None, fps: float) -> list[_Stretch]:
    count = len(rows)
    lengths = {round(seconds * fps) for seconds in STRETCHES_SECONDS if seconds * fps < count}
    if count <= STRETCHES_SECONDS[-1] * fps:
        lengths.add(count)
    found = []
    for length in sorted(lengths):
        starts = sorted({*range(0, count - length + 1, max(1, length // 4)), count - length})
        found += [
            _stretch(rows[start : start + length], None if mirror is None else mirror[start : start + length], fps)
            for start in starts
        ]
    return found


def _stretch(rows: Floats, mirror: Floats | None, fps: float) -> _Stretch:
    exact = rows.astype(np.float64)
    most = int(REACH * len(rows))
    values = likeness(exact, exact, most)
    if mirror is not None:
        values = np.maximum(values, likeness(exact, mirror.astype(np.float64), most))
    peak = peak_of(values, max(round(FASTEST_SECONDS * fps), FASTEST_STEPS))
    return _Stretch(len(rows) / fps, values, peak[0] / fps if peak else None, peak[1] if peak else 0.0)


def _agreeing(stretches: list[_Stretch]) -> list[_Stretch]:
    """Those whose periods lie about one of them: the one that most seconds of likeness speak for."""
    found = [stretch for stretch in stretches if stretch.period is not None]
    groups = [[other for other in found if _alike(stretch.period, other.period)] for stretch in found]
    return max(groups, key=lambda group: sum(one.height * one.seconds for one in group), default=[])


def _alike(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(np.log(one / other)) < SAME


def _told(stretches: list[_Stretch], agreeing: list[_Stretch], fps: float, moving: float) -> Cadence:
    periods = np.array([one.period for one in agreeing], np.float64)
    weights = np.array([one.height * one.seconds for one in agreeing])
    low, middle, high = _quantiles(periods, weights, (0.1, 0.5, 0.9))
    able = sum(one.seconds for one in stretches if REACH * one.seconds >= middle)  # the others are too short to show it
    confidence = float(min(weights.sum() / max(able, 1e-9), 1.0))
    delays, likeness_ = _together(agreeing, fps)
    if confidence < SURE:
        guess = f"{60 / middle:.0f} a minute would fit best"
        return _none(
            f"no rhythm that most of the clip keeps ({guess}, confidence {confidence:.2f})", confidence, moving, delays, likeness_
        )
    half = 0.5 / fps
    limits = min(60 / high, 60 / (middle + half)), max(60 / low, 60 / (middle - half))
    return Cadence(60 / middle, *limits, confidence, "", moving, delays, likeness_)


def _quantiles(values: Array, weights: Array, shares: tuple[float, ...]) -> list[float]:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)]) for share in shares]


def _together(agreeing: list[_Stretch], fps: float) -> tuple[Array, Array]:
    """The likeness of the longest of the agreeing stretches, averaged."""
    longest = max(len(one.likeness) for one in agreeing)
    kept = [one.likeness for one in agreeing if len(one.likeness) == longest]
    return np.arange(longest) / fps, np.mean(kept, axis=0)


def _none(reason: str, confidence: float, moving: float, delays: Array | None = None, likeness_: Array | None = None) -> Cadence:
    empty = np.zeros(0)
    return Cadence(
        None,
        None,
        None,
        confidence,
        reason,
        moving,
        empty if delays is None else delays,
        empty if likeness_ is None else likeness_,
    )
