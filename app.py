"""Home: what the library holds, and where to go from here."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame, home
from pages.parts.bench import workbench

with frame.page("Home"):
    bench = workbench()
    clips = bench.library.clips()
    if clips or bench.library.jobs(active_only=True):
        frame.heading("How alike are two actions?", "Numbers, heatmaps and the clips behind them.")
        home.live(bench)
        home.glance(bench)
        home.last_comparisons(bench)
    else:
        home.welcome(bench)
    st.caption("Everything stays on this machine.")
