"""Which clips a search may find: by label, source, day, length, drawn or filmed.

Written ``label=running&label=jogging&source=anna&after=2026-11-01&before=2026-11-24T15:04:05Z&min=2&max=30.5&synthetic=no`` in a
link. Several labels mean any of them, several sources too; all kinds of filters hold together. An empty label or source is
"has none".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.clips import Clip, clean_label
from core.errors import BadQuery, MotionbookError

PARAMS = ("label", "source", "after", "before", "min", "max", "synthetic")
MOST_NAMES = 200
LATEST = 253_402_300_799.0  # the last second of the year 9999: what a date can be written for
LONGEST_SECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Filters:
    """What a clip must be to be found; without arguments any clip is. Raises BadQuery.

    Args:
        labels: any of these; "" stands for clips without a label.
        sources: any of these; "" stands for clips without a source.
        added_after: seconds since 1970, UTC; the moment itself counts. Kept to the second.
        added_before: seconds since 1970, UTC; the moment itself does not count. Kept to the second.
        shortest_seconds: of a clip's length, kept to the millisecond; it counts itself.
        longest_seconds: likewise.
        synthetic: True for drawn clips only, False for filmed ones only.
    """

    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    added_after: float | None = None
    added_before: float | None = None
    shortest_seconds: float | None = None
    longest_seconds: float | None = None
    synthetic: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _names("label", self.labels))
        object.__setattr__(self, "sources", _names("source", self.sources))
        for name, most, digits in _LIMITS:
            object.__setattr__(self, name, _limit(name, getattr(self, name), most, digits))
        _ordered("added_after", self.added_after, "added_before", self.added_before)
        _ordered("shortest_seconds", self.shortest_seconds, "longest_seconds", self.longest_seconds)

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()

    def allows(self, clip: Clip) -> bool:
        return (
            (not self.labels or clip.label in self.labels)
            and (not self.sources or clip.source in self.sources)
            and (self.added_after is None or clip.added_at >= self.added_after)
            and (self.added_before is None or clip.added_at < self.added_before)
            and (self.shortest_seconds is None or clip.info.duration_seconds >= self.shortest_seconds)
            and (self.longest_seconds is None or clip.info.duration_seconds <= self.longest_seconds)
            and (self.synthetic is None or clip.synthetic == self.synthetic)
        )

    def params(self) -> dict[str, str | list[str]]:
        """The written form; what filters nothing is left out."""
        told: dict[str, str | list[str]] = {}
        for name, names in (("label", self.labels), ("source", self.sources)):
            if names:
                told[name] = list(names)
        for name, moment in (("after", self.added_after), ("before", self.added_before)):
            if moment is not None:
                told[name] = written_moment(moment)
        for name, seconds in (("min", self.shortest_seconds), ("max", self.longest_seconds)):
            if seconds is not None:
                told[name] = f"{seconds:.3f}".rstrip("0").rstrip(".")
        if self.synthetic is not None:
            told["synthetic"] = "only" if self.synthetic else "no"
        return told


_LIMITS = (
    ("added_after", LATEST, 0),
    ("added_before", LATEST, 0),
    ("shortest_seconds", LONGEST_SECONDS, 3),
    ("longest_seconds", LONGEST_SECONDS, 3),
)


def read(params: Mapping[str, Sequence[str]]) -> tuple[Filters, list[str]]:
    """The filters that ``params`` write, and complaints about what could not be understood, which is left out. Never raises."""
    complaints: list[str] = []
    told: dict[str, Any] = {
        "labels": _each(params, "label", complaints),
        "sources": _each(params, "source", complaints),
        "added_after": _one(params, "after", read_moment, complaints),
        "added_before": _one(params, "before", read_moment, complaints),
        "shortest_seconds": _one(params, "min", _seconds, complaints),
        "longest_seconds": _one(params, "max", _seconds, complaints),
        "synthetic": _one(params, "synthetic", _drawn, complaints),
    }
    try:
        return Filters(**told), complaints
    except BadQuery as error:
        complaints.append(f"{error}; nothing is filtered")
        return Filters(), complaints


def written_moment(moment: float) -> str:
    """ "2026-11-24", or "2026-11-24T15:04:05Z" where it is not midnight; UTC."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%Y-%m-%d}".rjust(10, "0") if moment % 86400 == 0 else f"{at:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")


def read_moment(text: str) -> float:
    """Seconds since 1970 of a day or a moment as ISO 8601 writes it; UTC where it says nothing else. Raises BadQuery."""
    try:
        at = datetime.fromisoformat(text.strip()[:40])
        moment = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadQuery(f"date ({text[:40]!r}) must be written as 2026-11-24 or 2026-11-24T15:04:05Z; correct it") from None
    if not 0 <= moment <= LATEST:
        raise BadQuery(f"date ({text[:40]!r}) must be from 1970 to 9999; correct it")
    return moment


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadQuery(f"length ({text[:40]!r}) must be a number of seconds; write for example 2.5") from None


def _drawn(text: str) -> bool:
    if text not in ("only", "no"):
        raise BadQuery(f"synthetic ({text[:40]!r}) must be only or no; leave it out for both")
    return text == "only"


def _one(params: Mapping[str, Sequence[str]], name: str, reader: Callable[[str], Any], complaints: list[str]) -> Any:
    text = next(iter(params.get(name, ())), "")
    if not text:
        return None
    try:
        return reader(text)
    except BadQuery as error:
        complaints.append(str(error))
        return None


def _each(params: Mapping[str, Sequence[str]], name: str, complaints: list[str]) -> tuple[str, ...]:
    found = []
    for text in params.get(name, ()):
        try:
            found.append(clean_label(text, what=name))
        except MotionbookError as error:
            complaints.append(str(error))
    if len(found) > MOST_NAMES:
        complaints.append(f"{name} filters ({len(found)}) must be at most {MOST_NAMES}; the first {MOST_NAMES} count")
    return tuple(found[:MOST_NAMES])


def _names(what: str, names: Sequence[str]) -> tuple[str, ...]:
    """Sorted, each once. Raises BadQuery."""
    if len(names) > MOST_NAMES:
        raise BadQuery(f"{what} filters ({len(names)}) must be at most {MOST_NAMES}; choose fewer")
    try:
        return tuple(sorted({clean_label(name, what=what) for name in names}))
    except MotionbookError as error:
        raise BadQuery(str(error)) from error


def _limit(name: str, value: float | None, most: float, digits: int) -> float | None:
    if value is None:
        return None
    if not (math.isfinite(value) and 0 <= value <= most):
        raise BadQuery(f"{name} ({value}) must be from 0 to {most:.0f}; correct it")
    return float(round(value, digits))


def _ordered(first: str, low: float | None, second: str, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise BadQuery(f"{first} ({low:g}) must not be above {second} ({high:g}); exchange them")
