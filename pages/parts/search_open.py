"""A match looked at closely: its film at the right moment, and where to go on from there."""

from __future__ import annotations

import streamlit as st

from core.searching import Found, Results
from core.workbench import Workbench
from pages.parts import player, search_answer
from pages.parts import search_asking as asking
from pages.parts.state import key, session
from pages.parts.sync import Mark, sync
from pages.parts.time_asking import TimeAsked, range_query
from pages.parts.words import similarity


def opened(bench: Workbench, results: Results) -> None:
    """The dialog, in the run after a card was opened."""
    here = session()
    name, here.opened = here.opened, ""
    found = search_answer.found_by(results, name) if name else None
    if found is not None:
        _show(bench, results, found)


@st.dialog("Match", width="medium")
def _show(bench: Workbench, results: Results, found: Found) -> None:
    clip, search = found.clip, results.search
    span = (found.start_seconds, found.end_seconds)
    name = f"match-{clip.clip_id[:16]}-{found.window}"
    sync([player.film(bench, clip)], key=name, loop=span, play=True, marks=[Mark(0, *span, "the match")])
    player.facts(clip)
    st.markdown(
        f"Similarity **{similarity(found.similarity)}** from {span[0]:.1f} to {span[1]:.1f} s, raw {similarity(found.raw)}."
    )
    query = search.queries[0]
    with st.container(horizontal=True, key=key("search", "onward")):
        if query.kind != "take":  # the strip needs a query that the library can answer again
            strip = TimeAsked("find", range_query(clip.clip_id, None), "", str(query), search.encoder)
            st.page_link(
                "pages/time.py", label="Where else in this clip?", icon=":material/timeline:", query_params=strip.params()
            )
        sides = {"q": [str(query), str(asking.shorter(found.query))], "encoder": search.encoder}
        st.page_link("pages/compare.py", label="Compare with the query", icon=":material/grid_on:", query_params=sides)
        again = {"q": str(asking.shorter(found.query)), "encoder": search.encoder}
        st.page_link("pages/search.py", label="Search with this moment", icon=":material/search:", query_params=again)
