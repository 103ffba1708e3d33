"""What people do on the spot. The rhythms and ranges are chosen by eye, within what an untrained adult does with ease."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.drawing.gait import grounded
from core.drawing.people import Person
from core.drawing.skeleton import SIDES, Arm, Leg, Motion, Pose, posed, reach_hand, turned

Array = NDArray[np.float64]


def _opening(phase: Array) -> Array:
    """0 to 1 and back once per cycle, resting a little at both ends."""
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    return wave * wave * (3 - 2 * wave)


def jumping_jacks(person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """About one jump open and shut a second; arms to overhead, legs to 28 degrees, hops of 8 cm."""
    phase = start_phase + np.arange(frames) / fps * 1.05 * person.tempo
    opening = _opening(phase)
    hop = np.abs(np.sin(2 * np.pi * phase)) ** 1.3
    landing = 22 * np.abs(np.cos(2 * np.pi * phase)) ** 3
    arm = Arm(flexion=6, abduction=10 + 156 * person.vigour**0.5 * opening, elbow=14 + 10 * (1 - opening))
    leg = Leg(hip=0.5 * landing, abduction=3 + 25 * person.vigour * opening, knee=landing, ankle=0.5 * landing - 26 * hop)
    pose = Pose(lean=2, arms=dict.fromkeys(SIDES, arm), legs=dict.fromkeys(SIDES, leg))
    return grounded(posed(pose, person, frames), 0.08 * person.vigour * hop)


def waving(person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """One raised hand, to and fro about 1.7 times a second."""
    seconds = np.arange(frames) / fps
    swing = np.sin(2 * np.pi * (start_phase + 1.7 * person.tempo * seconds))
    sway = np.sin(2 * np.pi * (0.35 * seconds + start_phase))
    side, sign = ("left", 1.0) if person.handedness > 0 else ("right", -1.0)
    pose = Pose(roll=1.5 * sway, bend=-sign * 3 - 2 * sway, look=4 * sway, twist=3 * sway)
    motion = posed(pose, person, frames)
    reach = np.stack([np.full(frames, 0.09), sign * (0.10 + 0.125 * person.vigour * swing), 0.235 - 0.03 * swing**2], axis=1)
    target = motion.joints[f"{side}_shoulder"] + turned(motion.chest, reach * person.height_m)
    reach_hand(motion, side, target, person.height_m, pole=(0.1, sign, -0.6))
    return grounded(motion)


def squatting(person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """A bend of the knees to about 105 degrees every two seconds, arms stretched forward for balance."""
    phase = start_phase + np.arange(frames) / fps * 0.52 * person.tempo
    depth = person.vigour * _opening(phase)
    thigh, knee = 82 * depth, 3 + 104 * depth
    pitch = 34 * depth
    leg = Leg(hip=thigh + pitch, abduction=6 + 6 * depth, knee=knee, ankle=knee - thigh)
    arm = Arm(flexion=8 + 105 * depth, abduction=6, elbow=12 - 4 * depth)
    pose = Pose(pitch=pitch, lean=8 * depth, nod=-26 * depth, arms=dict.fromkeys(SIDES, arm), legs=dict.fromkeys(SIDES, leg))
    motion = posed(pose, person, frames)
    standing = np.zeros((frames, 3))
    standing[:, 0] = -motion.joints["left_ankle"][:, 0]  # the feet stay, the hips move back
    return grounded(motion.moved(standing))


def _punch(phase: Array, centre: float) -> Array:
    """A quick thrust and a slower return around ``centre`` of a cycle, 0-1."""
    away = np.mod(phase - centre + 0.5, 1.0) - 0.5
    return np.exp(-((away / np.where(away < 0, 0.07, 0.10)) ** 2))


def boxing(person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """Shadow boxing in a guarded stance: left, left, right in about 1.2 seconds, knees springing, trunk weaving."""
    seconds = np.arange(frames) / fps
    phase = start_phase + 0.85 * person.tempo * seconds
    thrusts = {"left": _punch(phase, 0.12) + _punch(phase, 0.42), "right": _punch(phase, 0.72)}
    spring = np.sin(2 * np.pi * (2.2 * seconds + start_phase))
    weave = np.sin(2 * np.pi * (0.85 * person.tempo * seconds + start_phase))
    legs = {
        "left": Leg(hip=32 + 6 * spring, abduction=8, knee=30 + 12 * spring, ankle=2 + 6 * spring),
        "right": Leg(hip=-4 + 6 * spring, abduction=10, knee=30 + 12 * spring, ankle=6),
    }
    twist = person.vigour * (34 * thrusts["right"] - 20 * thrusts["left"])
    pose = Pose(
        yaw=-30 + 0.5 * twist, lean=12 + 6 * thrusts["right"], twist=twist, bend=7 * weave, look=28 - twist, nod=6, legs=legs
    )
    motion = posed(pose, person, frames)
    forward = np.array((1.0, 0.0, 0.0))
    for side, sign in SIDES.items():
        guard = turned(motion.chest, np.array((0.14, -sign * 0.05, 0.05)) * person.height_m)
        blow = (0.325 * forward - np.array((0, sign * 0.07, -0.03))) * person.height_m
        share = np.clip(thrusts[side], 0, 1)[:, None]
        target = motion.joints[f"{side}_shoulder"] + (1 - share) * guard + share * blow
        reach_hand(motion, side, target, person.height_m, pole=(-0.2, 0.5 * sign, -1))
    return grounded(motion, 0.015 * np.maximum(spring, 0))
