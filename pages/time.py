"""Time: where do two clips agree, where does something happen, how does a movement repeat itself?"""

from __future__ import annotations

import streamlit as st

from pages.parts import bench as benches
from pages.parts import frame, jobs, time_agree, time_controls, time_find, time_repeat

SHOW = {"agree": time_agree.show, "find": time_find.show, "repeat": time_repeat.show}

with frame.page("Time"):
    bench = benches.workbench()
    frame.heading("Time", "Moment against moment: matched, found, and counted.")
    if not bench.library.clips():
        jobs.running(bench)
        st.info(
            "There is no clip whose moments could be compared yet. Add clips, or make the samples.", icon=":material/timeline:"
        )
        st.page_link("pages/samples.py", label="Make sample clips", icon=":material/directions_run:")
        st.page_link("pages/library.py", label="Add clips", icon=":material/add:")
        st.stop()
    asked = time_controls.ask(bench)
    jobs.running(bench)
    SHOW[asked.ask](bench, asked)
