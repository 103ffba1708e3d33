"""The question of the Compare page and its written form in the address. Pure functions: whatever a link holds, nothing raises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import BadQuery, MotionbookError
from core.queries import Query, parse
from core.searches import weights_of

MOST_SIDES = 8
VIEWS = ("groups", "clips", "windows")
ORDERS = ("labels", "clustered")
PARAMS = ("q", "encoder", "view", "cell", "w", "in", "pair", "order")
_PAIR = re.compile(r"([0-9a-f]{6,64}),([0-9a-f]{6,64})")
_CELL = re.compile(r"(\d{1,4}),(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the sides as query expressions, the encoder, how deep to look, and the chosen cell (row, column)."""

    queries: tuple[str, ...]
    encoder: str
    view: str = "groups"
    cell: tuple[int, int] | None = None
    weights: tuple[tuple[str, float], ...] = ()
    """Of streams, where they differ from the encoder's own."""
    within: tuple[int, int] | None = None
    """The two groups whose clips are looked at, by number; None for those of all."""
    pair: tuple[str, str] | None = None
    """The two clips whose windows are looked at, by the beginnings of their ids."""
    order: str = "labels"
    """In which clips stand: by label, or as clustering finds them alike."""

    def params(self) -> dict[str, str | list[str]]:
        """As query parameters, so that the address of the page is the question."""
        told: dict[str, str | list[str]] = {"q": list(self.queries), "encoder": self.encoder}
        if self.view != VIEWS[0]:
            told["view"] = self.view
        if self.cell:
            told["cell"] = f"{self.cell[0]},{self.cell[1]}"
        if self.weights:
            told["w"] = [f"{stream}:{weight:g}" for stream, weight in self.weights]
        if self.within and self.view != VIEWS[0]:
            told["in"] = f"{self.within[0]},{self.within[1]}"
        if self.pair and self.view == VIEWS[2]:
            told["pair"] = f"{self.pair[0]},{self.pair[1]}"
        if self.order != ORDERS[0] and self.view == VIEWS[1]:
            told["order"] = self.order
        return told

    @property
    def question(self) -> str:
        """The same for the same numbers, whatever is looked at."""
        weights = [f"{stream}:{weight:g}" for stream, weight in sorted(self.weights)]
        return "\n".join((self.encoder, *sorted(self.queries), *weights))


def signature(params: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Query parameters in a form that can be compared."""
    return tuple(sorted((name, tuple(values)) for name, values in params.items() if name in PARAMS))


def read(params: Mapping[str, Sequence[str]], encoders: Sequence[str]) -> tuple[Asked, list[str]]:
    """The question that query parameters ask, and complaints about what could not be understood.

    Args:
        params: every value of every parameter.
        encoders: names that may be chosen, the default first.
    """
    complaints: list[str] = []
    queries: list[str] = []
    for text in params.get("q", ()):
        try:
            queries.append(str(allowed(parse(text))))
        except MotionbookError as error:
            complaints.append(str(error))
    queries = list(dict.fromkeys(queries))
    if len(queries) > MOST_SIDES:
        complaints.append(f"a comparison has at most {MOST_SIDES} groups; the first {MOST_SIDES} are shown")
    encoder = _one_of("encoder", params, encoders, complaints)
    view = _one_of("view", params, VIEWS, complaints)
    kept = tuple(queries[:MOST_SIDES])
    within = _cell(params, complaints, "in")
    if within and max(within) >= max(len(kept), 1):
        within = None
    order = _one_of("order", params, ORDERS, complaints)
    cell, weights = _cell(params, complaints), weights_of(params, complaints)
    return Asked(kept, encoder, view, cell, weights, within, _pair(params, complaints), order), complaints


def allowed(query: Query) -> Query:
    """``query`` without any file: in it; neither a link nor a shared screen may make this machine open files. Raises BadQuery."""
    if any(leaf.kind == "file" for leaf in query.leaves()):
        raise BadQuery("file: queries work on the command line only; add the clip to the library to compare it here")
    return query


def _one_of(name: str, params: Mapping[str, Sequence[str]], allowed: Sequence[str], complaints: list[str]) -> str:
    value = next(iter(params.get(name, ())), allowed[0])
    if value in allowed:
        return value
    complaints.append(f"{name} ({value[:40]!r}) must be one of {', '.join(allowed)}; {allowed[0]} is shown instead")
    return allowed[0]


def _pair(params: Mapping[str, Sequence[str]], complaints: list[str]) -> tuple[str, str] | None:
    text = next(iter(params.get("pair", ())), "")
    if not text:
        return None
    found = _PAIR.fullmatch(text)
    if not found:
        complaints.append(f"pair ({text[:40]!r}) must be the beginnings of two clips' ids; two clips of these groups are shown")
        return None
    return found[1], found[2]


def _cell(params: Mapping[str, Sequence[str]], complaints: list[str], name: str = "cell") -> tuple[int, int] | None:
    text = next(iter(params.get(name, ())), "")
    if not text:
        return None
    found = _CELL.fullmatch(text)
    if not found:
        complaints.append(f"{name} ({text[:40]!r}) must be two numbers such as 0,1; the first pair is shown instead")
        return None
    return int(found[1]), int(found[2])


def kept_inside(asked: Asked, shape: tuple[int, int], default: tuple[int, int]) -> Asked:
    """``asked`` with a cell that a table of that many rows and columns has."""
    cell = asked.cell
    return replace(asked, cell=default if cell is None or cell[0] >= shape[0] or cell[1] >= shape[1] else cell)
