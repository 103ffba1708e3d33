from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.motion.skeleton_watching import EVERY, Watcher, repeats
from tests.core.motion.walkers import Seeing

BOX = np.array([[100, 80, 200, 280, 0.9]])


def pictures(moments: int, seed: int = 0, *, padded: bool = False) -> NDArray[np.uint8]:
    frames = np.random.default_rng(seed).integers(80, 160, (moments, 416, 416, 3), dtype=np.uint8)
    if padded:
        frames[:, :52] = frames[:, -52:] = 0
    return frames


def same(one: list, other: list) -> bool:
    return all(
        np.array_equal(a.joints, b.joints) and np.array_equal(a.box, b.box)
        for x, y in zip(one, other, strict=True)
        for a, b in zip(x, y, strict=True)
    )


def test_people_are_detected_now_and_then_and_followed_between() -> None:
    seeing = Seeing(BOX)
    found = Watcher(seeing.networks).people_of(pictures(2 * EVERY))
    assert [len(moment) for moment in found] == [1] * 2 * EVERY
    assert seeing.detections == 2 and seeing.poses == 2 * EVERY
    assert [moment[0].box[4] > 0 for moment in found] == ([True] + [False] * (EVERY - 1)) * 2


def test_overlapping_windows_share_their_pictures() -> None:
    seeing, frames = Seeing(BOX), pictures(6 * EVERY)
    watcher = Watcher(seeing.networks)
    first, second = watcher.people_of(frames[: 4 * EVERY]), watcher.people_of(frames[2 * EVERY :])
    assert seeing.detections == 6 and seeing.poses == 6 * EVERY
    assert same(first[2 * EVERY :], second[: 2 * EVERY])


def test_what_is_found_does_not_depend_on_what_was_watched_before() -> None:
    frames = pictures(EVERY + 2)
    fresh, used = Watcher(Seeing(BOX).networks), Watcher(Seeing(BOX).networks)
    used.people_of(pictures(EVERY, seed=1))
    used.people_of(frames[1:])
    assert same(fresh.people_of(frames), used.people_of(frames))


def test_repeated_frames_cost_nothing_and_the_next_new_one_is_detected() -> None:
    seeing = Seeing(BOX)
    frames = pictures(EVERY + 3)[[0, 0, 1, 1, 1, 2, 3]]
    assert repeats(frames).tolist() == [False, True, False, True, True, False, False]
    found = Watcher(seeing.networks).people_of(frames)
    assert seeing.detections == 2 and seeing.poses == 4
    assert same(found[4:5], found[2:3])
    assert found[5][0].box[4] > 0  # moment 4 was due, but showed nothing new


def test_borders_are_taken_off_before_and_put_back_after() -> None:
    plain, padded = Seeing(BOX), Seeing(BOX)
    inner = Watcher(plain.networks).people_of(pictures(1, padded=True)[:, 52:-52])
    whole = Watcher(padded.networks).people_of(pictures(1, padded=True))
    assert np.allclose(whole[0][0].box[:4], inner[0][0].box[:4] + np.array([0, 52, 0, 52]))
    assert np.allclose(whole[0][0].joints[:, :2], inner[0][0].joints[:, :2] + [0, 52])


def test_the_networks_see_night_as_day() -> None:
    seeing = Seeing(BOX)
    Watcher(seeing.networks).people_of(pictures(1) // 8)
    assert seeing.brightness[0] > 60


def test_nobody_is_an_answer() -> None:
    assert Watcher(Seeing(np.zeros((0, 5))).networks).people_of(pictures(3)) == [[], [], []]
    assert Watcher(Seeing(np.zeros((0, 5))).networks).people_of(np.zeros((3, 416, 416, 3), np.uint8)) == [[], [], []]
