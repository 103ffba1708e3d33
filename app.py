"""Home: the notebook, and below it what the library holds and where to go from here."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame, home, notebook, notebook_menu, notebook_present
from pages.parts.bench import workbench

with frame.page("Home"):
    bench = workbench()
    clips = bench.library.clips()
    opened = notebook.opened(bench)
    if opened is not None and notebook_present.wanted():
        notebook_present.show(bench, opened)
        st.stop()
    notebook_menu.bring_back(bench)
    busy = bool(bench.library.jobs(active_only=True))
    if opened is not None and (clips or opened.cells):
        home.working(bench)
        notebook.show(bench, opened)
        home.below(bench, empty=not opened.cells)
    elif clips or busy:
        frame.heading("How alike are two actions?", "Numbers, heatmaps and the clips behind them.")
        home.live(bench)
        home.how_to_begin()
        home.glance(bench)
        home.last_comparisons(bench)
    else:
        home.welcome(bench)
    st.caption("Everything stays on this machine.")
