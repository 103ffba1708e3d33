"""What is chosen on the map, and where it goes: labels, the picked clips, Compare, Search, the notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.queries import Query
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import map_state
from pages.parts.frame import guarded
from pages.parts.map_view import HEIGHT_PX, Drawn
from pages.parts.pin import pin
from pages.parts.previews import Card, Event, previews
from pages.parts.state import Undo, get, key, put, session
from pages.parts.words import count, plain

LABEL, SOURCE = key("map", "label"), key("map", "source")
MOST_COMPARED = 300  # clips of one side: what an address and a written query hold
MOST_PINNED = 24  # what one cell of a notebook holds
SHOWN = 4
LOOK_SECONDS = 1.0
ID_DIGITS = 12
PANEL_PX = HEIGHT_PX + 44


def panel(bench: Workbench, drawn: Drawn) -> None:
    """Always there and of one height, so that nothing jumps when the first dot is chosen."""
    state = map_state.here()
    chosen = state.chosen_clips()
    with st.container(border=True, height=PANEL_PX, key=key("map", "chosen")):
        if not chosen:
            st.markdown("**Nothing is chosen**")
            st.caption(
                "Draw around dots with the lasso, click one (with shift, one more), or click a name below the map. What is "
                "chosen can be labelled, compared with the rest or with another selection, searched for, and pinned."
            )
            _undo(bench)
            _two_halves(drawn, [])
            return
        known = {clip.clip_id: clip for clip in drawn.clips}
        clips = [known[clip_id] for clip_id in chosen if clip_id in known]
        _head(drawn, clips, len(state.points))
        _films(bench, clips)
        _labels(bench, drawn, chosen)
        _onward(drawn, chosen)
        _two_halves(drawn, chosen)
        _keep(bench, chosen, clips)


def _head(drawn: Drawn, clips: Sequence[Clip], points: int) -> None:
    told = count(len(clips), "clip")
    told = f"{count(points, 'moment')} of {told}" if drawn.asked.layout.of == "moments" else told
    st.markdown(f"**{told} chosen**")
    labels = Counter(clip.label or "no label" for clip in clips).most_common()
    parts = [f"{plain(name)} {many:,}" for name, many in labels[:5]]
    parts += [f"{len(labels) - 5} more"] if len(labels) > 5 else []
    st.caption(f"{', '.join(parts)} · {count(len({clip.split_source for clip in clips}), 'source')}")


def _films(bench: Workbench, clips: Sequence[Clip]) -> None:
    """Looks again every second while small films are being made."""
    previewer = benches.previewer()
    stretches = [(clip.clip_id, 0.0, clip.info.duration_seconds) for clip in clips[:SHOWN]]
    missing = [
        stretch
        for clip, stretch in zip(clips, stretches, strict=False)
        if previewer.get(clip, *stretch[1:]) is None and not previewer.failure(clip, *stretch[1:])
    ]
    every = LOOK_SECONDS if missing and previewer.want(missing) else None
    st.fragment(_grid, run_every=every)(bench, clips[:SHOWN])
    if len(clips) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(clips):,}.")


def _grid(bench: Workbench, clips: Sequence[Clip]) -> None:
    previews(
        [_card(bench, clip) for clip in clips],
        key="map-chosen",
        tools=("pick",),
        alt="The first of what is chosen. Arrows move between films, space picks one.",
        on_event=_pick_one,
    )


def _card(bench: Workbench, clip: Clip) -> Card:
    film = benches.previewer().get(clip, 0.0, clip.info.duration_seconds)
    try:
        poster = bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to tell nothing
        poster = None
    return Card(
        clip.clip_id,
        film.content if film else None,
        film.form if film else "",
        film.start_seconds if film else 0.0,
        film.end_seconds if film else 0.0,
        clip.name,
        (f"{clip.label or 'no label'} · {clip.source or 'unknown source'}",),
        picked=clip.clip_id in session().picked,
        poster=poster,
    )


def _pick_one(event: Event) -> None:
    for clip_id, on in event.picks:
        (session().picked.add if on else session().picked.discard)(clip_id)


def _labels(bench: Workbench, drawn: Drawn, chosen: Sequence[str]) -> None:
    everything = drawn.clips
    label, source, apply = st.columns([4, 4, 2], vertical_alignment="bottom", gap="small")
    for box, title, name, names in (
        (label, "Set label", LABEL, {clip.label for clip in everything}),
        (source, "Set source", SOURCE, {clip.source for clip in everything}),
    ):
        box.selectbox(
            title, sorted(one for one in names if one), index=None, key=name, accept_new_options=True, placeholder="as it is"
        )
    apply.button(
        "Set", type="primary", width="stretch", key=key("map", "set"), on_click=guarded(_set), args=(bench, list(chosen))
    )
    _undo(bench)


def _set(bench: Workbench, chosen: list[str]) -> None:
    state, label, source = session(), get(LABEL), get(SOURCE)
    if label is None and source is None:
        state.trouble = "Choose or type a label or a source first; then press Set."
        return
    before = bench.library.relabel(sorted(chosen), label=label, source=source)
    told = " and ".join(f"{what} {value}" for what, value in (("label", label), ("source", source)) if value is not None)
    state.undo = Undo(f"{told} on {count(len(before), 'clip')}", labellings=before)
    put(LABEL, None)
    put(SOURCE, None)


def _undo(bench: Workbench) -> None:
    undo = session().undo
    if undo is not None and undo.labellings:
        st.button(
            f"Undo: {plain(undo.text)}", icon=":material/undo:", type="tertiary", key=key("map", "undo"),
            on_click=guarded(take_back), args=(bench,),
        )  # fmt: skip


def take_back(bench: Workbench) -> None:
    """The labels as they were before the last change."""
    state = session()
    undo, state.undo = state.undo, None
    if undo is not None:
        bench.library.relabel_each(undo.labellings)
        state.news = f"Taken back: {undo.text}"


# -- where it goes ---------------------------------------------------------------------------------------------------------


def selection(clip_ids: Sequence[str]) -> tuple[str, int]:
    """The query of these clips, and how many of them it names: of very many a sample, the same each time."""
    kept = list(clip_ids)
    if len(kept) > MOST_COMPARED:
        rows = np.random.default_rng(0).choice(len(kept), MOST_COMPARED, replace=False)
        kept = [kept[row] for row in np.sort(rows)]
    return str(Query("clips", ",".join(clip_id[:ID_DIGITS] for clip_id in kept))), len(kept)


def _onward(drawn: Drawn, chosen: Sequence[str]) -> None:
    inside = set(chosen)
    rest = [clip_id for clip_id in dict.fromkeys(drawn.shown.clip_ids) if clip_id not in inside]
    _compare("Compare with the rest", drawn.asked.encoder, chosen, rest)
    query, named = selection(chosen)
    st.page_link(
        "pages/search.py", label="Search for more like these", icon=":material/search:",
        query_params={"q": query, "encoder": drawn.asked.encoder}, help=_sampled(named, len(chosen)),
    )  # fmt: skip
    st.page_link(
        "pages/teach.py", label="Teach from these", icon=":material/school:",
        query_params={"positive": query, "encoder": drawn.asked.encoder}, help=_sampled(named, len(chosen)),
    )  # fmt: skip


def _compare(label: str, encoder: str, a: Sequence[str], b: Sequence[str]) -> None:
    """A link to Compare; where a side is larger than a link holds, it says that a sample is compared."""
    (first, named_a), (second, named_b) = (selection(a), selection(b)) if a and b else (("", 0), ("", 0))
    st.page_link(
        "pages/compare.py", label=label, icon=":material/grid_on:", disabled=not (a and b),
        query_params={"q": [first, second], "encoder": encoder}, help=_sampled(named_a + named_b, len(a) + len(b)),
    )  # fmt: skip


def _teach(encoder: str, a: Sequence[str], b: Sequence[str]) -> None:
    """A link to Teach: A shows it, B does not."""
    (first, named_a), (second, named_b) = (selection(a), selection(b)) if a and b else (("", 0), ("", 0))
    st.page_link(
        "pages/teach.py",
        label="Teach A, with B as what is not it",
        icon=":material/school:",
        disabled=not (a and b),
        query_params={"positive": first, "negative": second, "encoder": encoder},
        help=_sampled(named_a + named_b, len(a) + len(b)),
    )


def _sampled(named: int, all_of: int) -> str | None:
    return f"A sample of {named:,} of {all_of:,} clips: more do not fit into a question." if 0 < named < all_of else None


def _two_halves(drawn: Drawn, chosen: Sequence[str]) -> None:
    """Two selections against each other: the first is kept aside as A while the second is drawn."""
    state = map_state.here()
    here = set(drawn.shown.clip_ids)
    state.aside = tuple(clip_id for clip_id in state.aside if clip_id in here)
    if not state.aside:
        if chosen:
            st.button(
                "Keep as A, to compare two selections", icon=":material/looks_one:", type="tertiary", key=key("map", "aside"),
                on_click=_keep_aside, args=(tuple(chosen),),
            )  # fmt: skip
        return
    with st.container(border=True, key=key("map", "halves")):
        both = len(set(chosen) & set(state.aside))
        told = f"**A** is {count(len(state.aside), 'clip')}, **B** is what is chosen now: {count(len(chosen), 'clip')}."
        st.markdown(
            told + (f" {count(both, 'clip is', 'clips are')} in both." if both and set(chosen) != set(state.aside) else "")
        )
        same = set(chosen) == set(state.aside)
        if same:
            st.caption("Now choose B on the map.")
        _compare("Compare A with B", drawn.asked.encoder, state.aside, () if same else chosen)
        _teach(drawn.asked.encoder, state.aside, () if same else chosen)
        with st.container(horizontal=True, gap="small"):
            st.button("Show A", key=key("map", "show-a"), type="tertiary", on_click=state.choose_clips, args=(state.aside,))
            st.button("Forget A", key=key("map", "forget-a"), type="tertiary", on_click=_keep_aside, args=((),))


def _keep_aside(clip_ids: tuple[str, ...]) -> None:
    map_state.here().aside = clip_ids


def _keep(bench: Workbench, chosen: Sequence[str], clips: Sequence[Clip]) -> None:
    picked = session().picked
    new = [clip_id for clip_id in chosen if clip_id not in picked]
    st.button(
        f"Add to the picked clips ({len(picked):,})" if new else f"All of them are picked ({len(picked):,})",
        icon=":material/add_circle:" if new else ":material/check:", key=key("map", "pick"), type="tertiary", disabled=not new,
        on_click=picked.update, args=(new,), help="Picked clips stay picked on Search and in the Library",
    )  # fmt: skip
    labels = Counter(clip.label for clip in clips if clip.label).most_common(2)
    title = " and ".join(name for name, _ in labels) or "Clips"
    pin(
        bench, "clips", {"clips": [f"clip:{clip_id}" for clip_id in chosen[:MOST_PINNED]]},
        title=f"{title}, chosen on the map"[:100], key="map-clips",
    )  # fmt: skip
    if len(chosen) > MOST_PINNED:
        st.caption(f"A cell holds {MOST_PINNED} clips: the first of what is chosen.")
