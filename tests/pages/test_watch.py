"""Watch: its address, its filters, and what it believes of what the browser says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from core.flags import Flag
from pages.parts.watch_answer import LONGEST_PREVIEW_SECONDS, preview_span
from pages.parts.watch_asking import WatchAsked, beside, read, shown
from pages.parts.watch_player import MOST_POINTS, Course, _course, _event

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = some.text(min_size=1, max_size=6)


def flag(number: int, start: float, sure: float, clip: str = "a", verdict: str = "", concept: str = "fight") -> Flag:
    return Flag(concept, start, start + 2, start + 1, 0.4, sure, sure, clip, flag_id=number, verdict=verdict)


few = some.lists(names, max_size=3, unique=True)


@given(
    few, some.sampled_from(["label", "source", "clips"]), few,
    some.integers(0, 100), some.sampled_from(["all", "open", "accepted", "rejected"]), some.integers(0, 2**40),
)  # fmt: skip
def test_the_address_is_the_view(concepts, place, where, sure, verdict, number):
    asked = WatchAsked(
        "rules", tuple(concepts), place if where else "all", tuple(where), number, verdict, "fight/kick", sure, "cam", "sure", 3
    )
    params = {name: [value] if isinstance(value, str) else value for name, value in asked.params().items()}
    assert read(params) == (asked, [])


@given(
    some.dictionaries(
        some.sampled_from(["view", "concept", "where", "scan", "sure", "verdict", "sort", "flag"]),
        some.lists(some.text(), max_size=3),
    )
)
def test_whatever_a_link_holds_is_a_view(params):
    asked, _ = read(params)
    assert asked.place in ("all", "label", "source", "clips") and 0 <= asked.sure <= 100


def test_a_link_opens_no_folder_of_this_machine():
    asked, complaints = read({"where": ["folder:/etc"]})
    assert asked.place == "all" and len(complaints) == 1
    assert "where" not in WatchAsked(place="folder", names=("/etc",)).params()


def test_flags_of_a_film_stay_together_whatever_the_order():
    flags = [
        flag(1, 0, 0.2),
        flag(2, 9, 0.9, "b"),
        flag(3, 5, 0.95),
        flag(4, 1, 0.1, "b", "rejected"),
        flag(5, 7, 0.5, "c", concept="run"),
    ]
    assert [one.flag_id for one in shown(flags, WatchAsked(), {})] == [1, 3, 4, 2, 5]
    assert [one.flag_id for one in shown(flags, WatchAsked(sort="sure"), {})] == [3, 1, 2, 4, 5]
    assert [one.flag_id for one in shown(flags, WatchAsked(sort="unsure"), {})] == [4, 2, 1, 3, 5]
    assert [one.flag_id for one in shown(flags, WatchAsked(verdict="open", sure=50), {})] == [2, 3, 5]
    assert [one.flag_id for one in shown(flags, WatchAsked(source="yard", only="fight"), {"a": "yard"})] == [1, 3]


def test_where_a_flag_was_filtered_out_its_neighbour_is_looked_at():
    flags = [flag(1, 0, 0.2), flag(3, 5, 0.9)]
    assert beside(flags, 3, ()) == 3
    assert beside(flags, 2, (1, 2, 3)) == 3
    assert beside(flags, 4, (1, 3, 4)) == 3
    assert beside(flags, 99, (1, 3)) == 1
    assert beside([], 1, (1,)) == 0


@given(anything, anything)
def test_whatever_a_browser_says_decides_only_what_it_may(told, inner):
    for event in (
        _event(told, frozenset((1,))),
        _event({"kind": "decide", "flag": inner, "serial": 3, "steps": [inner, told]}, frozenset((1,))),
    ):
        assert event is None or (
            event.flag_id in (0, 1) and all(step.verdict in ("", "accepted", "rejected") for step in event.steps)
        )
    said = {"kind": "decide", "flag": 1, "serial": 9, "steps": [{"serial": 8, "flag": 1, "verdict": "rejected", "undo": inner}]}
    event = _event(said, frozenset((1,)))
    assert event is not None and event.steps[0].verdict == "rejected" and event.steps[0].undo is (inner is True)


def test_a_long_course_keeps_its_peaks():
    scores = np.zeros(100_000)
    scores[77_777] = 5.0
    scores[3] = np.nan
    told = _course(Course("fight", np.arange(100_000) * 0.5, scores, scores, scores, 2.0))
    assert len(told["values"]) == MOST_POINTS and max(told["values"]) == 5.0
    assert told["low"] < 0 and told["high"] > 5 and told["threshold"] == 2.0


def test_a_long_flag_is_shown_around_its_peak():
    assert preview_span(Flag("fight", 1.0, 4.0, 2.0, 0, 0)) == (1.0, 4.0)
    start, end = preview_span(Flag("fight", 10.0, 100.0, 99.0, 0, 0))
    assert end == 100.0 and end - start == LONGEST_PREVIEW_SECONDS
