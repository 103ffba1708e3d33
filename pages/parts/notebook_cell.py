"""One cell of the notebook on the Home page: what it shows, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import notebooks
from core.notebooks import KIND_NAMES
from core.store import Cell, Notebook
from core.workbench import Workbench
from pages.parts import notebook_body as body
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.words import ago, plain

ICONS = {
    "comparison": ":material/compare_arrows:",
    "heat": ":material/grid_on:",
    "search": ":material/search:",
    "clips": ":material/movie:",
    "text": ":material/notes:",
    "alignment": ":material/stacked_line_chart:",
    "strip": ":material/timeline:",
    "scenery": ":material/landscape:",
    "why": ":material/help:",
}


def card(bench: Workbench, notebook: Notebook, cell: Cell, *, playing: bool) -> None:
    """``playing``: whether its films play, or stand as pictures."""
    with st.container(border=True, key=f"cell-{cell.cell_id}"):
        editing = session().editing == cell.cell_id
        _head(bench, notebook, cell, editing=editing)
        if editing:
            _editors(bench, notebook, cell)
        elif cell.kind == "text":
            body.prose(str(cell.question.get("markdown", "")) or "*An empty text. Press the pencil to write.*")
        if cell.kind != "text":
            _answer(bench, cell, playing=playing)
            if not editing:
                body.prose(cell.note, note=True)


def _head(bench: Workbench, notebook: Notebook, cell: Cell, *, editing: bool) -> None:
    place = [one.cell_id for one in notebook.cells].index(cell.cell_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        name = plain(cell.title) or ("" if cell.kind == "text" else KIND_NAMES.get(cell.kind, "Cell"))
        st.markdown(f"{ICONS.get(cell.kind, ':material/circle:')} **{name}**" if name else ICONS["text"], width="stretch")
        with st.container(horizontal=True, wrap=False, width="content", gap="xxsmall", key=f"head-{cell.cell_id}"):
            for label, icon, to, off in (
                ("Move up", ":material/arrow_upward:", place - 1, place == 0),
                ("Move down", ":material/arrow_downward:", place + 1, place == len(notebook.cells) - 1),
            ):
                _tool(cell, label, icon, bench.library.notebooks.move, (notebook.notebook_id, cell.cell_id, to), disabled=off)
            if cell.kind != "text":
                _tool(cell, "Run again", ":material/refresh:", _run, (bench, notebook.notebook_id, cell.cell_id, cell.kind))
            _tool(
                cell, "Done" if editing else "Edit", ":material/check:" if editing else ":material/edit:", _edit, (cell.cell_id,)
            )
            _tool(cell, "Delete", ":material/delete:", _remove, (bench, notebook.notebook_id, cell.cell_id))


def _tool(cell: Cell, label: str, icon: str, act: Any, arguments: tuple[Any, ...], *, disabled: bool = False) -> None:
    st.button(
        label, icon=icon, help=label, type="tertiary", disabled=disabled, on_click=guarded(act), args=arguments,
        key=key("cell", cell.cell_id, label),
    )  # fmt: skip


def _edit(cell_id: int) -> None:
    session().editing = None if session().editing == cell_id else cell_id


def _remove(bench: Workbench, notebook_id: int, cell_id: int) -> None:
    bench.library.notebooks.remove(notebook_id, cell_id)
    session().news = "Cell deleted; Undo brings it back"


def _run(bench: Workbench, notebook_id: int, cell_id: int, kind: str) -> None:
    if kind in notebooks.SLOW:
        run_beside(bench, notebook_id, [cell_id])
    else:
        notebooks.run(bench, notebook_id, [cell_id])


def run_beside(bench: Workbench, notebook_id: int, cell_ids: list[int] | None) -> None:
    """As an errand: some of the cells may have to embed windows."""

    def work(report: notebooks.Report, should_stop: notebooks.Stop) -> None:
        notebooks.run(bench, notebook_id, cell_ids, report=report, should_stop=should_stop)

    bench.errands.start("Running the notebook", work)


def _editors(bench: Workbench, notebook: Notebook, cell: Cell) -> None:
    """Each field is kept when it is left."""
    where = (bench, notebook.notebook_id, cell.cell_id)
    if cell.kind == "text":
        _field(*where, "markdown", str(cell.question.get("markdown", "")), "Text (Markdown)", area=True)
        return
    _field(*where, "title", cell.title, "Title", area=False)
    _field(*where, "note", cell.note, "Note (Markdown)", area=True)


def _field(bench: Workbench, notebook_id: int, cell_id: int, what: str, value: str, label: str, *, area: bool) -> None:
    name = key("cell", cell_id, what)
    put(name, value)
    changed = {"on_change": guarded(_keep), "args": (bench, notebook_id, cell_id, what, name), "key": name}
    if area:
        st.text_area(label, height=160, **changed)
    else:
        st.text_input(label, max_chars=200, **changed)


def _keep(bench: Workbench, notebook_id: int, cell_id: int, what: str, name: str) -> None:
    value = str(get(name) or "")
    changed: Mapping[str, Any] = {"question": {"markdown": value}} if what == "markdown" else {what: value}
    bench.library.notebooks.change(notebook_id, cell_id, **changed)


def _answer(bench: Workbench, cell: Cell, *, playing: bool) -> None:
    if cell.answer is None:
        st.caption("Not run yet. Press the round arrow to ask this library.")
        return
    if cell.answer.get("error"):
        error = str(cell.answer["error"])
        st.warning(f"{plain(error[:1].upper() + error[1:])}", icon=":material/error:")
    answer = notebooks.shown(cell)
    if answer is None:
        return
    if cell.answer.get("error"):
        st.caption(f"What was answered {ago(float(answer.get('at', 0)))}:")
    body.changed(cell)
    _drawn(bench, cell, answer, playing=playing)
    older = " · the library has changed since" if notebooks.stale(bench, cell) and not cell.answer.get("error") else ""
    st.caption(plain(notebooks.stamp(answer)) + older)


def _drawn(bench: Workbench, cell: Cell, answer: Mapping[str, Any], *, playing: bool) -> None:
    if answer.get("headline") and answer.get("draw"):
        left, right = st.columns([5, 6], gap="large")
        with left:
            body.told(answer)
            body.films(bench, cell, answer, "home", columns=2, playing=playing)
        with right:
            body.figure(cell, answer, "home")
        return
    body.told(answer)
    body.figure(cell, answer, "home")
    body.films(bench, cell, answer, "home", columns=4, playing=playing)
