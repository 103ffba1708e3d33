"""Map: the whole library at a glance, what lies together in it, and what looks wrong."""

from __future__ import annotations

import streamlit as st

from pages.parts import bench as benches
from pages.parts import frame, jobs, map_chosen, map_colour, map_controls, map_folds, map_state, map_view, map_work

with frame.page("Map"):
    bench = benches.workbench()
    frame.heading("Map", "The whole library at a glance: what looks alike lies together. Draw around dots to choose them.")
    clips = {clip.clip_id: clip for clip in bench.library.clips()}
    if not clips:
        jobs.running(bench)
        st.info(
            "There is nothing to lay out yet. Make the synthetic samples, or add clips of your own.",
            icon=":material/scatter_plot:",
        )
        st.page_link("pages/samples.py", label="Make sample clips", icon=":material/directions_run:")
        st.page_link("pages/library.py", label="Add clips", icon=":material/add:")
        st.stop()
    asked = map_controls.ask(bench)
    jobs.running(bench)
    shown = map_work.shown(bench, asked)
    if shown is None:
        map_controls.keep(asked)
        st.stop()
    map_state.here().follow(shown)
    found = map_folds.clusters_wanted(asked)
    map_colour.follow_wanted(found, shown)
    left, right = st.columns([8, 4], gap="medium")
    with left:
        owners = [clips[owner] for owner in shown.clip_ids]
        drawn = map_view.Drawn(asked, shown, owners, map_colour.colours(bench, asked, shown, owners, found))
        map_view.show(bench, drawn)
    with right:
        map_chosen.panel(bench, drawn)
    map_folds.show(bench, drawn, found)
    map_controls.keep(asked)
    map_view.opened(bench, drawn)
