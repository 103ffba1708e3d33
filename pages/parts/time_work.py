"""Long work of the Time page: what it would cost, and the errand that does it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errands import STOPPED, Report, Work
from core.workbench import Workbench
from pages.parts import models_errand
from pages.parts.frame import guarded
from pages.parts.state import key
from pages.parts.words import plain


def offer(bench: Workbench, title: str, label: str, told: str, work: Work) -> None:
    """A button that begins ``work`` as an errand called ``title``; its progress while it runs, and what went wrong."""
    state = bench.errands.state
    if state is not None and not state.ended:
        if state.title == title:
            models_errand.running(bench)
        else:  # whoever began that shows how far it is
            st.caption(f"{plain(told)} Possible as soon as what is being worked out now is done.")
        return
    if state is not None and state.title == title and state.error:
        if state.error == STOPPED:
            st.info("Stopped. What was read so far is kept.", icon=":material/pause_circle:")
        else:
            st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/error:")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.button(
            label,
            type="primary",
            icon=":material/play_circle:",
            key=key("time", "work", title),
            on_click=guarded(bench.errands.start),
            args=(title, work),
        )
        st.caption(told)


def in_turn(*works: Work) -> Work:
    """Several pieces of work as one errand."""

    def work(report: Report, should_stop: Callable[[], bool]) -> None:
        for one in works:
            one(report, should_stop)

    return work
