"""The map: dots to point at and to choose. Inside a fragment, so that a pointer that rests runs no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.mapping import Projection
from core.previewing import Preview
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import map_state, player, scatter, sync
from pages.parts.frame import boundary
from pages.parts.map_asking import MapAsked
from pages.parts.state import key
from pages.parts.time_asking import range_query

HEIGHT_PX = 600


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What the fragment draws: a map, who owns each of its dots, and their colours."""

    asked: MapAsked
    shown: Projection
    clips: Sequence[Clip]
    colour: scatter.Groups | scatter.Values


def show(bench: Workbench, drawn: Drawn) -> None:
    st.fragment(_draw)(bench, drawn)


def _draw(bench: Workbench, drawn: Drawn) -> None:
    with boundary():
        state = map_state.here()
        if state.changed:
            state.changed = False
            st.rerun()
        of = "moments" if drawn.asked.layout.of == "moments" else "clips"
        scatter.scatter(
            drawn.shown.places,
            drawn.colour,
            key="map-of-library",
            alt=f"A map of {len(drawn.clips):,} {of}; what looks alike lies together.",
            chosen=state.points,
            seen=state.seen,
            card=_card(bench, drawn, state.pointed) if 0 <= state.pointed < len(drawn.clips) else None,
            height=HEIGHT_PX,
            on_event=_act,
        )


def _act(event: scatter.Event) -> None:
    state = map_state.here()
    if event.kind == "hover":
        state.pointed = int(event.points[0])
        return
    state.changed = True
    if event.kind == "open":
        state.opened = int(event.points[0])
    else:
        state.choose(event.points)
        state.seen = event.count


def _card(bench: Workbench, drawn: Drawn, point: int) -> scatter.Card:
    clip = drawn.clips[point]
    start, end = (float(second) for second in drawn.shown.spans[point])
    lines = [clip.label or "no label", clip.source or "unknown source"]
    if drawn.asked.layout.of == "moments":
        lines.append(f"{start:.1f}–{end:.1f} s of {clip.info.duration_seconds:.1f} s")
    if isinstance(drawn.colour, scatter.Values):
        lines.append(f"{drawn.colour.title}: {drawn.colour.values[point]:.2f}".replace("-", "−"))
    elif drawn.asked.colour == "cluster":
        lines.append(f"cluster {drawn.colour.names[int(drawn.colour.numbers[point])]}")
    moving, making = film(clip, start, end)
    try:
        poster = bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to tell nothing
        poster = None
    if moving is None:
        return scatter.Card(point, clip.name, tuple(lines), poster=poster, waiting=making)
    return scatter.Card(
        point, clip.name, tuple(lines), moving.content, moving.form, moving.start_seconds, moving.end_seconds, poster
    )


def film(clip: Clip, start_seconds: float, end_seconds: float) -> tuple[Preview | None, bool]:
    """The small film of a stretch; where there is none yet, it is begun, and whether it is being made."""
    previewer = benches.previewer()
    found = previewer.get(clip, start_seconds, end_seconds)
    if found is not None or previewer.failure(clip, start_seconds, end_seconds):
        return found, False
    previewer.want([(clip.clip_id, start_seconds, end_seconds)])
    return None, True


def opened(bench: Workbench, drawn: Drawn) -> None:
    """The dialog of a dot, in the run after it was opened."""
    state = map_state.here()
    point, state.opened = state.opened, -1
    if 0 <= point < len(drawn.clips):
        _look(bench, drawn, point)


@st.dialog("On the map", width="medium")
def _look(bench: Workbench, drawn: Drawn, point: int) -> None:
    clip = drawn.clips[point]
    start, end = (float(second) for second in drawn.shown.spans[point])
    moment = drawn.asked.layout.of == "moments"
    marks = [sync.Mark(0, start, end, "this moment")] if moment else []
    sync.sync([player.film(bench, clip)], key=f"map-opened-{point}", loop=(start, end), play=True, marks=marks)
    player.facts(clip)
    query = range_query(clip.clip_id, (start, end) if moment else None)
    with st.container(horizontal=True, key=key("map", "onward")):
        asked = {"q": query, "encoder": drawn.asked.encoder}
        st.page_link("pages/search.py", label="Search for more like this", icon=":material/search:", query_params=asked)
        like = MapAsked(drawn.asked.encoder, drawn.asked.layout, "like", q=query).params()
        st.page_link("pages/map.py", label="Colour the map by this", icon=":material/palette:", query_params=like)
