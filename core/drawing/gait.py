"""Walking, jogging and running: published joint-angle curves, and the ground that carries the feet.

Where the numbers come from:
    * walking, hip 30 to -10 degrees, knee peaks near 18 (stance) and 62 (swing), ankle +10 to -18:
      sagittal curves of natural walking in Winter (2009), Biomechanics and Motor Control of Human Movement;
    * running, knee near 42 (stance) and 110 in swing, between the 90 of running and the more than 105 of sprinting; hip
      to about -8, ankle +20 to -22; and that running has a flight phase, with less than half of the stride on one foot:
      Novacheck (1998), The biomechanics of running, Gait & Posture 7;
    * comfortable walking speed of 1.3 to 1.4 m/s: Bohannon (1997), Age and Ageing 26 (speeds here are not set: they follow
      from angles and cadence, and a test holds them to 1.1-1.6 m/s walking, 1.9-3.0 jogging, 3.6-5.5 running);
    * everything else (jogging as a smaller, slower run; cadences of 1.9, 2.5 and 3.0 steps a second, which are ordinary
      ones; arms, trunk, pelvis) is chosen by eye.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.drawing.people import Person
from core.drawing.skeleton import SIDES, Arm, Leg, Motion, Pose, posed

Array = NDArray[np.float64]
Keys = tuple[tuple[float, float], ...]
"""(percent of the stride from heel strike, degrees)."""

HARMONICS = 6  # human gait has next to nothing above the sixth harmonic of the stride
GRAVITY = 9.81


@dataclass(frozen=True, slots=True)
class Gait:
    """One way of getting along; angles in degrees.

    ``hip`` is of the thigh against the pelvis, as published, so the pelvis needs its forward ``tilt``; ``lean`` is the trunk's
    against the vertical; ``duty`` is the share of the stride that one foot is on the ground.
    """

    steps_per_second: float
    hip: Keys
    knee: Keys
    ankle: Keys
    arm_swing: float
    elbow: float
    elbow_swing: float
    tilt: float
    lean: float
    twist: float
    duty: float


WALKING = Gait(
    1.9,
    hip=((0, 29), (12, 23), (30, 4), (50, -10), (60, -2), (73, 22), (85, 32), (94, 30)),
    knee=((0, 5), (13, 18), (28, 8), (40, 4), (50, 9), (62, 40), (72, 62), (85, 30), (95, 3)),
    ankle=((0, 0), (7, -6), (25, 4), (45, 10), (54, -2), (62, -18), (74, -2), (88, 1)),
    arm_swing=20, elbow=18, elbow_swing=10, tilt=10, lean=3, twist=7, duty=0.61,
)  # fmt: skip
JOGGING = Gait(
    2.5,
    hip=((0, 32), (12, 26), (25, 8), (37, -4), (46, -2), (60, 16), (75, 33), (88, 36)),
    knee=((0, 16), (15, 38), (28, 26), (38, 18), (50, 48), (63, 72), (76, 54), (92, 16)),
    ankle=((0, 4), (16, 20), (28, 8), (38, -18), (50, -10), (70, 2), (88, 5)),
    arm_swing=22, elbow=80, elbow_swing=10, tilt=12, lean=4, twist=9, duty=0.40,
)  # fmt: skip
RUNNING = Gait(
    3.0,
    hip=((0, 44), (10, 34), (21, 8), (32, -8), (41, -5), (57, 30), (71, 58), (86, 54)),
    knee=((0, 20), (11, 42), (23, 28), (32, 18), (44, 66), (58, 110), (73, 88), (90, 24)),
    ankle=((0, 6), (13, 20), (23, 6), (33, -22), (47, -12), (70, 2), (88, 6)),
    arm_swing=50, elbow=95, elbow_swing=24, tilt=16, lean=10, twist=14, duty=0.29,
)  # fmt: skip


def periodic(keys: Keys, phase: ArrayLike) -> Array:
    """The smooth closed curve through ``keys``, read at ``phase`` (T,), in strides."""
    percent, degrees = np.array(keys, dtype=np.float64).T
    dense = np.interp(np.arange(200) / 2.0, percent, degrees, period=100.0)
    weights = np.fft.rfft(dense)[: HARMONICS + 1] / 200
    turns = np.exp(2j * np.pi * np.outer(np.asarray(phase, dtype=np.float64), np.arange(HARMONICS + 1)))
    return np.real(weights[0] + 2 * (turns[:, 1:] * weights[1:]).sum(axis=1))


def smooth(values: Array, width: float) -> Array:
    """``values`` (T,) through a Gaussian of ``width`` frames, the ends held."""
    if width <= 0:
        return values
    reach = int(np.ceil(3 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def soles(motion: Motion) -> dict[str, Array]:
    """Height of each foot's lowest point, (T,) metres."""
    lowest = {}
    for side in SIDES:
        heel, toe = motion.joints[f"{side}_heel"][:, 2], motion.joints[f"{side}_toe"][:, 2]
        lowest[side] = np.minimum(heel, toe)
    return lowest


