"""The written form of queries."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import BadQuery
from core.queries import AND, DEPTH_LIMIT, KINDS, LENGTH_LIMIT, MINUS, SPANNED, Query, joined, parse

RUNNING, ANNA, WALKING = Query("label", "running"), Query("source", "anna"), Query("label", "walking")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("label:running", RUNNING),
        ("  LABEL: hand waving ", Query("label", "hand waving")),
        ('label:"hand waving"', Query("label", "hand waving")),
        ("action:playing cricket", Query("action", "playing cricket")),
        ("action:passing American football (in game)", Query("action", "passing American football (in game)")),
        ("file:/a/b:c.mp4", Query("file", "/a/b:c.mp4")),
        ("file:/films/Anna - running.mp4", Query("file", "/films/Anna - running.mp4")),
        ("clip:3fa9c1", Query("clip", "3fa9c1")),
        ("clip:3fa9c1@2-4.5", Query("clip", "3fa9c1", span=(2.0, 4.5))),
        ("take:3fa9c1@2-4.5", Query("take", "3fa9c1", span=(2.0, 4.5))),
        ("clips: 3fa9c1, 88AB12 ,3fa9c1", Query("clips", "3fa9c1,88ab12")),
        ("clips:3fa9c1,88ab12 - label:running", Query(MINUS, parts=(Query("clips", "3fa9c1,88ab12"), RUNNING))),
        ('text:"running fast"', Query("text", "running fast")),
        ("text:running fast", Query("text", "running fast")),
        (
            'text:"running"{"running on treadmill"=0.3, jogging = .7}',
            Query("text", "running", mix=(("jogging", 0.7), ("running on treadmill", 0.3))),
        ),
        (r'label:"say \"ah\" and \\o/"', Query("label", r'say "ah" and \o/')),
        ("label:running AND source:anna", Query(AND, parts=(RUNNING, ANNA))),
        ("label:running - label:walking", Query(MINUS, parts=(RUNNING, WALKING))),
        ("(label:running)", RUNNING),
        ("label:running - label:walking AND source:anna", Query(MINUS, parts=(RUNNING, Query(AND, parts=(WALKING, ANNA))))),
        ("(label:running - label:walking) AND source:anna", Query(AND, parts=(Query(MINUS, parts=(RUNNING, WALKING)), ANNA))),
        ("label:running-away", Query("label", "running-away")),
        ("label:rock and roll", Query("label", "rock and roll")),
        ("label:ANDROID", Query("label", "ANDROID")),
    ],
)
def test_queries_are_read(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("query", "written"),
    [
        (RUNNING, "label:running"),
        (Query("action", "playing cricket"), "action:playing cricket"),
        (Query("text", "running"), 'text:"running"'),
        (Query("clip", "3fa9c1", span=(2, 4.5)), "clip:3fa9c1@2.0-4.5"),
        (Query("label", "a - b"), 'label:"a - b"'),
        (Query("label", "this AND that"), 'label:"this AND that"'),
        (Query("label", ":-)"), 'label:":-)"'),
        (Query("text", "running", mix=(("running on treadmill", 0.3), ("jogging", 0.7))),
         'text:"running"{jogging=0.7,"running on treadmill"=0.3}'),
        (Query(MINUS, parts=(Query(MINUS, parts=(RUNNING, WALKING)), ANNA)), "label:running - label:walking - source:anna"),
        (Query(MINUS, parts=(RUNNING, Query(MINUS, parts=(WALKING, ANNA)))), "label:running - (label:walking - source:anna)"),
        (Query(MINUS, parts=(joined([RUNNING, ANNA]), WALKING)), "(label:running AND source:anna) - label:walking"),
    ],
)  # fmt: skip
def test_there_is_one_written_form(query: Query, written: str) -> None:
    assert str(query) == written
    assert parse(written) == query


def test_what_stands_in_one_list_is_one_list() -> None:
    """AND has no order of doing, so brackets inside it say nothing."""
    assert parse("(label:running AND source:anna) AND label:walking") == joined([RUNNING, ANNA, WALKING])


def test_the_simple_queries_of_an_expression() -> None:
    query = parse("(label:running - file:/a.mp4) AND source:anna")
    assert [leaf.kind for leaf in query.leaves()] == ["label", "file", "source"]
    assert not query.simple
    assert RUNNING.simple


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at its end"),
        ("running", "kind:value"),
        ("label:", "at its end name something"),
        ("label: ", "name something"),
        ('label:""', "name something"),
        ('label:"', "close the double quote"),
        ("person:anna", "one of label"),
        (":x", "kind:value"),
        ("label:" + "x" * 5000, "at most 4096"),
        ("label:\x00", "NUL"),
        ("label:a AND", "at its end"),
        ("label:a AND running", "at character 13, before 'running'"),
        ("label:a - person:b", "at character 11, before 'person:b'"),
        ("(label:a", "closing bracket"),
        ("label:a)", "at character 8"),
        ('label:"a" b', "at character 11"),
        ("clip:3fa9c1@2", "two seconds"),
        ("clips:3fa9c1,anna", "set of clips ('anna') must be"),
        ("clips:3fa9c1,", "6 digits or more"),
        ("clip:3fa9c1@4-2", "end after it starts"),
        ('text:"a"{}', "a share"),
        ('text:"a"{jogging}', "a share"),
        ('text:"a"{jogging=0}', "above 0"),
        ('text:"a"{jogging=0.1,jogging=0.2}', "different actions"),
        ('text:"a"{jogging=0.1', "closing }"),
        ("(" * 100 + "label:a" + ")" * 100, f"at most {DEPTH_LIMIT} brackets"),
    ],
)
def test_what_is_no_query_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(BadQuery, match=r"^(query|time range|mix|set of clips)") as refused:
        parse(text)
    assert told in str(refused.value)


def test_what_cannot_be_read_back_cannot_be_made() -> None:
    deep = RUNNING
    with pytest.raises(BadQuery, match="nested"):
        for _ in range(DEPTH_LIMIT + 1):
            deep = Query(MINUS, parts=(WALKING, deep))
    with pytest.raises(BadQuery, match="at most"):
        joined([Query("label", "x" * (LENGTH_LIMIT // 2))] * 3)
    with pytest.raises(BadQuery, match="must be of a clip"):
        Query("label", "running", span=(0, 1))
    with pytest.raises(BadQuery, match="time range"):
        Query("clip", "3fa9c1", span=(0, float("nan")))
    with pytest.raises(BadQuery, match="belong to words"):
        Query("label", "running", mix=(("jogging", 1.0),))


_NAMES = st.one_of(
    st.text(st.sampled_from('ab AND-(){}=,"\\@:1. \t\n'), min_size=1, max_size=12),
    st.text(min_size=1, max_size=20),
).map(str.strip).filter(lambda name: name and "\x00" not in name)  # fmt: skip
_MILLISECONDS = st.integers(0, 10**9 - 1)
_SHARES = st.integers(1, 1000).map(lambda thousandths: thousandths / 1000)
_SIMPLE = st.one_of(
    st.builds(Query, st.sampled_from([kind for kind in KINDS if kind != "clips"]), _NAMES),
    st.lists(st.text("0123456789abcdef", min_size=6, max_size=64), min_size=1, max_size=9).map(
        lambda ids: Query("clips", ",".join(ids))
    ),
    st.builds(
        lambda kind, name, start, length: Query(kind, name, span=(start / 1000, (start + length) / 1000)),
        st.sampled_from(SPANNED), _NAMES, _MILLISECONDS.filter(lambda start: start < 10**8), st.integers(1, 10**8),
    ),
    st.builds(
        lambda name, mix: Query("text", name, mix=tuple(mix.items())),
        _NAMES, st.dictionaries(_NAMES, _SHARES, min_size=1, max_size=4),
    ),
)  # fmt: skip
_QUERIES = st.recursive(
    _SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(joined),
        st.tuples(inner, inner).map(lambda pair: Query(MINUS, parts=pair)),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(_QUERIES)
def test_what_was_written_reads_back(query: Query) -> None:
    assert parse(str(query)) == query


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(st.sampled_from('label:text clip AND-(){}=,"\\@019. '), max_size=60)))
@example("text:a{" + "=" * 50)
@example("(" * LENGTH_LIMIT)
@example("label:" + " " * 4000 + "x")
@example("label:a" + " - label:a" * 400)
@example("clip:a@99999999999999999-1e999")
def test_hostile_texts_are_refused_or_understood(text: str) -> None:
    """Whatever comes in a link: a query with one written form, or BadQuery."""
    try:
        query = parse(text)
    except BadQuery:
        return
    assert parse(str(query)) == query
