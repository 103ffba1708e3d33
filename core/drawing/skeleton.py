"""Joint angles to joint positions, for all frames of a clip at once.

Body axes: x forward, y to the person's left, z up, in metres. Angles are degrees in arrays (T,), or plain numbers.
Segment lengths are fractions of stature after Drillis & Contini (1966), as reprinted in Winter (2009), figure 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drawing.people import Person

Array = NDArray[np.float64]

THIGH, SHANK, FOOT_LENGTH, ANKLE_HEIGHT = 0.245, 0.246, 0.152, 0.039
UPPER_ARM, FOREARM, HAND = 0.186, 0.146, 0.108
SHOULDER_HALF_WIDTH = 0.129 * 0.82  # the joint centre lies inside the shoulder's outline
HIP_HALF_WIDTH = 0.191 / 2 * 0.55  # likewise
TRUNK = 0.818 - 0.530  # shoulder height less hip height
NECK_TO_CHIN, CHIN_TO_CROWN = 0.870 - 0.818, 0.130
SIDES = {"left": 1.0, "right": -1.0}


def _column(angle: ArrayLike, frames: int) -> Array:
    return np.broadcast_to(np.deg2rad(np.asarray(angle, dtype=np.float64)), (frames,))


def rotation(axis: str, degrees: ArrayLike, frames: int) -> Array:
    """(T, 3, 3) right-handed rotations about "x", "y" or "z"."""
    angle = _column(degrees, frames)
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.zeros((frames, 3, 3))
    matrix[:] = np.eye(3)
    matrix[:, first, first] = matrix[:, second, second] = np.cos(angle)
    matrix[:, second, first] = np.sin(angle)
    matrix[:, first, second] = -np.sin(angle)
    return matrix


def turned(matrix: Array, vector: ArrayLike) -> Array:
    """(T, 3): ``vector`` (3,) or (T, 3) after each of the rotations (T, 3, 3)."""
    vectors = np.broadcast_to(np.asarray(vector, dtype=np.float64), (len(matrix), 3))
    return np.asarray(np.einsum("tij,tj->ti", matrix, vectors))


@dataclass
class Arm:
    """Degrees; ``flexion`` lifts forward, ``abduction`` sideways, ``rotation`` turns about the upper arm's own axis."""

    flexion: ArrayLike = 0.0
    abduction: ArrayLike = 8.0
    rotation: ArrayLike = 0.0
    elbow: ArrayLike = 15.0


@dataclass
class Leg:
    """Degrees; ``ankle`` is positive when the toes go up."""

    hip: ArrayLike = 0.0
    abduction: ArrayLike = 3.0
    knee: ArrayLike = 4.0
    ankle: ArrayLike = 0.0


@dataclass
class Pose:
    """The angles of a whole clip. ``lean`` and ``twist`` are of the chest against the pelvis."""

    pitch: ArrayLike = 0.0
    roll: ArrayLike = 0.0
    yaw: ArrayLike = 0.0
    lean: ArrayLike = 0.0
    twist: ArrayLike = 0.0
    bend: ArrayLike = 0.0
    nod: ArrayLike = 0.0
    look: ArrayLike = 0.0
    arms: dict[str, Arm] = field(default_factory=lambda: {"left": Arm(), "right": Arm()})
    legs: dict[str, Leg] = field(default_factory=lambda: {"left": Leg(), "right": Leg()})


@dataclass
class Motion:
    """Joint positions of a clip: each of ``joints`` is (T, 3) metres; ``chest`` and ``head`` are frames (T, 3, 3)."""

    joints: dict[str, Array]
    chest: Array
    head: Array

    def moved(self, offset: Array) -> Motion:
        """The same movement carried along by ``offset`` (T, 3) or (3,)."""
        return Motion({name: place + offset for name, place in self.joints.items()}, self.chest, self.head)


def _leg(joints: dict[str, Array], side: str, leg: Leg, pelvis: Array, height_m: float) -> None:
    frames, sign = len(pelvis), SIDES[side]
    thigh = pelvis @ rotation("y", -np.asarray(leg.hip), frames) @ rotation("x", sign * np.asarray(leg.abduction), frames)
    shank = thigh @ rotation("y", leg.knee, frames)
    foot = shank @ rotation("y", -np.asarray(leg.ankle), frames)
    joints[f"{side}_hip"] = hip = joints["pelvis"] + turned(pelvis, (0, sign * HIP_HALF_WIDTH * height_m, 0))
    joints[f"{side}_knee"] = knee = hip + turned(thigh, (0, 0, -THIGH * height_m))
    joints[f"{side}_ankle"] = ankle = knee + turned(shank, (0, 0, -SHANK * height_m))
    place_foot(joints, side, ankle, foot, height_m)


