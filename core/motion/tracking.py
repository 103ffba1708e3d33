"""From people in single pictures to the same person through a window: greedy linking of boxes, and who matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.clips import Floats
from core.motion.people import JOINTS, Person, overlaps

MOST_GAP_SECONDS = 0.6  # somebody hidden for longer counts as a new person
_MOST_STEP = 0.8  # of the box's height: how far a middle may move before the link is not believed at all
_MIN_LIKENESS = 0.25  # of two boxes, from 0 to 2


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person through the T moments of a window.

    Args:
        joints: (T, 17, 3), x and y in pixels and sureness; NaN where the person was not seen.
        boxes: (T, 4), x0, y0, x1, y1; NaN likewise.
    """

    joints: Floats
    boxes: Floats

    @property
    def seen(self) -> np.ndarray:
        """(T,) whether the person was seen then."""
        return np.isfinite(self.boxes[:, 0])

    @property
    def height(self) -> float:
        """Median height of the box in pixels."""
        boxes = self.boxes[self.seen]
        return float(np.median(boxes[:, 3] - boxes[:, 1]))

    @property
    def weight(self) -> float:
        """How much this person matters: moments seen x sureness x square root of the height in pixels."""
        return float(self.seen.sum() * self.joints[self.seen, :, 2].mean() * np.sqrt(max(self.height, 1.0)))


def link(pictures: Sequence[Sequence[Person]], dt_seconds: float) -> list[Track]:
    """The people of T ``pictures`` as tracks, those that matter most first.

    In each picture the pairs (track, person) that are most alike are joined first; whoever is left begins a new track.
    """
    most_gap = max(1, round(MOST_GAP_SECONDS / dt_seconds))
    tracks: list[Track] = []
    last_seen: list[int] = []
    for moment, people in enumerate(pictures):
        alive = [row for row, last in enumerate(last_seen) if moment - last <= most_gap]
        likeness = _likeness([tracks[row].boxes[last_seen[row]] for row in alive], people)
        taken: dict[int, int] = {}
        while likeness.size and likeness.max() >= _MIN_LIKENESS:
            row, column = divmod(int(likeness.argmax()), likeness.shape[1])
            taken[column] = alive[row]
            likeness[row], likeness[:, column] = -1, -1
        for column, person in enumerate(people):
            if column not in taken:
                taken[column] = len(tracks)
                tracks.append(_empty(len(pictures)))
                last_seen.append(moment)
            row = taken[column]
            tracks[row].joints[moment], tracks[row].boxes[moment], last_seen[row] = person.joints, person.box[:4], moment
    return sorted(tracks, key=lambda track: -track.weight)


def _empty(moments: int) -> Track:
    return Track(np.full((moments, len(JOINTS), 3), np.nan, np.float32), np.full((moments, 4), np.nan, np.float32))


def _likeness(boxes: Sequence[Floats], people: Sequence[Person]) -> Floats:
    """(R, C) from 0 to 2: overlap, plus nearness of the middles in heights of the box."""
    if not boxes or not people:
        return np.zeros((len(boxes), len(people)), np.float32)
    before, now = np.stack(boxes), np.stack([person.box[:4] for person in people])
    steps = np.linalg.norm(_middles(before)[:, None] - _middles(now)[None], axis=2)
    heights = np.maximum(before[:, 3] - before[:, 1], 1.0)[:, None]
    near = np.maximum(0.0, 1.0 - steps / (_MOST_STEP * heights))
    return np.asarray(overlaps(before, now) + near, np.float32)


def _middles(boxes: Floats) -> Floats:
    return np.asarray((boxes[:, :2] + boxes[:, 2:4]) / 2, np.float32)
