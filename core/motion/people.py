"""People in one picture: where each stands, and where the joints are. The two networks come in as functions.

The detector is YOLOX-tiny trained on Human-Art (416 x 416 pixels, BGR in 0-255, the rest filled with 114); the pose
network is RTMPose-s trained on Body7 (256 x 192, RGB, ImageNet's mean and deviation), both of OpenMMLab. Their
preprocessing below is that of MMDetection's and MMPose's own configurations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.clips import Floats

Picture = NDArray[np.uint8]

JOINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow", "right elbow",
    "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle", "right ankle",
)  # fmt: skip
"""The joints of COCO, in its order; left is the person's own left."""

DETECTOR_PX = 416
POSE_PX = (192, 256)  # width, height
_FILL = 114.0  # the grey beside the picture in the detector's training
_BOX_MARGIN = 1.25  # RTMPose saw boxes enlarged by this
_MEAN = np.array((123.675, 116.28, 103.53), np.float32)
_STD = np.array((58.395, 57.12, 57.375), np.float32)
_SIMCC_SPLIT = 2.0  # bins per pixel in the pose network's answers

MIN_SCORE = 0.3  # a box below it is more often furniture than a person
MOST_OVERLAP = 0.6  # of two boxes that share more than this, the surer one is kept


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """The two networks as plain functions of arrays.

    Args:
        detector: (1, 3, 416, 416) float32 BGR in 0-255 -> (N, 5): x0, y0, x1, y1 in its pixels, and a score.
        pose: (B, 3, 256, 192) float32 -> its answers along x (B, 26, 384) and along y (B, 26, 512).
    """

    detector: Callable[[Floats], Floats]
    pose: Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody in one picture: ``box`` (5,) is x0, y0, x1, y1 in pixels and the detector's score (0 when the box was
    carried over from the picture before); ``joints`` (17, 3) is x, y and the pose network's sureness, about 0 to 1."""

    box: Floats
    joints: Floats

    @property
    def sureness(self) -> float:
        """Mean sureness of the joints."""
        return float(self.joints[:, 2].mean())


def detect(picture: Picture, networks: Networks, most: int) -> Floats:
    """Boxes (N, 5) of at most ``most`` people in ``picture`` (H, W, 3) RGB, the most prominent first.

    Prominence is score x square root of area: a sure, near person stands before a sure, far one.
    """
    height, width = picture.shape[:2]
    scale = DETECTOR_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled = picture if size == (width, height) else cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    square = np.full((DETECTOR_PX, DETECTOR_PX, 3), _FILL, np.float32)
    square[: size[1], : size[0]] = scaled[:, :, ::-1]
    found = np.asarray(networks.detector(square.transpose(2, 0, 1)[None]), np.float32).reshape(-1, 5)
    boxes = found[found[:, 4] >= MIN_SCORE]
    boxes[:, :4] = np.clip(boxes[:, :4], 0, (*size, *size)) / scale
    prominence = boxes[:, 4] * np.sqrt(np.maximum(areas(boxes), 0))
    return _distinct(boxes[np.argsort(-prominence, kind="stable")])[:most]


def find_joints(picture: Picture, boxes: Floats, networks: Networks) -> Floats:
    """Joints (N, 17, 3) of the people in ``boxes`` (N, >= 4): x, y in pixels of ``picture``, and sureness."""
    if len(boxes) == 0:
        return np.zeros((0, len(JOINTS), 3), np.float32)
    turns = [_crop(box) for box in boxes]
    crops = np.stack([cv2.warpAffine(picture, turn, POSE_PX, flags=cv2.INTER_LINEAR) for turn in turns])
    along_x, along_y = networks.pose(np.ascontiguousarray(((crops - _MEAN) / _STD).transpose(0, 3, 1, 2), np.float32))
    along_x, along_y = along_x[:, : len(JOINTS)], along_y[:, : len(JOINTS)]
    joints = np.empty((len(boxes), len(JOINTS), 3), np.float32)
    joints[:, :, 0] = along_x.argmax(2) / _SIMCC_SPLIT
    joints[:, :, 1] = along_y.argmax(2) / _SIMCC_SPLIT
    joints[:, :, 2] = np.minimum(along_x.max(2), along_y.max(2))
    for row, turn in enumerate(turns):
        joints[row, :, :2] = (joints[row, :, :2] - turn[:, 2]) / turn[0, 0]
    return joints


def box_around(joints: Floats, sure: float) -> Floats | None:
    """The box (5,), score 0, around the joints (17, 3) surer than ``sure``, with room for head and feet; None without."""
    seen = joints[joints[:, 2] > sure, :2]
    if len(seen) < 5:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = 0.1 * float((high - low).max())  # joints end at eyes and ankles; a detector's box holds crown and toes too
    return np.array([*(low - room), *(high + room), 0.0], np.float32)


def areas(boxes: Floats) -> Floats:
    """(N,) of boxes (N, >= 4)."""
    sides = np.maximum(boxes[:, 2:4] - boxes[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def overlaps(rows: Floats, columns: Floats) -> Floats:
    """Intersection over union (R, C) of boxes (R, >= 4) and (C, >= 4)."""
    low = np.maximum(rows[:, None, :2], columns[None, :, :2])
    high = np.minimum(rows[:, None, 2:4], columns[None, :, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = areas(rows)[:, None] + areas(columns)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)


def _distinct(boxes: Floats) -> Floats:
    """``boxes`` without those that overlap an earlier one too far."""
    kept: list[int] = []
    for row in range(len(boxes)):
        if not kept or overlaps(boxes[row : row + 1], boxes[kept]).max() <= MOST_OVERLAP:
            kept.append(row)
    return boxes[kept]


def _crop(box: Floats) -> Floats:
    """The (2, 3) map from the picture to the pose network's crop around ``box``: scaled and shifted, never turned."""
    width, height = max(float(box[2] - box[0]), 1.0), max(float(box[3] - box[1]), 1.0)
    wide = max(width, height * POSE_PX[0] / POSE_PX[1]) * _BOX_MARGIN
    scale = POSE_PX[0] / wide
    middle = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
    return np.array([[scale, 0, POSE_PX[0] / 2 - scale * middle[0]], [0, scale, POSE_PX[1] / 2 - scale * middle[1]]], np.float32)
