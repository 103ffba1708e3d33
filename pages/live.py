"""Live: which of these does the camera see right now?"""

from __future__ import annotations

import streamlit as st

from pages.parts import bench as benches
from pages.parts import frame, jobs, live, live_controls, nothing, words_mix

with frame.page("Live"):
    bench = benches.workbench()
    frame.heading("Live", "What does the camera see? Its last seconds are scored, again and again, against what you choose.")
    nothing.stop_without_clips(
        bench, "There is nothing to score the camera against yet. Add clips, or make the samples.", icon=":material/videocam:"
    )
    asked = live_controls.ask(bench)
    jobs.running(bench)
    if not bench.embedded_clips(asked.encoder):
        st.info("This encoder has seen no clip of the library yet. Choose another one, or let it embed the clips.")
        st.stop()
    if not asked.queries:
        st.info(
            "Choose above what to look for: labels, clips, action names, or words of your own.", icon=":material/arrow_upward:"
        )
        st.stop()
    if words_mix.fetch_first(bench, asked.queries, asked.encoder):
        st.stop()
    live.show(bench, asked)
