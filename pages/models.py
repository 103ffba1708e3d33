"""Models: which networks are there, what does each need, which one fits this library, and where do two of them disagree?"""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    frame,
    models_card,
    models_choose,
    models_detail,
    models_disagree,
    models_errand,
    models_import,
    models_list,
)
from pages.parts.bench import workbench

ALL, CHOOSE, DISAGREE = "Encoders", "Choose", "Disagree"

with frame.page("Models"):
    bench = workbench()
    st.html(models_card.STYLE)
    frame.heading("Models", "The networks that look at clips: what each needs, which one fits this library, where two disagree.")
    part = st.segmented_control(
        "Part", (ALL, CHOOSE, DISAGREE), default=ALL, required=True, key="part", bind="query-params", label_visibility="collapsed"
    )
    with st.container(key="errand-place"):  # always there: what lies below must not move, or it would close and forget a drop
        models_errand.running(bench)
        models_errand.outcome(bench)
    if part == CHOOSE:
        models_choose.panel(bench)
    elif part == DISAGREE:
        models_disagree.panel(bench)
    else:
        found = models_list.models(bench)
        models_list.summary(bench, found)
        with st.expander(
            "Import weights that were carried here", icon=":material/drive_file_move:", key="carried", on_change="rerun"
        ):  # its state is kept here, so that a page drawn anew does not close it
            models_import.controls(bench)
        shown, as_table = models_list.filters(found)
        if not shown:
            st.info("No encoder passes these filters. Clear one of them to see more.", icon=":material/filter_alt_off:")
        elif as_table:
            models_list.table(shown)
        else:
            models_card.groups(bench, shown)
    models_detail.follow_address(bench)
