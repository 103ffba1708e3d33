"""Films that play together, as one piece of the page: in step, shifted, or along a path of matched moments.

The films come from the server in ranges, by address; what is clicked and pressed is done in the browser, so that no run of
the page stands between a key and a picture. See docs/screens.md for the keys.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.colours import limits
from pages.parts import canvas, pieces

Numbers = NDArray[np.floating]
HEAT_HEIGHT_PX = 460

_piece = st.components.v2.component(
    "motionbook_sync", css=pieces.style("sync"), js=pieces.script("sync", ("heat", "heatmap", "players"))
)


@dataclass(frozen=True, slots=True)
class Film:
    """One film to play. ``form`` is its MIME type; ``sorry`` is a sentence that stands where the film cannot be shown."""

    path: Path | None
    form: str
    title: str
    duration_seconds: float
    fps: float
    sorry: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """Windows of the first film (rows) against windows of the second: ``values`` (R, C), the windows' middles in seconds."""

    values: Numbers
    low: float
    high: float
    row_seconds: Sequence[float] | Numbers
    column_seconds: Sequence[float] | Numbers
    scale: str = "diverging"
    chosen: tuple[int, int] | None = None

    @classmethod
    def of(cls, values: Numbers, rows: Sequence[float] | Numbers, columns: Sequence[float] | Numbers) -> Heat:
        """With the ends of the scale that suit centred similarities."""
        low, high = limits(values, "diverging")
        return cls(values, low, high, rows, columns)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one film (0 is the first) that is worth a look: a bar below it, named; a click goes there."""

    film: int
    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture (PNG with alpha) laid over a film from one moment to another."""

    film: int
    start_seconds: float
    end_seconds: float
    png: bytes
    alt: str = ""


