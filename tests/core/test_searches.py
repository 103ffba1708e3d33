"""The written form of searches and filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core import filtering
from core.errors import BadQuery
from core.filtering import Filters
from core.queries import parse
from core.searches import PARAMS, Search, read

TEXTS = ("label:running", "clip:3fa9c1@2.0-4.5", 'text:"climbing a fence" AND label:night', "clip:aabbcc - label:a&b=c")
NAMES = some.text(some.characters(categories=("L", "N", "P", "Zs")), max_size=12).map(lambda name: " ".join(name.split()))
LIKED = some.lists(some.sampled_from(["clip:3fa9c1", "clip:aabbcc@1.0-2.25", "clip:77aa01"]).map(parse), max_size=2, unique=True)


def moments(limit: float) -> Any:
    return some.none() | some.floats(0, limit, allow_nan=False)


def ordered(pair: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    return pair if None in pair else (min(pair), max(pair))  # type: ignore[type-var]


FILTERS = some.builds(
    lambda labels, sources, added, length, synthetic: Filters(tuple(labels), tuple(sources), *added, *length, synthetic),
    some.lists(NAMES, max_size=3),
    some.lists(NAMES, max_size=3),
    some.tuples(moments(filtering.LATEST), moments(filtering.LATEST)).map(ordered),
    some.tuples(moments(1e6), moments(1e6)).map(ordered),
    some.none() | some.booleans(),
)
SEARCHES = some.builds(
    lambda queries, more, less, weights, **rest: Search(
        tuple(queries),
        more=tuple(more),
        less=tuple(one for one in less if one not in more),
        weights=tuple(weights.items()),
        **rest,
    ),
    some.lists(some.sampled_from(TEXTS).map(parse), max_size=3),
    LIKED,
    LIKED,
    some.dictionaries(some.sampled_from(["rgb", "flow", "skeleton"]), some.floats(0, 4, allow_nan=False)),
    encoder=some.sampled_from(["", "toy", "fused"]),
    top=some.integers(1, 500),
    filters=FILTERS,
    moments=some.booleans(),
    own=some.sampled_from(["mark", "show", "hide"]),
    fold=some.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(SEARCHES)
def test_a_search_reads_back_as_itself_through_an_address(search: Search) -> None:
    written = search.params()
    assert set(written) <= set(PARAMS)
    address = urlencode(written, doseq=True)
    assert read(parse_qs(address, keep_blank_values=True)) == (search, [])
    assert read(written, ["toy", "fused"]) == (search, [])


@settings(deadline=None, max_examples=300)
@given(
    some.dictionaries(
        some.sampled_from(PARAMS) | some.text(max_size=6), some.text(max_size=30) | some.lists(some.text(max_size=30), max_size=4)
    )
)
def test_whatever_a_link_holds_nothing_raises(params: dict[str, Any]) -> None:
    search, complaints = read(params, ["toy"])
    assert read(search.params()) == (search, [])
    assert all(isinstance(text, str) for text in complaints)


@pytest.mark.parametrize(
    ("params", "hint"),
    [
        ({"q": "running"}, "kind:value"),
        ({"q": "file:/etc/passwd"}, "command line only"),
        ({"q": "label:a AND file:/etc/passwd"}, "command line only"),
        ({"q": [f"label:{n}" for n in range(17)]}, "at most 16"),
        ({"encoder": "nope"}, "encoder"),
        ({"top": "501"}, "from 1 to 500"),
        ({"top": "-1"}, "from 1 to 500"),
        ({"own": "burn"}, "mark, show, hide"),
        ({"more": "label:running"}, "clip or a part"),
        ({"w": "rgb=1"}, "rgb:0.5"),
        ({"after": "yesterday"}, "2026-11-24"),
        ({"before": "0001-01-01"}, "1970"),
        ({"min": "nan"}, "must be from 0"),
        ({"min": "5", "max": "2"}, "exchange"),
        ({"synthetic": "maybe"}, "only or no"),
        ({"label": "a\x00b"}, "printable"),
        ({"label": [str(n) for n in range(300)]}, "at most 200"),
    ],
)
def test_what_cannot_be_understood_is_told_and_left_out(params: dict[str, Any], hint: str) -> None:
    search, complaints = read(params, ["toy", "fused"])
    assert len(complaints) == 1 and hint in complaints[0]
    rest, none = read({name: value for name, value in params.items() if name not in ("q", "label", "min")}, [])
    assert search.encoder == "" and search.top in (24, rest.top) and isinstance(none, list)


def test_file_queries_are_read_where_they_may_be_asked() -> None:
    search, complaints = read({"q": "file:/films/a.mp4"}, files=True)
    assert complaints == [] and search.queries == (parse("file:/films/a.mp4"),)


def test_the_written_form_is_short_and_names_days() -> None:
    search = Search((parse("label:running"),), filters=Filters(added_after=1764547200.0, added_before=1764547261.0))
    assert search.params() == {"q": ["label:running"], "after": "2025-12-01", "before": "2025-12-01T00:01:01Z"}
    assert Search().params() == {} and not Search().asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"top": 0},
        {"own": "burn"},
        {"more": (parse("label:a"),)},
        {"more": (parse("clip:3fa9c1"),), "less": (parse("clip:3fa9c1"),)},
        {"weights": (("rgb", 5.0),)},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadQuery):
        Search((parse("label:running"),), **wrong)


def test_filters_are_checked() -> None:
    with pytest.raises(BadQuery, match="exchange"):
        Filters(shortest_seconds=5, longest_seconds=2)
    with pytest.raises(BadQuery, match="longest_seconds"):
        Filters(longest_seconds=float("inf"))
    assert not Filters() and Filters(labels=("",))
