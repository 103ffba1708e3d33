"""Made-up people for tests: a stick figure that walks, and networks that see whatever a test puts in front of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.people import Networks, Person
from core.motion.tracking import Track

DT_SECONDS = 0.08
STANDING = np.array(
    [(6, -52), (4, -54), (4, -54), (0, -53), (0, -53), (0, -40), (0, -40), (0, -22), (0, -22), (0, -5), (0, -5),
     (0, 0), (0, 0), (0, 22), (0, 22), (0, 45), (0, 45)], dtype=np.float64
)  # fmt: skip
"""The 17 joints from the side, looking right, in pixels about the hip; the torso is 40 pixels long."""


def walk(
    moments: int = 32, *, hertz: float = 1.0, swing_px: float = 15.0, px_a_second: float = 40.0, left: float = 100.0
) -> Floats:
    """(moments, 17, 3) joints of a walk to the right: knees, feet and hands swing against each other ``hertz`` times a second."""
    time = np.arange(moments) * DT_SECONDS
    joints = np.repeat(STANDING[None], moments, axis=0)
    swing = swing_px * np.sin(2 * np.pi * hertz * time)
    for pair, share in (((13, 14), 0.5), ((15, 16), 1.0), ((10, 9), 0.6)):
        joints[:, pair[0], 0] += share * swing
        joints[:, pair[1], 0] -= share * swing
    joints[:, :, 0] += left + px_a_second * time[:, None]
    joints[:, :, 1] += 100 + 1.0 * np.abs(np.cos(2 * np.pi * hertz * time))[:, None]
    return np.concatenate([joints, np.full((moments, 17, 1), 0.8)], axis=2).astype(np.float32)


def people(joints: Floats) -> list[Person]:
    """One person a moment, boxed around the joints (T, 17, 3)."""
    return [Person(np.array([*pose[:, :2].min(axis=0), *pose[:, :2].max(axis=0), 0.9], np.float32), pose) for pose in joints]


def track(joints: Floats) -> Track:
    return Track(joints, np.stack([person.box[:4] for person in people(joints)]))


def mirrored(joints: Floats, about_px: float = 200.0) -> Floats:
    """The same person in a mirror: x turned round, left joints for right ones."""
    other_side = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
    turned = joints[:, other_side].copy()
    turned[:, :, 0] = 2 * about_px - turned[:, :, 0]
    return turned


class Seeing:
    """Networks that see one person, always in the same place of their input, and count how often they are asked."""

    def __init__(self, boxes: NDArray[np.float64]) -> None:
        self.boxes = np.asarray(boxes, np.float32)
        self.detections, self.poses = 0, 0
        self.brightness: list[float] = []
        self.networks = Networks(self._detect, self._pose)

    def _detect(self, picture: Floats) -> Floats:
        self.detections += 1
        self.brightness.append(float(picture[0, :, :100, :100].mean()))
        return self.boxes

    def _pose(self, crops: Floats) -> tuple[Floats, Floats]:
        """Joint j lies 10 + 5 j pixels from the left of the crop and 20 + 8 j from its top."""
        self.poses += len(crops)
        along_x, along_y = np.zeros((len(crops), 26, 384), np.float32), np.zeros((len(crops), 26, 512), np.float32)
        for joint in range(26):
            along_x[:, joint, 2 * (10 + 5 * joint)] = 0.9
            along_y[:, joint, 2 * (20 + 8 * joint)] = 0.7
        return along_x, along_y
