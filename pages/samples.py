"""Samples: a first library for those who have no clips at hand."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame, jobs, starting
from pages.parts.bench import workbench

with frame.page("Samples"):
    bench = workbench()
    frame.heading("Samples", "Clips to begin with: drawn on this machine, or fetched from the KTH action database.")
    jobs.running(bench)
    drawn, fetched = st.columns(2, gap="large")
    with drawn:
        starting.synthetic(bench)
    with fetched:
        starting.kth(bench)
    jobs.reports(bench, most=2)
