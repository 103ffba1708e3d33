"""Search: where in this library does something look like that?"""

from __future__ import annotations

import streamlit as st

from pages.parts import bench as benches
from pages.parts import frame, jobs, nothing, search_answer, search_controls, search_filters, search_open, sides
from pages.parts import search_asking as asking

with frame.page("Search"):
    bench = benches.workbench()
    frame.heading("Search", "Find the moments that look like an example: a clip, a label, or words of your own.")
    clips = bench.library.clips()
    nothing.stop_without_clips(
        bench, "There is nothing to search yet. Make the synthetic samples, or add clips of your own.", icon=":material/search:"
    )

    specs = {spec.name: spec for spec in bench.encoders()}
    search = asking.follow(list(specs))
    search_controls.line(bench, clips)
    search_controls.own_clip(bench)
    search_filters.controls(bench, clips, specs)
    search = asking.current()
    sides.offer_missing(bench, clips, specs[search.encoder])
    jobs.running(bench)
    asking.keep()
    if not bench.embedded_clips(search.encoder):
        st.info("This encoder has seen no clip of the library yet. Choose another one under Filters, or let it embed the clips.")
        st.stop()
    if not search.asked:
        search_controls.examples(bench, clips)
        st.stop()
    results = search_answer.answer(bench, search)
    if results is not None:
        search_open.opened(bench, results)
        search_answer.shown(bench, results)
