"""The controls that add clips: files, whole folders, or a place on the machine where Motionbook runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

import streamlit as st

from core import manifest
from core.clips import clean_label
from core.errors import BadInput
from core.manifest import Item
from core.workbench import Workbench
from pages.parts import uploads
from pages.parts.frame import guarded
from pages.parts.state import get, key, session
from pages.parts.words import count, plain, size

FILES, FOLDER, PLACE = "Files", "A folder", "A path on this machine"
BY_FOLDER, FOR_ALL = "Folder names", "One for all"
LABEL, SOURCE, HOW, PATH = key("add", "label"), key("add", "source"), key("add", "how"), key("add", "path")


def controls(bench: Workbench) -> None:
    where = st.segmented_control("Add from", (FILES, FOLDER, PLACE), default=FILES, required=True, key=key("add", "where"))
    if where == PLACE:
        st.text_input(
            "Folder, video file or CSV manifest",
            key=PATH,
            placeholder="/data/clips  or  /data/clips/manifest.csv",
            help="A folder is searched with everything below it. A manifest has the columns path, label and group "
            "(the source); its paths are relative to it. Files stay where they are and are copied into the library.",
        )
    else:
        _uploader(bench, whole_folder=where == FOLDER)
    _facts()
    if where == PLACE:
        st.button("Add from this path", type="primary", on_click=guarded(_add_path), args=(bench,), icon=":material/add:")
    else:
        _staged(bench)


def _uploader(bench: Workbench, *, whole_folder: bool) -> None:
    here = session()
    kinds = [suffix[1:] for suffix in sorted(manifest.VIDEO_SUFFIXES)] + ["csv"]
    files = st.file_uploader(
        "Drop a folder of clips" if whole_folder else "Drop video files, and a CSV manifest if there is one",
        type=kinds if whole_folder else None,  # single files are tried whatever their names are: the content decides
        accept_multiple_files="directory" if whole_folder else True,
        key=key("upload", whole_folder, here.uploads),
    )
    if files:
        here.staged += uploads.take_in(files, bench.library.incoming_folder())
        here.uploads += 1  # an empty uploader: what lies on disk need not stay in memory
        uploads.forget(files)
        st.rerun()


def _facts() -> None:
    how, label, source = st.columns([2, 2, 2], vertical_alignment="top")
    chosen = how.segmented_control("Labels from", (BY_FOLDER, FOR_ALL), default=BY_FOLDER, required=True, key=HOW)
    label.text_input(
        "Label for all" if chosen == FOR_ALL else "Label where no folder gives one", key=LABEL, placeholder="none", max_chars=120
    )
    source.text_input(
        "Source",
        key=SOURCE,
        placeholder="unknown",
        max_chars=120,
        help="The recording, camera or person the clips come from. Comparisons never pair two clips of one source. "
        "With folder names, person/label/clip.mp4 gives both.",
    )


def _staged(bench: Workbench) -> None:
    staged = session().staged
    clips = [one for one in staged if not uploads.is_manifest(one.relative)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Add {count(len(clips), 'file')}" if clips else "Add",
            type="primary",
            disabled=not clips,
            on_click=guarded(_add_staged),
            args=(bench,),
            icon=":material/add:",
            key=key("add", "go"),
        )
        if staged:
            st.button("Discard", on_click=_discard, key=key("add", "discard"))
            sheets = len(staged) - len(clips)
            told = f"{count(len(clips), 'file')} ready, {size(sum(one.bytes for one in staged))}"
            st.caption(told + (f", with {count(sheets, 'manifest')}" if sheets else ""))
    if clips:
        _preview()


def _preview() -> None:
    try:
        found = uploads.items(session().staged, folders=get(HOW) != FOR_ALL, label=get(LABEL) or "", source=get(SOURCE) or "")
    except BadInput as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    with st.expander(f"What will be added ({count(len({item.label for item in found if item.label}), 'label')})"):
        rows = [{"file": item.name, "label": item.label or "–", "source": item.source or "–"} for item in found[:1000]]
        st.dataframe(rows, hide_index=True, alt="Files with their labels and sources")


def _add_staged(bench: Workbench) -> None:
    here = session()
    found = uploads.items(here.staged, folders=get(HOW) != FOR_ALL, label=get(LABEL) or "", source=get(SOURCE) or "")
    bench.enqueue(found, temporary=True)
    here.staged = []


def _discard() -> None:
    here = session()
    for one in here.staged:
        one.path.unlink(missing_ok=True)
    here.staged = []


def _add_path(bench: Workbench) -> None:
    found = items_at(str(get(PATH) or ""), folders=get(HOW) != FOR_ALL, label=get(LABEL) or "", source=get(SOURCE) or "")
    bench.enqueue(found)
    session().news = f"{count(len(found), 'file')} found and waiting"


def items_at(text: str, *, folders: bool, label: str, source: str) -> list[Item]:
    """The items that a typed path names. Raises BadInput with what to do about it."""
    label, source = clean_label(label), clean_label(source, what="source")
    path = _existing(text)
    if path.is_file() and uploads.is_manifest(path.name):
        found = [replace(item, label=item.label or label, source=item.source or source) for item in manifest.read(path)]
    else:
        found = [_item(file, path, folders=folders, label=label, source=source) for file in _files(path)]
    if not found:
        raise BadInput(f"path ({text[:200]}) must hold video files or name some; choose another")
    return found


def _existing(text: str) -> Path:
    try:
        path = Path(text.strip()).expanduser()
        if not text.strip() or not path.exists():
            raise BadInput(f"path ({text[:200]}) must be a folder, a video or a CSV on the machine where Motionbook runs")
    except (OSError, ValueError, RuntimeError) as error:
        raise BadInput(f"path ({text[:200]!r}) must be readable; {error}") from error
    return path


def _files(path: Path) -> list[Path]:
    return list(manifest.walk(path)) if path.is_dir() else [path]


def _item(file: Path, top: Path, *, folders: bool, label: str, source: str) -> Item:
    base = top.resolve() if top.is_dir() else top.resolve().parent
    relative = (
        PurePosixPath(base.name) / PurePosixPath(file.resolve().relative_to(base).as_posix()) if folders else PurePosixPath()
    )
    by_folder = uploads.from_folders(str(relative)) if folders else ("", "")
    return Item(file, by_folder[0] or label, by_folder[1] or source)
