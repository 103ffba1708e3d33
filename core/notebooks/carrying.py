"""Files of a whole notebook: written in the form that their name asks for, and a notebook's JSON taken in again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.clips import Progress
from core.errors import BadInput
from core.notebooks import films as small_films
from core.notebooks.asking import ASKERS
from core.notebooks.jupyter import ipynb_of
from core.notebooks.tables import csv_of
from core.notebooks.webpage import html_page
from core.store import Cell, Notebook
from core.store.notebook_rows import MOST_CELLS
from core.workbench import Workbench

FORMS = (".html", ".zip", ".ipynb", ".csv", ".json")
"""``.zip`` is the page of HTML with its films in a folder beside it."""
FORMAT = "motionbook-notebook-1"
MOST_BYTES = 64 * 2**20


def content(
    bench: Workbench,
    notebook: Notebook,
    form: str,
    *,
    films: bool = True,
    report: Callable[[Progress], None] = lambda _: None,
) -> bytes:
    """The file of one of FORMS. Without ``films`` a page of HTML has their pictures alone. Raises BadInput and StorageFailed."""
    if form not in FORMS:
        raise BadInput(f"file form ({form[:20]!r}) must be one of {', '.join(FORMS)}; name the file so")
    if form == ".ipynb":
        return ipynb_of(notebook).encode()
    if form == ".csv":
        return csv_of(notebook).encode()
    if form == ".json":
        return json.dumps(as_json(notebook), indent=1, ensure_ascii=False).encode()
    made = small_films.make(bench, small_films.spots(bench, notebook), report=report)
    if form == ".html":
        return html_page(notebook, made, where="inside" if films else "none").encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notebook.html", html_page(notebook, made, where="beside"))
        for film in made.values():
            if film.mp4:
                archive.writestr(zipfile.ZipInfo(f"films/{film.file_name}"), film.mp4)
    return stream.getvalue()


def as_json(notebook: Notebook) -> dict[str, Any]:
    """Questions with their last answers, for another library or a script."""
    return {
        "format": FORMAT,
        "title": notebook.title,
        "cells": [
            {"kind": cell.kind, "title": cell.title, "note": cell.note, "question": cell.question, "answer": cell.answer}
            for cell in notebook.cells
        ],
    }


def take_in(bench: Workbench, text: str) -> int:
    """A new notebook with the questions of one that ``as_json`` wrote, not asked yet: answers are this library's own matter.

    Its id. Raises BadInput for anything that is no such file; then nothing is made.
    """
    if len(text) > MOST_BYTES:
        raise BadInput(f"notebook file ({len(text) >> 20} MB) must be at most {MOST_BYTES >> 20} MB; export it anew")
    try:
        found = json.loads(text)
        cells = [_cell(one) for one in found["cells"]] if found["format"] == FORMAT else None
        title = " ".join(str(found["title"]).split())[:200] or "Imported notebook"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput("notebook file must be what `notebook export ... .json` writes; export it anew") from error
    if cells is None or len(cells) > MOST_CELLS:
        raise BadInput(f"notebook file must be of the form {FORMAT} with at most {MOST_CELLS} cells; export it anew")
    shelf = bench.library.notebooks
    made = shelf.create(title)
    try:
        for cell in cells:
            shelf.add(made, cell)
    except BadInput:
        shelf.forget(made)
        raise
    return made


def _cell(one: Any) -> Cell:
    question = one["question"]
    if one["kind"] not in ASKERS or not isinstance(question, dict):
        raise ValueError("not a cell of ours")
    if one["kind"] == "text":
        question = {"markdown": str(question.get("markdown", ""))}
    json.dumps(question, allow_nan=False)
    return Cell(str(one["kind"]), str(one["title"]), question, str(one.get("note", "")))


def read(path: Path) -> str:
    """The text of a file to take in. Raises BadInput."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"notebook file ({path.name}) must be a readable text file; name one that `notebook export` wrote"
        ) from error
