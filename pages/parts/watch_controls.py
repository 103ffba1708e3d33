"""What to watch for and where: chips of the taught concepts, the place, and the dry run. They stand in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.clips import Clip
from core.concepts import Concept
from core.workbench import Workbench
from pages.parts.state import get, key, put, session
from pages.parts.watch_asking import PLACES, VIEWS, WatchAsked, known_params, read
from pages.parts.watch_state import here
from pages.parts.words import count, duration, plain

VIEW, CONCEPTS, PLACE, FOLDER = (key("watch", name) for name in ("view", "concepts", "place", "folder"))
NAMES = {place: key("watch", "names", place) for place in ("label", "source", "clips")}
VERDICT, ONLY, SURE, SOURCE, SORT = (key("watch", name) for name in ("verdict", "only", "sure", "source", "sort"))
ID_DIGITS = 12


def follow() -> None:
    """Fill the controls from a link that was followed, or from what was asked before another page was looked at."""
    now = here()
    params = known_params({name: st.query_params.get_all(name) for name in st.query_params})
    followed = bool(params) and params != now.address
    if followed:
        now.asked, complaints = read(params)
        for complaint in complaints:
            st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")
    refill(anew=followed)


def refill(*, anew: bool = False) -> None:
    """The controls as they stand: what was not drawn in one run has lost its value in the next."""
    now = here()
    asked = now.asked
    wanted: dict[str, object] = {VIEW: asked.view, CONCEPTS: list(asked.concepts), PLACE: asked.place, FOLDER: now.folder}
    wanted |= {name: list(asked.names) if asked.place == place else [] for place, name in NAMES.items()}
    wanted |= {VERDICT: asked.verdict, ONLY: asked.only, SURE: asked.sure, SOURCE: asked.source, SORT: asked.sort}
    for name, value in wanted.items():
        if anew or get(name) is None:
            put(name, value)


def keep(**changes: object) -> WatchAsked:
    """The question with some parts changed, written into the session and the address."""
    now = here()
    now.asked = replace(now.asked, **changes)  # type: ignore[arg-type]
    told = now.asked.params()
    now.address = known_params({name: [value] if isinstance(value, str) else value for name, value in told.items()})
    if known_params({name: st.query_params.get_all(name) for name in st.query_params}) != now.address:
        st.query_params.from_dict(told)
    return now.asked


def view(unseen: int) -> str:
    """Which part of the page is looked at."""
    titles = VIEWS | ({"rules": f"Rules ({unseen:,} new)"} if unseen else {})
    st.segmented_control(
        "Part of the page", list(VIEWS), format_func=titles.__getitem__, key=VIEW, label_visibility="collapsed", required=True
    )
    return str(get(VIEW) or "flags")


def concepts(known: Sequence[Concept]) -> tuple[str, ...]:
    """The chips; one concept needs no choice."""
    names = [concept.name for concept in known]
    chosen = [name for name in get(CONCEPTS) or [] if name in names]
    put(CONCEPTS, chosen or names[:1])
    st.pills("Look for", names, selection_mode="multi", key=CONCEPTS, format_func=plain)
    return tuple(get(CONCEPTS) or ())


def place(bench: Workbench) -> tuple[str, tuple[str, ...], list[Clip]]:
    """Where to look: the place, its names, and the clips of the library that it means."""
    clips = bench.library.clips()
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="bottom")
    with left:
        st.segmented_control("Where", list(PLACES), format_func=PLACES.__getitem__, key=PLACE, required=True)
    chosen = str(get(PLACE) or "all")
    with right:
        if chosen == "folder":
            st.text_input("Folder or file of this machine", key=FOLDER, placeholder="/recordings/yard", max_chars=1000)
            here().folder = str(get(FOLDER) or "").strip()
            return chosen, (), []
        if chosen == "all":
            length = sum(clip.info.duration_seconds for clip in clips)
            st.caption(f"{count(len(clips), 'clip')}, {duration(length)} of film")
            return chosen, (), clips
        return _names(chosen, clips)


def _names(place: str, clips: Sequence[Clip]) -> tuple[str, tuple[str, ...], list[Clip]]:
    if place == "clips":
        options = {clip.clip_id[:ID_DIGITS]: clip.name for clip in clips}
        picked = [clip_id[:ID_DIGITS] for clip_id in sorted(session().picked)]
        title, usual = "Clips", "search, or pick clips on the Library page"
        if not get(NAMES[place]) and picked:
            put(NAMES[place], [name for name in picked if name in options])
    else:
        values = (clip.label if place == "label" else clip.source for clip in clips)
        options = {value: value for value in sorted(set(values)) if value}
        title, usual = ("Labels", "any of these") if place == "label" else ("Sources", "any of these")
    put(NAMES[place], [name for name in get(NAMES[place]) or [] if name in options])
    st.multiselect(title, list(options), key=NAMES[place], format_func=lambda name: options.get(name, name), placeholder=usual)
    names = tuple(get(NAMES[place]) or ())
    return place, names, [clip for clip in clips if _means(clip, place, names)]


def _means(clip: Clip, place: str, names: Sequence[str]) -> bool:
    return {"label": clip.label, "source": clip.source, "clips": clip.clip_id[:ID_DIGITS]}[place] in names
