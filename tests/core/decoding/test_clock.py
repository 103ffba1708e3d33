import pytest

from core.decoding.clock import FrameClock, PacketSpan, nominal_step_seconds


def times(stamps: list[float | None], step_seconds: float = 0.1) -> list[float]:
    clock = FrameClock(step_seconds)
    return [round(clock.time(stamp), 6) for stamp in stamps]


def test_the_first_frame_is_at_zero() -> None:
    assert times([7.0, 7.04, 7.5]) == [0.0, 0.04, 0.5]


def test_missing_stamps_count_on() -> None:
    assert times([None, None, None]) == [0.0, 0.1, 0.2]
    assert times([None, 5.0, 5.5, None]) == [0.0, 0.1, 0.6, 0.7]


def test_a_late_frame_does_not_turn_time_back() -> None:
    assert times([0.0, 0.1, 0.3, 0.2, 0.4]) == [0.0, 0.1, 0.3, 0.3, 0.4]


def test_a_restarted_clock_goes_on() -> None:
    assert times([100.0, 100.1, 100.2, 0.0, 0.1]) == [0.0, 0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(("rate", "step"), [(50.0, 0.02), (None, 0.04), (0.0, 0.04), (90000.0, 0.04), (1.0, 1.0)])
def test_incredible_rates_are_replaced(rate: float | None, step: float) -> None:
    assert nominal_step_seconds(rate) == step


def spanned(packets: list[tuple[float | None, float | None, float | None]], step_seconds: float = 0.1) -> PacketSpan:
    span = PacketSpan(step_seconds)
    for packet in packets:
        span.add(*packet)
    return span


def test_duration_ends_with_the_last_shown_frame_whatever_the_decoding_order() -> None:
    span = spanned([(5.0, 4.8, 0.1), (5.3, 4.9, 0.1), (5.1, 5.0, 0.1), (5.2, 5.1, 0.1)])
    assert span.duration_seconds() == pytest.approx(0.4)
    assert span.duration_seconds(5.1) == pytest.approx(0.3)


def test_an_unknown_last_length_is_the_usual_one() -> None:
    assert spanned([(0.0, 0.0, None), (0.2, 0.2, None), (0.4, 0.4, None)]).duration_seconds() == pytest.approx(0.6)


def test_without_stamps_frames_are_counted() -> None:
    assert spanned([(None, None, None)] * 5).duration_seconds() == pytest.approx(0.5)


def test_joined_recordings_add_up() -> None:
    first = [(10.0 + i / 10, 10.0 + i / 10, 0.1) for i in range(20)]
    second = [(i / 10, i / 10, 0.1) for i in range(20)]
    assert spanned([*first, *second]).duration_seconds() == pytest.approx(4.0)
