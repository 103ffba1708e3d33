"""Who moves in a window, as a mask, and the window without its actor or without its scene. No weights: optical flow and time.

A place belongs to the actor at a moment when it moves on its own (DIS flow, the camera's motion taken away), or when the
camera stands still and the place looks unlike what it looks like most of the time. The mask is closed and enlarged, so that an
arm takes its body along where the two touch; of somebody who moves one hand only, it holds the hand and what is around it.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow import SMALLEST_PX, camera_motion, grey_of, pair_flow
from core.motion.images import lit, picture_area

Frames = NDArray[np.uint8]

_WORK_PX = 160  # the shorter side at which motion is looked for: a mask needs no more, and flow costs by the pixel
_STEP = 1 / 320  # of the longer side, from one moment to the next: slower than this is noise and breathing
_ABOVE_REST = 4  # times the speed that half of the picture stays below, which a camera that walks along makes large
_UNLIKE = 28  # of 255, in the most changed colour: video noise and compression stay below it by day
_STILL_CAMERA = 1 / 400  # of the longer side and moment, its median motion: above it a still background means nothing
_BESIDE = 1  # moments before and after whose motion counts too: a leg on the ground stands still for a while
_CLOSE, _GROW, _SOFT = 1 / 12, 1 / 25, 1 / 60  # of the longer side: gaps closed, rim added, softness of the edge
_SPECK = 0.0008  # of the picture: smaller islands are noise
_INPAINT_PX = 5


def moving(frames: Frames) -> Floats:
    """(T, H, W, 3) uint8 RGB -> (T, H, W) from 0 (scene) to 1 (actor), with soft edges. All 0 where nothing moves."""
    mask = np.zeros(frames.shape[:3], np.float32)
    top, bottom, left, right = picture_area(frames)
    inner = frames[:, top:bottom, left:right]
    height, width = inner.shape[1:3]
    if len(frames) < 2 or min(height, width) < SMALLEST_PX:
        return mask
    scale = min(1.0, _WORK_PX / min(height, width))
    size = (max(SMALLEST_PX, round(width * scale)), max(SMALLEST_PX, round(height * scale)))
    small = np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in lit(inner)])
    found = _grown(_moved(small), max(size))
    for moment, shape in enumerate(found):
        soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), max(_SOFT * max(size), 0.5))
        mask[moment, top:bottom, left:right] = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(mask, 0, 1)


def _moved(small: Frames) -> NDArray[np.bool_]:
    """(T, h, w): where each moment moves on its own, or does not look as it does most of the time."""
    longer = max(small.shape[1:3])
    grey = grey_of(small)
    flow = np.stack([pair_flow(one, other) for one, other in itertools.pairwise(grey)])
    camera = np.stack([camera_motion(field) for field in flow])
    speed = np.linalg.norm(flow - camera, axis=-1)
    unrest = _ABOVE_REST * np.median(speed, axis=(1, 2), keepdims=True)
    own = speed > np.maximum(unrest, _STEP * longer)
    moved = np.zeros(small.shape[:3], bool)
    moved[:-1] |= own
    moved[1:] |= own
    moved = np.stack([moved[max(at - _BESIDE, 0) : at + _BESIDE + 1].any(axis=0) for at in range(len(moved))])
    if float(np.median(np.linalg.norm(camera, axis=-1))) <= _STILL_CAMERA * longer:
        usual = np.median(small, axis=0)
        moved |= np.abs(small - usual).max(axis=-1) > _UNLIKE
    return moved


def _grown(moved: NDArray[np.bool_], longer: int) -> NDArray[np.bool_]:
    close, grow = (
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)) for side in (_odd(_CLOSE * longer), _odd(_GROW * longer))
    )
    return np.stack([cv2.dilate(_closed(shape, close), grow).astype(bool) for shape in moved])


def _closed(shape: NDArray[np.bool_], close: NDArray[np.uint8]) -> Frames:
    """Without specks, and with the gaps between what is left closed."""
    count, islands, facts, _ = cv2.connectedComponentsWithStats(shape.astype(np.uint8), connectivity=8)
    large = np.flatnonzero(facts[:, cv2.CC_STAT_AREA] >= _SPECK * shape.size)
    kept = np.isin(islands, large[large > 0]) if count > 1 else np.zeros_like(shape)
    return np.asarray(cv2.morphologyEx(kept.astype(np.uint8), cv2.MORPH_CLOSE, close), np.uint8)


def _odd(size: float) -> int:
    return max(3, 2 * round(size / 2) + 1)


def background(frames: Frames, mask: Floats) -> Frames:
    """(H, W, 3): what stands behind the actor, from the moments at which he is elsewhere; guessed where he always stands."""
    seen = (1 - mask)[..., None].astype(np.float32)
    total = seen.sum(axis=0)
    mean = (frames * seen).sum(axis=0) / np.maximum(total, 1e-3)
    never = (total[..., 0] < 1).astype(np.uint8)
    picture = np.clip(np.rint(mean), 0, 255).astype(np.uint8)
    if never.all():
        return np.broadcast_to(_mean_colour(frames), picture.shape).copy()
    return np.asarray(cv2.inpaint(picture, never, _INPAINT_PX, cv2.INPAINT_TELEA), np.uint8) if never.any() else picture


def without_actor(frames: Frames) -> Frames:
    """The window (T, H, W, 3) with what moves painted over by what stands behind it."""
    mask = moving(frames)
    return _blend(background(frames, mask)[None], frames, mask)


def without_scene(frames: Frames) -> Frames:
    """The window (T, H, W, 3) with all that does not move in its mean colour."""
    plain = np.broadcast_to(_mean_colour(frames), frames.shape)
    return _blend(frames, plain, moving(frames))


def _blend(inside: Frames, outside: Frames, mask: Floats) -> Frames:
    share = mask[..., None]
    return np.asarray(np.rint(inside * share + outside * (1 - share)), np.uint8)


def _mean_colour(frames: Frames) -> NDArray[np.uint8]:
    return np.asarray(frames.reshape(-1, 3).mean(axis=0).round(), np.uint8)