class Strip(Protocol):
    """Similarity over the time of the first film: W middles of windows in seconds, W similarities, and the peaks."""

    @property
    def seconds(self) -> Any: ...
    @property
    def similarity(self) -> Any: ...
    @property
    def peaks(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did that the page may want to know: chose a "cell" of the heatmap, left it for "out", or chose a "peak"."""

    kind: str
    row: int = 0
    column: int = 0
    peak: int = 0
    first_seconds: float = 0.0
    second_seconds: float = 0.0


def sync(
    films: Sequence[Film],
    *,
    key: str,
    path: Sequence[tuple[float, float]] = (),
    heat: Heat | None = None,
    loop: tuple[float, float] | None = None,
    marks: Sequence[Mark] = (),
    strip: Strip | None = None,
    overlay_pngs: Sequence[Overlay] = (),
    start: float | None = None,
    play: bool = False,
    aligned: bool = True,
    beside: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Event | None:
    """Draw ``films`` side by side with one set of controls, and what goes with them.

    Args:
        key: unique on the page. The same key with the same films keeps them loaded, and their time, from run to run.
        path: knots (seconds of the first film, seconds of the second), rising in both; linear between them. With it
            "aligned" is offered, and on at first unless ``aligned`` is False.
        heat: a map of moments; a click moves the films there, in the browser.
        loop: seconds of the first film between which to go round.
        marks: named stretches, drawn as bars below their films.
        strip: drawn below the first film, with numbered peaks; a click seeks.
        start: where to stand at first, in seconds of the first film.
        beside: the heatmap stands left of the films where there is room, else below them.
        on_event: called before the page runs anew, so that it can set widgets. Without it, cells that are chosen stay in the
            browser.
        play: start at once and go round, unless the browser is asked for calm (prefers-reduced-motion).

    Returns what happened in this run; None for most runs.
    """
    data = {
        "key": key,
        "films": [told_film(film, f"{key}.film.{place}") for place, film in enumerate(films)],
        "path": _knots(path),
        "heat": None if heat is None else _heat(heat, f"{key}.heat") | {"tells": on_event is not None},
        "loop": None if loop is None else [float(loop[0]), float(loop[1])],
        "marks": [{"film": one.film, "start": one.start_seconds, "end": one.end_seconds, "text": one.text} for one in marks],
        "strip": None if strip is None else _strip(strip),
        "overlays": [_overlay(one, f"{key}.over.{place}") for place, one in enumerate(overlay_pngs)],
        "start": start,
        "play": play,
        "aligned": aligned,
        "beside": beside,
        "colours": pieces.colours(pieces.theme()),
    }

    def happened() -> None:
        event = _event(st.session_state[key].get("event"))
        if event is not None and on_event is not None:
            on_event(event)

    return _event(_piece(key=key, data=data, on_event_change=happened).get("event"))


def told_film(film: Film, place: str) -> dict[str, Any]:
    """What players.js is told of a film. ``place`` is unique on the page."""
    told = {"title": film.title, "length": float(film.duration_seconds), "fps": float(film.fps), "url": "", "sorry": film.sorry}
    if film.path is None or film.sorry:
        return told | {"sorry": film.sorry or "This film is not here."}
    try:
        return told | {"url": pieces.served(film.path, film.form, place)}
    except Exception:  # the file went away, or cannot be read: Streamlit has an error of its own for each
        return told | {"sorry": "The file of this film cannot be read any more. Add the clip again to see it."}


def _knots(path: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Raises ValueError for a path that goes back in time: a player can follow no such thing."""
    knots = [[round(float(a), 4), round(float(b), 4)] for a, b in path]
    for (a, b), (next_a, next_b) in itertools.pairwise(knots):
        if next_a < a or next_b < b:
            raise ValueError(f"path ({a}, {b}) to ({next_a}, {next_b}) must rise in both films; sort its knots")
    return knots


def _heat(heat: Heat, place: str) -> dict[str, Any]:
    rows, columns = ([round(float(moment), 3) for moment in seconds] for seconds in (heat.row_seconds, heat.column_seconds))
    drawn = canvas.data_of(
        heat.values, [f"{moment:.2f} s" for moment in rows], [f"{moment:.2f} s" for moment in columns],
        key=place, ends=(heat.low, heat.high), scale=heat.scale, chosen=heat.chosen, height=HEAT_HEIGHT_PX, outside=True,
        alt="Similarity of every moment of the first film to every moment of the second; a chosen cell moves the films.",
    )  # fmt: skip
    return drawn | {"rowSeconds": rows, "columnSeconds": columns}


def _strip(strip: Strip) -> dict[str, Any]:
    values = [float(value) for value in strip.similarity]
    known = [value for value in values if math.isfinite(value)]
    peaks = [
        {
            "start": float(peak.start_seconds),
            "end": float(peak.end_seconds),
            "at": float(peak.peak_seconds),
            "similarity": float(peak.similarity),
        }
        for peak in strip.peaks
    ]
    return {
        "seconds": [round(float(seconds), 3) for seconds in strip.seconds],
        "values": [round(value, 4) if math.isfinite(value) else None for value in values],
        "low": min(known, default=0.0),
        "high": max(known, default=1.0),
        "peaks": peaks,
        "alt": f"Similarity over the time of the film, with {len(peaks)} numbered peaks; a click goes to that moment.",
    }


def _overlay(one: Overlay, place: str) -> dict[str, Any]:
    url = pieces.served(one.png, pieces.PNG, place)
    return {"film": one.film, "start": one.start_seconds, "end": one.end_seconds, "url": url, "alt": one.alt}


def _event(told: Any) -> Event | None:
    """What the browser says, as an Event; anything else is nothing, since a browser can say what it likes."""
    if not isinstance(told, dict) or told.get("kind") not in ("cell", "out", "peak"):
        return None
    try:
        return Event(
            told["kind"],
            int(told.get("row", 0)),
            int(told.get("column", 0)),
            int(told.get("peak", 0)),
            float(told.get("first", 0.0)),
            float(told.get("second", 0.0)),
        )
    except (TypeError, ValueError, OverflowError):
        return None
