"""What is done with the picked clips: label, source, delete; and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.workbench import Workbench
from pages.parts.frame import guarded
from pages.parts.state import Undo, get, key, put, session
from pages.parts.words import count, plain

LABEL, SOURCE = key("set", "label"), key("set", "source")


def toolbar(bench: Workbench, everything: Sequence[Clip], shown: Sequence[Clip]) -> None:
    """Always there, so that nothing jumps when the first clip is picked."""
    here = session()
    here.picked &= {clip.clip_id for clip in everything}
    none = not here.picked
    with st.container(border=True, key=key("toolbar")):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{count(len(here.picked), 'clip')} picked**", width="content")
            st.button(
                f"Pick all {len(shown):,}", on_click=here.picked.update, args=([clip.clip_id for clip in shown],), key=key("all")
            )
            st.button("Pick none", on_click=here.picked.clear, disabled=none, key=key("none"))
            st.button(
                "Delete", icon=":material/delete:", on_click=guarded(_delete), args=(bench,), disabled=none, key=key("delete")
            )
            if here.undo:
                st.button(
                    f"Undo: {plain(here.undo.text)}",
                    icon=":material/undo:",
                    on_click=guarded(undo),
                    args=(bench,),
                    key=key("undo"),
                )
        fields(bench, everything)


def fields(bench: Workbench, everything: Sequence[Clip]) -> None:
    """Label and source for the picked clips."""
    none = not session().picked
    label, source, apply = st.columns([3, 3, 1], vertical_alignment="bottom")
    labels = sorted({clip.label for clip in everything if clip.label})
    sources = sorted({clip.source for clip in everything if clip.source})
    _chooser(label, "Set label", labels, LABEL, none)
    _chooser(source, "Set source", sources, SOURCE, none)
    apply.button("Set", type="primary", on_click=guarded(_set), args=(bench,), disabled=none, width="stretch", key=key("set"))


def _chooser(place: st.delta_generator.DeltaGenerator, title: str, names: list[str], name: str, disabled: bool) -> None:
    place.selectbox(
        title,
        names,
        index=None,
        key=name,
        accept_new_options=True,
        disabled=disabled,
        placeholder="choose or type; leave as it is",
    )


def _set(bench: Workbench) -> None:
    here, label, source = session(), get(LABEL), get(SOURCE)
    if label is None and source is None:
        here.trouble = "Choose or type a label or a source first; then press Set."
        return
    before = bench.library.relabel(sorted(here.picked), label=label, source=source)
    told = " and ".join(f"{what} {value}" for what, value in (("label", label), ("source", source)) if value is not None)
    here.undo = Undo(f"{told} on {count(len(before), 'clip')}", labellings=before)
    here.picked = set()
    put(LABEL, None)
    put(SOURCE, None)


def _delete(bench: Workbench) -> None:
    here = session()
    doomed = tuple(sorted(here.picked))
    bench.library.delete(doomed)
    here.undo, here.picked = Undo(f"deleting {count(len(doomed), 'clip')}", deleted=doomed), set()


def undo(bench: Workbench) -> None:
    """Take the last change of clips back."""
    here = session()
    last, here.undo = here.undo, None
    if last and last.labellings:
        bench.library.relabel_each(last.labellings)
    if last and last.deleted:
        bench.library.restore(last.deleted)
    if last:
        here.news = f"Taken back: {last.text}"
