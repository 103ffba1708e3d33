"""Teach: a new action from a handful of examples, and how well it was understood."""

from __future__ import annotations

import streamlit as st

from pages.parts import bench as benches
from pages.parts import (
    frame,
    jobs,
    nothing,
    teach_controls,
    teach_doubts,
    teach_examples,
    teach_list,
    teach_result,
    teach_state,
    teach_ten,
    teach_work,
)

with frame.page("Teach"):
    bench = benches.workbench()
    clips = bench.library.clips()
    nothing.stop_without_clips(
        bench,
        "There is nothing to teach from yet. Make the synthetic samples, or add clips of your own.",
        icon=":material/school:",
    )
    teach_state.follow(bench, clips, [spec.name for spec in bench.encoders()])
    jobs.running(bench)
    if teach_state.here().draft is None:
        frame.heading("Teach", "A new action from a handful of examples: then search, compare and watch for it.")
        teach_list.show(bench, clips)
        teach_state.keep(unchanged=False)
        st.stop()
    concept = teach_controls.kept(bench)
    teach_controls.head(bench, concept)
    view, known = teach_controls.views(concept), {clip.clip_id: clip for clip in clips}
    if view == "examples":
        teach_controls.fields(bench, clips)
    if view == "ask":  # the film and its answers come first, on a small screen most of all
        teach_work.progress(bench)
    else:
        teach_controls.teach(bench, concept)
    if concept is not None:
        teach_controls.warn_stale(bench, concept)
    if concept is None or view == "examples":
        teach_examples.show(bench, clips)
    elif view == "quality":
        teach_result.show(bench, concept)
    elif view == "ask":
        teach_ten.show(bench, concept, known)
    else:
        teach_doubts.show(bench, concept, known)
    teach_state.keep(unchanged=teach_controls.unchanged(concept))
