"""Small pieces of the motion around an actor, each a fifth of a body and two fifths of a second: what a limb does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow_actor import Actor
from core.motion.flow_blocks import WAYS, sorted_ways

CELL = 3  # places of the actor's window each way; 8 cells make it up
STEPS = 5  # at 25 a second: a cell lasts 0.2 s
_SIDE = 2  # cells of a patch, each way and in time
_PARTS = 3  # directions of motion, and of the change of its x and its y from place to place (HOF, MBH)
_STILL = 0.15  # body scales a second: slower patches are left out
_FAINT = 0.05  # halves of a patch shorter than about this fade instead of being blown up to length 1
LENGTH = _SIDE**3 * _PARTS * WAYS


def patches(actor: Actor) -> Floats:
    """(M, LENGTH): all pieces that move, each half (motion; its changes) rooted and of length 1. M may be 0."""
    cells = _cells(actor.velocity)
    moving = (len(cells) - _SIDE + 1, *(side - _SIDE + 1 for side in cells.shape[1:3]))
    corners = np.stack(
        [
            cells[time : time + moving[0], row : row + moving[1], column : column + moving[2]]
            for time in range(_SIDE)
            for row in range(_SIDE)
            for column in range(_SIDE)
        ],
        axis=3,
    ).reshape(-1, _SIDE**3, _PARTS * WAYS)
    fast = corners[:, :, :WAYS].sum(axis=2).mean(axis=1) > _STILL
    halves = corners[fast, :, :WAYS], corners[fast, :, WAYS:]
    return np.hstack([_rooted(half.reshape(len(half), half.shape[1] * half.shape[2])) for half in halves])


def _cells(velocity: Floats) -> Floats:
    """(t, 8, 8, 24): how much motion goes, and changes, each of 8 ways, averaged over the places and steps of a cell."""
    fields = [velocity]
    for axis in (0, 1):
        down, right = np.gradient(velocity[..., axis], axis=(1, 2))
        fields.append(np.stack([right, down], axis=-1))
    ways = np.concatenate([sorted_ways(field) for field in fields], axis=-1)
    if len(ways) < _SIDE * STEPS:  # a glimpse: each step lasts longer
        ways = ways.repeat(-(-_SIDE * STEPS // len(ways)), axis=0)
    times, side = len(ways) // STEPS, ways.shape[1] // CELL
    blocks = ways[: times * STEPS].reshape(times, STEPS, side, CELL, side, CELL, -1)
    return np.asarray(blocks.mean(axis=(1, 3, 5)), np.float32)


def _rooted(values: NDArray[np.floating]) -> Floats:
    roots = np.sqrt(np.maximum(values, 0))
    return np.asarray(roots / (np.linalg.norm(roots, axis=1, keepdims=True) + _FAINT), np.float32)
