"""Clips as a grid of looping, silent films: a film is loaded while its card is seen, and a few of them play at once.

Cards can be picked, opened, and given back as "more like this" or "not this", by mouse, finger and keys (docs/screens.md). What
the browser says is believed only where it names a card and a tool that were drawn.

``looping.js`` holds the film that goes round (``Loop``) and the choice of who may play (``Turns``): a piece of its own puts it in
front of its script with ``pieces.script(name, ("heat", "looping"))`` and ``pieces.style(name, ("looping",))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import pieces

TOOLS = ("more", "less", "pick", "open")
"""What a grid of search results offers; "remove" and "move" are there for grids that somebody puts together."""
FOLD = "fold"

_piece = st.components.v2.component(
    "motionbook_previews", css=pieces.style("previews", ("looping",)), js=pieces.script("previews", ("heat", "looping"))
)


@dataclass(frozen=True, slots=True)
class Card:
    """One film of the grid, from ``start_seconds`` to ``end_seconds`` again and again.

    ``key`` is unique in the grid. All texts are plain, whatever is in them.
    """

    key: str
    path: Path | None
    """None while there is no film to play: then the poster stands alone, or ``sorry`` says why."""
    form: str
    """Its MIME type."""
    start_seconds: float
    end_seconds: float
    title: str
    lines: tuple[str, ...] = ()
    badges: tuple[str, ...] = ()
    picked: bool = False
    poster: Path | None = None
    figure: str = ""
    """One number, beside the title."""
    fold: str = ""
    """What stands behind this card, as "and 2 nearly the same"; a click is an event "fold"."""
    given: str = ""
    """ "more" or "less" where it was given back as that."""
    sorry: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did with the card ``key``: a tool's name, or "fold". ``picks``: the ticks of this moment that are new."""

    kind: str
    key: str
    picks: tuple[tuple[str, bool], ...] = ()


def previews(
    cards: Sequence[Card],
    *,
    key: str,
    tools: Sequence[str] = TOOLS,
    alt: str = "Films. Arrows move between them.",
    on_event: Callable[[Event], None] | None = None,
) -> Event | None:
    """Draw the grid.

    Args:
        key: unique on the page. Cards with the same key keep their film from run to run.
        tools: which of "more", "less", "pick", "remove", "move" and "open" each card has.
        alt: one sentence that says what is shown.
        on_event: called before the page runs anew, so that it can set widgets.

    Returns what happened in this run; None for most runs.
    """
    known = frozenset(card.key for card in cards)
    kinds = frozenset((*tools, FOLD))

    def happened() -> None:
        event = _event(st.session_state[key].get("event"), kinds, known)
        if event is not None and on_event is not None:
            on_event(event)

    data = {"cards": [_told(card, f"{key}.{place}") for place, card in enumerate(cards)], "tools": list(tools), "alt": alt}
    return _event(_piece(key=key, data=data, on_event_change=happened).get("event"), kinds, known)


def _told(card: Card, place: str) -> dict[str, Any]:
    return {
        "key": card.key,
        "url": pieces.offered(card.path, card.form, f"{place}.film"),
        "poster": pieces.offered(card.poster, "image/jpeg", f"{place}.poster"),
        "start": round(max(float(card.start_seconds), 0.0), 3),
        "end": round(float(card.end_seconds), 3),
        "title": card.title,
        "figure": card.figure,
        "lines": list(card.lines),
        "badges": list(card.badges),
        "picked": card.picked,
        "fold": card.fold,
        "given": card.given,
        "alt": f"A picture of {card.title}",
        "sorry": card.sorry,
    }


def _event(told: Any, kinds: frozenset[str], known: frozenset[str]) -> Event | None:
    """What the browser says, where it names a tool and a card of this grid; a browser can say what it likes."""
    if not isinstance(told, dict):
        return None
    kind, name = told.get("kind"), told.get("key")
    if not (isinstance(kind, str) and isinstance(name, str) and kind in kinds and name in known):
        return None
    return Event(kind, name, _picks(told.get("picks"), known) if "pick" in kinds else ())


def _picks(told: Any, known: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    if not isinstance(told, list):
        return ()
    pairs = [one for one in told if isinstance(one, list) and len(one) == 2]
    return tuple((name, on) for name, on in pairs if isinstance(name, str) and name in known and isinstance(on, bool))
