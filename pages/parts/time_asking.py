"""The question of the Time page and its written form in the address. Pure functions: whatever a link holds, nothing raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import MotionbookError
from core.queries import Query, parse

QUESTIONS = {
    "agree": "Where do two clips agree?",
    "find": "Where does it happen?",
    "repeat": "How does it repeat itself?",
}
PARAMS = ("ask", "a", "b", "q", "encoder")
ID_DIGITS = 12

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TimeAsked:
    """One question: two clips or ranges of clips in their written form, what to look for, and the encoder. "" is nothing."""

    ask: str = "agree"
    a: str = ""
    b: str = ""
    q: str = ""
    encoder: str = ""

    def params(self) -> dict[str, str]:
        """As query parameters, so that the address of the page is the question; what this question does not use is left out."""
        used = {"agree": ("a", "b", "encoder"), "find": ("a", "q", "encoder"), "repeat": ("a", "b")}[self.ask]
        return {"ask": self.ask} | {name: getattr(self, name) for name in used if getattr(self, name)}


def read(params: Mapping[str, str]) -> tuple[TimeAsked, list[str]]:
    """The question that query parameters ask, and complaints about what could not be understood."""
    complaints: list[str] = []
    ask = params.get("ask", "agree")
    if ask not in QUESTIONS:
        complaints.append(f"ask ({ask[:40]!r}) must be one of {', '.join(QUESTIONS)}; agree is shown instead")
        ask = "agree"
    clips = [_clip(params.get(name, ""), complaints) for name in ("a", "b")]
    return TimeAsked(ask, *clips, _query(params.get("q", ""), complaints), params.get("encoder", "")), complaints


def range_query(clip_id: str, span: Span | None) -> str:
    """ "clip:3fa9c1d20b77@2.0-4.5", or the whole clip."""
    return str(Query("clip", clip_id[:ID_DIGITS], span=span))


def clip_and_span(text: str) -> tuple[str, Span | None]:
    """What ``range_query`` wrote."""
    query = parse(text)
    return query.value, query.span


def pair_params(first: str, second: str) -> dict[str, str]:
    """The address of the question where two clips (ids) agree."""
    return TimeAsked("agree", range_query(first, None), range_query(second, None)).params()


def _clip(text: str, complaints: list[str]) -> str:
    return _checked(text, lambda query: query.kind == "clip", "a clip, such as clip:3fa9c1@2.0-4.5", complaints)


def _query(text: str, complaints: list[str]) -> str:
    """A link must not make this machine open a file that its sender chose."""
    told = "something other than a file"
    return _checked(text, lambda query: all(leaf.kind != "file" for leaf in query.leaves()), told, complaints)


def _checked(text: str, allowed: Callable[[Query], bool], told: str, complaints: list[str]) -> str:
    if not text:
        return ""
    try:
        query = parse(text)
    except MotionbookError as error:
        complaints.append(str(error))
        return ""
    if not allowed(query):
        complaints.append(f"{text[:60]!r} must be {told} here; choose one below")
        return ""
    return str(query)


def known_params(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params[name] for name in PARAMS if name in params}
