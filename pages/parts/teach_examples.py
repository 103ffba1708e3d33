"""The examples of a concept as two grids of looping films: what shows it, and what does not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.concepts import NONE, Example
from core.errors import MotionbookError
from core.previewing import Previewer
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import teach_adding, teach_state
from pages.parts.previews import Card, Event, previews
from pages.parts.state import key
from pages.parts.teach_asking import ID_DIGITS, SHOWS
from pages.parts.teach_state import here
from pages.parts.words import count, plain

SHOWN = 9
LOOK_SECONDS = 1.0
ORIGINS = {"asked": "asked", "accepted": "a flag that was right", "rejected": "a false alarm"}
Clips = dict[str, Clip]


def show(bench: Workbench, clips: Sequence[Clip]) -> None:
    known = {clip.clip_id: clip for clip in clips}
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch", key=key("teach", "positives")):
        name = _class()
        _head("Shows it" if name == SHOWS else f"Shows {plain(name)}", name)
        teach_adding.show(clips, name)
        first = st.container()
    with right.container(border=True, height="stretch", key=key("teach", "negatives")):
        if len(teach_state.draft().names) > 1:
            st.caption("What shows none of the classes stands here; each class is told from all others as well.")
        _head("Does not show it" if name == SHOWS else "Shows none of them", NONE)
        teach_adding.show(clips, NONE)
        second = st.container()
    previewer = benches.previewer()
    both = [(first, name), (second, NONE)]
    missing = _missing(previewer, [one for _, group in both for one in _shown(group)], known)
    every = LOOK_SECONDS if previewer.want(missing) else None
    for place, group in both:
        with place:
            st.fragment(_grid, run_every=every)(bench, known, group, bool(every))


def _class() -> str:
    """Which class's positives are shown: of several, a row to choose from."""
    names, state = teach_state.draft().names, here()
    if state.group not in names:
        state.group = names[0]
    if len(names) == 1:
        return state.group
    field = key("teach", "class", state.versions)
    chosen = st.segmented_control(
        "Class", names, default=state.group, key=field, required=True,
        format_func=lambda name: f"{plain(name)} · {len(teach_state.draft().of(name))}",
    )  # fmt: skip
    state.group = str(chosen or names[0])
    return state.group


def _head(title: str, name: str) -> None:
    examples = teach_state.draft().of(name)
    st.markdown(f"**{title}** · {count(len(examples), 'example')}")


def _shown(name: str) -> tuple[Example, ...]:
    return teach_state.draft().of(name)[: here().shown.get(name, SHOWN)]


def span_of(example: Example, clip: Clip) -> tuple[float, float]:
    """From and to which second an example goes."""
    return example.span or (0.0, clip.info.duration_seconds)


def _missing(previewer: Previewer, examples: Sequence[Example], clips: Clips) -> list[tuple[str, float, float]]:
    stretches = [(clips[one.clip_id], *span_of(one, clips[one.clip_id])) for one in examples if one.clip_id in clips]
    return [
        (clip.clip_id, start, end)
        for clip, start, end in stretches
        if previewer.get(clip, start, end) is None and not previewer.failure(clip, start, end)
    ]


def _grid(bench: Workbench, clips: Clips, name: str, looking: bool) -> None:
    if here().changed:  # the card that was acted on may be gone already, so its event cannot tell
        here().changed = False
        st.rerun()
    examples = {_key(one): one for one in _shown(name) if one.clip_id in clips}
    whole = teach_state.draft().of(name)
    if not examples:
        st.caption(_nothing(name))
        return
    previews(
        [card(bench, clips[one.clip_id], one, place) for place, one in examples.items()],
        key=f"teach-grid-{'none' if name == NONE else 'shows'}",
        tools=("remove", "move"),
        alt=f"{'What does not show it' if name == NONE else 'What shows it'}. Arrows move between films, Delete takes one out, "
        "M moves it to the other side, P holds the films still.",
        on_event=lambda event: _act(examples, event, name),
    )
    if len(whole) > len(examples):
        st.button(
            f"Show more of {len(whole):,}", icon=":material/expand_more:", key=key("teach", "more-of", name),
            on_click=_show_more, args=(name,),
        )  # fmt: skip
    if looking and not _missing(benches.previewer(), list(examples.values()), clips):
        st.rerun()


def _nothing(name: str) -> str:
    if name == NONE:
        return "Nothing yet. Press *Suggest* for a few of everything else, or add clips that are easily mistaken for it."
    return "Nothing yet. Add a label, picked clips, or any clip by its name."


def _show_more(name: str) -> None:
    here().shown[name] = here().shown.get(name, SHOWN) + 4 * SHOWN


def _key(example: Example) -> str:
    return f"{example.clip_id[:16]}-{example.span[0]:g}-{example.span[1]:g}" if example.span else example.clip_id[:16]


def card(bench: Workbench, clip: Clip, example: Example, name: str, figure: str = "") -> Card:
    """An example, or a question about a clip, as a card of a grid."""
    start, end = span_of(example, clip)
    previewer = benches.previewer()
    film, failure = previewer.get(clip, start, end), previewer.failure(clip, start, end)
    try:
        poster = bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to show no examples at all
        poster = None
    part = (f"{start:.1f}–{end:.1f} s of {clip.info.duration_seconds:.1f} s",) if example.span else ()
    return Card(
        name,
        film.content if film else None,
        film.form if film else "",
        film.start_seconds if film else 0.0,
        film.end_seconds if film else 0.0,
        clip.name,
        (*part, f"{clip.label or 'no label'} · {clip.source or 'unknown source'}"),
        (ORIGINS[example.origin],) if example.origin in ORIGINS else (),
        poster=poster,
        figure=figure,
        sorry=f"This film cannot be shown: {failure}" if failure else "",
    )


def _act(examples: dict[str, Example], event: Event, name: str) -> None:
    draft, example = teach_state.draft(), examples[event.key]
    here().changed = True
    if event.kind == "remove":
        teach_state.change("taking an example out", draft.without(example))
    elif event.kind == "move":
        teach_state.change("moving an example", draft.moved(example, here().group if name == NONE else NONE))


def queries_of(clip_ids: Sequence[str]) -> str:
    """The query of some clips for a link to this page; "" for none."""
    return "clips:" + ",".join(clip_id[:ID_DIGITS] for clip_id in clip_ids) if clip_ids else ""
