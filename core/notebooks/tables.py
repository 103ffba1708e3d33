"""The numbers of a notebook as one CSV, a line for each number."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

from core.exporting import inert
from core.notebooks.changes import values
from core.notebooks.running import shown
from core.store import Cell, Notebook

COLUMNS = (
    "cell", "kind", "title", "name", "a", "b", "similarity", "percentile", "raw_cosine", "pairs", "clip", "label", "source",
    "start_seconds", "end_seconds", "encoder", "fingerprint", "library_clips", "library_sources", "asked_at", "problem",
)  # fmt: skip


def csv_of(notebook: Notebook) -> str:
    """UTF-8 text. Numbers of a cell that could not be asked anew are the last ones, and ``problem`` says why."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="")
    writer.writeheader()
    for place, cell in enumerate(notebook.cells, 1):
        for row in _rows(cell):
            writer.writerow({"cell": place, "kind": cell.kind, "title": inert(cell.title), **row})
    return stream.getvalue()


def _rows(cell: Cell) -> Iterator[dict[str, Any]]:
    answer = shown(cell)
    if cell.kind == "text" or answer is None:
        return
    made_of = answer.get("made_of") or {}
    common = {
        "encoder": made_of.get("encoder", ""),
        "fingerprint": made_of.get("fingerprint", ""),
        "library_clips": made_of.get("clips", ""),
        "library_sources": made_of.get("sources", ""),
        "asked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(answer["at"]))) if answer.get("at") else "",
        "problem": inert(str((cell.answer or {}).get("error", ""))),
    }
    numbers = answer.get("numbers") or [{"name": name, "similarity": value} for name, value in values(answer).items()]
    for row in numbers:
        known = {_NAMES.get(name, name): value for name, value in row.items()}
        yield {**common, **{name: _written(value) for name, value in known.items() if name in COLUMNS}}


_NAMES = {"raw": "raw_cosine", "start": "start_seconds", "end": "end_seconds"}


def _written(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.6f}"
    return "" if value is None else inert(value) if isinstance(value, str) else value
