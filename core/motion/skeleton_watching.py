"""The people of a window, picture by picture. Work on a picture is remembered: windows overlap, and share their pictures."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.images import picture_area
from core.motion.lighting import lighten
from core.motion.people import Networks, Person, Picture, box_around, detect, find_joints

EVERY = 4
"""Moments from one detection to the next; between them a person's box is drawn around the joints of the moment before."""
MOST_PEOPLE = 3  # whose joints are looked for: the two who act, and one who may stand nearer to the camera
SURE = 0.3  # joints that a carried box must hold
_REMEMBERED = 4096  # pictures: some 5 MB, more than all windows that are ever under way at once


class Watcher:
    """Finds the people of windows. What it finds depends on the window alone, never on what was watched before.

    Args:
        networks: the detector and the pose network.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._boxes: OrderedDict[bytes, Floats] = OrderedDict()
        self._joints: OrderedDict[bytes, Floats] = OrderedDict()

    def people_of(self, frames: NDArray[np.uint8]) -> list[list[Person]]:
        """The people of each of the frames (T, H, W, 3) RGB, in pixels of the frames.

        A frame that repeats the one before shows the same people.
        """
        top, bottom, left, right = picture_area(frames)
        pictures = frames[:, top:bottom, left:right]
        found: list[list[Person]] = []
        due = 0
        for moment, repeated in enumerate(repeats(frames)):
            if repeated:
                found.append(found[-1])
                continue
            picture = np.ascontiguousarray(pictures[moment])
            before = None if moment >= due else found[-1]
            if before is None:
                due = moment - moment % EVERY + EVERY
            found.append(self._people(picture, before))
        return [[_moved(person, left, top) for person in people] for people in found]

    def _people(self, picture: Picture, before: list[Person] | None) -> list[Person]:
        """The people of one picture: detected, or followed from those ``before``."""
        mark = hashlib.blake2b(picture.data, digest_size=16, person=_shape_mark(picture)).digest()
        lit: Picture | None = None

        def light() -> Picture:
            nonlocal lit
            lit = lighten(picture) if lit is None else lit
            return lit

        if before is None:
            boxes = _remembered(self._boxes, mark, lambda: detect(light(), self._networks, MOST_PEOPLE))
        else:
            boxes = np.array([_carried(person) for person in before], np.float32).reshape(-1, 5)
        return [Person(box, self._joints_in(light, mark, box)) for box in boxes]

    def _joints_in(self, light: Callable[[], Picture], mark: bytes, box: Floats) -> Floats:
        """One person at a time, so that nobody's joints depend on who else is there."""
        return _remembered(
            self._joints, mark + box.tobytes(), lambda: find_joints(light(), box[None], self._networks)[0]
        )  # fmt: skip


def repeats(frames: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(T,) whether a frame is, bit for bit, the one before: a slower film, or the last frame held."""
    same = [False, *(np.array_equal(frames[row], frames[row - 1]) for row in range(1, len(frames)))]
    return np.asarray(same, bool)


def _carried(person: Person) -> Floats:
    around = box_around(person.joints, SURE)
    return np.array([*person.box[:4], 0], np.float32) if around is None else around


def _moved(person: Person, right: int, down: int) -> Person:
    shift = np.array([right, down], np.float32)
    box, joints = person.box.copy(), person.joints.copy()
    box[:2] += shift
    box[2:4] += shift
    joints[:, :2] += shift
    return Person(box, joints)


def _shape_mark(picture: Picture) -> bytes:
    return "x".join(str(side) for side in picture.shape[:2]).encode()


def _remembered(memory: OrderedDict[bytes, Floats], mark: bytes, find: Callable[[], Floats]) -> Floats:
    """What ``memory`` holds for ``mark``, found and kept when it is not there; the least used is forgotten."""
    if mark in memory:
        memory.move_to_end(mark)
        return memory[mark]
    memory[mark] = found = find()
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
    return found
