"""What the motion streams see, over the playing clips: the choice, and the errand that draws it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.overlays import DRAWING
from core.workbench import Workbench
from pages.parts import models_errand
from pages.parts.frame import guarded
from pages.parts.state import key
from pages.parts.words import count, plain

CHOICES = {"": "Clip", "skeleton": "Body", "flow": "Motion"}
_TOLD = {"skeleton": "the people and their joints", "flow": "where the picture moves"}


def choose() -> str:
    """What is to be seen over the clips; "" for the clips alone."""
    chosen = st.segmented_control(
        "Show", list(CHOICES), format_func=CHOICES.__getitem__, default="", key=key("overlay"), label_visibility="collapsed"
    )
    return chosen or ""


def offer(bench: Workbench, kind: str, clips: Sequence[Clip]) -> None:
    """A button where clips lack the overlay, its progress while it is drawn, and what went wrong."""
    lacking = [clip.clip_id for clip in clips if kind and bench.overlays.path(clip.clip_id, kind) is None]
    if not lacking:
        return
    state = bench.errands.state
    if state is not None and not state.ended:
        models_errand.running(bench)
        return
    if state is not None and state.title == DRAWING and state.error:
        st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/error:")
    st.button(
        f"Draw {_TOLD[kind]} over {count(len(lacking), 'clip')}",
        icon=":material/draw:",
        key=key("overlay", "draw"),
        on_click=guarded(bench.overlays.draw),
        args=(lacking, kind),
    )
    st.caption("About as long as the clips play, on a machine without a GPU. Of long clips the first minute is drawn.")
