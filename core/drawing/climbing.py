"""Climbing a wall: the trunk rises steadily while one hand or foot after the other lets go and takes a higher hold.

Rhythm and reach are chosen by eye.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.drawing.people import Person
from core.drawing.skeleton import (
    FOREARM,
    HAND,
    SHANK,
    SIDES,
    THIGH,
    UPPER_ARM,
    Motion,
    Pose,
    place_foot,
    posed,
    reach,
    rotation,
)

Array = NDArray[np.float64]

WALL_M = 0.34  # the wall stands this far in front of the pelvis
RISE_PER_CYCLE = 0.42  # of stature; a cycle moves each of the four limbs once
CYCLES_PER_SECOND = 0.5
TURNS = {"right_hand": 0.0, "left_foot": 0.22, "left_hand": 0.5, "right_foot": 0.72}
"""When in the cycle each limb begins to move; a move takes a quarter of it."""


def _hold(phase: Array, turn: float) -> Array:
    """Height of one limb in cycles: still on a hold, then quickly to the next."""
    own = phase - turn
    progress = np.clip(np.mod(own, 1.0) / 0.25, 0, 1)
    return np.floor(own) + progress * progress * (3 - 2 * progress)


def _away(phase: Array, turn: float) -> Array:
    """0 on a hold, 1 in the middle of a move, when the limb is off the wall."""
    progress = np.clip(np.mod(phase - turn, 1.0) / 0.25, 0, 1)
    return np.sin(np.pi * progress)


def climbing(person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """``person`` climbing up a wall that faces him at x = WALL_M, the pelvis starting at the origin."""
    height_m = person.height_m
    phase = start_phase + np.arange(frames) / fps * CYCLES_PER_SECOND * person.tempo
    rise_m = RISE_PER_CYCLE * person.vigour * height_m
    sway = np.sin(2 * np.pi * (phase - 0.1))
    pose = Pose(pitch=-4, lean=8, yaw=9 * sway, roll=7 * sway, twist=-6 * sway, bend=-5 * sway, nod=-30)
    root = np.zeros((frames, 3))
    root[:, 1] = -0.05 * sway
    root[:, 2] = rise_m * (phase - phase[0] + 0.04 * np.sin(4 * np.pi * phase))
    motion = posed(pose, person, frames).moved(root)
    for side, sign in SIDES.items():
        _hand(motion, side, _place(phase, phase[0], TURNS[f"{side}_hand"], rise_m, (sign * 0.15, 0.40), height_m), height_m)
        _foot(motion, side, _place(phase, phase[0], TURNS[f"{side}_foot"], rise_m, (sign * 0.13, -0.47), height_m), height_m)
    return motion


def _place(phase: Array, first: float, turn: float, rise_m: float, hold: tuple[float, float], height_m: float) -> Array:
    across, up = hold
    place = np.zeros((len(phase), 3))
    place[:, 0] = WALL_M - 0.05 - 0.10 * _away(phase, turn)
    place[:, 1] = (across + 0.03 * np.sin(5.1 * np.floor(phase - turn) + 9 * turn)) * height_m
    place[:, 2] = up * height_m + rise_m * (_hold(phase, turn) + turn + 0.25 - first)
    return place


def _hand(motion: Motion, side: str, target: Array, height_m: float) -> None:
    shoulder, sign = motion.joints[f"{side}_shoulder"], SIDES[side]
    elbow, wrist = reach(shoulder, target, UPPER_ARM * height_m, FOREARM * height_m, (-0.5, sign, -0.7))
    motion.joints[f"{side}_elbow"], motion.joints[f"{side}_wrist"] = elbow, wrist
    motion.joints[f"{side}_hand"] = wrist + np.array((0.25, 0, 0.55)) * HAND * height_m


def _foot(motion: Motion, side: str, target: Array, height_m: float) -> None:
    hip, sign = motion.joints[f"{side}_hip"], SIDES[side]
    target = target - np.array((0.09 * height_m, 0, 0))  # the toe, not the ankle, stands on the hold
    knee, ankle = reach(hip, target, THIGH * height_m, SHANK * height_m, (0.45, sign, 0.35))
    motion.joints[f"{side}_knee"], motion.joints[f"{side}_ankle"] = knee, ankle
    frames = len(hip)
    place_foot(motion.joints, side, ankle, rotation("z", sign * 25, frames) @ rotation("y", 14, frames), height_m)
