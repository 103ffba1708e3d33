"""Weights that were carried here: dropped into the page, or lying at a path of this machine."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import BadInput, StorageFailed
from core.workbench import Workbench
from pages.parts import uploads
from pages.parts.frame import guarded
from pages.parts.state import get, key, session

PATH = key("weights", "path")


def controls(bench: Workbench) -> None:
    """For any encoder: each file is recognised by its content, else by its name."""
    st.markdown(
        "On a machine without internet, bring the published files on a disk. Each is recognised by its sha256 or its name, "
        "compared with its publisher's hash where there is one, and converted; nothing in it is ever run."
    )
    files = st.file_uploader(
        "Drop weights files", accept_multiple_files=True, key=key("weights", "upload", session().uploads), max_upload_size=2000
    )
    if files and st.button(f"Import {len(files)} dropped", key=key("weights", "drop"), type="primary"):
        guarded(drop)(bench, files)
        st.rerun()
    place, go = st.columns([5, 1], vertical_alignment="bottom")
    place.text_input("Or a folder or file on the machine where Motionbook runs", key=PATH, placeholder="/media/disk/weights")
    go.button("Import", on_click=guarded(_from_path), args=(bench,), key=key("weights", "go"), width="stretch")


def drop(bench: Workbench, files: list[uploads.Upload], name: str = "") -> None:
    """Write what was dropped to disk under its own last name, let the browser's copy go, and begin the import."""
    folder = _write(bench, files)
    session().uploads += 1
    uploads.forget(files)
    if name:
        bench.shelf.take_for(name, next(folder.iterdir()), temporary=True)
    else:
        bench.shelf.take(folder, temporary=True)


def _write(bench: Workbench, files: list[uploads.Upload]) -> Path:
    try:
        folder = bench.library.incoming_folder()
        for file in files:
            name = Path(file.name.replace("\\", "/")).name.lstrip(".")[:200]
            (folder / (name or "unnamed")).write_bytes(file.getbuffer())
    except OSError as error:
        raise StorageFailed(f"what was dropped cannot be written to the library ({error.strerror}); free some space") from error
    return folder


def _from_path(bench: Workbench) -> None:
    bench.shelf.take(typed(get(PATH)))


def typed(text: str | None) -> Path:
    """Raises BadInput for nothing at all; whether it exists is the import's to say."""
    if not (text or "").strip():
        raise BadInput("path ('') must name a folder or file on the machine where Motionbook runs; type one")
    return Path(str(text).strip()).expanduser().absolute()
