"""Below the two clips of a comparison: their cadences, and the way to their moments on the Time page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import time_repeat
from pages.parts.time_asking import pair_params


def below(bench: Workbench, clips: Sequence[Clip]) -> None:
    """Of two different clips."""
    if len(clips) != 2 or clips[0].clip_id == clips[1].clip_id:
        return
    if time_repeat.ready(bench, [(clip.clip_id, None) for clip in clips]):
        cadences = [benches.repetition(clip.clip_id, None).cadence for clip in clips]
        st.markdown(f"Rhythm: **{time_repeat.against(list(clips), cadences)}**")
    first, second = (clip.clip_id for clip in clips)
    st.page_link(
        "pages/time.py",
        label="Where do these two agree in time?",
        icon=":material/timeline:",
        query_params=pair_params(first, second),
    )
