"""Sides that people type: words of their own, and whole query expressions."""

from __future__ import annotations

from collections.abc import Mapping

from core.queries import AND, MINUS, Query, parse
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts.asking import allowed
from pages.parts.words import count

KINDS = ("text", "source", "clips", "take", "concept", AND, MINUS)
"""Of queries that the list of choices does not hold."""
HELP = (
    "Type words of your own, such as *running fast*, and press Enter. Expressions work too: "
    '`label:running AND source:anna`, `label:running - label:walking`, `clip:3fa9c1@2.0-4.5`, `text:"running"`.'
)


def concepts(bench: Workbench) -> dict[str, str]:
    """What the library was taught, as choices: query -> what people read."""
    return {str(Query("concept", name)): f"concept {name}" for name in bench.library.concepts.names()}


def read(text: str, choices: Mapping[str, str]) -> Query:
    """The query that somebody typed: an expression, the name of a label or of a concept, or words. Raises BadQuery."""
    plain = " ".join(text.split())
    if f"label:{plain}" in choices:
        return Query("label", plain)
    if f"concept:{plain}" in choices:
        return Query("concept", plain)
    return allowed(parse(plain) if _is_expression(plain) else Query("text", plain))


def _is_expression(text: str) -> bool:
    """Whether it begins as an expression does, so that what is wrong with it is told rather than taken for words."""
    kind, colon, _ = text.lstrip("( ").partition(":")
    return bool(colon) and kind.strip().isalpha()


def checked(bench: Workbench, query: Query, encoder: str) -> str:
    """The written form of a query that can be answered. Raises UnknownName and the like, which name what is near."""
    allowed(query)
    if bench.embedded_clips(encoder) and not bench.words.waits(bench.spec(encoder), [query]):
        benches.answer(encoder, (str(query),))
    return str(query)


def title(query: Query) -> str:
    """What people read in the list of choices."""
    if query.kind == "text":
        return f"words “{query.value}”" + (" · your mix" if query.mix else "")
    if query.kind == "source":
        return f"source {query.value}"
    if query.kind == "concept":
        return f"concept {query.value}"
    if query.kind == "clips":
        return f"selection of {count(len(query.ids), 'clip')}"
    what = f"{query.kind} {query.value[:12]}"
    if query.span:
        return f"part {query.span[0]:g}–{query.span[1]:g} s of {what}"
    return what if query.kind == "take" else str(query)
