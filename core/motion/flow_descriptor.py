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
from core.motion.flow_patches import patches
from core.motion.flow_words import fisher, words
from core.motion.images import lit, picture_area

Frames = NDArray[np.uint8]
PairFlow = Callable[[Frames, Frames], Floats]

CONSTANT = 0.1
"""The last number: keeps a window in which nothing moves away from zero, which has no direction."""
WHOLE = 0.35
"""What each of the four blocks over the whole actor weighs, where the words weigh 1."""
DIMENSION = 2 * 32 * 32 + 800 + 1


def describe(frames: Frames, window_seconds: float, flow_of: PairFlow = pair_flow) -> Floats:
    """(T, H, W, 3) uint8 RGB, moments evenly spread over ``window_seconds`` -> (DIMENSION,) float32.

    ``flow_of`` gives the flow (H, W, 2) from one grey picture to the next.
    """
    actor = actor_of(frames, window_seconds, flow_of)
    if actor is None:
        vector = np.zeros(DIMENSION, np.float32)
        vector[-1] = CONSTANT
        return vector
    return of_actor(actor)


def actor_of(frames: Frames, window_seconds: float, flow_of: PairFlow = pair_flow) -> Actor | None:
    """Whoever moves in ``frames``, as ``describe`` takes them; None without two different pictures.

    Moments that show the same picture as the one before count as one picture that lasts longer: a slow camera, or a
    clip that ended before the window did. Borders are cut off, and dark pictures made light.
    """
    pictures, seconds = told_apart(frames, window_seconds)
    top, bottom, left, right = picture_area(pictures)
    pictures = pictures[:, top:bottom, left:right]
    if len(pictures) < 2 or min(pictures.shape[1:3]) < SMALLEST_PX:
        return None
    flow = np.stack([flow_of(one, other) for one, other in itertools.pairwise(grey_of(lit(pictures)))])
    return follow(without_camera_motion(flow), seconds)


def of_actor(actor: Actor) -> Floats:
    """(DIMENSION,): the mean over a motion and its mirror image, since an action keeps its name when it is mirrored."""
    return np.asarray((_told(actor) + _told(actor.mirrored())) / 2, np.float32)


def _told(actor: Actor) -> Floats:
    whole = np.concatenate([block(actor) for block in BLOCKS])
    return np.concatenate([fisher(patches(actor), words()), WHOLE * whole, [CONSTANT]]).astype(np.float32)


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
