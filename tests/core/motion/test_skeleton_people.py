from __future__ import annotations

import numpy as np

from core.motion.lighting import DARK, lighten
from core.motion.overlay import COLOURS, draw_people
from core.motion.people import Person, box_around, detect, find_joints, overlaps
from tests.core.motion.walkers import Seeing, people, walk


def test_boxes_come_back_in_the_pictures_own_pixels_the_most_prominent_first() -> None:
    seeing = Seeing(
        np.array([[10, 10, 50, 100, 0.9], [100, 100, 300, 400, 0.8], [102, 98, 300, 400, 0.7], [0, 0, 400, 400, 0.1]])
    )
    found = detect(np.full((208, 208, 3), 90, np.uint8), seeing.networks, most=5)
    # half the detector's size; the box that repeats another and the one of low score are gone
    assert np.allclose(found, [[50, 50, 150, 200, 0.8], [5, 5, 25, 50, 0.9]])
    assert len(detect(np.full((208, 208, 3), 90, np.uint8), seeing.networks, most=1)) == 1


def test_the_detector_gets_bgr_and_grey_beside_a_picture_that_is_no_square() -> None:
    seen = []
    seeing = Seeing(np.zeros((0, 5)))
    networks = type(seeing.networks)(
        lambda picture: (seen.append(picture), np.zeros((0, 5), np.float32))[1], seeing.networks.pose
    )
    picture = np.zeros((200, 416, 3), np.uint8)
    picture[:, :, 0] = 250
    assert detect(picture, networks, most=3).shape == (0, 5)
    assert seen[0].shape == (1, 3, 416, 416)
    assert (seen[0][0, :, 100, 100] == [0, 0, 250]).all()
    assert (seen[0][0, :, 300, 100] == 114).all()


def test_joints_are_mapped_from_the_crop_back_into_the_picture() -> None:
    seeing = Seeing(np.zeros((0, 5)))
    box = np.array([[100, 100, 196, 228, 0.9]], np.float32)  # 96 x 128: the crop's shape, so its scale is 2 / 1.25
    joints = find_joints(np.zeros((416, 416, 3), np.uint8), box, seeing.networks)
    scale = 192 / (96 * 1.25)
    assert joints.shape == (1, 17, 3)
    assert np.allclose(joints[0, 3, :2], [148 + (25 - 96) / scale, 164 + (44 - 128) / scale], atol=1e-3)
    assert np.allclose(joints[0, :, 2], 0.7)  # the less sure of the two axes
    assert find_joints(np.zeros((416, 416, 3), np.uint8), box[:0], seeing.networks).shape == (0, 17, 3)


def test_a_box_is_drawn_around_the_sure_joints_only() -> None:
    joints = walk(1)[0]
    joints[0] = (900, 900, 0.1)
    around = box_around(joints, 0.3)
    assert around is not None
    assert around[2] < 200 and around[3] < 200 and around[4] == 0
    assert box_around(joints * [1, 1, 0], 0.3) is None


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert np.allclose(overlaps(boxes[:1], boxes), [[1, 1 / 3, 0]], atol=1e-5)


def test_dark_pictures_become_light_and_others_stay() -> None:
    noise = np.random.default_rng(0).integers(0, 40, (60, 80, 1), dtype=np.uint8).repeat(3, axis=2)
    assert DARK < lighten(noise).mean() < 150
    bright = noise + np.uint8(100)
    assert lighten(bright) is bright
    black = np.zeros_like(noise)
    assert (lighten(black) == 0).all()


def test_people_are_drawn_over_a_copy() -> None:
    frame = np.zeros((300, 300, 3), np.uint8)
    drawn = draw_people(frame, [people(walk(1))[0], Person(np.array([200, 20, 260, 120, 1], np.float32), walk(1)[0] * [1, 1, 0])])
    assert (frame == 0).all()
    assert (drawn == COLOURS[0]).all(axis=2).any()
    assert drawn[20, 230].any() and not drawn[150, 250].any()  # the second one's box, and no joint: none is sure
