"""Whether armed rules are acted on: the guard is started and stopped here, and says what it does at each place."""

from __future__ import annotations

import streamlit as st

from core.guarding import Guard, PlaceState, guard_of
from core.rules import Rule
from core.workbench import Workbench
from pages.parts.frame import boundary, guarded
from pages.parts.state import key, session
from pages.parts.words import count, plain

LOOK_SECONDS = 2.0
ICONS = {"folder": ":material/folder_eye:", "camera": ":material/videocam:", "clips": ":material/video_library:"}


def show(bench: Workbench, armed: list[Rule]) -> None:
    guard = guard_of(bench)
    running = guard.running
    if not armed and not running:
        return
    with st.container(border=True, key=key("watch", "guard")):
        told, act = st.columns([5, 2], vertical_alignment="center")
        if running:
            told.markdown(f":material/visibility: **Watching** for {count(len(armed), 'armed rule')}")
        else:
            told.markdown(":material/visibility_off: **Not watching**: armed rules do nothing until you start it")
        act.button(
            "Stop watching" if running else "Start watching", key=key("watch", "guard", "act"), on_click=guarded(_turn),
            args=(guard, not running), type="secondary" if running else "primary", width="stretch",
        )  # fmt: skip
        if running:
            st.fragment(_look, run_every=LOOK_SECONDS)(guard)


def _turn(guard: Guard, on: bool) -> None:
    (guard.start if on else guard.stop)()
    session().news = "Watching" if on else "Not watching any more"


def _look(guard: Guard) -> None:
    with boundary():
        state = guard.state
        for place in state.places:
            st.caption(line(place))
        if not state.places:
            st.caption("Looking around ...")
        if state.trouble:
            st.warning(plain(state.trouble), icon=":material/warning:")


def line(place: PlaceState) -> str:
    """ "Folder /inbox: watching · 12 files, 3 flags"."""
    name = "New clips" if place.kind == "clips" else f"{place.kind.capitalize()} {plain(place.place)}"
    unit = {"folder": "file", "clips": "clip", "camera": "picture"}[place.kind]
    said = f"{ICONS[place.kind]} {name}: {plain(place.words)} · {count(place.seen, unit)}, {count(place.flags, 'flag')}"
    return f"{said}, the last {place.late_seconds:.1f} s after its picture" if place.late_seconds else said
