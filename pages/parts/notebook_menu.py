"""The menus of the notebook: adding cells, other notebooks, and the way out as files."""

from __future__ import annotations

import streamlit as st

from core import notebooks
from core.store import Cell, Notebook
from core.workbench import Workbench
from pages.parts import notebook_export
from pages.parts.frame import guarded
from pages.parts.sides import clip_query
from pages.parts.state import get, key, session
from pages.parts.words import count, plain

TEXT, COMPARISON, SEARCH, LABELS = "Text", "Comparison …", "Clips most like …", "All labels at a glance"
NEW, DUPLICATE, DELETE = "New notebook", "Duplicate this notebook", "Delete this notebook"
CHOSEN, SOUGHT = key("notebook", "chosen"), key("notebook", "sought")


def add(bench: Workbench, notebook: Notebook) -> None:
    chosen = st.menu_button("Add", (TEXT, COMPARISON, SEARCH, LABELS), icon=":material/add:", key=key("notebook", "add"))
    if chosen == COMPARISON:
        st.switch_page("pages/compare.py")
    elif chosen == SEARCH:
        _search(bench, notebook)
    elif chosen in (TEXT, LABELS):
        guarded(_add)(bench, notebook.notebook_id, chosen)
        st.rerun()


def _add(bench: Workbench, notebook_id: int, what: str) -> None:
    if what == TEXT:
        session().editing = bench.library.notebooks.add(notebook_id, Cell("text", "", {"markdown": ""}))
    else:
        notebooks.pin(bench, notebook_id, "heat", "All labels at a glance", {"by": "label", "encoder": bench.default})


@st.dialog("Clips most like …")
def _search(bench: Workbench, notebook: Notebook) -> None:
    clips = bench.library.clips()
    options = {f"label:{label}": f"label {label}" for label in sorted({clip.label for clip in clips if clip.label})}
    options |= {clip_query(clip): f"clip {clip.name}" for clip in clips}
    st.selectbox("Like which label or clip?", list(options), format_func=options.__getitem__, key=SOUGHT)
    if st.button("Add to the notebook", type="primary", key=key("notebook", "seek")):
        query = get(SOUGHT)
        title = f"Clips most like {options[query].partition(' ')[2]}"
        guarded(notebooks.pin)(
            bench, notebook.notebook_id, "search", title, {"query": query, "count": 6, "encoder": bench.default}
        )
        st.rerun()


def shelf(bench: Workbench, notebook: Notebook) -> None:
    """Which notebook, and what can be done with whole ones."""
    entries = {entry.notebook_id: entry for entry in bench.library.notebooks.all()}
    with st.popover("Notebooks", icon=":material/library_books:", key=key("notebook", "shelf")):
        for entry in entries.values():
            here = entry.notebook_id == notebook.notebook_id
            st.button(
                f"{plain(entry.title)} · {count(entry.cells, 'cell')}", icon=":material/check:" if here else None, disabled=here,
                type="tertiary", on_click=_open, args=(entry.notebook_id,), key=key("notebook", "open", entry.notebook_id),
            )  # fmt: skip
        st.divider()
        for label, icon, act in (
            (NEW, ":material/add:", _create),
            (DUPLICATE, ":material/content_copy:", _duplicate),
            (DELETE, ":material/delete:", _delete),
        ):
            st.button(
                label, icon=icon, on_click=guarded(act), args=(bench, notebook.notebook_id), key=key("notebook", label),
                type="tertiary",
            )  # fmt: skip
        notebook_export.take_in(bench)
        gone = bench.library.notebooks.all(deleted=True)
        if gone:
            st.caption("Deleted notebooks")
            for entry in gone[:5]:
                st.button(
                    f"Bring back {plain(entry.title)}", icon=":material/undo:", type="tertiary", on_click=guarded(_restore),
                    args=(bench, entry.notebook_id), key=key("notebook", "restore", entry.notebook_id),
                )  # fmt: skip


def _open(notebook_id: int) -> None:
    session().notebook, session().editing = notebook_id, None


def _create(bench: Workbench, _notebook_id: int) -> None:
    _open(bench.library.notebooks.create(f"Notebook {len(bench.library.notebooks.all()) + 1}"))


def _duplicate(bench: Workbench, notebook_id: int) -> None:
    _open(bench.library.notebooks.duplicate(notebook_id))


def _delete(bench: Workbench, notebook_id: int) -> None:
    title = bench.library.notebooks.get(notebook_id).title
    bench.library.notebooks.delete(notebook_id)
    session().notebook = None
    session().deleted_notebook = notebook_id
    session().news = f"{title} deleted"


def _restore(bench: Workbench, notebook_id: int) -> None:
    bench.library.notebooks.restore(notebook_id)
    session().deleted_notebook = None
    _open(notebook_id)


def bring_back(bench: Workbench) -> None:
    """The way back right after a notebook was deleted."""
    which = session().deleted_notebook
    entry = next((one for one in bench.library.notebooks.all(deleted=True) if one.notebook_id == which), None)
    if entry is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{plain(entry.title)} was deleted.", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", on_click=guarded(_restore), args=(bench, entry.notebook_id),
                  key=key("notebook", "undelete"))  # fmt: skip
