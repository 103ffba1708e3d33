"""Examples that may be wrong: those that a head which never saw their source puts on the other side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.asking import Doubt, doubts
from core.clips import Clip
from core.concepts import NONE, Concept, Example
from core.errors import MotionbookError
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import teach_state
from pages.parts.frame import complain
from pages.parts.previews import previews
from pages.parts.state import key
from pages.parts.teach_asking import SHOWS
from pages.parts.teach_examples import card
from pages.parts.teach_state import here
from pages.parts.words import count, plain

MOST = 12


def show(bench: Workbench, concept: Concept, clips: dict[str, Clip]) -> None:
    try:
        found = doubts(concept.examples, benches.held_out(concept))
    except MotionbookError as error:
        complain(error)
        return
    left = [one for one in found if _in_draft(one) is not None and _mark(one) not in here().fine]
    if not left:
        st.success(
            "No example looks wrong: each scores on its own side while its source is left out.", icon=":material/check_circle:"
        )
        return
    st.caption(
        f"{count(len(left), 'example')} of {len(concept.examples):,} to look at again; a list, no verdict. What is changed here "
        "counts when the concept is taught again."
    )
    _films(clips, left[:MOST])
    for number, one in enumerate(left[:MOST]):
        if one.example.clip_id in clips:
            _row(bench, clips[one.example.clip_id], one, number)
    if len(left) > MOST:
        st.caption(f"The first {MOST} of {len(left):,}.")


def _films(clips: dict[str, Clip], found: Sequence[Doubt]) -> None:
    """Small films are asked for; they appear when the page is drawn next."""
    previewer = benches.previewer()
    stretches = [
        (one.example.clip_id, *(one.example.span or (0.0, clips[one.example.clip_id].info.duration_seconds)))
        for one in found
        if one.example.clip_id in clips
    ]
    previewer.want([one for one in stretches if previewer.get(clips[one[0]], *one[1:]) is None])


def _mark(one: Doubt) -> tuple[str, str, str]:
    return one.example.clip_id, str(one.example.span), one.name


def _in_draft(one: Doubt) -> Example | None:
    """The example of the draft that the doubt is about; None when it was taken out or changed already."""
    for example in teach_state.draft().examples:
        same = (example.clip_id, example.span) == (one.example.clip_id, one.example.span)
        if same and (example.name == one.example.name or (example.name == SHOWS and one.example.name == one.name)):
            return example
    return None


def _row(bench: Workbench, clip: Clip, one: Doubt, number: int) -> None:
    example = _in_draft(one)
    if example is None:
        return
    film, told = st.columns([2, 9], vertical_alignment="center", gap="medium")
    with film:
        previews(
            [card(bench, clip, example, "doubt")], key=f"teach-doubt-{number}", tools=(), alt=f"{clip.name}, a doubtful example"
        )
    told.markdown(plain(one.sentence))
    shows = example.name != NONE
    with told.container(horizontal=True, gap="small"):
        st.button(
            "It does not show it" if shows else f"It shows {plain(one.name)}",
            icon=":material/swap_horiz:",
            key=key("teach", "turn-over", number),
            on_click=_move,
            args=(example, one.name),
        )
        st.button(
            "Take it out", icon=":material/delete:", key=key("teach", "doubt-out", number), on_click=_remove, args=(example,)
        )
        st.button("It is right", key=key("teach", "fine", number), type="tertiary", on_click=here().fine.add, args=(_mark(one),))


def _move(example: Example, name: str) -> None:
    draft = teach_state.draft()
    other = (name if name in draft.classes else SHOWS) if example.name == NONE else NONE
    teach_state.change("changing a doubtful example", draft.moved(example, other))


def _remove(example: Example) -> None:
    teach_state.change("taking a doubtful example out", teach_state.draft().without(example))
