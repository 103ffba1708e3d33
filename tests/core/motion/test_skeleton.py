from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.joints import body_of, walks_left
from core.motion.skeleton import NOBODY, PRESENCE, Scene, describe, dimension, measure, scaled, scales, scene_of
from core.motion.skeleton_pair import pair_blocks
from core.motion.skeleton_person import LAG_SECONDS, person_blocks, recurrence, spectrum
from core.motion.tracking import link
from tests.core.motion.walkers import DT_SECONDS, mirrored, people, track, walk

T = 32


def frames(moments: int = T, *, held: int = 0) -> NDArray[np.uint8]:
    """Small pictures that all differ, but for the last, which is held."""
    different = np.arange(1, moments + 1, dtype=np.uint8)
    different[moments - held :] = different[moments - held - 1] if held else different[moments - held :]
    return np.broadcast_to(different[:, None, None, None], (moments, 4, 4, 3)).copy()


def vector(joints: Floats) -> Floats:
    return describe(frames(len(joints)), [[person] for person in people(joints)], DT_SECONDS)


def cosine(one: Floats, other: Floats) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_body_is_measured_from_the_hip_in_torsos() -> None:
    body = body_of(track(walk(px_a_second=40)), DT_SECONDS)
    assert body.torso_px == pytest.approx(40, rel=0.02)
    assert np.allclose(body.joints[:, [11, 12]].mean(axis=1), 0)
    assert np.allclose(body.joints[:, 5], [0, -1], atol=0.02)
    assert np.allclose(np.diff(body.hip[4:-4, 0]) / DT_SECONDS, 1, atol=0.05)
    assert not walks_left(body) and walks_left(body.mirrored)


def test_what_was_not_seen_is_filled_in_from_before_and_after() -> None:
    joints = walk()
    joints[10, 9] = (999, 999, 0.05)  # a wild guess
    broken = track(joints)
    broken.joints[20:23], broken.boxes[20:23] = np.nan, np.nan  # hidden
    mended, whole = body_of(broken, DT_SECONDS), body_of(track(walk()), DT_SECONDS)
    assert np.isfinite(mended.joints).all()
    assert np.abs(mended.joints - whole.joints).max() < 0.2


def test_the_spectrum_of_the_feet_peaks_at_the_stride() -> None:
    for hertz in (0.78125, 1.5625):
        feet = person_blocks(body_of(track(walk(hertz=hertz)), DT_SECONDS), T)["feet"].reshape(-1, 2)
        assert feet[:, 0].argmax() + 1 == round(hertz * T * DT_SECONDS)
    assert spectrum(np.ones((1, 2)), T).shape == (12, 2)


def test_a_pose_comes_back_after_its_period_however_large_it_is() -> None:
    time = np.arange(T) * DT_SECONDS
    for size in (0.3, 3.0):
        found = recurrence(size * np.sin(2 * np.pi * time / 0.64)[:, None], DT_SECONDS)
        assert found[round(0.64 / LAG_SECONDS) - 1] < 0.1 < 1 < found[round(0.32 / LAG_SECONDS) - 1]
    assert np.isnan(recurrence(np.ones((4, 1)), DT_SECONDS)[4:]).all()  # unknown, rather than the same or another


def test_a_mirrored_person_does_the_same() -> None:
    assert cosine(vector(walk()), vector(mirrored(walk()))) > 0.999


def test_size_and_place_in_the_picture_do_not_matter_but_the_pace_does() -> None:
    near = walk().copy()
    near[:, :, :2] = near[:, :, :2] * 2 - 100
    quick = walk(hertz=1.8, px_a_second=110)
    assert cosine(vector(walk()), vector(near)) > 0.999
    assert cosine(vector(walk()), vector(quick)) < 0.9


