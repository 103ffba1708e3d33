import numpy as np

from core.decoding.schedule import Schedule, passes


def picture(level: int) -> np.ndarray:
    return np.full((1, 1, 3), level, np.uint8)


def levels(window: np.ndarray) -> list[int]:
    return window[:, 0, 0, 0].tolist()


def test_a_moment_gets_the_picture_shown_before_it() -> None:
    schedule = Schedule([np.array([0.05, 0.15, 0.16, 0.35])])
    given = []
    for level, until in [(1, 0.1), (2, 0.2), (3, 0.3), (4, np.inf)]:
        if schedule.wants(until):
            schedule.fill(picture(level), until)
        given += [levels(window) for window in schedule.complete()]
    assert given == [[1, 2, 2, 4]]


def test_a_moment_on_the_border_belongs_to_the_frame_that_begins() -> None:
    schedule = Schedule([np.array([0.1 - 1e-9])])
    assert not schedule.wants(0.1)


def test_moments_may_go_back_and_repeat_within_a_window() -> None:
    schedule = Schedule([np.array([0.25, 0.05, 0.25, 0.15])])
    for level, until in [(1, 0.1), (2, 0.2), (3, np.inf)]:
        schedule.fill(picture(level), until)
    assert [levels(window) for window in schedule.complete()] == [[3, 1, 3, 2]]


def test_overlapping_windows_share_pictures_and_come_in_order() -> None:
    schedule = Schedule([np.array([0.0, 0.3]), np.array([0.1]), np.array([0.2, 0.4])])
    given = []
    for level in range(5):
        schedule.fill(picture(level), (level + 0.5) / 10)
        given.append([levels(window) for window in schedule.complete()])
    assert given == [[], [], [], [[0, 3], [1]], [[2, 4]]]
    assert schedule.next_moment is None


def test_windows_that_go_back_start_a_new_pass() -> None:
    first, second, third = np.array([0.0, 1.0]), np.array([0.5, 1.5]), np.array([0.2])
    assert [len(run) for run in passes([first, second, third])] == [2, 1]
    assert list(passes([])) == []
