"""Cadence: courses whose rhythm is known, courses without one, and real people whose steps were counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.cadence import cadence, likeness, passages, peak_of
from core.motion.course import CELLS, NUMBERS, mirrored, of_velocity
from core.pacing import packed, unpacked, watch
from core.settings import Settings
from tests.tiny import make_clip

FPS = 25.0


def walker(per_minute: float, seconds: float = 6.0, *, fps: float = FPS, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Rows (n, 12) and activity (n,) of something that repeats ``per_minute`` times, in a wave with an overtone."""
    random = np.random.default_rng(0)
    phase = 2 * np.pi * per_minute / 60 * np.arange(int(seconds * fps)) / fps
    waves = np.stack([np.sin(phase), np.cos(phase), 0.5 * np.sin(2 * phase)], axis=1)
    rows = waves @ random.normal(size=(3, 12)) + noise * random.normal(size=(len(phase), 12))
    return rows.astype(np.float32), np.ones(len(phase))


@pytest.mark.parametrize("per_minute", [30, 56, 100, 143, 176, 210])
def test_a_known_rhythm_is_found(per_minute):
    found = cadence(*walker(per_minute), FPS)
    assert found.per_minute == pytest.approx(per_minute, rel=0.02) and found.steps_per_minute == found.per_minute
    assert found.low <= found.per_minute <= found.high and found.confidence > 0.6 and found.reason == ""


def test_a_rhythm_in_two_passages_with_nobody_between_them():
    rows, activity = walker(143, 1.2)
    away = np.random.default_rng(1).normal(size=(50, 12)).astype(np.float32)
    quiet = np.full(50, 0.02)
    found = cadence(
        np.concatenate([away, rows, away, rows, away]), np.concatenate([quiet, activity, quiet, activity, quiet]), FPS
    )
    assert found.per_minute == pytest.approx(143, rel=0.04)
    assert found.moving_seconds == pytest.approx(2.4, abs=0.3)


@pytest.mark.parametrize(
    ("rows", "activity", "told"),
    [
        (np.cumsum(np.random.default_rng(2).normal(size=(150, 12)), axis=0), np.ones(150), "does not come back"),
        (np.random.default_rng(3).normal(size=(150, 12)), np.ones(150), "does not come back"),
        (np.zeros((150, 12)), np.zeros(150), "nobody moves long enough"),
        (np.zeros((10, 12)), np.ones(10), "too short"),
        (np.zeros((0, 12)), np.zeros(0), "too short"),
    ],
)
def test_no_rhythm_says_why(rows, activity, told):
    found = cadence(rows.astype(np.float32), activity, FPS)
    assert found.per_minute is None and found.low is None and told in found.reason


def test_a_rhythm_in_a_small_part_is_not_told_as_that_of_the_whole():
    rows, _ = walker(120, 2.0)
    other = np.random.default_rng(5).normal(size=(500, 12)).astype(np.float32)
    found = cadence(np.concatenate([rows, other]), np.ones(550), FPS)
    assert found.per_minute is None and "12" in found.reason and "a minute would fit best" in found.reason


def test_from_the_front_a_stride_is_two_steps():
    """The left half of the picture moves, then the right half: a mirror tells that each is a step."""
    swing = np.sin(2 * np.pi * 1.0 * np.arange(150) / FPS)  # one stride a second
    velocity = np.zeros((150, 24, 24, 2), np.float32)
    velocity[:, 14:, :12, 1] = np.maximum(swing, 0)[:, None, None]
    velocity[:, 14:, 12:, 1] = np.maximum(-swing, 0)[:, None, None]
    velocity += np.random.default_rng(6).normal(0, 0.02, velocity.shape).astype(np.float32)
    course = of_velocity(velocity, FPS)
    assert course.rows.shape == (150, CELLS * CELLS * NUMBERS)
    assert cadence(course.rows, course.activity, FPS).per_minute == pytest.approx(60, rel=0.03)
    assert cadence(course.rows, course.activity, FPS, mirror=mirrored(course.rows)).per_minute == pytest.approx(120, rel=0.03)
    assert np.array_equal(mirrored(mirrored(course.rows)), course.rows)


def test_the_peak_lies_between_pictures():
    delays = np.arange(30)
    assert peak_of(np.cos(2 * np.pi * delays / 9.4), 4)[0] == pytest.approx(9.4, abs=0.05)
    assert peak_of(0.1 * np.cos(2 * np.pi * delays / 9.4), 4) is None, "too faint"
    doubled = np.cos(2 * np.pi * delays / 20) * 0.6 + np.cos(2 * np.pi * delays / 10) * 0.4
    assert peak_of(doubled, 4)[0] == pytest.approx(20, abs=0.3), "half way it is less than nearly as alike"


def test_likeness_is_a_correlation():
    rows = np.random.default_rng(7).normal(size=(40, 3))
    found = likeness(rows, rows, 10)
    assert found[0] == pytest.approx(1) and (np.abs(found) <= 1 + 1e-9).all()
    assert likeness(np.ones((40, 3)), np.ones((40, 3)), 5) == pytest.approx(np.zeros(6)), "no motion, no likeness"


def test_passages_close_pauses_and_leave_out_what_is_short():
    activity = np.zeros(200)
    activity[20:60], activity[68:110], activity[150:160] = 1, 1, 1
    ((first, last),) = passages(activity, FPS)
    assert abs(first - 20) <= 2 and abs(last - 110) <= 2


def test_a_course_survives_its_file(tmp_path: Path):
    path = make_clip(tmp_path / "a.mp4", 3, count=20)
    course = watch(path, Settings.from_environment(home=tmp_path), (0.5, 1.5))
    assert (len(course.rows), course.fps, course.start_seconds) == (9, 10.0, 0.5)
    again = unpacked(packed(course))
    assert np.allclose(again.rows, course.rows, atol=1e-3) and np.array_equal(again.activity, course.activity)
    assert len(again.cut(0.8, 1.2).rows) == 4 and again.cut(0.8, 1.2).start_seconds == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("kth/jogging/mohitkumarahuja__person01_jogging_d3_uncomp.avi", 142),
        ("weizmann/run/ido_run.avi", 146),
        ("weizmann/bend/ira_bend.avi", None),
    ],
)
def test_real_people(real_clips: Path, tmp_path: Path, name: str, counted: float | None):
    """Counted by hand, docs/time.md."""
    course = watch(real_clips / name, Settings.from_environment(home=tmp_path), (0.0, 7.0))
    found = cadence(course.rows, course.activity, course.fps, mirror=mirrored(course.rows))
    assert found.per_minute == (None if counted is None else pytest.approx(counted, rel=0.06))
