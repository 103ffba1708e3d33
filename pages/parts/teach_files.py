"""A concept as one file: taken along, and brought in from another library."""

from __future__ import annotations

import streamlit as st

from core.concepts import Concept
from core.teaching import Teacher
from core.workbench import Workbench
from pages.parts import uploads
from pages.parts.frame import guarded
from pages.parts.state import get, key, session
from pages.parts.take_along import file_stem
from pages.parts.teach_state import here

ENDING = ".concept"


def take_along(bench: Workbench, concept: Concept) -> None:
    """The download button; the file is made when somebody wants it."""
    st.download_button(
        "Export as a file", data=lambda: Teacher(bench).export(concept.name), file_name=f"{file_stem(concept.name)}{ENDING}",
        mime="application/octet-stream", icon=":material/download:", key=key("teach", "export", concept.concept_id),
        on_click="ignore", help="Its head, threshold and the names of its examples; no film is in it.",
    )  # fmt: skip


def bring_in(bench: Workbench) -> None:
    """A file that another Motionbook exported."""
    name = key("teach", "import", here().uploads)
    with st.expander("Bring in a concept file", icon=":material/upload_file:", key=key("teach", "import-fold", here().uploads)):
        st.file_uploader(
            f"A {ENDING} file", key=name, on_change=guarded(_dropped), args=(bench, name),
            help="It is read by name and size; nothing in it is run.",
        )  # fmt: skip


def _dropped(bench: Workbench, name: str) -> None:
    upload = get(name)
    if upload is None:
        return
    here().uploads += 1  # an empty uploader, whatever comes of it
    try:
        content = bytes(upload.getbuffer())
    finally:
        uploads.forget([upload])
    concept = Teacher(bench).adopt(content, upload.name)
    session().news = f"{concept.name} is here"
