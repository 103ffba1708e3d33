"""Uploads: from the browser's memory to a folder of the library at once, then to items of a job."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.clips import clean_label
from core.errors import BadLabel, BadManifest, StorageFailed
from core.manifest import MANIFEST_LIMIT_BYTES, Item
from pages.parts.state import Staged


class Upload(Protocol):
    """What Streamlit hands over. ``name`` holds the folders too when a whole folder was dropped."""

    name: str

    def getbuffer(self) -> memoryview: ...


def take_in(uploads: Iterable[Upload], folder: Path) -> list[Staged]:
    """Copy each into ``folder`` under a name of ours: names from outside are only ever shown. Raises StorageFailed."""
    staged = []
    for number, upload in enumerate(uploads):
        path = folder / f"{number:05d}{_suffix(upload.name)}"
        content = upload.getbuffer()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise StorageFailed(f"{upload.name} cannot be written to the library ({error.strerror}); free some space") from error
        staged.append(Staged(path, upload.name.replace("\\", "/").strip("/"), len(content)))
    return staged


def _suffix(name: str) -> str:
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    return suffix if len(suffix) <= 6 and suffix[1:].isascii() and suffix[1:].isalnum() else ""


def is_manifest(name: str) -> bool:
    return name.lower().endswith(".csv")


def from_folders(relative: str, *, top: str = "") -> tuple[str, str]:
    """(label, source) by the folders of a path: the nearest folder is the label, the one above it the source.

    ``top`` is the label of a file that lies in no folder. A folder whose name cannot be a label gives none.
    The outermost folder is the collection and never a source: ``kth/running/a.avi`` is running of unknown source.
    """
    folders = [part for part in PurePosixPath(relative).parts[:-1] if part not in ("/", "..", ".")]
    label = folders[-1] if folders else top
    source = folders[-2] if len(folders) > 2 else ""
    return _usable(label), _usable(source)


def _usable(text: str) -> str:
    try:
        return clean_label(text)
    except BadLabel:
        return ""


def read_table(content: bytes, name: str) -> dict[str, tuple[str, str]]:
    """path -> (label, source) of an uploaded CSV with the columns ``path,label,group``. Raises BadManifest."""
    if len(content) > MANIFEST_LIMIT_BYTES:
        raise BadManifest(f"manifest ({name}) must be at most {MANIFEST_LIMIT_BYTES >> 20} MiB; split it")
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        if "path" not in (rows.fieldnames or []):
            raise BadManifest(f"manifest ({name}) must have a header line with a column named path; add one")
        return {_key(row["path"]): _facts(row, name, rows.line_num) for row in rows if (row.get("path") or "").strip()}
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadManifest(f"manifest ({name}) must be a readable UTF-8 CSV file; {error}") from error


def _facts(row: dict[str, str], name: str, line: int) -> tuple[str, str]:
    try:
        return clean_label(row.get("label") or ""), clean_label(row.get("group") or "", what="group")
    except BadLabel as error:
        raise BadManifest(f"manifest ({name}), line {line}: {error}") from error


def _key(path: str) -> str:
    return str(PurePosixPath(path.strip().replace("\\", "/")))


def find(table: dict[str, tuple[str, str]], relative: str) -> tuple[str, str] | None:
    """What a table says of an upload: by its whole path, by an end of it, or by its name alone where only one row has it."""
    parts = PurePosixPath(relative).parts
    for start in range(len(parts)):
        said = table.get(str(PurePosixPath(*parts[start:])))
        if said:
            return said
    same = [said for path, said in table.items() if PurePosixPath(path).name == parts[-1]] if parts else []
    return same[0] if len(same) == 1 else None


def items(staged: Sequence[Staged], *, folders: bool, label: str, source: str) -> list[Item]:
    """Items of a job. A CSV among the uploads tells more than folders, folders more than ``label`` and ``source`` for all.

    Raises BadManifest and BadLabel.
    """
    tables: dict[str, tuple[str, str]] = {}
    for sheet in staged:
        if is_manifest(sheet.relative):
            tables.update(read_table(sheet.path.read_bytes(), sheet.relative))
    label, source = clean_label(label), clean_label(source, what="source")
    made = []
    for clip in staged:
        if is_manifest(clip.relative):
            continue
        by_folder = from_folders(clip.relative) if folders else ("", "")
        said = find(tables, clip.relative) or ("", "")
        chosen = (said[0] or by_folder[0] or label, said[1] or by_folder[1] or source)
        made.append(Item(clip.path, *chosen, name=PurePosixPath(clip.relative).name))
    return made


def forget(uploads: Iterable[Upload]) -> None:
    """Let the browser's copies go: Streamlit keeps them in memory until the session ends, also for a widget that is gone."""
    context = get_script_run_ctx()
    for upload in uploads:
        file_id = getattr(upload, "file_id", None)
        if context is not None and file_id is not None:
            context.uploaded_file_mgr.remove_file(context.session_id, file_id)
