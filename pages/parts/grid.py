"""Clips as cards with thumbnails, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.workbench import Workbench
from pages.parts import player
from pages.parts.state import get, key, put, session
from pages.parts.words import count, duration, plain

PER_PAGE = 24


def cards(bench: Workbench, clips: Sequence[Clip]) -> None:
    """One page of ``clips``; a tick picks a clip, the button below it plays it."""
    pages = max(1, -(-len(clips) // PER_PAGE))
    number = min(get(key("page")) or 1, pages)
    if number != (get(key("page")) or 1):
        put(key("page"), number)
    shown = clips[(number - 1) * PER_PAGE : number * PER_PAGE]
    with st.grid("auto", min_column_width=155, gap="medium", key=key("grid")):
        for clip in shown:
            with st.container(key=f"card-{clip.clip_id[:16]}", gap="xxsmall"):
                _card(bench, clip)
    if pages > 1:
        st.pagination(pages, key=key("page"))
    st.caption(f"{count(len(clips), 'clip')} in this view")


def _card(bench: Workbench, clip: Clip) -> None:
    try:
        st.image(str(bench.thumbnail(clip.clip_id)), alt=f"{clip.name}, {clip.label or 'no label'}", width="stretch")
    except (MotionbookError, OSError):  # a damaged picture is no reason to show no clips at all
        st.caption("no picture")
    put(tick(clip.clip_id), clip.clip_id in session().picked)
    st.checkbox(plain(clip.name), key=tick(clip.clip_id), on_change=_pick, args=(clip.clip_id,), width="stretch")
    told = [plain(clip.label) or "*no label*", duration(clip.info.duration_seconds)]
    st.caption(" · ".join(told + ["synthetic"] * (clip.synthetic and not clip.source)))
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.caption(plain(clip.source) or "unknown source", width="stretch")
        if st.button("Play", icon=":material/play_arrow:", key=key("play", clip.clip_id), type="tertiary"):
            show(bench, clip)


def tick(clip_id: str) -> str:
    return key("pick", clip_id)


def _pick(clip_id: str) -> None:
    picked = session().picked
    (picked.add if get(tick(clip_id)) else picked.discard)(clip_id)


@st.dialog("Clip", width="medium")
def show(bench: Workbench, clip: Clip) -> None:
    player.play(bench, clip, place="dialog")
    player.facts(clip)
    player.more_like(clip)
