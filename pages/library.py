"""Library: which clips are there, what are they called, and how do more come in?"""

from __future__ import annotations

import streamlit as st

from pages.parts import adding, bin, choosing, frame, grid, jobs, labelling
from pages.parts.bench import workbench
from pages.parts.words import count

with frame.page("Library"):
    bench = workbench()
    clips = bench.library.clips()
    frame.heading("Library", "Clips with their labels and sources. Everything stays on this machine.")
    with st.expander("Add clips", expanded=not clips, icon=":material/add:"):
        adding.controls(bench)
    jobs.running(bench)
    jobs.reports(bench)
    if clips:
        shown = choosing.filters(clips)
        labelling.toolbar(bench, clips, shown)
        if shown:
            grid.cards(bench, shown)
        else:
            st.info(f"None of the {count(len(clips), 'clip')} passes these filters. Clear one of them to see more.")
    else:
        st.info("The library is empty. Add clips above, or make the synthetic samples.", icon=":material/video_library:")
        st.page_link("pages/samples.py", label="Make sample clips", icon=":material/directions_run:")
    bin.deleted(bench)
