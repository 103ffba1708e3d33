"""Models: which networks are there, what does each need, and how do its weights get here?"""

from __future__ import annotations

import streamlit as st

from pages.parts import frame, models_card, models_detail, models_errand, models_import, models_list
from pages.parts.bench import workbench

with frame.page("Models"):
    bench = workbench()
    frame.heading("Models", "The networks that look at clips: what each sees, what it needs, and how good it is known to be.")
    st.html(models_card.STYLE)
    models_errand.running(bench)
    models_errand.outcome(bench)
    found = models_list.models(bench)
    models_list.summary(bench, found)
    with st.expander("Import weights that were carried here", icon=":material/drive_file_move:"):
        models_import.controls(bench)
    shown, as_table = models_list.filters(found)
    if not shown:
        st.info("No encoder passes these filters. Clear one of them to see more.", icon=":material/filter_alt_off:")
    elif as_table:
        models_list.table(shown)
    else:
        models_card.groups(bench, shown)
    models_detail.follow_address(bench)
