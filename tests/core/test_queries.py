"""The written form of queries."""

from __future__ import annotations

import pytest

from core.errors import BadQuery
from core.queries import Query, parse


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("label:running", Query("label", "running")),
        ("  LABEL: hand waving ", Query("label", "hand waving")),
        ('label:"hand waving"', Query("label", "hand waving")),
        ("action:playing cricket", Query("action", "playing cricket")),
        ("file:/a/b:c.mp4", Query("file", "/a/b:c.mp4")),
        ("clip:3fa9c1", Query("clip", "3fa9c1")),
        ('label:"', Query("label", '"')),
    ],
)
def test_queries_are_read(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize("text", ["label:running", "label:a b", "file:/x y.mp4", "action:tai chi"])
def test_the_written_form_reads_back(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    "text", ["", "running", "label:", "label: ", 'label:""', "person:anna", ":x", "label:" + "x" * 5000, "label:\x00"]
)
def test_what_is_no_query_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadQuery, match="query"):
        parse(text)
