"""The library without a clip, on the pages that ask about clips: what is missing, and the two ways to mend it."""

from __future__ import annotations

import streamlit as st

from core.workbench import Workbench
from pages.parts import jobs


def stop_without_clips(bench: Workbench, sentence: str, *, icon: str) -> None:
    """End the page here while the library is empty: what is under way, ``sentence``, and where clips come from."""
    if bench.library.clips():
        return
    jobs.running(bench)
    tell(sentence, icon=icon)
    st.stop()


def tell(sentence: str, *, icon: str) -> None:
    st.info(sentence, icon=icon)
    st.page_link("pages/samples.py", label="Make sample clips", icon=":material/directions_run:")
    st.page_link("pages/library.py", label="Add clips", icon=":material/add:")
