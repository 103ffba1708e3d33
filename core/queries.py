"""The written form of one side of a question, the same in a link, in the notebook, on the command line and on a page.

label:running                   every clip with that label
source:anna                     every clip of that source
clip:3fa9c1                     one clip, by its id or a unique beginning of it (6 digits or more)
clip:3fa9c1@2.0-4.5             the part of it from second 2 to 4.5
action:jogging                  one of the encoder's own action names
text:"running fast"             free words
text:"running"{jogging=0.7,"running on treadmill"=0.3}   the same, understood as this mix of action names
clips:3fa9c1,88ab12             a set of clips, by beginnings of their ids: what somebody selected
concept:fight                   what somebody taught: its positive examples; concept:safety/climbing for one class of several
take:3fa9c1                     a clip recorded or dropped for asking only, as long as the app runs; @2.0-4.5 for a part of it
file:/path/to.mp4               a file that is looked at and not kept
a AND b                         what both have in common; AND binds more tightly than -
a - b                           a without what makes it like b
(a - b) - c                     brackets, at most DEPTH_LIMIT deep

A value goes on to the end, to " AND ", to " - " before another query, or to a bracket that was opened before it; in double quotes
it may hold anything, with \\" for a quote and \\\\ for a backslash. ``str(query)`` is the one written form, and reading it gives
the same query again. ``core.comparing`` says what each means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import BadQuery

KINDS = ("label", "source", "clip", "clips", "take", "concept", "action", "text", "file")
SPANNED = ("clip", "take")
"""Kinds that may say from and to which second."""
AND, MINUS = "and", "minus"
LENGTH_LIMIT = 4096  # characters; the longest path Linux opens
DEPTH_LIMIT = 12  # brackets in brackets; nobody reads more
MIX_LIMIT = 20  # action names in one mix
LATEST_SECONDS = 1e6
_EXAMPLE = "write for example label:running"
_AND = re.compile(r"AND(?![^\s()])")
_SPACED = re.compile(r"\s+(?:AND(?![^\s()])|-\s+(?=[(\s]*[A-Za-z]+\s*:))")
_KIND = re.compile(r"([A-Za-z]+)\s*:\s*")
_SPAN = re.compile(r"@\s*(\d{1,7}(?:\.\d{1,9})?)\s*-\s*(\d{1,7}(?:\.\d{1,9})?)")
_SHARE = re.compile(r"\s*=\s*(\d{1,4}(?:\.\d{1,9})?|\.\d{1,9})\s*")
_NAME = re.compile(r"[^\s\"={},][^\"={},]*")
_DOUBTFUL = re.compile(r"\s-(\s|$)|\sAND$|[{\r\n]")  # what another query behind it could turn into something else
_BARE_NAME = re.compile(r"[\w'-]+")
_ID = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class Query:
    """One side of a question: what kind, and its value. ``str(query)`` is its written form. Raises BadQuery.

    Args:
        kind: one of KINDS, or AND or MINUS for one that is made of ``parts``.
        value: what a simple query names; of others the written form.
        parts: what AND joins, in order (an AND inside an AND is the same list), or what MINUS takes the second from the first of.
        span: of a clip or a take, from and to which second, to the millisecond.
        mix: of a text, the action names and shares that somebody understood it as, the largest first.
    """

    kind: str
    value: str = ""
    parts: tuple[Query, ...] = ()
    span: tuple[float, float] | None = None
    mix: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if self.kind in (AND, MINUS):
            self._join()
        elif self.kind not in KINDS:
            raise BadQuery(f"query kind ({self.kind[:40]!r}) must be one of {', '.join(KINDS)}; {_EXAMPLE}")
        elif not self.value.strip() or self.value != self.value.strip() or self.parts:
            raise BadQuery(f"query ({self.kind}:) must name something after the colon, without spaces around it; {_EXAMPLE}")
        if "\x00" in self.value or len(str(self)) > LENGTH_LIMIT:
            raise BadQuery(
                f"query ({self.value[:40]!r}...) must be at most {LENGTH_LIMIT} characters, none of them NUL; shorten it"
            )
        if self.kind == "clips":
            object.__setattr__(self, "value", ",".join(_checked_ids(self.value)))
        if self.span is not None:
            object.__setattr__(self, "span", _checked_span(self.kind, self.span))
        if self.mix:
            object.__setattr__(self, "mix", _checked_mix(self.kind, self.mix))

    def _join(self) -> None:
        flat = [inner for part in self.parts for inner in (part.parts if part.kind == self.kind == AND else (part,))]
        if len(flat) < 2 or (self.kind == MINUS and len(flat) > 2):
            raise BadQuery(f"query ({self.kind}) must be made of two queries; write for example label:running AND source:anna")
        object.__setattr__(self, "parts", tuple(flat))
        if self.depth > DEPTH_LIMIT:
            raise BadQuery(f"query ({str(self)[:40]}...) must not be nested more than {DEPTH_LIMIT} deep; simplify it")
        object.__setattr__(self, "value", str(self))

    @property
    def simple(self) -> bool:
        return not self.parts

    @property
    def ids(self) -> tuple[str, ...]:
        """The beginnings of ids that a clips: query lists; of other queries nothing."""
        return tuple(self.value.split(",")) if self.kind == "clips" else ()

    @property
    def depth(self) -> int:
        """How many queries stand inside one another; 0 for a simple one."""
        return 1 + max(part.depth for part in self.parts) if self.parts else 0

    def leaves(self) -> Iterator[Query]:
        """The simple queries it is made of, in order; itself when it is simple."""
        if self.simple:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def replaced(self, old: Query, new: Query) -> Query:
        """The same with ``new`` wherever the simple query ``old`` stood."""
        if self.simple:
            return new if self == old else self
        return Query(self.kind, parts=tuple(part.replaced(old, new) for part in self.parts))

    def __str__(self) -> str:
        if self.kind == AND:
            return " AND ".join(_inside(part) for part in self.parts)
        if self.kind == MINUS:
            first, second = self.parts
            return f"{first if first.kind == MINUS else _inside(first)} - {_inside(second)}"
        span = f"@{self.span[0]}-{self.span[1]}" if self.span else ""
        shares = ",".join(f"{name if _BARE_NAME.fullmatch(name) else _quoted(name)}={share}" for name, share in self.mix)
        return f"{self.kind}:{_written(self.kind, self.value)}{span}" + (f"{{{shares}}}" if shares else "")


def parse(text: str) -> Query:
    """The query that ``text`` writes. Raises BadQuery, which says where it could not be read, and nothing else."""
    if len(text) > LENGTH_LIMIT or "\x00" in text:
        raise BadQuery(f"query ({text[:40]!r}...) must be at most {LENGTH_LIMIT} characters, none of them NUL; shorten it")
    return _Reader(text).whole()


def joined(queries: Sequence[Query]) -> Query:
    """``a AND b AND ...``, or the only one."""
    return queries[0] if len(queries) == 1 else Query(AND, parts=tuple(queries))


def _inside(query: Query) -> str:
    return str(query) if query.simple else f"({query})"


def _written(kind: str, value: str) -> str:
    """Bare where that reads back as it is, in quotes otherwise; words always in quotes."""
    balanced = value.count("(") == value.count(")")
    plain = kind != "text" and balanced and not value.startswith('"') and not _DOUBTFUL.search(value)
    return value if plain and _Reader(value).bare(kind) == value else _quoted(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _checked_span(kind: str, span: tuple[float, float]) -> tuple[float, float]:
    start, end = (round(float(second), 3) if math.isfinite(second) else math.inf for second in span)
    if kind not in SPANNED or not 0 <= start < end <= LATEST_SECONDS:
        raise BadQuery(
            f"time range ({start}-{end}) must be of a clip, and end after it starts; write for example clip:3fa9c1@2.0-4.5"
        )
    return start, end


def _checked_ids(value: str) -> list[str]:
    ids = list(dict.fromkeys(part.strip().lower() for part in value.split(",")))
    if wrong := [part for part in ids if not _ID.fullmatch(part)]:
        raise BadQuery(
            f"set of clips ({wrong[0][:40]!r}) must be ids or beginnings of 6 digits or more with commas between them; "
            "write for example clips:3fa9c1,88ab12"
        )
    return ids


def _checked_mix(kind: str, mix: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    shares = [(name, round(float(share), 3) if math.isfinite(share) else math.inf) for name, share in mix]
    good = all(name and name == name.strip() and "\x00" not in name and 0 < share <= 1 for name, share in shares)
    if kind != "text" or not good or len({name for name, _ in shares}) != len(shares) or len(shares) > MIX_LIMIT:
        raise BadQuery(
            f"mix of a {kind} query ({', '.join(f'{name}={share}' for name, share in shares[:3])[:60]}) must belong to words and "
            f"name up to {MIX_LIMIT} different actions with shares above 0 up to 1; "
            'write for example text:"running"{jogging=0.7,"running on treadmill"=0.3}'
        )
    return tuple(sorted(shares, key=lambda pair: (-pair[1], pair[0])))


class _Reader:
    """One text from left to right. ``at`` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def whole(self) -> Query:
        query = self._difference(0)
        if self.at < len(self.text):
            raise self._trouble("go on with AND, - or nothing", "put names with signs in them into double quotes")
        return query

    def _difference(self, depth: int) -> Query:
        query = self._common(depth)
        while self._skip() == "-":
            self.at += 1
            query = Query(MINUS, parts=(query, self._common(depth)))
        return query

    def _common(self, depth: int) -> Query:
        parts = [self._single(depth)]
        while self._skip() and _AND.match(self.text, self.at):
            self.at += 3
            parts.append(self._single(depth))
        return joined(parts)

    def _single(self, depth: int) -> Query:
        if self._skip() == "(":
            if depth >= DEPTH_LIMIT:
                raise self._trouble(f"have at most {DEPTH_LIMIT} brackets inside one another", "simplify it")
            self.at += 1
            query = self._difference(depth + 1)
            if self._skip() != ")":
                raise self._trouble("have a closing bracket", "add it, or put names with brackets into double quotes")
            self.at += 1
            return query
        found = _KIND.match(self.text, self.at)
        if found is None or found[1].lower() not in KINDS:
            raise self._trouble(f"have the form kind:value with kind one of {', '.join(KINDS)}", _EXAMPLE)
        kind, self.at = found[1].lower(), found.end()
        value = self._quoted() if self.text.startswith('"', self.at) else self.bare(kind)
        if not value:
            raise self._trouble("name something after the colon", _EXAMPLE)
        span = self._span() if kind in SPANNED and self._skip() == "@" else None
        mix = self._mix() if kind == "text" and self._skip() == "{" else ()
        return Query(kind, value, span=span, mix=mix)

    def bare(self, kind: str) -> str:
        """A value without quotes: up to where something else must begin."""
        start, opened, stop = self.at, 0, {"clip": "@", "take": "@", "text": "{"}.get(kind, "")
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == stop or (letter == ")" and not opened):
                break
            if letter.isspace() and not opened and _SPACED.match(self.text, self.at):
                break
            opened += (letter == "(") - (letter == ")")
            self.at += 1
        return self.text[start : self.at].strip()

    def _quoted(self) -> str:
        start, letters = self.at, list[str]()
        self.at += 1
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == '"':
                self.at += 1
                return "".join(letters).strip()
            if letter == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\"):
                self.at += 1
                letter = self.text[self.at]
            letters.append(letter)
            self.at += 1
        self.at = start
        raise self._trouble("close the double quote that it opens", 'add ", and write \\" for a quote inside a name')

    def _span(self) -> tuple[float, float]:
        found = _SPAN.match(self.text, self.at)
        if found is None:
            raise self._trouble("give two seconds after @", "write for example clip:3fa9c1@2.0-4.5")
        self.at = found.end()
        return float(found[1]), float(found[2])

    def _mix(self) -> tuple[tuple[str, float], ...]:
        shares: list[tuple[str, float]] = []
        while not shares or self._skip() == ",":
            self.at += 1
            name = self._quoted() if self._skip() == '"' else self._name()
            share = _SHARE.match(self.text, self.at)
            if not name or share is None:
                raise self._trouble("give each action name a share", 'write for example {jogging=0.7,"running on treadmill"=0.3}')
            shares.append((name, float(share[1])))
            self.at = share.end()
        if self._skip() != "}":
            raise self._trouble("have a closing } after the mix", 'write for example {jogging=0.7,"running on treadmill"=0.3}')
        self.at += 1
        return tuple(shares)

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0].strip() if found else ""

    def _skip(self) -> str:
        """The next character that is no space, which is not taken yet; "" at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _trouble(self, rule: str, advice: str) -> BadQuery:
        rest = self.text[self.at : self.at + 30]
        place = f"at character {self.at + 1}, before {rest!r}," if rest.strip() else "at its end"
        return BadQuery(f"query ({self.text[:60]!r}) must {place} {rule}; {advice}")
