"""The advice: exams made by hand, so that the right sentence can be told beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.choosing import Candidate, advise, chart, difference, duration, frontier, sample, within_noise
from core.clips import Clip, VideoInfo
from core.evaluating import Exam
from core.speed import Speed, Spread

INFO = VideoInfo("mov,mp4", "h264", 64, 48, 1.0, 10, 10.0)


def exam(encoder: str, wrong: set[int], count: int = 100, people: int = 10) -> Exam:
    """Clips numbered from 0, dealt to the people along a diagonal; ``wrong`` are those that did not find their action first."""
    first = np.array([number not in wrong for number in range(count)])
    ids = tuple(f"{number:064x}" for number in range(count))
    return Exam(
        encoder,
        ids,
        tuple(f"person {(number + number // 10) % people}" for number in range(count)),
        first,
        first.astype(float),
        count,
    )


def speed(encoder: str, seconds: float) -> Speed:
    spread = Spread(seconds, 0.9 * seconds, 1.1 * seconds)
    return Speed(encoder, f"{encoder}-1", "a machine", "an engine", spread, spread, 10, 5, 0.0)


def candidate(encoder: str, wrong: set[int] | None, seconds: float | None, **values: int) -> Candidate:
    made = exam(encoder, wrong) if wrong is not None else None
    return Candidate(encoder, encoder.title(), speed(encoder, seconds) if seconds else None, made, **values)


def every(step: int, start: int = 0) -> set[int]:
    return set(range(start, 100, step))


# -- which clips --------------------------------------------------------------------------------------------------------


def labelled(*rows: tuple[str, str]) -> list[Clip]:
    return [Clip(f"{n:064x}", f"{n}.mp4", label, source, 1, INFO, 0.0) for n, (label, source) in enumerate(rows)]


def test_a_sample_is_spread_over_labels_and_the_same_people() -> None:
    clips = labelled(*[(label, f"person {p}") for label in ("run", "walk", "wave") for p in range(10) for _ in range(4)])
    chosen = sample(clips, 12)
    assert {label: sum(clip.label == label for clip in chosen) for label in ("run", "walk", "wave")} == dict.fromkeys(
        ("run", "walk", "wave"), 4
    )
    people = {label: {clip.source for clip in chosen if clip.label == label} for label in ("run", "walk", "wave")}
    assert len(people["run"]) == 4 and people["run"] == people["walk"] == people["wave"]
    assert sample(clips[::-1], 12) == chosen
    assert len(sample(clips, 1000)) == 120


def test_clips_that_have_nothing_to_find_are_not_asked() -> None:
    clips = labelled(("run", "a"), ("run", "b"), ("walk", "a"), ("walk", "a"), ("", "b"), ("jump", ""), ("jump", ""))
    chosen = sample(clips)
    assert [clip.label for clip in chosen] == ["jump", "run", "jump", "run"]
    assert {clip.name for clip in chosen} == {"0.mp4", "1.mp4", "5.mp4", "6.mp4"}


# -- differences --------------------------------------------------------------------------------------------------------


def test_a_difference_is_taken_clip_by_clip() -> None:
    better, worse = exam("better", every(20)), exam("worse", every(5))
    told = difference(better, worse)
    assert told.value == pytest.approx(0.15) and told.low > 0
    assert not within_noise(better, worse) and not within_noise(worse, better)
    assert difference(worse, better).value == pytest.approx(-0.15)


def test_one_person_who_differs_is_no_evidence() -> None:
    """All of the difference comes from person 0: drawn anew, she is often missing."""
    whole = exam("a", set())
    without = exam("b", {number for number, source in enumerate(whole.sources) if source == "person 0"})
    assert difference(whole, without).value == pytest.approx(0.1)
    assert within_noise(whole, without)


def test_exams_of_different_clips_are_compared_on_the_shared_ones() -> None:
    long, short = exam("a", {0, 1}, count=100), exam("b", {0}, count=10)
    assert difference(long, short).value == pytest.approx(-0.1)
    other = Exam("c", ("f" * 64,), ("x",), np.array([True]), np.ones(1), 1)
    assert np.isnan(difference(long, other).value)


# -- the frontier and the advice ----------------------------------------------------------------------------------------


def test_the_frontier_holds_what_nobody_beats_in_both() -> None:
    many = [
        candidate("slow", every(20), 9.0),
        candidate("good", every(10), 3.0),
        candidate("beaten", every(5), 4.0),
        candidate("quick", every(3), 0.5),
        candidate("untimed", set(), None),
        candidate("unexamined", None, 0.1),
    ]
    assert frontier(many) == ("quick", "good", "slow")


def test_a_chart_has_those_with_both_numbers() -> None:
    names, seconds, quality = chart([candidate("a", every(10), 3.0), candidate("b", every(5), None), candidate("c", None, 1.0)])
    assert names == ["a"] and seconds.tolist() == [[3.0, pytest.approx(2.7), pytest.approx(3.3)]]
    assert quality[0, 0] == 0.9 and quality[0, 1] < 0.9 < quality[0, 2]
    assert chart([])[1].shape == (0, 3)


def test_the_best_is_taken_and_the_quick_one_is_named() -> None:
    told = advise([candidate("fused", every(25), 1.4), candidate("i3d-rgb", every(6), 0.46)])
    assert told.take == "fused"
    assert told.sentence.startswith("Take fused: it finds the same action first for 0.96 of 100 clips (0.9")
    assert "of 10 sources, and takes 1.4 s a window here." in told.sentence
    assert told.sentence.endswith("i3d-rgb is 3.0x quicker and finds it for 0.83.")
    assert told.frontier == ("i3d-rgb", "fused") and told.notes == ()


def test_a_quick_one_that_finds_little_is_no_choice() -> None:
    told = advise([candidate("fused", every(25), 1.4), candidate("toy", every(2), 0.01)])
    assert told.take == "fused" and "toy" not in told.sentence


def test_of_two_that_are_as_good_the_quicker_is_taken() -> None:
    told = advise([candidate("big", {1, 2, 3}, 3.0), candidate("small", {1, 2, 3, 4}, 1.0)])
    assert told.take == "small"
    assert "big finds it for 0.97, which these clips cannot tell from that." in told.sentence


def test_a_doubtful_but_large_difference_is_not_given_up_for_speed() -> None:
    one_person = {number for number, source in enumerate(exam("a", set()).sources) if source == "person 0"}
    told = advise([candidate("big", set(), 3.0), candidate("small", one_person, 1.0)])
    assert told.take == "big"
    assert any("Within noise of big" in note and "small" in note for note in told.notes)


def test_what_is_missing_is_said() -> None:
    told = advise([candidate("known", every(10), None), candidate("new", None, 1.0, lacking=110, missing=600)])
    assert told.take == "known" and "window" not in told.sentence
    assert told.notes == (
        "known has not been timed on this machine.",
        "new has not sat this exam: 110 of its clips must be embedded first.",
    )


def test_a_speed_beside_other_work_is_doubted() -> None:
    busy = candidate("a", every(10), 1.0)
    assert busy.speed is not None
    (note,) = advise([replace(busy, speed=replace(busy.speed, free=0.3))]).notes
    assert note.startswith("a was timed while other work left it 30% of the processor")


def test_too_few_labels_give_no_advice() -> None:
    few = Candidate("a", "A", None, exam("a", set(), count=20))
    assert advise([few]).take is None and "20 clips of 10 sources" in advise([few]).sentence
    alone = Candidate("a", "A", None, exam("a", set(), count=90, people=3))
    assert advise([alone]).take is None and "of 3 sources" in advise([alone]).sentence
    assert "two labels" in advise([candidate("a", None, 1.0)]).sentence
    assert "measure" in advise([candidate("a", None, 1.0, lacking=3)]).sentence
    assert "fetch weights" in advise([]).sentence


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0042, "4.2 ms"), (0.085, "85 ms"), (1.44, "1.4 s"), (0.996, "1.0 s"), (42.0, "42.0 s"), (180.0, "3 min")],
)
def test_times_have_two_or_three_digits(seconds: float, text: str) -> None:
    assert duration(seconds) == text
