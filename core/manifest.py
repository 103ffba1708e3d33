"""Which files to add, and what is known of them: paths, folders and CSV manifests become a list of items."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.clips import clean_label
from core.errors import BadLabel, BadManifest

MANIFEST_LIMIT_BYTES = 64 * 2**20
_SUFFIXES = "mp4 m4v mov 3gp 3g2 mkv webm avi mpg mpeg ts mts m2ts wmv asf ogg ogv gif mj2"
VIDEO_SUFFIXES = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
"""What a folder is searched for. A file named one by one is tried whatever its name is: content decides, not names."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file to add, and what somebody said about it."""

    path: Path
    label: str = ""
    source: str = ""
    name: str = ""
    """Shown to people; the file's own name when empty."""
    synthetic: bool = False


def walk(folder: Path) -> Iterator[Path]:
    """Video files below ``folder`` by suffix, in a stable order; hidden ones and links to folders are left alone."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in VIDEO_SUFFIXES:
                yield Path(parent) / name


def expand(paths: Iterable[Path], *, label: str = "", labels_from_folders: bool = False) -> list[Item]:
    """Items for files and folders. ``label`` goes on all; ``labels_from_folders`` takes each file's parent folder instead."""
    files = [file for path in paths for file in (walk(path) if path.is_dir() else [path])]
    return [Item(file, clean_label(file.resolve().parent.name) if labels_from_folders else clean_label(label)) for file in files]


def read(manifest: Path) -> list[Item]:
    """The items of a CSV with the columns ``path,label,group``; group becomes the source. Others are ignored.

    Paths are relative to the manifest. ``label`` and ``group`` may be missing or empty.
    Raises BadManifest when it cannot be read, has no path column or a label in it is unusable.
    """
    try:
        if manifest.stat().st_size > MANIFEST_LIMIT_BYTES:
            raise BadManifest(f"manifest ({manifest.name}) must be at most {MANIFEST_LIMIT_BYTES >> 20} MiB; split it")
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if "path" not in (rows.fieldnames or []):
                raise BadManifest(f"manifest ({manifest.name}) must have a header line with a column named path; add one")
            return [_item(row, manifest, rows.line_num) for row in rows if (row.get("path") or "").strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadManifest(f"manifest ({manifest}) must be a readable UTF-8 CSV file; {error}") from error


def _item(row: dict[str, str], manifest: Path, line: int) -> Item:
    try:
        label, source = clean_label(row.get("label") or ""), clean_label(row.get("group") or "", what="group")
    except BadLabel as error:
        raise BadManifest(f"manifest ({manifest.name}), line {line}: {error}") from error
    return Item(manifest.parent / row["path"].strip(), label, source)


def annotate(items: Iterable[Item], manifest: Iterable[Item]) -> list[Item]:
    """``items`` with the label and source that ``manifest`` gives to the same file, where it names it."""
    known = {item.path.resolve(): item for item in manifest}
    return [
        replace(item, label=said.label or item.label, source=said.source or item.source)
        if (said := known.get(item.path.resolve()))
        else item
        for item in items
    ]
