"""What Python hands to the grid of looping films, and what it believes of what the grid says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.parts.previews import FOLD, TOOLS, Event, _event
from tests.pages.conftest import pieces, sound

KINDS, KNOWN = frozenset((*TOOLS, FOLD)), frozenset(("one", "two"))

anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(anything, anything)
def test_whatever_a_browser_says_is_no_event_unless_it_names_a_tool_and_a_card(told, inner):
    event = _event(told, KINDS, KNOWN)
    assert event is None or (event.kind in KINDS and event.key in KNOWN)
    found = _event({"kind": "pick", "key": "one", "picks": [inner, ["two", inner], ["three", True]]}, KINDS, KNOWN)
    assert found is not None and {name for name, _ in found.picks} <= KNOWN
    assert _event({"kind": inner, "key": "one"}, frozenset(("more",)), KNOWN) is None or inner == "more"


def test_ticks_that_were_made_quickly_come_together():
    told = {"kind": "pick", "key": "two", "picks": [["one", True], ["two", False]], "count": 7}
    assert _event(told, KINDS, KNOWN) == Event("pick", "two", (("one", True), ("two", False)))
    assert _event(told, KINDS - {"pick"}, KNOWN) is None
    assert _event({"kind": "fold", "key": "one", "picks": [["one", True]]}, frozenset((FOLD,)), KNOWN) == Event("fold", "one")


def page(gone):
    from pages.parts.previews import Card, previews

    previews(
        [Card("one", gone, "video/mp4", -1, 2.5, "a <b>&", ("line",), ("own source",), True, sorry="not here")],
        key="grid", tools=("pick",),
    )  # fmt: skip


def test_texts_go_over_as_they_are_and_a_file_that_is_gone_is_no_error(tmp_path):
    (told,) = pieces(sound(AppTest.from_function(page, args=(tmp_path / "gone.mp4",)).run()), "motionbook_previews")
    (card,) = told["cards"]
    assert (card["title"], card["start"], card["end"], card["picked"], card["url"], card["sorry"]) == (
        "a <b>&", 0.0, 2.5, True, "", "not here",
    )  # fmt: skip
    assert told["tools"] == ["pick"]