def test_a_held_last_frame_ends_the_clip() -> None:
    half = T // 2
    joints = walk()
    joints[half:] = joints[half - 1]
    held = describe(frames(held=half), [[person] for person in people(joints)], DT_SECONDS)
    scene = scene_of(frames(held=half), [[person] for person in people(joints)], DT_SECONDS)
    tracks = link([[person] for person in people(joints[:half])] + [[]] * half, DT_SECONDS)
    assert np.array_equal(held, scaled(measure(tracks, T, DT_SECONDS)))
    assert scene.blocks["actor.course"][0] == pytest.approx(1.0, abs=0.1)  # torsos a second: the clock was not stretched


def test_slower_films_give_nearly_the_same_vector() -> None:
    joints = walk()
    twice = joints[np.arange(T) // 2 * 2]
    doubled = frames()[np.arange(T) // 2 * 2]
    slow = describe(doubled, [[person] for person in people(twice)], DT_SECONDS)
    assert cosine(slow, vector(joints)) > 0.95


def test_nobody_is_one_fixed_direction() -> None:
    found = describe(frames(), [[] for _ in range(T)], DT_SECONDS)
    assert found.shape == (dimension(),)
    assert found[NOBODY] == PRESENCE and np.count_nonzero(found) == 1
    assert abs(cosine(found, vector(walk()))) < 0.05


@pytest.mark.parametrize("moments", [1, 2, 3, 7])
def test_a_glimpse_is_enough_for_a_finite_vector(moments: int) -> None:
    seen = [[person] for person in people(walk(moments))] + [[] for _ in range(T - moments)]
    found = describe(frames(), seen, DT_SECONDS)
    assert np.isfinite(found).all() and np.linalg.norm(found) > 0.5
    both = [
        [*one, *other]
        for one, other in zip(seen, [[p] for p in people(walk(moments, left=250))] + [[]] * (T - moments), strict=True)
    ]
    assert np.isfinite(describe(frames(), both, DT_SECONDS)).all()


def test_two_people_are_told_in_any_order_and_in_a_mirror() -> None:
    goes, stands = walk(px_a_second=60, left=50), walk(swing_px=0, px_a_second=0, left=260)
    pairs = [list(pair) for pair in zip(people(goes), people(stands), strict=True)]
    one = describe(frames(), pairs, DT_SECONDS)
    assert np.allclose(one, describe(frames(), [pair[::-1] for pair in pairs], DT_SECONDS))
    turned = [list(pair) for pair in zip(people(mirrored(goes)), people(mirrored(stands)), strict=True)]
    assert cosine(one, describe(frames(), turned, DT_SECONDS)) > 0.999
    assert cosine(one, vector(goes)) < 0.9


def test_who_comes_nearer_is_measured_in_torsos() -> None:
    goes, stands = track(walk(px_a_second=40, left=50)), track(walk(swing_px=0, px_a_second=0, left=260))
    blocks = pair_blocks(body_of(goes, DT_SECONDS), body_of(stands, DT_SECONDS), T)
    assert blocks["distance"][3] == pytest.approx(-2.0, abs=0.4)  # 80 of 210 pixels in 2.5 seconds
    assert blocks["approach"][0] == pytest.approx(1.0, abs=0.1) and blocks["approach"][1] == pytest.approx(0, abs=0.01)


def test_unsure_joints_count_less_but_their_rhythm_does_not() -> None:
    scene = measure([track(walk())], T, DT_SECONDS)
    unsure = Scene(scene.blocks, {"actor": 0.3})
    sure_vector, unsure_vector = scaled(scene), scaled(unsure)
    start = 3
    for name, scale in scales().items():
        part = slice(start, start + len(scale.mean))
        share = 1.0 if name.endswith("again") else 0.1
        assert np.allclose(unsure_vector[part], share * sure_vector[part], atol=1e-6)
        start += len(scale.mean)


def test_people_who_cross_keep_who_they_are() -> None:
    right, left = walk(px_a_second=70, left=50), mirrored(walk(px_a_second=70, left=50))
    both = [list(pair) for pair in zip(people(right), people(left), strict=True)]
    both[5] = both[5][:1]  # one is overlooked once
    found = link(both, DT_SECONDS)
    assert len(found) == 2
    assert sorted(int(one.seen.sum()) for one in found) == [T - 1, T]