SOLE_M = 0.028  # radius of the drawn shoe: the ground is that far below heel and toe


def grounded(motion: Motion, lift_m: ArrayLike = 0.0, width: float = 1.0) -> Motion:
    """``motion`` raised so that its lowest foot stands on z = 0, plus ``lift_m`` (T,)."""
    heights = soles(motion)
    lowest = smooth(np.minimum(heights["left"], heights["right"]), width)
    offset = np.zeros((len(lowest), 3))
    offset[:, 2] = SOLE_M - lowest + np.asarray(lift_m)
    return motion.moved(offset)


def flight(gait: Gait, stride_phase: Array, stride_seconds: float) -> Array:
    """Height (T,) in metres of the ballistic arcs between two stance phases; zero for walking."""
    airborne = 0.5 - gait.duty
    if airborne <= 0:
        return np.zeros_like(stride_phase)
    step_phase = np.mod(stride_phase, 0.5)
    progress = np.clip((step_phase - gait.duty) / airborne, 0, 1)
    peak_m = GRAVITY * (airborne * stride_seconds) ** 2 / 8
    return 4 * peak_m * progress * (1 - progress)


def _pose(gait: Gait, person: Person, phase: Array) -> Pose:
    legs, arms = {}, {}
    for side, shift in (("left", 0.0), ("right", 0.5)):
        own = phase + shift
        legs[side] = Leg(
            hip=person.vigour * periodic(gait.hip, own),
            knee=person.vigour * periodic(gait.knee, own),
            ankle=periodic(gait.ankle, own),
        )
        swing = -np.cos(2 * np.pi * (own - 0.02))  # the arm is back when the leg of its side strikes in front
        arms[side] = Arm(
            flexion=person.vigour * gait.arm_swing * swing - 2,
            abduction=9.0 + 4.0 * (gait.elbow > 45),
            rotation=18.0 * (gait.elbow > 45),
            elbow=gait.elbow + gait.elbow_swing * swing,
        )
    turn = np.cos(2 * np.pi * phase)
    return Pose(
        pitch=gait.tilt, lean=gait.lean - gait.tilt, nod=-gait.lean * 0.8,
        yaw=-0.5 * gait.twist * turn, twist=1.5 * gait.twist * turn, look=-gait.twist * turn,
        roll=3.0 * np.sin(2 * np.pi * phase), arms=arms, legs=legs,
    )  # fmt: skip


def ground_speed(gait: Gait, person: Person) -> float:
    """Metres a second at which the ground must pass so that, on average, the standing foot does not slide."""
    phase = np.arange(100) / 100
    toe = posed(_pose(gait, person, phase), person, 100).joints["left_toe"][:, 0]
    standing = (phase > 0.05) & (phase < gait.duty - 0.05)
    strides_per_second = gait.steps_per_second / 2 * person.tempo
    return float(-np.gradient(toe, 0.01)[standing].mean() * strides_per_second)


def travel(gait: Gait, person: Person, frames: int, fps: float, start_phase: float) -> Motion:
    """``person`` moving along +x for ``frames`` frames, starting at the origin."""
    strides_per_second = gait.steps_per_second / 2 * person.tempo
    phase = start_phase + np.arange(frames) / fps * strides_per_second
    motion = posed(_pose(gait, person, phase), person, frames)
    motion = grounded(motion, flight(gait, phase, 1 / strides_per_second))
    offset = np.zeros((frames, 3))
    offset[:, 0] = ground_speed(gait, person) * np.arange(frames) / fps
    return motion.moved(offset)
