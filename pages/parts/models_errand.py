"""Fetching, checking and importing weights as people see it: how far it is, a way to stop it, and what became of it."""

from __future__ import annotations

import itertools
import time

import streamlit as st

from core.errands import STOPPED, ErrandState
from core.shelf import FETCHING
from core.weights import Carried
from core.workbench import Workbench
from pages.parts.frame import boundary
from pages.parts.jobs import LOOK_SECONDS
from pages.parts.state import key
from pages.parts.words import count, duration, plain, size


def running(bench: Workbench) -> None:
    """The errand under way, whoever began it; the page is drawn anew when it has ended."""
    state = bench.errands.state
    if state is not None and not state.ended:
        st.fragment(_look, run_every=LOOK_SECONDS)(bench, next(_looks))


_looks = itertools.count()
"""A number for each look: on a busy machine one run may draw a look of the page before together with that of this one."""


def is_about(bench: Workbench, name: str) -> bool:
    """Whether the errand under way is about this encoder."""
    state = bench.errands.state
    return state is not None and not state.ended and bench.shelf.subject() == name


def _look(bench: Workbench, number: int) -> None:
    with boundary():
        state = bench.errands.state
        if state is None or state.ended:
            st.rerun()
            return
        with st.container(border=True, key=key("errand", number)):
            told, stop = st.columns([5, 1], vertical_alignment="center")
            step = state.progress
            told.progress(min(step.done / step.total, 1.0) if step.total else 0.0, text=text(state, time.monotonic()))
            stop.button("Cancel", on_click=bench.errands.stop, key=key("errand", number, "cancel"), width="stretch")


def text(state: ErrandState, now_seconds: float) -> str:
    """ "**Fetching the weights of x3d_s**: 3.1 MB of 15.2 MB · 9 s left"."""
    step, title = state.progress, f"**{plain(state.title)}**"
    if not state.title.startswith(FETCHING):
        return f"{title}: {step.done:,} of {step.total:,} · {plain(step.label)}" if step.total else f"{title} …"
    if not step.done:
        return f"{title}: connecting"
    if not step.total:
        return f"{title}: {size(step.done)} so far"
    pace = step.done / max(now_seconds - state.started_at, 1.0)
    return f"{title}: {size(step.done)} of {size(step.total)} · {duration(max(step.total - step.done, 0) / pace)} left"


def outcome(bench: Workbench) -> None:
    """What became of the last errand about weights."""
    state = bench.errands.state
    if state is None or not state.ended or not bench.shelf.subject():
        return
    if state.error:
        _failed(bench, state)
    elif bench.shelf.outcome is not None:
        if bench.shelf.outcome.message:
            st.success(plain(bench.shelf.outcome.message), icon=":material/check_circle:")
        else:
            _imported(bench.shelf.outcome.files)


def _failed(bench: Workbench, state: ErrandState) -> None:
    """In words, with what to do; stopping is no failure."""
    if state.error == STOPPED:
        st.info(f"{plain(state.title)}: stopped. What came so far is kept, and the next try goes on from there.")
        return
    st.error(
        f"**{plain(state.title)} did not work.** {plain(state.error[:1].upper() + state.error[1:])}", icon=":material/cloud_off:"
    )
    subject = bench.shelf.subject()
    if subject in {status.name for status in bench.shelf.statuses()}:
        st.caption("No internet here? The encoder's details have the commands for another machine, and the place for its file.")


def _imported(files: tuple[Carried, ...]) -> None:
    taken = sum(one.outcome == "imported" for one in files)
    refused = sum(one.refused for one in files)
    told = f"{count(taken, 'file')} imported of {len(files):,} looked at" + (f", {refused:,} refused." if refused else ".")
    (st.warning if refused or not taken else st.success)(told, icon=":material/drive_file_move:")
    rows = [
        {"file": one.file.name, "became": one.outcome, "encoder": one.encoder or "–", "what to know": one.message or "–"}
        for one in sorted(files, key=lambda one: one.outcome == "unknown")[:500]
    ]
    st.dataframe(rows, hide_index=True, alt="What became of each file")
