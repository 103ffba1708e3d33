"""Deleted clips: they can come back, or go for ever."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.workbench import Workbench
from pages.parts.frame import guarded
from pages.parts.state import get, key, session
from pages.parts.words import ago, count, size

CHOSEN = key("bin", "chosen")


def deleted(bench: Workbench) -> None:
    clips = bench.library.clips(deleted=True)
    if not clips:
        return
    with st.expander(f"Deleted clips ({len(clips):,})", icon=":material/delete:"):
        names = {clip.clip_id: clip.name for clip in clips}
        rows = [
            {
                "name": clip.name,
                "label": clip.label,
                "source": clip.source,
                "deleted": ago(clip.deleted_at or 0),
                "size": size(clip.bytes),
            }
            for clip in clips
        ]
        st.dataframe(rows, hide_index=True, alt="Deleted clips")
        st.multiselect("Which of them", list(names), format_func=names.__getitem__, key=CHOSEN, placeholder="all of them")
        chosen = [clip for clip in clips if clip.clip_id in (get(CHOSEN) or names)]
        with st.container(horizontal=True):
            st.button(
                f"Restore {count(len(chosen), 'clip')}",
                on_click=guarded(_restore),
                args=(bench, chosen),
                icon=":material/undo:",
                key=key("restore"),
            )
            if st.button(f"Erase {count(len(chosen), 'clip')} for ever …", icon=":material/delete_forever:", key=key("erase")):
                _confirm(bench, chosen)


def _restore(bench: Workbench, clips: Sequence[Clip]) -> None:
    bench.library.restore([clip.clip_id for clip in clips])
    session().undo = None
    session().news = f"{count(len(clips), 'clip')} restored"


@st.dialog("Erase for ever?")
def _confirm(bench: Workbench, clips: Sequence[Clip]) -> None:
    st.markdown(
        f"{count(len(clips), 'clip')} with their files, pictures and vectors will be removed from this library's folder. "
        "**Nothing can bring them back.** Backups of yours are not touched."
    )
    if st.button("Erase for ever", type="primary", on_click=guarded(_erase), args=(bench, clips), key=key("erase", "yes")):
        st.rerun()  # closes the dialog


def _erase(bench: Workbench, clips: Sequence[Clip]) -> None:
    bench.library.erase([clip.clip_id for clip in clips])
    session().undo = None
    session().news = f"{count(len(clips), 'clip')} erased"
