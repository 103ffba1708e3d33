"""The only keys of the session's state, and what stands under them. Everything else that lasts is in the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

PREFIX = "motionbook."


@dataclass(frozen=True, slots=True)
class Undo:
    """The last change of clips: what was done, in words, and what takes it back."""

    text: str
    labellings: tuple[Any, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staged:
    """An upload that is on disk and waits to be added. ``relative`` is its name with the folders it came in."""

    path: Path
    relative: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A notebook as a file, made and not fetched yet; good as long as the notebook has not changed."""

    notebook_id: int
    changed_at: float
    name: str
    content: bytes


@dataclass(slots=True)
class Recorded:
    """What one recorder has handed over: the browser's name for the last film, what became of it, and the take in use."""

    handled: str = ""
    trouble: str = ""
    take_id: str = ""


@dataclass(slots=True)
class Session:
    """What one browser tab has going on."""

    staged: list[Staged] = field(default_factory=list)
    uploads: int = 0
    """Counts uploader widgets: a new number is an empty uploader."""
    films: int = 0
    """Counts players; see ``player.play``."""
    picked: set[str] = field(default_factory=set)
    undo: Undo | None = None
    trouble: str = ""
    """What a callback could not do, told by the page that follows."""
    news: str = ""
    paces: dict[int, tuple[float, int]] = field(default_factory=dict)
    """When each running job was first seen here, and how far it was then."""
    asked: Any = None
    """The last question of the Compare page, so that leaving and coming back keeps it."""
    shown: tuple[str, str] | None = None
    """The beginnings of the ids of the two clips that the Compare page plays."""
    address: tuple[Any, ...] | None = None
    """The query parameters as that page wrote them last; others mean that a link was followed."""
    times: Any = None
    """The last question of the Time page, and its query parameters as that page wrote them."""
    times_address: dict[str, str] | None = None
    live: Any = None
    """The camera's stream that is scored, if any, and the last question of the Live page with its query parameters."""
    live_asked: Any = None
    live_address: tuple[Any, ...] | None = None
    map: Any = None
    """What is chosen on the map; see map_state."""
    map_asked: Any = None
    """The last view of the Map page, and its query parameters as that page wrote them."""
    map_address: dict[str, str] | None = None
    watch: Any = None
    """The question of the Watch page, and decisions that can be taken back; see watch_state."""
    remembered: set[str] = field(default_factory=set)
    notebook: int | None = None
    """The notebook that is open."""
    followed: int | None = None
    """The notebook that the address named last: it is followed once, and the picker works after that."""
    editing: int | None = None
    """The cell whose texts are being written."""
    deleted_notebook: int | None = None
    exported: Exported | None = None
    pinned: tuple[tuple[str, str], tuple[int, int]] | None = None
    """The last pin: which button with which question, and the notebook and cell it made."""
    recorded: dict[str, Recorded] = field(default_factory=dict)
    """By the key of the recorder."""
    search: Any = None
    """The last search of the Search page, so that leaving and coming back keeps it."""
    search_address: tuple[Any, ...] | None = None
    """The query parameters as that page wrote them last."""
    searches: list[Any] = field(default_factory=list)
    """The searches before each "more like this" and "not this", the last one at the end: what undo goes back to."""
    unfolded: set[str] = field(default_factory=set)
    """Cards of the Search page whose nearly equal clips are shown."""
    opened: str = ""
    """The card that was opened in this run."""
    recorded_take: str = ""
    """The take that the Search page's recorder gave last: it becomes a query once."""
    teach: Any = None
    """What the Teach page is busy with; see teach_state."""
    kept: set[str] = field(default_factory=set)
    """Takes that were sent to the library, so that nobody sends one twice."""


def session() -> Session:
    key = f"{PREFIX}session"
    if key not in st.session_state:
        st.session_state[key] = Session()
    found: Session = st.session_state[key]
    return found


def key(*parts: object) -> str:
    """The key of a widget."""
    return PREFIX + ".".join(str(part) for part in parts)


def get(name: str) -> Any:
    """A widget's value by ``key``; None before it is drawn."""
    return st.session_state.get(name)


def put(name: str, value: Any) -> None:
    """Set a widget's value before it is drawn."""
    st.session_state[name] = value
