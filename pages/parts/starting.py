"""The two ways to a first library: synthetic figures, and the KTH archives."""

from __future__ import annotations

import time

import streamlit as st

from core import kth as kth_clips
from core.workbench import Workbench
from pages.parts.frame import guarded
from pages.parts.jobs import LOOK_SECONDS
from pages.parts.state import get, key
from pages.parts.words import count, duration, plain, size

PEOPLE = key("samples", "people")
ACTIONS, MOST_PEOPLE, SECONDS_EACH = 8, 8, 2.5
"""Seconds for drawing and embedding one sample on two cores; only for the estimate below the button."""


def synthetic(bench: Workbench) -> None:
    with st.container(border=True):
        st.subheader("Synthetic figures", anchor=False)
        st.markdown(
            "Invented people walk, jog, run, do jumping jacks, wave, squat, box and climb, in several places, lights and "
            "camera angles. **They are drawn, not filmed**: good for learning the tool, not for conclusions about people."
        )
        people = st.slider("People", 2, MOST_PEOPLE, 5, key=PEOPLE)
        have = sum(clip.synthetic for clip in bench.library.clips())
        new = max(people * ACTIONS - have, 0)
        st.button(
            "Make sample clips", type="primary", icon=":material/directions_run:", on_click=guarded(_make), args=(bench,),
            disabled=not new or bool(bench.library.jobs(active_only=True)), key=key("samples", "make"),
        )  # fmt: skip
        st.caption(_promise(people * ACTIONS, new))


def _promise(wanted: int, new: int) -> str:
    """How many, how long."""
    if not new:
        return "The library has all of them already; more people give more."
    told = f"{count(wanted, 'clip')}, about {duration(max(round(new * SECONDS_EACH, -1), 10))}, no download."
    return told + (f" The library has {wanted - new} of them already; only new ones are drawn." if new < wanted else "")


def _make(bench: Workbench) -> None:
    bench.enqueue_samples(get(PEOPLE) or 5)


def kth(bench: Workbench) -> None:
    with st.container(border=True):
        st.subheader("KTH action database", anchor=False)
        st.markdown(
            "Real people walking, jogging and running: 25 people in four settings, black and white. Three archives of 150 to "
            "250 MB come from the authors' own server, [csc.kth.se](https://www.csc.kth.se/cvap/actions/)."
        )
        st.caption(
            "Terms of the authors: free for non-commercial use and research; cite Schuldt, Laptev & Caputo, ICPR 2004. "
            "About 300 clips; embedding them takes a while on a small machine."
        )
        state = bench.errands.state if bench.errands.state and bench.errands.state.title == kth_clips.ERRAND else None
        if state is not None and not state.ended:
            st.fragment(_look, run_every=LOOK_SECONDS)(bench)
            return
        st.button(
            "Fetch and add the KTH clips",
            icon=":material/cloud_download:",
            on_click=guarded(bench.fetch_kth),
            key=key("kth", "fetch"),
        )
        if state is not None and state.error:
            st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/cloud_off:")


def _look(bench: Workbench) -> None:
    state = bench.errands.state
    if state is None or state.ended:
        st.rerun()
        return
    step = state.progress
    share = min(step.done / step.total, 1.0) if step.total else 0.0
    pace = step.done / max(time.monotonic() - state.started_at, 1.0)
    left = f" · {duration((step.total - step.done) / pace)} left in this archive" if step.total and pace > 1 else ""
    st.progress(share, text=f"{plain(step.label) or 'Connecting'}: {size(step.done)} of {size(step.total)}{left}")
    st.button("Cancel", on_click=bench.errands.stop, key=key("kth", "cancel"))
