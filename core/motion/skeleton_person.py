"""What one person's joints do in a window, as blocks of numbers in torso lengths, seconds and Hertz.

Left and right are never told apart: a stroke with the left hand is the same action as one with the right. Of each pair of
joints the mean of its two sides and the size of their difference are kept.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.motion.joints import Body

Array = NDArray[np.float64]
Blocks = Mapping[str, Array]

NOSE, ELBOWS, WRISTS, KNEES, ANKLES = 0, (7, 8), (9, 10), (13, 14), (15, 16)
PAIRS = ((5, 6), ELBOWS, WRISTS, (11, 12), KNEES, ANKLES)
BINS = 12
"""Frequencies kept. A window of 2.56 s has bins of 0.39 Hz, so 12 reach 4.7 Hz; the steps of a sprint come at 4 to 5."""
LAGS, LAG_SECONDS = 16, 0.08
"""Up to 1.28 s, half a window: a stride of a slow walk takes as long."""
_LEAST_DISTANCE = 0.02  # torso lengths: below it a pose does not move at all
_LEAST_SWING = 0.05  # torso lengths: a joint that moves less has no rhythm to correlate
_LEAST_PATH = 0.5  # torso lengths, likewise


def person_blocks(body: Body, moments: int) -> dict[str, Array]:
    """The blocks of one person; ``moments`` is T, the window's length, which fixes the frequencies of the spectra.

    A number that cannot be known, since the person was not seen for long enough, is NaN.
    """
    joints, dt = body.joints, body.dt_seconds
    steps = np.diff(joints, axis=0) / dt if len(joints) > 1 else np.zeros((1, *joints.shape[1:]))
    low, high = np.percentile(joints, (5, 95), axis=0)
    return {
        "place": _sides(joints.mean(axis=0)),
        "spread": _sides(joints.std(axis=0)),
        "range": _sides(high - low),
        "speed": _sides(np.abs(steps).mean(axis=0)),
        "burst": _sides(np.linalg.norm(steps, axis=2).std(axis=0)),
        "feet": spectrum(_apart(joints, ANKLES), moments).ravel(),
        "apart": np.array([np.linalg.norm(_apart(joints, pair), axis=1).mean() for pair in (ANKLES, WRISTS, KNEES)]),
        "together": _together(joints),
        **_path(body, moments),
        "again": recurrence(joints, dt),
        "legs again": recurrence(joints[:, [*KNEES, *ANKLES]], dt),
        "arms again": recurrence(joints[:, [*ELBOWS, *WRISTS]], dt),
        "height again": recurrence(joints[:, :, 1], dt),
    }


def spectrum(values: Array, moments: int) -> Array:
    """Amplitudes (BINS, ...) of ``values`` (n, ...) about their mean, at the frequencies of a window of ``moments``."""
    swings = values - values.mean(axis=0)
    amplitudes = np.abs(np.fft.rfft(swings, n=max(moments, len(values)), axis=0))[1 : BINS + 1] * (2 / len(values))
    missing = BINS - len(amplitudes)
    return np.pad(amplitudes, [(0, missing)] + [(0, 0)] * (values.ndim - 1)) if missing > 0 else amplitudes


def recurrence(values: Array, dt_seconds: float) -> Array:
    """(LAGS,) how far the pose ``values`` (n, ...) is from itself a while later, in units of its distance to any other moment.

    A step or a wave comes back after its period and shows as a dip there, whether it is seen from the side, from the front or
    from afar: self-similarity hardly depends on the camera (Junejo, Dexter, Laptev & Perez 2008, Cross-view action recognition
    from temporal self-similarities).
    """
    flat = values.reshape(len(values), -1)
    between = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    usual = between.sum() / max(len(flat) * (len(flat) - 1), 1) + _LEAST_DISTANCE
    found = np.full(LAGS, np.nan)
    for row in range(LAGS):
        lag = round((row + 1) * LAG_SECONDS / dt_seconds)
        if 1 <= lag <= len(flat) - max(3, len(flat) // 4):
            found[row] = np.diagonal(between, lag).mean() / usual
    return found


def correlation(one: Array, other: Array) -> Array:
    """Of two courses (n, ...) over time; near 0 where either hardly moves."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    least = _LEAST_SWING**2 * len(one)
    return np.asarray((one * other).sum(axis=0) / np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0) + least))


def _apart(joints: Array, pair: tuple[int, int]) -> Array:
    return np.asarray(joints[:, pair[0]] - joints[:, pair[1]])


def _sides(values: Array) -> Array:
    """(17, ...) of joints -> nose, each pair's mean, each pair's difference."""
    left, right = (values[[pair[side] for pair in PAIRS]] for side in (0, 1))
    return np.concatenate([np.ravel(values[NOSE]), ((left + right) / 2).ravel(), np.abs(left - right).ravel()])


def _together(joints: Array) -> Array:
    """Whether feet, knees and hands swing together (a jump) or against each other (a walk), and hands with feet."""
    pairs = (ANKLES, KNEES, WRISTS, (WRISTS[0], ANKLES[0]), (WRISTS[1], ANKLES[1]))
    return np.concatenate([correlation(joints[:, one], joints[:, other]) for one, other in pairs])


def _path(body: Body, moments: int) -> dict[str, Array]:
    """Where the hip goes: its steady course, what is left beside it, and the beat of its ups and downs."""
    hip, dt = body.hip, body.dt_seconds
    steps = np.diff(hip, axis=0) if len(hip) > 1 else np.zeros((1, 2))
    time = np.arange(len(hip)) - (len(hip) - 1) / 2
    away = hip - hip.mean(axis=0)
    slope = (time[:, None] * away).sum(axis=0) / max(float((time**2).sum()), 1.0)
    beside = away - time[:, None] * slope
    straight = np.linalg.norm(hip[-1] - hip[0]) / (np.linalg.norm(steps, axis=1).sum() + _LEAST_PATH)
    course = np.array([abs(slope[0]), slope[1], *steps.std(axis=0), np.abs(steps).mean()]) / dt
    return {
        "course": np.array([*course, *beside.std(axis=0), straight]),
        "bounce": spectrum(beside[:, 1], moments),
    }
