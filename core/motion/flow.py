"""Optical flow: how far every pixel moves from one picture to the next, and that motion without the camera's own."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats

Frames = NDArray[np.uint8]

SMALLEST_PX = 16  # DIS compares patches of 8 pixels on a pyramid and needs room for them
_STEP_PX = 4  # the camera's motion is smooth: every fourth pixel each way tells enough
_ROUNDS = 6  # of reweighting; the fit stands still after four or five
_FLOOR_PX = 0.1  # DIS on a still and noisy picture is off by about this much


def dense_flow(frames: Frames) -> Floats:
    """(T, H, W, 3) uint8 RGB -> (T - 1, H, W, 2) float32: x and y in pixels from each picture to the next.

    DIS (Kroeger et al. 2016, arXiv:1603.03590) as OpenCV has it, preset "medium". Raises ValueError for another shape
    or type, or for pictures smaller than 16 pixels.
    """
    _check(frames)
    grey = grey_of(frames)
    if len(grey) < 2:
        return np.zeros((0, *grey.shape[1:], 2), np.float32)
    return np.stack([pair_flow(first, second) for first, second in itertools.pairwise(grey)])


def grey_of(frames: Frames) -> Frames:
    """(T, H, W, 3) RGB -> (T, H, W), brightness as television weighs it (ITU-R BT.601)."""
    import cv2

    return np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]).astype(np.uint8, copy=False)


def pair_flow(first: Frames, second: Frames) -> Floats:
    """Flow (H, W, 2) from one grey picture (H, W) to the next."""
    return np.asarray(_dis().calc(np.ascontiguousarray(first), np.ascontiguousarray(second), None), np.float32)


def described() -> str:
    """What finds the flow, in words."""
    import cv2

    return f"OpenCV {cv2.__version__} DIS flow"


def _dis() -> Any:
    """A new one for each pair: it keeps buffers, which two threads would corrupt, and in which an earlier pair of another size
    leaves numbers that change the flow of the next. Making it costs microseconds."""
    import cv2

    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def without_camera_motion(flow: Floats) -> Floats:
    """(T, H, W, 2) minus, for each moment, the affine motion that most of the picture follows: pan, zoom, roll, shear.

    Fitted by reweighted least squares from the median outwards; what moves on its own counts little (Cauchy's weights).
    """
    return np.stack([field - camera_motion(field) for field in flow]) if len(flow) else flow


def camera_motion(field: Floats) -> Floats:
    """The affine motion (H, W, 2) that most of ``field`` (H, W, 2) follows."""
    height, width = field.shape[:2]
    seen = field[::_STEP_PX, ::_STEP_PX].reshape(-1, 2).astype(np.float64)
    places = _places(height, width, _STEP_PX)
    fit = np.zeros((3, 2))
    fit[0] = np.median(seen, axis=0)
    for _ in range(_ROUNDS):
        off = np.linalg.norm(seen - places @ fit, axis=1)
        scale = max(_FLOOR_PX, 1.4826 * float(np.median(off)))
        weighted = places / (1 + (off / scale) ** 2)[:, None]
        fit = np.linalg.solve(weighted.T @ places + 1e-9 * np.eye(3), weighted.T @ seen)
    return np.asarray(_places(height, width, 1) @ fit, np.float32).reshape(height, width, 2)


@functools.lru_cache(maxsize=4)
def _places(height: int, width: int, step: int) -> NDArray[np.float64]:
    """(N, 3) of every ``step``-th pixel: one, and x and y from the middle in half picture sizes, all of one scale."""
    half = max(height, width) / 2
    rows, columns = np.mgrid[0:height:step, 0:width:step].reshape(2, -1)
    return np.stack([np.ones(len(rows)), (columns - width / 2) / half, (rows - height / 2) / half], axis=1)


def _check(frames: Frames) -> None:
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames ({frames.dtype} {frames.shape}) must be (T, H, W, 3) uint8")
    if min(frames.shape[1:3]) < SMALLEST_PX:
        raise ValueError(f"frames ({frames.shape}) must be at least {SMALLEST_PX} pixels high and wide")
