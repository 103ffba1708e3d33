"""What goes to the map in the browser as bytes, and what is believed of what comes back."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import scatter
from pages.parts.scatter import Groups, Values
from tests.pages.conftest import pieces


def drawn() -> None:
    import numpy as np  # the script of an AppTest stands alone

    from pages.parts.scatter import Groups, scatter

    places = np.asarray([[0.5, -1.0], [2.0, 3.0], [4.0, 5.0]], np.float32)
    scatter(places, Groups.of(["walking", "", "running"], "no label"), key="map", alt="Three.", chosen=[2], seen=4)


def bytes_of(address: str) -> bytes:
    assert address.startswith("data:application/octet-stream;base64,")
    return base64.b64decode(address.partition(",")[2])


def test_places_colours_and_what_is_chosen_go_over_as_bytes():
    (told,) = pieces(AppTest.from_function(drawn).run(), "motionbook_scatter")
    assert np.frombuffer(bytes_of(told["places"]), "<f4").tolist() == [0.5, -1, 2, 3, 4, 5]
    assert told["names"] == ["running", "walking", "no label"] and list(bytes_of(told["levels"])) == [1, 2, 0]
    assert len(set(told["palette"])) == 3 and told["ramp"] is None
    assert base64.b64decode(told["chosen"]) == bytes([0b100]) and (told["count"], told["seen"]) == (3, 4)


@pytest.mark.parametrize("count", [0, 1, 8, 9, 50_000])
def test_bits_hold_any_choice_and_come_back(count: int):
    chosen = np.flatnonzero(np.random.default_rng(count).random(count) < 0.3)
    text = scatter.bits(chosen, count)
    found = scatter.points_of(text, count)
    assert found is not None and found.tolist() == chosen.tolist()
    assert len(text) <= 4 * ((count + 7) // 8) / 3 + 4


@pytest.mark.parametrize("text", ["", "AAAA", "?", "ÿ"])
def test_bits_of_another_map_are_nothing(text: str):
    assert scatter.points_of(text, 9) is None


def test_a_scale_runs_from_the_lowest_to_the_highest_and_knows_what_is_missing():
    told = scatter._colours(Values(np.asarray([0.25, np.nan, 0.75, 0.5]), "like waving"), "map", "light")
    assert list(bytes_of(told["levels"])) == [1, 0, 255, 128]
    assert told["ramp"] == {"low": "0.25", "high": "0.75", "title": "like waving"} and len(told["palette"]) == 256
    same = scatter._colours(Values(np.asarray([0.5, 0.5]), "one number"), "map", "light")
    assert len(set(bytes_of(same["levels"]))) == 1


def test_more_groups_than_a_byte_holds_take_two():
    many = scatter._colours(Groups.of([f"source {number}" for number in range(300)], "unknown"), "map", "dark")
    assert many["wide"] and len(set(np.frombuffer(bytes_of(many["levels"]), "<u2").tolist())) == 300


@pytest.mark.parametrize(
    ("told", "kind", "points"),
    [
        ({"kind": "choose", "bits": "BQ==", "count": 3}, "choose", [0, 2]),
        ({"kind": "open", "point": 2, "count": 1}, "open", [2]),
        ({"point": 1, "count": 1}, "hover", [1]),
    ],
)
def test_what_the_browser_says_of_dots_that_are_here(told: dict, kind: str, points: list[int]):
    event = scatter._event(told, 3)
    assert event is not None and (event.kind, event.points.tolist(), event.count) == (kind, points, told["count"])


@pytest.mark.parametrize(
    "told",
    [None, [], {}, {"kind": "choose"}, {"kind": "choose", "bits": 5}, {"kind": "choose", "bits": "AAAA"}, {"point": 3},
     {"point": -1}, {"point": True}, {"point": "1"}, {"kind": "open", "point": 1.5}, {"point": 1, "count": "many"}],
)  # fmt: skip
def test_what_names_no_dot_of_this_map_is_nothing(told: object):
    assert scatter._event(told, 3) is None


def test_places_need_two_numbers_each():
    with pytest.raises(ValueError, match="must be"):
        scatter.scatter(np.zeros((3, 3), np.float32), Groups.of(["a"] * 3, "none"), key="map", alt="")
