"""One click that keeps a question in the notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import notebooks
from core.comparing import Comparison
from core.errors import UnknownName
from core.workbench import Workbench
from pages.parts import meaning
from pages.parts.asking import Asked
from pages.parts.frame import guarded
from pages.parts.state import key as widget_key
from pages.parts.state import session

FIRST_TITLE = "My notebook"


def pin(bench: Workbench, kind: str, question: Mapping[str, Any], *, title: str, key: str) -> None:
    """Draw the button "Pin to notebook"; beside it, after a click, where it went and the way back.

    Args:
        kind: comparison, heat, clips, alignment, strip, scenery, search or text.
        question: JSON, with queries in their written form; what ``core.notebooks`` needs to ask again.
        title: of the cell, plain text.
        key: tells several pins of one page apart.
    """
    asked = json.dumps([kind, dict(question)], sort_keys=True, ensure_ascii=False)
    pinned = session().pinned
    done = pinned is not None and pinned[0] == (key, asked)
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
        st.button(
            "Pinned" if done else "Pin to notebook",
            icon=":material/check:" if done else ":material/keep:",
            on_click=guarded(_pin),
            args=(bench, kind, dict(question), title, (key, asked)),
            key=widget_key("pin", key),
            disabled=done,
            help=None if done else "Keep this question and its answer as a cell of the notebook on the Home page.",
        )
        if done and pinned is not None:
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=guarded(_take_back), args=(bench, *pinned[1]),
                      key=widget_key("pin", key, "undo"))  # fmt: skip


def comparison(bench: Workbench, found: Comparison, asked: Asked) -> None:
    """The pin of the Compare page."""
    question: dict[str, Any] = {"queries": list(asked.queries), "encoder": asked.encoder}
    if asked.weights:
        question["weights"] = dict(asked.weights)
    names = [meaning.title(side) for side in found.sides]
    title = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else f"Within {names[0]}"
    title = title[:1].upper() + title[1:]
    if asked.view == "clips":
        pin(bench, "heat", {**question, "by": "clip"}, title=f"{title}, clip by clip", key="comparison")
    else:
        pin(bench, "comparison", question, title=title, key="comparison")


def current(bench: Workbench) -> int | None:
    """The notebook that is open in this session, or else the one that was changed last; None when there is none."""
    entries = bench.library.notebooks.all()
    known = [entry.notebook_id for entry in entries]
    chosen = session().notebook
    return chosen if chosen in known else (known[0] if known else None)


def current_or_new(bench: Workbench) -> int:
    """The same; the first notebook is made where there is none."""
    found = current(bench)
    return bench.library.notebooks.create(FIRST_TITLE) if found is None else found


def _pin(bench: Workbench, kind: str, question: dict[str, Any], title: str, mark: tuple[str, str]) -> None:
    notebook_id = current_or_new(bench)
    cell_id = notebooks.pin(bench, notebook_id, kind, title, question)
    here = session()
    here.notebook, here.pinned = notebook_id, (mark, (notebook_id, cell_id))
    here.news = f"Pinned to {bench.library.notebooks.get(notebook_id).title}"


def _take_back(bench: Workbench, notebook_id: int, cell_id: int) -> None:
    here = session()
    here.pinned = None
    try:
        bench.library.notebooks.remove(notebook_id, cell_id)
    except UnknownName:  # somebody deleted it on the Home page meanwhile, which is what was wanted
        return
    here.news = f"Taken out of {bench.library.notebooks.get(notebook_id).title}"
