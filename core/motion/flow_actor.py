"""Flow seen from whoever moves: a window that goes with the actor, as large as the actor's motion, at a fixed rate.

What a walk looks like should depend neither on where in the picture it happens nor on how near the camera stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from core.clips import Floats

STEPS_PER_SECOND = 25  # the rate at which motion is described, whatever the film's
GRID = 24  # cells each way
SPAN = 2.5  # half the width of the window, in body scales: holds the limbs of all but the widest jumps
_BLOCK = 2  # pixels that are averaged into one before anything else, for speed and against noise
_STILL = 0.0625  # slower than this share of the picture's longer side a second is not the actor's motion but noise
_STEADY_SECONDS = 0.4  # the window follows the actor as calmly as this
_LEAST_SCALE = 1 / 64  # of the longer side: no actor is smaller, only specks of noise


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """Motion around an actor.

    ``velocity`` (n, GRID, GRID, 2) in body scales per second, x to the right and y down, as seen by the camera: the window
    goes along, its own way is not taken away. ``scale`` is the body scale as a share of the picture's longer side: the
    spread (one standard deviation) of the moving places around their middle.
    """

    velocity: Floats
    scale: float

    def mirrored(self) -> Actor:
        """The same with left and right exchanged."""
        turn = np.array([-1, 1], np.float32)
        return Actor(self.velocity[:, :, ::-1] * turn, self.scale)


def follow(flow: Floats, seconds: NDArray[np.float64]) -> Actor:
    """The motion around whoever moves in ``flow`` (n, H, W, 2), in pixels, each field lasting ``seconds`` (n,), n >= 1.

    The camera's motion should be gone already. Where nothing moves, the window rests in the middle of the picture.
    """
    longer = max(flow.shape[1:3]) // _BLOCK
    speed = (_averaged(flow) / (_BLOCK * seconds[:, None, None, None])).astype(np.float32)  # blocks per second
    rate = 1 / float(np.median(seconds))
    middles, scale = _window(speed, _STILL * longer, _STEADY_SECONDS * rate)
    scale = max(scale, _LEAST_SCALE * longer)
    rows = _at_even_steps(seconds)
    picked, back = np.unique(rows, return_inverse=True)
    cut = np.stack([_cut(speed[row], middles[row], SPAN * scale) for row in picked])[back]
    return Actor(cut / scale, scale / longer)


def watch(speed: Floats, longer_px: int, steps_per_second: float, *, steady_seconds: float) -> Floats:
    """(n, GRID, GRID, 2) around whoever moves in ``speed`` (n, h, w, 2), which is ``averaged`` flow per second, step by step.

    As ``follow`` does it, but at the film's own rate and with a window that follows as closely as ``steady_seconds`` says. What
    the flow was averaged from was ``longer_px`` long.
    """
    longer = longer_px // _BLOCK
    middles, scale = _window(speed, _STILL * longer, steady_seconds * steps_per_second)
    scale = max(scale, _LEAST_SCALE * longer)
    cut = np.stack([_cut(field, middle, SPAN * scale) for field, middle in zip(speed, middles, strict=True)])
    return np.asarray(cut / scale, np.float32)


def averaged(flow: Floats) -> Floats:
    """(n, H, W, 2) in pixels -> (n, H / 2, W / 2, 2) in blocks of 2 x 2 pixels, the mean of each."""
    return np.asarray(_averaged(flow) / _BLOCK, np.float32)


def _averaged(flow: Floats) -> Floats:
    height, width = (side // _BLOCK * _BLOCK for side in flow.shape[1:3])
    blocks = flow[:, :height, :width].reshape(len(flow), height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK, 2)
    return np.asarray(blocks.mean(axis=(2, 4)), np.float32)


def _window(speed: Floats, still: float, steady: float) -> tuple[NDArray[np.float64], float]:
    """Middles (n, 2) as x, y and the body scale, in blocks, weighted by how much faster than ``still`` a place moves."""
    energy = np.maximum(np.linalg.norm(speed, axis=-1) - still, 0).astype(np.float64)
    height, width = energy.shape[1:]
    places = np.arange(width) + 0.5, np.arange(height) + 0.5
    sides = energy.sum(axis=1), energy.sum(axis=2)
    total = energy.sum()
    if total <= 0:
        return np.tile([width / 2, height / 2], (len(speed), 1)), np.hypot(width, height) / 8
    prior = 0.01 * total / len(energy)  # where a moment is still the window leans on the whole stretch
    weight = gaussian_filter1d(energy.sum(axis=(1, 2)), steady, mode="nearest") + prior
    middles, spread = np.empty((len(energy), 2)), 0.0
    for axis, (side, place) in enumerate(zip(sides, places, strict=True)):
        whole = (side.sum(axis=0) @ place) / total
        middles[:, axis] = (gaussian_filter1d(side @ place, steady, mode="nearest") + prior * whole) / weight
        spread += float((side * (place - middles[:, axis, None]) ** 2).sum() / total)
    return middles, float(np.sqrt(spread / 2))


def _at_even_steps(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The field that holds at each step of STEPS_PER_SECOND."""
    ends = np.cumsum(seconds)
    steps = max(2, round(float(ends[-1]) * STEPS_PER_SECOND))
    moments = (np.arange(steps) + 0.5) / STEPS_PER_SECOND
    return np.minimum(np.searchsorted(ends, moments), len(ends) - 1)


def _cut(field: Floats, middle: NDArray[np.float64], half: float) -> Floats:
    """(GRID, GRID, 2) around ``middle``; outside the picture nothing moves."""
    cell = 2 * half / GRID
    corner = middle - half + cell / 2 - 0.5
    turn = np.array([[cell, 0, corner[0]], [0, cell, corner[1]]], np.float32)
    return np.asarray(cv2.warpAffine(field, turn, (GRID, GRID), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP), np.float32)
