"""Which clips are shown: filters over the library, kept in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip

NO_LABEL, NO_SOURCE = "(no label)", "(unknown source)"
REAL, SYNTHETIC = "real", "synthetic"


def filters(clips: Sequence[Clip]) -> list[Clip]:
    """Draw the controls; the clips that pass them, ordered by label, source and name."""
    text, label, source, kind = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    wanted = text.text_input("Name contains", key="text", bind="query-params", type="search", placeholder="any name")
    labels = sorted({clip.label or NO_LABEL for clip in clips})
    sources = sorted({clip.source or NO_SOURCE for clip in clips})
    chosen_label = label.selectbox("Label", labels, index=None, key="label", bind="query-params", placeholder="all")
    chosen_source = source.selectbox("Source", sources, index=None, key="source", bind="query-params", placeholder="all")
    chosen_kind = kind.selectbox("Kind", (REAL, SYNTHETIC), index=None, key="kind", bind="query-params", placeholder="all")
    found = [
        clip
        for clip in clips
        if (wanted or "").casefold() in clip.name.casefold()
        and chosen_label in (None, clip.label or NO_LABEL)
        and chosen_source in (None, clip.source or NO_SOURCE)
        and chosen_kind in (None, SYNTHETIC if clip.synthetic else REAL)
    ]
    return sorted(found, key=lambda clip: (not clip.label, clip.label.casefold(), clip.source, clip.name, clip.clip_id))
