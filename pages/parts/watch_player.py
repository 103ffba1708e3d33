"""Flags and the film they are in, as one piece: player, timeline with scores and threshold, and the list of all flags.

What is clicked and pressed is done in the browser: seeking, the cursor, the next flag, accepting and rejecting. The page hears
of it, keeps it and confirms it; until then each message says everything that is not confirmed, so that no quick key is lost.
The player is that of ``sync.py``; see docs/screens.md for the keys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.flags import VERDICTS
from pages.parts import pieces
from pages.parts.sync import Film, told_film

MOST_POINTS = 2400
"""Of a course that goes to the browser: more than screens have pixels across. Of longer ones the highest of each run is kept."""
MOST_STEPS = 500

_piece = st.components.v2.component(
    "motionbook_watch",
    css=pieces.style("watch_player", ("looping", "sync")),
    js=pieces.script("watch_player", ("heat", "heatmap", "looping", "players")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How one concept goes over a film: W moments that rise, the head's ``scores`` (W,), and what they mean.

    ``threshold`` is a score; NaN for none.
    """

    name: str
    seconds: NDArray[np.float64]
    scores: NDArray[np.float64]
    similarity: NDArray[np.float64]
    confidence: NDArray[np.float64]
    threshold: float


@dataclass(frozen=True, slots=True)
class Row:
    """One flag of the list. All texts are plain, whatever is in them. Rows of one ``clip`` stand together.

    ``film`` goes round from ``film_start`` to ``film_end`` of itself; None while there is none: then the poster stands alone.
    """

    flag_id: int
    clip: str
    title: str
    about: str
    concept: str
    start_seconds: float
    end_seconds: float
    figures: str
    verdict: str
    film: Path | bytes | None = None
    form: str = ""
    film_start: float = 0.0
    film_end: float = 0.0
    poster: Path | None = None
    sorry: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: this flag is now that; ``undo`` takes the last one back. ``serial`` rises from step to step."""

    serial: int
    flag_id: int
    verdict: str
    undo: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did: stands on the flag ``flag_id`` now (0 is none), after these decisions."""

    kind: str
    flag_id: int
    steps: tuple[Step, ...]
    serial: int


def watching(
    film: Film,
    clip: str,
    rows: Sequence[Row],
    *,
    key: str,
    courses: Sequence[Course] = (),
    chosen: int = 0,
    done: Sequence[tuple[int, str, str]] = (),
    handled: int = 0,
    on_event: Callable[[Event], None] | None = None,
) -> Event | None:
    """Draw the piece.

    Args:
        film: of ``clip``, the clip that the chosen flag is in; ``courses`` are of it too.
        rows: all flags, in order, those of one clip together.
        chosen: the flag to stand on.
        done: the decisions that can be taken back, the last one at the end: flag, verdict, verdict before.
        handled: the highest serial that the page has heard of.
        on_event: called before the page runs anew.

    Returns what happened in this run; None for most runs.
    """
    known = frozenset(row.flag_id for row in rows)
    at = next((row for row in rows if row.flag_id == chosen), None)
    data = {
        "key": key,
        "films": [told_film(film, f"{key}.film") | {"id": clip}],
        "rows": [_row(row, f"{key}.row.{place}") for place, row in enumerate(rows)],
        "courses": [_course(course) for course in courses],
        "chosen": chosen,
        "start": max(at.start_seconds - 0.5, 0.0) if at is not None and at.clip == clip else 0.0,
        "done": [{"flag": flag, "verdict": verdict, "before": before} for flag, verdict, before in done],
        "handled": handled,
        "alt": "Flags. J and K go to the next and the one before, A accepts, R rejects, U takes back.",
        "colours": pieces.colours(pieces.theme()),
    }

    def happened() -> None:
        event = _event(st.session_state[key].get("event"), known)
        if event is not None and on_event is not None:
            on_event(event)

    return _event(_piece(key=key, data=data, on_event_change=happened).get("event"), known)


def _row(row: Row, place: str) -> dict[str, Any]:
    return {
        "id": row.flag_id,
        "clip": row.clip,
        "title": row.title,
        "about": row.about,
        "concept": row.concept,
        "url": pieces.offered(row.film, row.form, f"{place}.film"),
        "poster": pieces.offered(row.poster, "image/jpeg", f"{place}.poster"),
        "figures": row.figures,
        "verdict": row.verdict,
        "sorry": row.sorry,
        "alt": "",
        **_spans(row),
    }


def _spans(row: Row) -> dict[str, float]:
    """``start`` and ``end`` are of the flag in its clip, ``from`` and ``to`` of the small film in its file."""
    return {
        "start": round(row.start_seconds, 3),
        "end": round(row.end_seconds, 3),
        "from": round(max(row.film_start, 0.0), 3),
        "to": round(row.film_end, 3),
    }


def _course(course: Course) -> dict[str, Any]:
    """Raises ValueError where the arrays are not of one length."""
    lengths = {len(course.seconds), len(course.scores), len(course.similarity), len(course.confidence)}
    if len(lengths) != 1:
        raise ValueError(f"course ({course.name}) must have as many moments as scores, similarities and confidences: {lengths}")
    picked = _highest(course.scores, MOST_POINTS)
    known = course.scores[np.isfinite(course.scores)].tolist() + ([course.threshold] if math.isfinite(course.threshold) else [])
    low, high = min(known, default=0.0), max(known, default=1.0)
    margin = 0.06 * (high - low) or 0.5
    return {
        "name": course.name,
        "seconds": [round(value, 3) for value in course.seconds[picked].tolist()],
        "values": _numbers(course.scores[picked]),
        "like": _numbers(course.similarity[picked]),
        "sure": _numbers(course.confidence[picked]),
        "threshold": course.threshold if math.isfinite(course.threshold) else None,
        "low": low - margin,
        "high": high + margin,
    }


def _highest(scores: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """The numbers of at most ``most`` moments: of each run of neighbours the highest, so that no peak is lost."""
    if len(scores) <= most:
        return np.arange(len(scores))
    filled = np.where(np.isfinite(scores), scores, -np.inf)
    runs = np.array_split(np.arange(len(scores)), most)
    return np.array([run[int(np.argmax(filled[run]))] for run in runs], np.intp)


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [round(value, 4) if math.isfinite(value) else None for value in values.tolist()]


def _event(told: Any, known: frozenset[int]) -> Event | None:
    """What the browser says, where it makes sense; a browser can say what it likes, so unknown flags are left out."""
    if not isinstance(told, dict) or told.get("kind") not in ("choose", "decide", "undo"):
        return None
    flag, serial, steps = told.get("flag"), told.get("serial"), told.get("steps")
    if not (_whole(flag) and _whole(serial) and isinstance(steps, list)):
        return None
    believed = tuple(step for one in steps[:MOST_STEPS] if (step := _step(one)) is not None)
    return Event(told["kind"], flag if flag in known else 0, tuple(sorted(believed, key=lambda step: step.serial)), serial)


def _step(told: Any) -> Step | None:
    if not isinstance(told, dict):
        return None
    serial, flag, verdict, undo = (told.get(name) for name in ("serial", "flag", "verdict", "undo"))
    if not (_whole(serial) and _whole(flag) and isinstance(verdict, str) and verdict in VERDICTS):
        return None
    return Step(serial, flag, verdict, undo is True)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
