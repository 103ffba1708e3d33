"""The notebook on the Home page: its title, its cells, and what can be done with the whole of it."""

from __future__ import annotations

import streamlit as st

from core import notebooks
from core.store import Notebook
from core.workbench import Workbench
from pages.parts import models_errand, notebook_cell, notebook_export, notebook_menu
from pages.parts.frame import guarded
from pages.parts.notebook_style import STYLE
from pages.parts.pin import current
from pages.parts.state import get, key, put, session
from pages.parts.words import plain

MOST_PLAYING = 4
"""Cells whose films play; a page full of moving pictures is no page to read."""


def opened(bench: Workbench) -> Notebook | None:
    """The notebook that is looked at: that of a link, else the one of this session; None when there is none."""
    named = st.query_params.get("notebook", "")
    known = {entry.notebook_id for entry in bench.library.notebooks.all()}
    if named.isdecimal() and named != str(session().followed) and int(named) in known:
        session().notebook = session().followed = int(named)
    found = current(bench)
    return None if found is None else bench.library.notebooks.get(found)


def show(bench: Workbench, notebook: Notebook) -> None:
    """Title, tools and cells."""
    st.html(STYLE)
    session().notebook = notebook.notebook_id
    _title(bench, notebook)
    _tools(bench, notebook)
    models_errand.running(bench)
    for place, cell in enumerate(notebook.cells):
        notebook_cell.card(bench, notebook, cell, playing=place < MOST_PLAYING)


def _title(bench: Workbench, notebook: Notebook) -> None:
    name = key("notebook", "title")
    put(name, notebook.title)
    st.text_input(
        "Title of the notebook", key=name, max_chars=200, label_visibility="collapsed", on_change=guarded(_rename),
        args=(bench, notebook.notebook_id),
    )  # fmt: skip


def _rename(bench: Workbench, notebook_id: int) -> None:
    bench.library.notebooks.rename(notebook_id, str(get(key("notebook", "title")) or ""))


def _tools(bench: Workbench, notebook: Notebook) -> None:
    shelf, which = bench.library.notebooks, notebook.notebook_id
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="notebook-tools"):
        asking = notebooks.runnable(notebook)
        st.button(
            "Run all", icon=":material/refresh:", on_click=guarded(_run_all), args=(bench, which), disabled=not asking,
            key=key("notebook", "run"), help="Ask every cell of today's library; what changed is marked.",
        )  # fmt: skip
        st.button(
            "Present", icon=":material/slideshow:", on_click=_present, args=(which,), disabled=not notebook.cells,
            key=key("notebook", "present"), help="One cell a screen; the arrow keys lead through it, Esc leads back.",
        )  # fmt: skip
        notebook_export.export(bench, notebook)
        notebook_menu.add(bench, notebook)
        for label, icon, what, act, keys in (
            ("Undo", ":material/undo:", notebook.undo, shelf.undo, "Mod+Z"),
            ("Redo", ":material/redo:", notebook.redo, shelf.redo, "Mod+Shift+Z"),
        ):
            st.button(
                label, icon=icon, help=f"{label}: {plain(what)}" if what else label, disabled=not what, type="tertiary",
                on_click=guarded(_step), args=(act, which, label), key=key("notebook", label), shortcut=keys,
            )  # fmt: skip
        notebook_menu.shelf(bench, notebook)


def _step(act: object, notebook_id: int, label: str) -> None:
    what = act(notebook_id)  # type: ignore[operator]
    session().editing = None
    session().news = f"{'Taken back' if label == 'Undo' else 'Done again'}: {what}" if what else ""


def _run_all(bench: Workbench, notebook_id: int) -> None:
    notebook = bench.library.notebooks.get(notebook_id)
    if any(cell.kind in notebooks.SLOW for cell in notebook.cells):
        notebook_cell.run_beside(bench, notebook_id, None)
        return
    notebooks.run(bench, notebook_id)
    fresh = bench.library.notebooks.get(notebook_id)
    marked = sum(bool(notebooks.changes(cell.before, cell.answer)) for cell in fresh.cells)
    session().news = f"{marked} of {len(notebooks.runnable(fresh))} answers changed" if marked else "Nothing changed"


def _present(notebook_id: int) -> None:
    st.query_params.from_dict({"notebook": str(notebook_id), "present": "1", "cell": "1"})
