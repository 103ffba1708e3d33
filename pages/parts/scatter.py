"""A map of many clips or moments: dots to point at and to choose, up to 50,000 of them without a stutter.

Places and colours go to the browser as bytes, each under an address of its own, so that a run of the page which changes neither
sends neither again. What is pointed at, a film among it, is asked for one by one: draw the piece inside a fragment, so that a
pointer that rests runs no more than that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clips import Floats
from core.colours import label_colours
from pages.parts import pieces

INLINE_BYTES = 6_000
"""More has an address of its own."""
HEIGHT_PX = 600
BYTES = "application/octet-stream"

_piece = st.components.v2.component(
    "motionbook_scatter", css=pieces.style("scatter", ("looping",)), js=pieces.script("scatter", ("heat", "looping", "dots"))
)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Each of N dots belongs to ``names[numbers[i]]``; a name in ``grey`` is no group and has no colour."""

    names: tuple[str, ...]
    numbers: NDArray[np.integer]
    grey: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str], none: str) -> Groups:
        """N texts as groups in the order of their names; empty ones become ``none``, which stands last."""
        names = sorted({text for text in texts if text}, key=str.casefold)
        names += [none] if not all(texts) else []
        places = {name: place for place, name in enumerate(names)}
        return cls(tuple(names), np.asarray([places[text or none] for text in texts], np.int64), (none,))


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """A number for each of N dots, NaN where there is none, on the sequential scale. ``title`` says what it is."""

    values: NDArray[np.floating]
    title: str
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of the dot that is pointed at, with its film from one moment to another. All texts are plain."""

    point: int
    title: str
    lines: tuple[str, ...] = ()
    path: Path | bytes | None = None
    form: str = ""
    start_seconds: float = 0.0
    end_seconds: float = 0.0
    poster: Path | None = None
    waiting: bool = False
    """Its film is being made: the piece asks again."""


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """What somebody did: "choose" these ``points`` (rising numbers, none perhaps), "open" one, or point at one ("hover").

    ``count`` goes back to the piece as ``seen``.
    """

    kind: str
    points: NDArray[np.intp]
    count: int = 0


def scatter(
    places: Floats,
    colour: Groups | Values,
    *,
    key: str,
    alt: str,
    chosen: NDArray[np.integer] | Sequence[int] = (),
    seen: int = 0,
    card: Card | None = None,
    height: int = HEIGHT_PX,
    on_event: Callable[[Event], None] | None = None,
) -> None:
    """Draw N dots at ``places`` (N, 2), any unit.

    Args:
        key: unique on the page. The same key with the same places keeps zoom and position from run to run.
        alt: one sentence that says what is shown.
        chosen: numbers of dots.
        seen: the ``count`` of the last "choose" that ``chosen`` knows of; without it a slow run would undo a quick hand.
        card: of the dot that the last "hover" named.
        height: in px; narrow screens get less.
        on_event: called before the page, or the fragment around, runs anew.
    """
    count = len(places)
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(f"places {places.shape} must be (N, 2)")

    def happened(name: str) -> None:
        found = _event(st.session_state[key].get(name), count)
        if found is not None and on_event is not None:
            on_event(found)

    data = {
        "count": count,
        "places": pieces.inlined(np.ascontiguousarray(places, "<f4").tobytes(), BYTES, f"{key}.places", INLINE_BYTES),
        "chosen": bits(chosen, count),
        "seen": seen,
        "card": None if card is None else _card(card, key),
        "height": height,
        "alt": alt,
        "colours": pieces.colours(pieces.theme()),
        **_colours(colour, key, pieces.theme()),
    }
    _piece(
        key=key, data=data, on_event_change=lambda: happened("event"), on_hover_change=lambda: happened("hover"),
    )  # fmt: skip


def bits(points: NDArray[np.integer] | Sequence[int], count: int) -> str:
    """Numbers below ``count`` as bits, eight to a byte, the first one lowest, in base64."""
    marks = np.zeros(count, np.uint8)
    marks[np.asarray(points, np.intp)] = 1
    return base64.b64encode(np.packbits(marks, bitorder="little").tobytes()).decode("ascii")


def points_of(text: str, count: int) -> NDArray[np.intp] | None:
    """The other way round; None for what is no such text of ``count`` dots."""
    try:
        packed = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    if len(packed) != (count + 7) // 8:
        return None
    return np.flatnonzero(np.unpackbits(packed, bitorder="little")[:count])


def _colours(colour: Groups | Values, key: str, theme: str) -> dict[str, Any]:
    if isinstance(colour, Values):
        return _levels(colour, key, theme)
    wide = len(colour.names) > 256
    own = label_colours([name for name in colour.names if name not in colour.grey], theme)
    numbers = np.ascontiguousarray(colour.numbers, "<u2" if wide else np.uint8).tobytes()
    return {
        "levels": pieces.inlined(numbers, BYTES, f"{key}.levels", INLINE_BYTES),
        "wide": wide,
        "names": list(colour.names),
        "palette": [own.get(name, own[""]) for name in colour.names],
        "ramp": None,
    }


def _levels(colour: Values, key: str, theme: str) -> dict[str, Any]:
    """Level 0 for no number, 1 to 255 from the lowest to the highest."""
    values = np.asarray(colour.values, np.float64)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    share = np.clip(np.nan_to_num((values - low) / ((high - low) or 1.0)), 0.0, 1.0)
    levels = np.where(np.isfinite(values), 1 + np.rint(254 * share), 0).astype(np.uint8)
    table = pieces.colour_table("sequential", theme)
    return {
        "levels": pieces.inlined(levels.tobytes(), BYTES, f"{key}.levels", INLINE_BYTES),
        "wide": False,
        "names": [],
        "palette": [f"#{table[at : at + 6]}" for at in range(0, len(table), 6)],
        "ramp": {"low": f"{low:.{colour.digits}f}", "high": f"{high:.{colour.digits}f}", "title": colour.title},
    }


def _card(card: Card, key: str) -> Mapping[str, Any]:
    return {
        "point": card.point,
        "title": card.title,
        "lines": list(card.lines),
        "url": pieces.offered(card.path, card.form, f"{key}.film"),
        "poster": pieces.offered(card.poster, "image/jpeg", f"{key}.poster"),
        "start": round(max(float(card.start_seconds), 0.0), 3),
        "end": round(float(card.end_seconds), 3),
        "alt": "",
        "sorry": "",
        "waiting": card.waiting,
    }


def _event(told: Any, count: int) -> Event | None:
    """What the browser says, where it names dots of this map; a browser can say what it likes."""
    if not isinstance(told, dict) or not isinstance(number := told.get("count", 0), int):
        return None
    if told.get("kind") == "choose":
        found = points_of(told["bits"], count) if isinstance(told.get("bits"), str) else None
        return None if found is None else Event("choose", found, number)
    point = told.get("point")
    if not isinstance(point, int) or isinstance(point, bool) or not 0 <= point < count:
        return None
    kind = "open" if told.get("kind") == "open" else "hover"
    return Event(kind, np.asarray([point]), number)
