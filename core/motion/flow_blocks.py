"""Numbers that describe the motion around an actor: which way, how its parts differ, how it changes, in what rhythm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow_actor import STEPS_PER_SECOND, Actor

CELLS = 4  # each way, of the coarse grid over the actor's window
WAYS = 8  # directions a motion is sorted into
_SPECTRUM = 128  # points of the transform: bins of 25 / 128 = 0.2 Hz
_BANDS = ((1, 4), (4, 7), (7, 10), (10, 14), (14, 20), (20, 32))  # bins: 0.2-0.8, -1.4, -2, -2.7, -3.9, -6.3 Hz
_FAINT = 0.02  # a block shorter than this fades instead of being blown up to length 1; those of people who act are above 0.5


def directions(actor: Actor) -> Floats:
    """(128,): in each of 4 x 4 cells, how much motion goes each of 8 ways (HOF, Laptev et al. 2008)."""
    return _of(sorted_ways(actor.velocity))


def boundaries(actor: Actor) -> Floats:
    """(256,): the same of how horizontal and vertical motion change from place to place (MBH, Dalal et al. 2006)."""
    parts = []
    for axis in (0, 1):
        down, right = np.gradient(actor.velocity[..., axis], axis=(1, 2))
        parts.append(_cells(sorted_ways(np.stack([right, down], axis=-1))).mean(axis=0).ravel())
    return _rooted(np.concatenate(parts))


def changes(actor: Actor) -> Floats:
    """(128,): the same of how motion changes from one step to the next."""
    return _of(sorted_ways(np.gradient(actor.velocity, axis=0)))


def rhythm(actor: Actor) -> Floats:
    """(288,): in 6 bands of frequency, how strongly x, y and speed of each of 4 x 4 cells swing."""
    speed = np.linalg.norm(actor.velocity, axis=-1, keepdims=True)
    course = _cells(np.concatenate([actor.velocity, speed], axis=-1)).reshape(len(speed), -1)
    faded = (course - course.mean(axis=0)) * np.hanning(len(course) + 2)[1:-1, None]
    swing = np.abs(np.fft.rfft(faded, n=_SPECTRUM, axis=0)) / len(course)
    return _rooted(np.stack([swing[low:high].mean(axis=0) for low, high in _BANDS]))


def _of(ways: Floats) -> Floats:
    return _rooted(_cells(ways).mean(axis=0))


def sorted_ways(vectors: Floats) -> Floats:
    """(..., 2) -> (..., WAYS): the length of each vector, shared between the two directions next to its own."""
    plane = vectors[..., 0] + 1j * vectors[..., 1]
    turn = np.angle(plane) / (2 * np.pi) * WAYS
    low = np.floor(turn).astype(np.int64)
    length, share = np.abs(plane), turn - low
    ways = np.zeros((*plane.shape, WAYS), np.float32)
    np.put_along_axis(ways, (low % WAYS)[..., None], ((1 - share) * length)[..., None].astype(np.float32), -1)
    np.put_along_axis(ways, ((low + 1) % WAYS)[..., None], (share * length)[..., None].astype(np.float32), -1)
    return ways


def _cells(values: Floats) -> Floats:
    """(n, GRID, GRID, k) -> (n, CELLS, CELLS, k), averaged."""
    steps, side, _, depth = values.shape
    return np.asarray(values.reshape(steps, CELLS, side // CELLS, CELLS, side // CELLS, depth).mean(axis=(2, 4)), np.float32)


def _rooted(values: NDArray[np.floating]) -> Floats:
    """Flat, square roots (one strong place must not drown all others), length 1 unless faint."""
    flat = np.sqrt(np.maximum(values, 0)).ravel()
    return np.asarray(flat / np.hypot(np.linalg.norm(flat), _FAINT), np.float32)


BLOCKS = (directions, boundaries, changes, rhythm)
assert STEPS_PER_SECOND == 25, "the bands are bins of this rate"
