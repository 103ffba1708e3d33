"""The synthetic samples: what is planned, how the figures move, and that the pictures are the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core import samples
from core.clips import Progress
from core.drawing import exercises, gait
from core.drawing.people import PEOPLE
from core.drawing.skeleton import SHANK, THIGH, UPPER_ARM, reach
from core.errors import BadInput, Cancelled

Frames = Iterator[NDArray[np.uint8]]


def one(label: str, person: int = 0) -> samples.Sample:
    return next(sample for sample in samples.plan(person + 1) if sample.label == label and sample.person == person)


def test_a_plan_has_every_action_of_every_person_once() -> None:
    planned = samples.plan(people=5)
    assert len(planned) == 40
    assert len({sample.name for sample in planned}) == 40
    assert {sample.label for sample in planned} == set(samples.ACTIONS)
    assert all("synthetic" in sample.name and "synthetic" in sample.source for sample in planned)


def test_a_plan_gives_each_action_several_cameras_and_lights() -> None:
    for action in samples.ACTIONS:
        mine = [sample for sample in samples.plan(5) if sample.label == action]
        assert len({sample.camera for sample in mine}) == 4
        assert len({sample.light for sample in mine}) == 3


@pytest.mark.parametrize("people", [0, -1, 9])
def test_a_plan_refuses_numbers_of_people_it_does_not_have(people: int) -> None:
    with pytest.raises(BadInput, match="must be from 1 to 8"):
        samples.plan(people)


def test_the_tables_of_the_plan_are_those_of_the_drawing_room() -> None:
    from core.drawing.camera import CLIMBING_VIEWPOINTS, EXERCISE_VIEWPOINTS, VIEWPOINTS
    from core.drawing.film import ACTIONS
    from core.drawing.scenes import LIGHTS, SCENES

    assert tuple(ACTIONS) == samples.ACTIONS
    assert set(VIEWPOINTS) == set(EXERCISE_VIEWPOINTS) == set(CLIMBING_VIEWPOINTS) == set(samples.CAMERAS)
    assert (set(LIGHTS), set(SCENES)) == (set(samples.LIGHTS), set(samples.PLACES))
    assert tuple(person.name for person in PEOPLE) == samples.NAMES


@pytest.mark.parametrize("label", samples.ACTIONS)
def test_a_clip_shows_a_figure_that_moves(label: str) -> None:
    frames = [frame.astype(np.int16) for _, frame in zip(range(14), samples.render(one(label)), strict=False)]
    assert all(frame.shape == (240, 320, 3) for frame in frames)
    middle = (slice(40, 230), slice(90, 230))
    assert np.abs(frames[13][middle] - frames[0][middle]).max() > 60
    assert 40 < frames[0].mean() < 215


def test_a_clip_lasts_as_long_as_planned() -> None:
    assert sum(1 for _ in samples.render(one("waving"))) == 70


def test_the_same_sample_gives_the_same_pictures() -> None:
    first, again = next(samples.render(one("jogging"))), next(samples.render(one("jogging")))
    assert np.array_equal(first, again)


def test_two_people_look_different() -> None:
    assert not np.array_equal(next(samples.render(one("waving", 0))), next(samples.render(one("waving", 1))))


@pytest.mark.parametrize(
    ("way", "slowest", "fastest"),
    [(gait.WALKING, 1.1, 1.6), (gait.JOGGING, 1.9, 3.0), (gait.RUNNING, 3.6, 5.5)],
    ids=["walking", "jogging", "running"],
)
def test_speeds_that_follow_from_the_gait_figures_are_human(way: gait.Gait, slowest: float, fastest: float) -> None:
    for person in PEOPLE:
        motion = gait.travel(way, person, 75, 25.0, 0.3)
        travelled_m = motion.joints["pelvis"][-1, 0] - motion.joints["pelvis"][0, 0]
        assert slowest < travelled_m / (74 / 25) < fastest


def test_walking_has_no_flight_and_running_has() -> None:
    phase = np.linspace(0, 1, 200, endpoint=False)
    assert gait.flight(gait.WALKING, phase, 1.05).max() == 0
    assert 0.005 < gait.flight(gait.RUNNING, phase, 0.68).max() < 0.10


def test_bones_keep_their_length() -> None:
    person = PEOPLE[2]
    motion = exercises.boxing(person, 50, 25.0, 0.0)
    for ends, fraction in (
        (("left_hip", "left_knee"), THIGH),
        (("right_knee", "right_ankle"), SHANK),
        (("left_shoulder", "left_elbow"), UPPER_ARM),
    ):
        length = np.linalg.norm(motion.joints[ends[0]] - motion.joints[ends[1]], axis=1)
        np.testing.assert_allclose(length, fraction * person.height_m, atol=1e-9)


@pytest.mark.parametrize("exercise", [exercises.squatting, exercises.waving, exercises.boxing])
def test_feet_stay_on_the_ground(exercise: object) -> None:
    motion = exercise(PEOPLE[1], 75, 25.0, 0.0)  # type: ignore[operator]
    lowest = np.minimum(*gait.soles(motion).values())
    assert np.abs(lowest - gait.SOLE_M).max() < 0.03


def test_squats_go_deep_and_jacks_leave_the_ground() -> None:
    squat = exercises.squatting(PEOPLE[0], 75, 25.0, 0.0).joints["pelvis"][:, 2]
    assert squat.max() - squat.min() > 0.3
    jacks = exercises.jumping_jacks(PEOPLE[0], 75, 25.0, 0.0)
    assert np.minimum(*gait.soles(jacks).values()).max() > 0.06
    assert jacks.joints["left_hand"][:, 2].max() > jacks.joints["crown"][:, 2].max()


def test_reach_ends_at_the_target_and_points_at_one_too_far() -> None:
    root = np.zeros((1, 3))
    _, near = reach(root, np.array([[0.3, 0.1, 0.0]]), 0.3, 0.25, (0, 0, -1))
    np.testing.assert_allclose(near, [[0.3, 0.1, 0.0]], atol=1e-9)
    middle, far = reach(root, np.array([[9.0, 0.0, 0.0]]), 0.3, 0.25, (0, 0, -1))
    np.testing.assert_allclose(far, [[0.995 * 0.55, 0, 0]], atol=1e-9)
    assert middle[0, 2] < 0


def write_two_frames(path: Path, frames: Frames) -> None:
    path.write_bytes(next(frames).tobytes()[:64])


def test_write_all_writes_each_once_with_progress(tmp_path: Path) -> None:
    steps: list[Progress] = []
    files = samples.write_all(tmp_path / "clips", steps.append, people=1, write=write_two_frames)
    assert [file.path.name for file in files] == [f"{sample.name}.mp4" for sample in samples.plan(1)]
    assert [step.done for step in steps] == list(range(9))
    assert sorted(path.name for path in (tmp_path / "clips").iterdir()) == sorted(file.path.name for file in files)


def test_write_all_keeps_what_is_there_and_stops_when_asked(tmp_path: Path) -> None:
    kept = tmp_path / "synthetic-anna-walking.mp4"
    kept.write_text("already here")
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        samples.write_all(tmp_path, should_stop=lambda: next(asked), people=1, write=write_two_frames)
    assert kept.read_text() == "already here"
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["synthetic-anna-jogging.mp4", "synthetic-anna-walking.mp4"]


def test_a_failed_write_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    def fail(path: Path, _frames: Frames) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        samples.write_all(tmp_path, people=1, write=fail)
    assert [path.name for path in tmp_path.glob("*walking.mp4")] == []
