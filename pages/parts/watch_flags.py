"""The first part of the Watch page: what to look for, the dry run or scan, and its answer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.concepts import Concept
from core.teaching import Teacher
from core.workbench import Workbench
from pages.parts import watch_answer, watch_controls, watch_work
from pages.parts.frame import guarded
from pages.parts.state import key
from pages.parts.watch_state import here
from pages.parts.words import count, plain


def taught(bench: Workbench) -> list[Concept]:
    """The concepts there are; without one the page ends here."""
    known = Teacher(bench).all()
    if not known:
        st.info(
            "No concept is taught yet. Show Motionbook a handful of clips of an action, and it will find more of it.",
            icon=":material/school:",
        )
        st.page_link("pages/teach.py", label="Teach one", icon=":material/school:")
        st.stop()
    return known


def show(bench: Workbench, known: Sequence[Concept]) -> None:
    left, right = st.columns([2, 5], gap="medium")
    with left:
        names = watch_controls.concepts(known)
    with right:
        place, where, clips = watch_controls.place(bench)
    asked = watch_controls.keep(concepts=names, place=place, names=where)
    _begin(bench, known, names, place, clips)
    scan = watch_work.chosen(bench, asked.scan)
    if scan is None:
        _nothing_yet()
        return
    watch_controls.keep(scan=scan.scan_id)
    watch_work.told(bench, scan)
    if not scan.active or scan.flags:  # before that nobody knows whether anything fires
        watch_answer.show(bench, scan.scan_id)


def _begin(bench: Workbench, known: Sequence[Concept], names: Sequence[str], place: str, clips: Sequence[Clip]) -> None:
    """The button, and what it would do, in one line."""
    folder = here().folder if place == "folder" else ""
    ready = bool(names) and bool(folder or clips)
    press, told = st.columns([1, 6], vertical_alignment="center", gap="small")
    with press:
        st.button(
            "Scan" if place == "folder" else "Dry run",
            type="primary",
            icon=":material/flag:",
            key=key("watch", "begin"),
            disabled=not ready,
            on_click=guarded(watch_work.begin),
            args=(bench, tuple(names), place, [clip.clip_id for clip in clips], folder),
            width="stretch",
        )
    told.caption(_told(known, names, place, clips, folder))


def _told(known: Sequence[Concept], names: Sequence[str], place: str, clips: Sequence[Clip], folder: str) -> str:
    if not names:
        return "Choose what to look for."
    if place == "folder":
        what = (
            f"Looks through {plain(folder)}; files stay where they are." if folder else "Name a folder or a file of this machine."
        )
    elif not clips:
        return "Choose where to look."
    else:
        what = f"Looks through {count(len(clips), 'clip')} as they are stored; nothing is done but looking."
    promises = [one.sentence for concept in known if concept.name in names for one in concept.thresholds if one.sentence]
    return f"{what} {plain(promises[0])}" if len(promises) == 1 else what


def _nothing_yet() -> None:
    st.info(
        "A dry run says how often this would have fired in what you have, and lets you look at each time.",
        icon=":material/history:",
    )
