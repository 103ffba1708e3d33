"""Take a figure along: PNG, SVG, CSV and a page of HTML behind one small button, each made only when it is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from core import exporting, figures, pictures
from core.sheets import Sheet
from pages.parts.state import key as widget_key

LABEL = "Take along"


def take_along(sheet: Sheet | Callable[[], Sheet], *, name: str, key: str, label: str = LABEL) -> None:
    """One button that opens a menu of four files of a figure.

    Args:
        sheet: what the figure says, or a function that gives it: the page is drawn again and again, the files hardly ever.
        name: of the files, without an ending; anything but letters, digits and hyphens becomes a hyphen.
        key: tells several figures of one page apart.
        label: of the button, where several stand together.
    """

    def content() -> Sheet:
        return sheet if isinstance(sheet, Sheet) else sheet()

    stem = file_stem(name)
    with st.popover(label, icon=":material/download:", key=widget_key("take", key)):
        st.caption("Each file says what its numbers are of.")
        with st.container(gap="small"):
            for title, ending, kind, make in (
                ("Picture (PNG)", "png", pictures.FORMS["png"], lambda: pictures.picture(content(), "png")),
                ("Drawing (SVG)", "svg", pictures.FORMS["svg"], lambda: pictures.picture(content(), "svg")),
                ("Numbers (CSV)", "csv", "text/csv", lambda: exporting.sheet_csv(content())),
                ("Page for any browser (HTML)", "html", "text/html", lambda: page(content())),
            ):
                st.download_button(
                    title, make, f"{stem}.{ending}", kind, key=widget_key("take", key, ending), on_click="ignore", width="stretch"
                )


def page(sheet: Sheet) -> str:
    """The figure as a page of its own."""
    return figures.to_html(figures.of(sheet), title=sheet.title or "Motionbook")


def file_stem(name: str) -> str:
    """ "Running and jogging" -> "running-and-jogging"; never empty and never long."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:60].strip("-_") or "figure"
