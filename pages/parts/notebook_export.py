"""A notebook as a file to take along, and one of somebody else taken in."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from core import notebooks
from core.store import Notebook
from core.workbench import Workbench
from pages.parts.frame import guarded
from pages.parts.state import Exported, get, key, session
from pages.parts.words import size

AS = key("notebook", "as")


@dataclass(frozen=True, slots=True)
class _Form:
    suffix: str
    mime: str
    title: str
    where: str = ""
    """Of a page: where its films are."""


FORMS = (
    _Form(".html", "text/html", "Web page with its films inside", "inside"),
    _Form(".html", "text/html", "Web page with pictures only", "none"),
    _Form(".zip", "application/zip", "Web page with its films beside it (zip)", "beside"),
    _Form(".ipynb", "application/x-ipynb+json", "Jupyter notebook that runs"),
    _Form(".csv", "text/csv", "Numbers as CSV"),
    _Form(".json", "application/json", "Questions for another library (JSON)"),
)


def export(bench: Workbench, notebook: Notebook) -> None:
    """Choose a form, make the file, take it: films are cut when it is made, not when the page is drawn."""
    with st.popover("Export", icon=":material/download:", disabled=not notebook.cells, key=key("notebook", "export")):
        films = len(notebooks.spots(bench, notebook))
        chosen = st.radio(
            "As", range(len(FORMS)), key=AS, format_func=lambda number: _told(FORMS[number], films), on_change=_forget
        )
        form = FORMS[chosen or 0]
        if form.suffix == ".html":
            st.caption("Opens without a network in any browser. Print it from there for a PDF: one cell a page.")
        st.button(
            "Make the file", icon=":material/build:", on_click=guarded(_make), args=(bench, notebook.notebook_id),
            key=key("notebook", "make"),
        )  # fmt: skip
        made = session().exported
        if made is not None and made.notebook_id == notebook.notebook_id and made.changed_at == notebook.changed_at:
            st.download_button(
                f"Download · {size(len(made.content))}", made.content, made.name, form.mime, type="primary",
                icon=":material/download:", key=key("notebook", "download"), on_click="ignore",
            )  # fmt: skip


def _told(form: _Form, films: int) -> str:
    return f"{form.title} · about {size(notebooks.estimated_bytes(films, form.where))}" if form.where else form.title


def _forget() -> None:
    session().exported = None


def _make(bench: Workbench, notebook_id: int) -> None:
    notebook, form = bench.library.notebooks.get(notebook_id), FORMS[get(AS) or 0]
    with st.spinner("Making the file …"):
        content = notebooks.content(bench, notebook, form.suffix, films=form.where != "none")
    stem = re.sub(r"[^\w-]+", "-", notebook.title).strip("-")[:60] or "notebook"
    session().exported = Exported(notebook_id, notebook.changed_at, f"{stem}{form.suffix}", content)


def take_in(bench: Workbench) -> None:
    """A notebook that somebody exported as JSON."""
    name = key("notebook", "upload", session().uploads)
    st.file_uploader("Take in a notebook (JSON)", type="json", key=name, on_change=guarded(_take_in), args=(bench, name))


def _take_in(bench: Workbench, name: str) -> None:
    found = get(name)
    if found is None:
        return
    session().uploads += 1  # an empty uploader, whatever comes of it
    made = notebooks.take_in(bench, found.getvalue().decode("utf-8", "replace"))
    session().notebook, session().editing = made, None
    session().news = "Taken in; press Run all to ask this library"