def place_foot(joints: dict[str, Array], side: str, ankle: Array, foot: Array, height_m: float) -> None:
    """Adds heel and toe below ``ankle``; ``foot`` (T, 3, 3) is the frame of the sole."""
    joints[f"{side}_heel"] = ankle + turned(foot, np.array((-0.25 * FOOT_LENGTH, 0, -ANKLE_HEIGHT * 0.55)) * height_m)
    joints[f"{side}_toe"] = ankle + turned(foot, np.array((0.62 * FOOT_LENGTH, 0, -ANKLE_HEIGHT * 0.7)) * height_m)


def _arm(joints: dict[str, Array], side: str, arm: Arm, chest: Array, height_m: float) -> None:
    frames, sign = len(chest), SIDES[side]
    upper = chest @ rotation("y", -np.asarray(arm.flexion), frames) @ rotation("x", sign * np.asarray(arm.abduction), frames)
    upper = upper @ rotation("z", -sign * np.asarray(arm.rotation), frames)
    lower = upper @ rotation("y", -np.asarray(arm.elbow), frames)
    joints[f"{side}_elbow"] = elbow = joints[f"{side}_shoulder"] + turned(upper, (0, 0, -UPPER_ARM * height_m))
    joints[f"{side}_wrist"] = wrist = elbow + turned(lower, (0, 0, -FOREARM * height_m))
    joints[f"{side}_hand"] = wrist + turned(lower, (0, 0, -0.6 * HAND * height_m))


def trunk(joints: dict[str, Array], pelvis: Array, pose: Pose, height_m: float) -> tuple[Array, Array]:
    """Adds waist, neck, shoulders and head above ``joints["pelvis"]``; returns the frames of chest and head."""
    frames = len(pelvis)
    half_lean = np.asarray(pose.lean) / 2
    waist = pelvis @ rotation("z", np.asarray(pose.twist) / 2, frames) @ rotation("y", half_lean, frames)
    chest = waist @ rotation("z", np.asarray(pose.twist) / 2, frames) @ rotation("y", half_lean, frames)
    chest = chest @ rotation("x", pose.bend, frames)
    head = chest @ rotation("z", pose.look, frames) @ rotation("y", pose.nod, frames)
    joints["waist"] = joints["pelvis"] + turned(waist, (0, 0, 0.38 * TRUNK * height_m))
    joints["neck"] = neck = joints["waist"] + turned(chest, (0, 0, 0.66 * TRUNK * height_m))
    for side, sign in SIDES.items():
        joints[f"{side}_shoulder"] = neck + turned(chest, np.array((0, sign * SHOULDER_HALF_WIDTH, -0.012)) * height_m)
    joints["chin"] = neck + turned(head, np.array((0.022, 0, NECK_TO_CHIN + 0.022)) * height_m)
    joints["crown"] = neck + turned(head, np.array((0.004, 0, NECK_TO_CHIN + CHIN_TO_CROWN - 0.052)) * height_m)
    return chest, head


def posed(pose: Pose, person: Person, frames: int) -> Motion:
    """The joints of ``pose`` with the pelvis at the origin."""
    pelvis = rotation("z", pose.yaw, frames) @ rotation("y", pose.pitch, frames) @ rotation("x", pose.roll, frames)
    joints = {"pelvis": np.zeros((frames, 3))}
    chest, head = trunk(joints, pelvis, pose, person.height_m)
    for side in SIDES:
        _arm(joints, side, pose.arms[side], chest, person.height_m)
        _leg(joints, side, pose.legs[side], pelvis, person.height_m)
    return Motion(joints, chest, head)


def reach(root: Array, target: Array, upper_m: float, lower_m: float, pole: ArrayLike) -> tuple[Array, Array]:
    """Two bones from ``root`` (T, 3) towards ``target`` (T, 3): the middle joint and the end, both (T, 3).

    The middle joint bends towards ``pole`` (3,) or (T, 3). A target out of reach is pointed at with a nearly straight limb.
    """
    line = target - root
    distance = np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-6)
    direction = line / distance
    distance = np.clip(distance, abs(upper_m - lower_m) + 1e-3, 0.995 * (upper_m + lower_m))
    along = (upper_m**2 - lower_m**2 + distance**2) / (2 * distance)
    side = np.broadcast_to(np.asarray(pole, dtype=np.float64), root.shape)
    side = side - (side * direction).sum(axis=1, keepdims=True) * direction
    side = side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    middle = root + along * direction + np.sqrt(np.maximum(upper_m**2 - along**2, 0)) * side
    return middle, root + distance * direction


def reach_hand(motion: Motion, side: str, target: Array, height_m: float, pole: ArrayLike) -> None:
    """Moves one arm of ``motion`` so that its wrist goes to ``target`` (T, 3)."""
    elbow, wrist = reach(motion.joints[f"{side}_shoulder"], target, UPPER_ARM * height_m, FOREARM * height_m, pole)
    forward = (wrist - elbow) / (FOREARM * height_m)
    motion.joints[f"{side}_elbow"], motion.joints[f"{side}_wrist"] = elbow, wrist
    motion.joints[f"{side}_hand"] = wrist + 0.6 * HAND * height_m * forward
