"""A track in the body's own measure: joints relative to the hip, in torso lengths, smoothed, and the path of the hip."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from core.motion.people import JOINTS
from core.motion.tracking import Track

Array = NDArray[np.float64]

SHOULDERS, HIPS = (5, 6), (11, 12)
OTHER_SIDE = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""For each joint the same one of the other side of the body."""

SURE = 0.25  # RTMPose's answers below it lie anywhere: such a joint is filled in from the moments before and after
SMOOTH_SECONDS = 0.2  # five frames at 25 fps, the least that takes out single wrong joints
_TORSO_OF_HEIGHT = 0.2  # of the box; a torso measured shorter than that is seen from above or along its axis
_STILL_TORSOS = 0.5  # somebody who got no farther has no walking direction


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One person through n moments, ``dt_seconds`` apart, in which he was seen (gaps between them are filled).

    Args:
        joints: (n, 17, 2) relative to the middle of the hips, in torso lengths; y points down.
        hip: (n, 2) path of that middle, in torso lengths of this person.
        sureness: mean sureness of the joints.
        first: the window's moment at which n begins.
        torso_px: length of the torso in pixels.
    """

    joints: Array
    hip: Array
    dt_seconds: float
    sureness: float
    first: int
    torso_px: float

    @property
    def mirrored(self) -> Body:
        """The same person in a mirror: left hand for right hand."""
        flip = np.array([-1.0, 1.0])
        return replace(self, joints=self.joints[:, list(OTHER_SIDE)] * flip, hip=self.hip * flip)

    def cut(self, first: int, last: int) -> Body:
        """The same person in the window's moments ``first`` to ``last`` (half-open), all of which this body has."""
        shared = slice(first - self.first, last - self.first)
        return replace(self, joints=self.joints[shared], hip=self.hip[shared], first=first)


def body_of(track: Track, dt_seconds: float) -> Body:
    """Body measure of ``track``, which was seen at least once."""
    moments = np.flatnonzero(track.seen)
    first, last = int(moments[0]), int(moments[-1])
    joints = _filled(track.joints[first : last + 1].astype(np.float64))
    width = max(1, round(SMOOTH_SECONDS / dt_seconds)) // 2 * 2 + 1
    joints = median_filter(joints, size=(width, 1, 1), mode="nearest")
    hip, shoulder = joints[:, HIPS].mean(axis=1), joints[:, SHOULDERS].mean(axis=1)
    torso = max(float(np.median(np.linalg.norm(shoulder - hip, axis=1))), _TORSO_OF_HEIGHT * track.height, 1.0)
    sureness = float(track.joints[moments, :, 2].mean())
    return Body((joints - hip[:, None]) / torso, hip / torso, dt_seconds, sureness, first, torso)


def walks_left(body: Body) -> bool:
    """Whether the person moves to the left, or looks there when he does not move."""
    moved = float(np.median(body.hip[-3:, 0]) - np.median(body.hip[:3, 0]))
    if abs(moved) > _STILL_TORSOS:
        return moved < 0
    nose, ears = body.joints[:, 0, 0], body.joints[:, 3:5, 0].mean(axis=1)
    return bool(np.median(nose - ears) < 0)


def _filled(joints: Array) -> Array:
    """(n, 17, 2) positions; what was not seen, or not surely, lies on the line between its sure neighbours in time."""
    moments = np.arange(len(joints))
    positions = joints[:, :, :2].copy()
    present = np.isfinite(joints[:, :, 2])
    for joint in range(len(JOINTS)):
        sure = present[:, joint] & (np.nan_to_num(joints[:, joint, 2]) >= SURE)
        known = sure if sure.sum() >= max(2, present[:, joint].sum() // 3) else present[:, joint]
        for axis in range(2):
            positions[:, joint, axis] = np.interp(moments, moments[known], positions[known, joint, axis])
    return positions
