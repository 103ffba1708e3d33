"""What two people do to each other in a window: their distance, who comes and who goes, and what reaches whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.motion.joints import Body
from core.motion.skeleton_person import ANKLES, BINS, ELBOWS, KNEES, WRISTS, correlation, spectrum

Array = NDArray[np.float64]

_LIMBS = (WRISTS, ANKLES, KNEES, ELBOWS)
_TARGETS = ((0, 5, 6), (5, 6, 11, 12), WRISTS, (*KNEES, *ANKLES))  # head, trunk, hands, legs
_FARTHEST = 4.0  # torso lengths: what is farther off is not being reached for
_SLIGHT = 0.01  # keeps the logarithm of two speeds finite when both stand still

_REACHES = 2 * len(_LIMBS) * len(_TARGETS)
SCALES: dict[str, tuple[tuple[float, float], ...]] = {
    "distance": ((2.5, 1.5), (1.5, 1.0), (0.4, 0.4), (0.0, 0.8), (0.8, 0.6), (0.8, 0.6), (0.4, 0.4), (0.0, 0.3)),
    "reach": ((1.3, 1.0), (2.0, 1.0)) * _REACHES,
    "swaying": ((0.1, 0.1),) * BINS,
    "approach": ((0.0, 0.4), (0.0, 0.4), (0.8, 0.8), (0.8, 0.8), (-0.8, 0.8), (-0.8, 0.8), (0.4, 0.3), (0.4, 0.3)),
    "answer": ((0.0, 0.3), (0.2, 0.4), (0.4, 0.4)),
}
"""Mean and deviation of each number of a block, by judgement and in round numbers: torso lengths, seconds and torso lengths a
second. Two people who do something to each other stand about two and a half torsos (an arm's length) apart."""


def activity(body: Body) -> float:
    """Mean speed of the joints about the hip, plus that of the hip, in torso lengths a second."""
    if len(body.hip) < 2:
        return 0.0
    joints = np.linalg.norm(np.diff(body.joints, axis=0), axis=2).mean()
    hip = np.linalg.norm(np.diff(body.hip, axis=0), axis=1).mean()
    return float(joints + hip) / body.dt_seconds


def stands_left(body: Body, other: Body) -> bool:
    """Whether ``other`` is mostly to the left of ``body``."""
    here, there = _shared(body, other)
    return bool(np.median(there.hip[:, 0] * there.torso_px - here.hip[:, 0] * here.torso_px) < 0)


def pair_blocks(actor: Body, partner: Body, moments: int) -> dict[str, Array]:
    """Blocks of the moments in which both were seen. Lengths are in the mean torso of the two."""
    ours, theirs = _shared(actor, partner)
    torso = (actor.torso_px + partner.torso_px) / 2
    path, other_path = ours.hip * ours.torso_px / torso, theirs.hip * theirs.torso_px / torso
    joints = ours.joints * ours.torso_px / torso + path[:, None]
    others = theirs.joints * theirs.torso_px / torso + other_path[:, None]
    dt = actor.dt_seconds
    distance = np.linalg.norm(other_path - path, axis=1)
    change = distance - np.linspace(distance[0], distance[-1], len(distance))
    return {
        "distance": _distance(other_path - path, distance, dt, np.log(actor.torso_px / partner.torso_px)),
        "reach": np.concatenate([_reach(joints, others), _reach(others, joints)]),
        "swaying": spectrum(change, moments),
        "approach": _approach(_speed(path, dt), _speed(other_path, dt)),
        "answer": _answer(joints, others, dt),
    }


def _shared(body: Body, other: Body) -> tuple[Body, Body]:
    """Both, cut to the moments that they share; there is at least one."""
    first = max(body.first, other.first)
    last = min(body.first + len(body.hip), other.first + len(other.hip))
    return body.cut(first, last), other.cut(first, last)


def _speed(path: Array, dt_seconds: float) -> Array:
    return np.gradient(path, axis=0) / dt_seconds if len(path) > 1 else np.zeros_like(path)


def _distance(offset: Array, distance: Array, dt_seconds: float, relative_size: float) -> Array:
    fifth = max(1, len(distance) // 5)
    gained = np.median(distance[-fifth:]) - np.median(distance[:fifth])
    speed = _speed(distance, dt_seconds)
    spread = [distance.mean(), distance.min(), distance.std()]
    return np.array([*spread, gained, np.abs(speed).mean(), speed.std(), np.abs(offset[:, 1]).mean(), relative_size])


def _reach(joints: Array, others: Array) -> Array:
    """Least and mean distance of each kind of limb to each part of the other."""
    found: list[float] = []
    for limb in _LIMBS:
        for target in _TARGETS:
            between = joints[:, list(limb), None] - others[:, None, list(target)]
            nearest = np.linalg.norm(between, axis=3).min(axis=(1, 2))
            found += [nearest.min(), nearest.mean()]
    return np.minimum(found, _FARTHEST)


def _approach(speed: Array, other_speed: Array) -> Array:
    """How fast each moves towards or away from the other along x, on the whole and at most."""
    found = [value for which in (np.mean, np.max, np.min) for value in (which(speed[:, 0]), which(other_speed[:, 0]))]
    return np.array([*found, np.abs(speed).mean(), np.abs(other_speed).mean()])


def _answer(joints: Array, others: Array, dt_seconds: float) -> Array:
    """By how much the partner moves later than the actor, whether both move at once, and who moves more."""
    ours, theirs = (np.linalg.norm(np.diff(who, axis=0), axis=2).mean(axis=1) / dt_seconds for who in (joints, others))
    if len(ours) < 3:
        return np.zeros(3)
    time = np.arange(len(ours)) * dt_seconds
    middles = [float((time * who).sum() / (who.sum() + _SLIGHT)) for who in (ours, theirs)]
    more = np.log((ours.mean() + _SLIGHT) / (theirs.mean() + _SLIGHT))
    return np.array([middles[1] - middles[0], float(correlation(ours, theirs)), more])
