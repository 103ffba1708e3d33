"""What is done with the clips that were picked, here or on another page: the tray that stays while one search follows another."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import streamlit as st

from core import answers, exporting
from core.queries import Query
from core.searching import Results
from core.workbench import Workbench
from pages.parts import labelling
from pages.parts import search_asking as asking
from pages.parts.frame import guarded
from pages.parts.pin import pin
from pages.parts.state import key, session
from pages.parts.words import count, plain

MOST_PINNED = 24  # what one cell of a notebook holds
MOST_COMPARED = 200  # in an address


def bar(bench: Workbench, results: Results) -> None:
    """Always there, so that nothing jumps when the first clip is picked."""
    here, clips = session(), bench.library.clips()
    here.picked &= {clip.clip_id for clip in clips}
    picked, found = sorted(here.picked), [match.clip.clip_id for match in results.matches]
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key=key("search", "bar")):
        st.markdown(f"**{count(len(picked), 'clip')} picked**", width="content")
        st.button(f"Pick all {len(set(found)):,}", key=key("search", "all"), on_click=here.picked.update, args=(found,))
        st.button("Pick none", key=key("search", "none"), on_click=here.picked.clear, disabled=not picked)
        with st.popover("Label", icon=":material/label:", disabled=not picked, key=key("search", "label")):
            labelling.fields(bench, clips)
        with st.popover("Compare", icon=":material/grid_on:", disabled=not picked, key=key("search", "compare")):
            _compare(results, picked, found)
        teach_from(picked, results.search.more, results.search.less, results.search.encoder, place="search")
        with st.popover("Pin", icon=":material/keep:", key=key("search", "pin")):
            _pin(bench, results, picked)
        with st.popover("Take along", icon=":material/download:", key=key("search", "take-along")):
            _take_along(results)
        if here.undo:
            st.button(
                f"Undo: {plain(here.undo.text)}", icon=":material/undo:", type="tertiary", key=key("search", "unlabel"),
                on_click=guarded(labelling.undo), args=(bench,),
            )  # fmt: skip


def teach_from(
    picked: Sequence[str], liked: Sequence[Query] = (), disliked: Sequence[Query] = (), encoder: str = "", *, place: str
) -> None:
    """The link to Teach: what was picked and liked shows it, what was given back as "not this" does not."""
    kept = picked[:MOST_COMPARED]
    positives = ([selection(kept)] if kept else []) + [str(query) for query in liked]
    params: dict[str, list[str] | str] = {"positive": positives, "negative": [str(query) for query in disliked]}
    with st.container(width="content", key=key("teach-from", place)):
        st.page_link(
            "pages/teach.py", label="Teach from these", icon=":material/school:", disabled=not positives,
            query_params={name: value for name, value in (params | {"encoder": encoder}).items() if value},
            help="What is picked shows it; what you gave back as “not this” does not."
            + (f" A link holds {MOST_COMPARED} clips." if len(picked) > MOST_COMPARED else ""),
        )  # fmt: skip


def selection(clip_ids: Sequence[str]) -> str:
    """The query of these clips."""
    return str(Query("clips", ",".join(clip_id[: asking.ID_DIGITS] for clip_id in clip_ids)))


def _compare(results: Results, picked: Sequence[str], found: Sequence[str]) -> None:
    """What was picked against the query, and against what was found and not picked."""
    if not picked:
        return
    if len(picked) > MOST_COMPARED:
        st.caption(f"Up to {MOST_COMPARED} clips can be compared at once; label these and compare the label.")
        return
    search = results.search
    rest = [clip_id for clip_id in dict.fromkeys(found) if clip_id not in picked][:MOST_COMPARED]
    others = {"with what was searched for": [str(query) for query in search.queries]}
    if rest:
        others[f"with the {count(len(rest), 'other')} found"] = [selection(rest)]
    for told, queries in others.items():
        params = {"q": [selection(picked), *queries], "encoder": search.encoder}
        st.page_link("pages/compare.py", label=f"Compare {count(len(picked), 'clip')} {told}", query_params=params)
    asked = {"q": selection(picked), "encoder": search.encoder}
    st.page_link("pages/search.py", label="Search with all of them", icon=":material/search:", query_params=asked)


def _pin(bench: Workbench, results: Results, picked: Sequence[str]) -> None:
    names = " and ".join(asking.title(bench, query) for query in results.search.queries)[:100]
    st.caption("This search, asked again whenever the notebook is run")
    pin(bench, "search", results.search.params(), title=f"Like {names}", key="search")
    if picked:
        kept = picked[:MOST_PINNED]
        st.caption(f"The {count(len(kept), 'clip')} picked" + (f" first, of {len(picked):,}" if len(picked) > len(kept) else ""))
        pin(bench, "clips", {"clips": [f"clip:{clip_id}" for clip_id in kept]}, title=f"Picked: like {names}", key="search-clips")


def _take_along(results: Results) -> None:
    """The list as files; they are made when somebody wants them."""
    forms: dict[str, tuple[str, Callable[[], str]]] = {
        "csv": ("text/csv", lambda: exporting.search_csv(results)),
        "json": ("application/json", lambda: json.dumps(answers.search(results), indent=1, ensure_ascii=False)),
    }
    for suffix, (mime, made) in forms.items():
        st.download_button(
            f"What was found, as {suffix.upper()}", data=made, file_name=f"search.{suffix}", mime=mime,
            icon=":material/download:", key=key("search", suffix), on_click="ignore",
        )  # fmt: skip
