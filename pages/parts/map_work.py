"""The map itself: kept ones at once, new ones made as an errand, with how far it is and a way to stop it."""

from __future__ import annotations

import streamlit as st

from core.errands import STOPPED
from core.mapping import ERRAND, Layout, Mapper, Projection
from core.projecting import LEAST, NAMES
from core.workbench import Workbench
from pages.parts import models_errand
from pages.parts.frame import guarded
from pages.parts.map_asking import MapAsked
from pages.parts.state import key
from pages.parts.words import ago, count, plain

PLACE_PX = 300
AT_ONCE = 2000  # clips that PCA lays out within a run of the page, moments too


def shown(bench: Workbench, asked: MapAsked) -> Projection | None:
    """The map that was asked for; where there is none yet, what would make it is drawn instead."""
    found = Mapper(bench).kept(asked.layout, asked.encoder)
    if found is not None and len(found.clip_ids) >= LEAST:
        _told(bench, asked, found)
        return found
    clips = bench.embedded_clips(asked.encoder)
    if clips < LEAST:
        st.info(
            f"A map needs at least {LEAST} clips, and {plain(bench.spec(asked.encoder).title)} has seen {count(clips, 'clip')}. "
            "Add clips, make the samples, or let this encoder embed what is missing.",
            icon=":material/scatter_plot:",
        )
        st.page_link("pages/library.py", label="Add clips", icon=":material/add:")
        return None
    _offer(bench, asked, clips)
    return None


def _told(bench: Workbench, asked: MapAsked, found: Projection) -> None:
    """What it is made of, and the way to make it again; always in one line, so that nothing jumps."""
    clips = len(set(found.clip_ids))
    dots = (
        count(len(found.clip_ids), "moment") + f" of {count(clips, 'clip')}"
        if asked.layout.of == "moments"
        else count(clips, "clip")
    )
    busy = _running(bench)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key("map", "told")):
        st.caption(
            f"{plain(asked.layout.title)} · {dots} · {plain(bench.spec(asked.encoder).title)} · made {ago(found.made_at)}"
            + (f" · **{plain(found.sentence)}**" if found.sentence else ""),
            width="stretch",
        )
        st.button(
            "Make it again", icon=":material/refresh:", key=key("map", "again"), type="secondary" if found.current else "primary",
            disabled=busy or found.current, on_click=guarded(_begin), args=(bench, asked.layout, asked.encoder),
            help="Nothing has changed since it was made" if found.current else None,
        )  # fmt: skip
    for note in found.notes:
        st.caption(plain(note))
    _progress(bench)


def _offer(bench: Workbench, asked: MapAsked, clips: int) -> None:
    """The empty place of a map that nobody has made yet."""
    with st.container(
        border=True, height=PLACE_PX, horizontal_alignment="center", vertical_alignment="center", key=key("map", "offer")
    ):
        st.markdown(f"**No map by {NAMES[asked.layout.method]} yet**", text_alignment="center")
        st.caption(
            f"{count(clips, 'clip')} of this library, {'each moment' if asked.layout.of == 'moments' else 'each'} as a dot: what "
            "looks alike to the encoder lies together. It is made once and kept.",
            text_alignment="center",
        )  # fmt: skip
        st.button(
            "Make the map", type="primary", icon=":material/scatter_plot:", key=key("map", "make"), disabled=_running(bench),
            on_click=guarded(_begin), args=(bench, asked.layout, asked.encoder),
        )  # fmt: skip
    _progress(bench)


def _running(bench: Workbench) -> bool:
    state = bench.errands.state
    return state is not None and not state.ended


def _progress(bench: Workbench) -> None:
    """How far it is, or what became of it."""
    state = bench.errands.state
    if _running(bench):
        models_errand.running(bench)
    elif state is not None and state.title == ERRAND and state.error:
        if state.error == STOPPED:
            st.info("Stopped. The map before it is kept.", icon=":material/pause_circle:")
        else:
            st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/error:")


def _begin(bench: Workbench, layout: Layout, encoder: str) -> None:
    """A small library by PCA is there before anybody could read of progress."""
    if layout.method == "pca" and bench.embedded_clips(encoder) <= AT_ONCE:
        Mapper(bench).make(layout, encoder)
    else:
        Mapper(bench).begin(layout, encoder)
