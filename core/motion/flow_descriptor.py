"""One vector for how things move in a window of frames."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow import SMALLEST_PX, grey_of, pair_flow, without_camera_motion
from core.motion.flow_actor import Actor, follow
from core.motion.flow_blocks import BLOCKS
from core.motion.images import picture_area

Frames = NDArray[np.uint8]
PairFlow = Callable[[Frames, Frames], Floats]

CONSTANT = 0.1
"""The last number: keeps a window in which nothing moves away from zero, which has no direction."""
DIMENSION = 2 * (128 + 256 + 128 + 288) + 1


def describe(frames: Frames, window_seconds: float, flow_of: PairFlow = pair_flow) -> Floats:
    """(T, H, W, 3) uint8 RGB, moments evenly spread over ``window_seconds`` -> (DIMENSION,) float32.

    ``flow_of`` gives the flow (H, W, 2) from one grey picture to the next. Moments that show the same picture as
    the one before count as one picture that lasts longer: a slow camera, or a clip that ended before the window did.
    """
    pictures, seconds = told_apart(frames, window_seconds)
    top, bottom, left, right = picture_area(pictures)
    pictures = pictures[:, top:bottom, left:right]
    if len(pictures) < 2 or min(pictures.shape[1:3]) < SMALLEST_PX:
        return _still()
    grey = grey_of(pictures)
    flow = np.stack([flow_of(one, other) for one, other in itertools.pairwise(grey)])
    return of_actor(follow(without_camera_motion(flow), seconds))


def of_actor(actor: Actor) -> Floats:
    """(DIMENSION,): what a motion and its mirror image share, and how far apart the two are.

    An action keeps its name when it is mirrored, so both halves are the same for either.
    """
    one, other = _blocks(actor), _blocks(actor.mirrored())
    return np.concatenate([(one + other) / 2, np.abs(one - other) / 2, [CONSTANT]]).astype(np.float32)


def _blocks(actor: Actor) -> Floats:
    return np.concatenate([block(actor) for block in BLOCKS])


def _still() -> Floats:
    vector = np.zeros(DIMENSION, np.float32)
    vector[-1] = CONSTANT
    return vector


def told_apart(frames: Frames, window_seconds: float) -> tuple[Frames, NDArray[np.float64]]:
    """Pictures (n, H, W, 3) without immediate repetitions, and the seconds (n - 1,) from each to the next.

    Moments and a camera's clock beat against each other: at 30 frames a second, pictures last one moment or two in
    turn. Where durations differ by no more than that they are taken as equal, which they were in the camera.
    """
    new = np.array([True, *((one != other).any() for one, other in itertools.pairwise(frames))])
    starts = np.flatnonzero(new)
    slots = np.diff(starts).astype(np.float64)
    if len(slots) and slots.max() - slots.min() <= 1:
        slots[:] = slots.mean()
    return frames[starts], slots * window_seconds / len(frames)
