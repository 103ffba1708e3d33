"""The body as tapered capsules between joints. Radii are fractions of stature, by eye after ordinary body girths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.drawing.people import Person
from core.drawing.skeleton import Motion, turned

Array = NDArray[np.float64]

MATERIALS = ("skin", "head", "hair", "top", "bottom", "shoes", "eyes")


@dataclass(frozen=True, slots=True, eq=False)
class Capsule:
    """A round cone: ends (T, 3) in metres, their radii in metres, and the index of its material."""

    start: Array
    end: Array
    start_radius_m: float
    end_radius_m: float
    material: int


class _Builder:
    def __init__(self, motion: Motion, person: Person) -> None:
        self.motion, self.person = motion, person
        self.capsules: list[Capsule] = []

    def add(self, start: Array, end: Array, radii: tuple[float, float], material: str) -> None:
        scale = self.person.height_m * (1.0 if material in ("head", "hair", "shoes") else self.person.build)
        self.capsules.append(Capsule(start, end, radii[0] * scale, radii[1] * scale, MATERIALS.index(material)))

    def limb(self, names: tuple[str, str], radii: tuple[float, float], cloth: str, covered: float) -> None:
        """A limb part whose first ``covered`` share is under cloth and the rest is skin."""
        start, end = (self.motion.joints[name] for name in names)
        if covered < 1:
            self.add(start, end, radii, "skin")
        if covered > 0:
            covered = min(covered, 1.0)
            hem = radii[0] + (radii[1] - radii[0]) * covered
            self.add(start, start + covered * (end - start), (radii[0] * 1.06, hem * 1.14), cloth)


def _trunk(build: _Builder) -> None:
    joints, chest = build.motion.joints, build.motion.chest
    height_m = build.person.height_m

    def around(joint: str, offset: tuple[float, float, float]) -> Array:
        return joints[joint] + turned(chest, np.array(offset) * height_m)

    for sign in (1, -1):
        hip = joints["left_hip" if sign > 0 else "right_hip"]
        upper, lower = around("neck", (-0.004, sign * 0.060, -0.062)), around("waist", (0.0, sign * 0.030, -0.01))
        build.add(upper, lower, (0.064, 0.059), "top")
        build.add(lower, hip + np.array((0, 0, 0.012)) * height_m, (0.058, 0.062), "top")
        build.add(joints["pelvis"], hip, (0.060, 0.060), "bottom")
        shoulder = joints["left_shoulder" if sign > 0 else "right_shoulder"]
        build.add(around("neck", (0, 0, -0.028)), shoulder, (0.034, 0.034), "top")
    belly = joints["pelvis"] + turned(chest, np.array((0.006, 0, 0.008)) * height_m)
    build.add(around("neck", (0.012, 0, -0.07)), joints["waist"], (0.062, 0.060), "top")
    build.add(joints["waist"], belly, (0.060, 0.062), "top")
    build.add(around("neck", (-0.004, 0, -0.03)), joints["chin"] * 0.5 + joints["crown"] * 0.5, (0.034, 0.030), "skin")


def _head(build: _Builder) -> None:
    joints, head, style = build.motion.joints, build.motion.head, build.person.hair_style
    height_m = build.person.height_m
    build.add(joints["chin"], joints["crown"], (0.039, 0.056), "head")
    for sign in (1, -1):
        eye = joints["crown"] + turned(head, np.array((0.047, sign * 0.021, -0.016)) * height_m)
        build.add(eye, eye, (0.0095, 0.0095), "eyes")
    nose = joints["crown"] + turned(head, np.array((0.053, 0, -0.034)) * height_m)
    build.add(nose, nose + turned(head, np.array((0, 0, 0.016)) * height_m), (0.009, 0.006), "skin")
    back = joints["crown"] + turned(head, np.array((-0.034, 0, -0.008)) * height_m)
    nape = joints["chin"] + turned(head, np.array((-0.062, 0, -0.012)) * height_m)
    if style == "long":
        build.add(back, nape, (0.050, 0.040), "hair")
    elif style == "tail":
        build.add(back, back + turned(head, np.array((-0.05, 0, -0.085)) * height_m), (0.036, 0.014), "hair")


def body(motion: Motion, person: Person) -> list[Capsule]:
    """All capsules of ``person`` in ``motion``."""
    build = _Builder(motion, person)
    _trunk(build)
    _head(build)
    thigh, shank = np.clip(person.trousers * 2, 0, 1), np.clip(person.trousers * 2 - 1, 0, 1)
    upper, lower = np.clip(person.sleeves * 2, 0, 1), np.clip(person.sleeves * 2 - 1, 0, 1)
    for side in ("left", "right"):
        build.limb((f"{side}_hip", f"{side}_knee"), (0.056, 0.036), "bottom", float(thigh))
        build.limb((f"{side}_knee", f"{side}_ankle"), (0.035, 0.022), "bottom", float(shank))
        build.limb((f"{side}_shoulder", f"{side}_elbow"), (0.031, 0.023), "top", float(upper))
        build.limb((f"{side}_elbow", f"{side}_wrist"), (0.023, 0.016), "top", float(lower))
        build.add(motion.joints[f"{side}_wrist"], motion.joints[f"{side}_hand"], (0.017, 0.020), "skin")
        build.add(motion.joints[f"{side}_heel"], motion.joints[f"{side}_toe"], (0.022, 0.017), "shoes")
        build.add(motion.joints[f"{side}_ankle"], motion.joints[f"{side}_heel"], (0.021, 0.021), "shoes")
    return build.capsules
