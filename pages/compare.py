"""Compare: how alike are these actions, and which clips say so?"""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    answer,
    distribution,
    evidence,
    frame,
    heat,
    jobs,
    moments,
    nothing,
    pair,
    pin,
    sides,
    streams,
    why,
    words_mix,
)
from pages.parts import bench as benches
from pages.parts.asking import kept_inside

with frame.page("Compare"):
    bench = benches.workbench()
    frame.heading("Compare", "How alike are these actions? Pick groups; click a cell to see the clips behind it.")
    nothing.stop_without_clips(
        bench, "There is nothing to compare yet. Make the synthetic samples, or add clips of your own.", icon=":material/grid_on:"
    )

    asked = sides.ask(bench)
    jobs.running(bench)
    if not bench.embedded_clips(asked.encoder):
        sides.keep(asked)
        st.info("This encoder has seen no clip of the library yet. Choose another one, or let it embed the clips.")
        st.stop()
    if not asked.queries:
        sides.keep(asked)
        st.info(
            "Pick at least two groups above: labels, single clips, action names, or words of your own.",
            icon=":material/arrow_upward:",
        )
        st.stop()

    if words_mix.fetch_first(bench, asked.queries, asked.encoder):
        sides.keep(asked)
        st.stop()

    with st.skeleton(height=420):
        comparison = benches.answer(asked.encoder, asked.queries, asked.weights)
        found = benches.findings(asked.encoder, asked.queries, asked.weights)
        deep = asked.view == "windows"
        table = moments.find(bench, comparison, asked) if deep else heat.table_of(bench, comparison, asked)
    first = moments.first_cell(table) if deep else heat.first_cell(table)
    asked = kept_inside(asked, table.similarity.shape, first)
    sides.keep(asked)
    row, column = table.sides_of(asked.cell)

    answer.number(bench, comparison, found, row, column)
    words_mix.shown(bench, comparison, asked.encoder)
    pin.comparison(bench, comparison, asked)
    if deep:
        moments.chart(bench, comparison, table, asked, asked.cell)
    else:
        left, right = st.columns([6, 5], gap="large")
        with left:
            heat.chart(comparison, table, asked, asked.cell)
        with right:
            pair.players(bench, comparison, table, asked, asked.cell)
    why.panel(bench, why.shown(bench), asked)
    streams.readings(benches.streams(asked.encoder, asked.queries), comparison, row, column)
    evidence.section(found, row, column, lambda: distribution.stamp(bench, asked))
    distribution.show(bench, comparison, row, column, asked)
    answer.strip(bench, comparison, row, column, asked)
    answer.table(bench, comparison, found, table, asked)
    answer.remember(bench, comparison, asked)
