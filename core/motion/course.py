"""What somebody does from one picture of a film to the next: the motion of the parts of the body, with the body followed.

For rhythm the film's own pictures are needed: a runner takes three steps a second, which windows of a second or more cannot
show. A course is that motion as a row of numbers for each picture, whoever the actor is and wherever in the picture he is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow import Frames, camera_motion, grey_of, pair_flow
from core.motion.flow_actor import GRID, averaged, watch
from core.motion.images import picture_area

CELLS = 8  # each way, over the window around the actor: a thigh, a shank and a foot are told apart
NUMBERS = 3  # of each cell: motion to the right, down, and speed
_STEADY_SECONDS = 0.12
"""The window follows the actor as closely as this: less than a step, and a runner who enters the picture is not lost."""
_QUIET = 0.3  # of the usual motion: weaker rows fade instead of being blown up


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """n steps from picture to picture.

    Args:
        rows: (n, CELLS * CELLS * NUMBERS) what moves which way, of length about 1 whenever somebody moves.
        activity: (n,) how much motion there is, in body scales per second.
        fps: steps a second.
        start_seconds: of the film, where the first step ends.
    """

    rows: Floats
    activity: NDArray[np.float64]
    fps: float
    start_seconds: float = 0.0

    def cut(self, first_seconds: float, last_seconds: float) -> Course:
        """The steps between these seconds of the film."""
        low, high = (round((moment - self.start_seconds) * self.fps) for moment in (first_seconds, last_seconds))
        part = slice(max(low, 0), max(high, 0))
        return Course(self.rows[part], self.activity[part], self.fps, self.start_seconds + max(low, 0) / self.fps)


class Watching:
    """Takes a film's pictures in order, a batch at a time, and keeps their motion at half size."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._area: tuple[int, int, int, int] | None = None
        self._fields: list[Floats] = []

    def see(self, frames: Frames) -> None:
        """(T, H, W, 3) RGB, black borders and all."""
        if self._area is None:
            self._area = picture_area(frames)
        top, bottom, left, right = self._area
        for grey in grey_of(frames[:, top:bottom, left:right]):
            if self._before is not None:
                field = pair_flow(self._before, grey)
                self._fields.append(averaged((field - camera_motion(field))[None])[0])
            self._before = grey

    def course(self, fps: float, start_seconds: float = 0.0) -> Course:
        """Of everything seen, ``fps`` pictures a second."""
        if self._before is None or not self._fields:
            return Course(np.zeros((0, CELLS * CELLS * NUMBERS), np.float32), np.zeros(0), fps, start_seconds)
        speed = np.asarray(np.stack(self._fields) * fps, np.float32)
        velocity = watch(speed, max(self._before.shape), fps, steady_seconds=_STEADY_SECONDS)
        return of_velocity(velocity, fps, start_seconds)


def of_velocity(velocity: Floats, fps: float, start_seconds: float = 0.0) -> Course:
    """(n, GRID, GRID, 2) around an actor -> his course."""
    side = GRID // CELLS
    cells = velocity.reshape(len(velocity), CELLS, side, CELLS, side, 2).mean(axis=(2, 4))
    speed = np.linalg.norm(cells, axis=-1, keepdims=True)
    rows = np.concatenate([cells, speed], axis=-1).reshape(len(cells), -1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    usual = max(float(np.median(lengths)), 1e-9)
    faded = np.asarray(rows / (lengths + _QUIET * usual), np.float32)
    return Course(faded, speed.mean(axis=(1, 2, 3), dtype=np.float64), fps, start_seconds)


def mirrored(rows: Floats) -> Floats:
    """Rows of a course as a mirror shows them: left and right exchanged."""
    cells = rows.reshape(len(rows), CELLS, CELLS, NUMBERS)[:, :, ::-1] * np.array([-1, 1, 1], np.float32)
    return np.asarray(cells.reshape(len(rows), -1), np.float32)
