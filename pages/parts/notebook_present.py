"""Presenting: one cell a screen, no controls, arrow keys. The address says which, so that a link opens it."""

from __future__ import annotations

import html

import streamlit as st

from core import notebooks
from core.store import Cell, Notebook
from core.workbench import Workbench
from pages.parts import notebook_body as body
from pages.parts.notebook_style import PRESENT, STYLE
from pages.parts.state import key
from pages.parts.words import plain


def wanted() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get("present") == "1"


def show(bench: Workbench, notebook: Notebook) -> None:
    """The cell that the address names, or the nearest there is."""
    st.html(STYLE + PRESENT)
    last = len(notebook.cells)
    place = _place(last)
    _controls(last)
    if not notebook.cells:
        st.info("This notebook has no cells to present. Press Esc, and pin a comparison.", icon=":material/slideshow:")
        return
    _slide(bench, notebook, notebook.cells[place - 1], place)
    dots = "".join(f"<i{' class=mb-here' if number == place else ''}></i>" for number in range(1, last + 1))
    st.html(f'<div class="mb-dots" role="img" aria-label="Cell {place} of {last}">{dots}</div>')


def _place(last: int) -> int:
    """The cell that the address names now, 1 to ``last``."""
    named = st.query_params.get("cell", "1")
    return min(max(int(named) if named.isdecimal() and len(named) < 6 else 1, 1), max(last, 1))


def _controls(last: int) -> None:
    """Buttons that only those see who move the mouse there or tab to them; their keys work for all."""
    with st.container(horizontal=True, key="present-controls", gap="xxsmall"):
        for label, icon, keys, by in (
            ("First", ":material/first_page:", "Home", -last),
            ("Back", ":material/chevron_left:", "Left", -1),
            ("On", ":material/chevron_right:", "Right", 1),
            ("Last", ":material/last_page:", "End", last),
        ):
            st.button(
                label, icon=icon, help=label, shortcut=keys, on_click=_go, args=(by, last), key=key("present", label),
            )  # fmt: skip
        st.button("End", icon=":material/close:", help="End", shortcut="Esc", on_click=_end, key=key("present", "end"))


def _go(by: int, last: int) -> None:
    """From the cell of the address, not from the one on screen: whoever presses twice while one is drawn goes two on."""
    st.query_params["cell"] = str(min(max(_place(last) + by, 1), max(last, 1)))


def _end() -> None:
    for name in ("present", "cell"):
        st.query_params.pop(name, None)


def _slide(bench: Workbench, notebook: Notebook, cell: Cell, place: int) -> None:
    with st.container(key=f"slide-{cell.cell_id}-{place}"):
        if cell.kind == "text":
            st.html(
                f'<div class="mb-text-slide"><div class="mb-prose">'
                f"{notebooks.html_of(str(cell.question.get('markdown', '')))}</div></div>"
            )
            return
        st.html(f'<div class="mb-slide-title">{html.escape(cell.title or notebook.title)}</div>')
        answer = notebooks.shown(cell)
        if answer is None:
            st.info("This cell has no answer yet. Press Esc and run it.", icon=":material/refresh:")
            return
        _drawn(bench, cell, answer)
        body.prose(cell.note, note=True)
        st.caption(plain(notebooks.stamp(answer)))


def _drawn(bench: Workbench, cell: Cell, answer: dict[str, object]) -> None:
    has_figure, has_films = bool(answer.get("draw")), bool(answer.get("films"))
    if has_figure and has_films:
        left, right = st.columns([6, 5], gap="large")
        with left:
            body.told(answer, big=True)
            body.films(bench, cell, answer, "slide", columns=2)
        with right:
            body.figure(cell, answer, "slide", big=True)
        return
    body.told(answer, big=True)
    body.figure(cell, answer, "slide", big=True)
    body.films(bench, cell, answer, "slide", columns=2 if len(answer.get("films") or ()) < 3 else 3)  # type: ignore[arg-type]
