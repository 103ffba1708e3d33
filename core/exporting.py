"""Vectors and matrices as files that other tools read: NPZ and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

from core.clips import Clip, Gallery, Provenance
from core.comparing import Comparison, Matrix
from core.errors import StorageFailed
from core.searches import Results
from core.sheets import Sheet
from core.sheets.base import one_line


def save_npz(path: Path, gallery: Gallery, clips: dict[str, Clip], provenance: Provenance) -> None:
    """Every window embedding, one row each.

    Keys: ``embeddings`` (N, D) float32; ``clip_ids``, ``labels``, ``sources`` (N,) text; ``start_seconds``,
    ``end_seconds`` (N,) float64; ``provenance`` one JSON text. No pickle is needed to load it.
    Raises StorageFailed when the file cannot be written.
    """
    owners = [clips[clip_id] for clip_id in gallery.clip_ids]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        embeddings=gallery.vectors,
        clip_ids=np.asarray(gallery.clip_ids, dtype=np.str_),
        labels=np.asarray([clip.label for clip in owners], dtype=np.str_),
        sources=np.asarray([clip.source for clip in owners], dtype=np.str_),
        start_seconds=gallery.start_seconds,
        end_seconds=gallery.end_seconds,
        provenance=np.asarray(json.dumps(provenance.as_dict())),
    )
    write_bytes(path, buffer.getvalue())


def matrix_csv(matrix: Matrix) -> str:
    """The centred similarities as a table with names on both sides. Text that a spreadsheet could run stays text."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["", *map(inert, matrix.names)])
    for name, row in zip(matrix.names, matrix.similarity, strict=True):
        writer.writerow([inert(name), *("" if np.isnan(value) else f"{value:.6f}" for value in row)])
    return stream.getvalue()


def comparison_csv(comparison: Comparison) -> str:
    """One line per pair of sides, each with all three readings and the number of clip pairs behind it."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["a", "b", "similarity", "raw_cosine", "percentile", "pairs"])
    queries = [inert(str(side.query)) for side in comparison.sides]
    for row, a in enumerate(queries):
        for column, b in enumerate(queries[row:], start=row):
            cell = (row, column)
            readings = (comparison.centred[cell], comparison.raw[cell], comparison.percentile[cell])
            writer.writerow(
                [a, b, *("" if np.isnan(value) else f"{value:.6f}" for value in readings), int(comparison.pairs[cell])]
            )
    return stream.getvalue()


def search_csv(results: Results) -> str:
    """A line for each match and for each that is folded under one, with what was asked before them.

    The first lines begin with "# " and hold the question and the stamp, one field a line (pandas: ``read_csv(comment="#")``).
    """
    stream = io.StringIO()
    about = {
        "search": " ".join(f"{name}={value}" for name, values in results.search.params().items() for value in _each(values)),
        "answer": results.sentence,
        **results.provenance.as_dict(),
    }
    for name, told in about.items():
        stream.write(f"# {name}: {one_line(str(told))}\n")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(SEARCH_COLUMNS)
    for match in results.matches:
        for one in (match, *match.folded):
            writer.writerow(
                [
                    one.rank, "yes" if one is not match else "no", one.clip.clip_id, inert(one.clip.name),
                    inert(one.clip.label), inert(one.clip.source), round(one.start_seconds, 3), round(one.end_seconds, 3),
                    round(one.similarity, 6), round(one.raw, 6), "" if np.isnan(one.percentile) else round(one.percentile, 3),
                    "yes" if one.own_source else "no",
                ]
            )  # fmt: skip
    return stream.getvalue()


SEARCH_COLUMNS = (
    *("rank", "folded", "clip", "name", "label", "source", "start_seconds", "end_seconds"),
    *("similarity", "raw_cosine", "percentile", "own_source"),
)


def _each(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values


def sheet_csv(sheet: Sheet) -> str:
    """The numbers of a figure, with its stamp before them.

    The first lines begin with "# " and hold title, words and stamp, one field a line (pandas: ``read_csv(comment="#")``); then
    come the names of the columns and the rows. Texts are quoted, numbers are not, and what does not exist is empty.
    """
    stream = io.StringIO()
    about = {"title": sheet.title, "about": sheet.alt, **sheet.stamp.fields()}
    for name, text in about.items():
        if text:
            stream.write(f"# {name}: {one_line(text)}\n")
    header, rows = sheet.table()
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([inert(name) for name in header])
    writer.writerows([inert(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row] for row in rows)
    return stream.getvalue()


def inert(text: str) -> str:
    """A leading =, +, -, @, tab or line end makes spreadsheets run a cell as a formula: an apostrophe keeps it a text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def write_bytes(path: Path, content: bytes) -> None:
    """Raises StorageFailed, which names the path."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written ({error.strerror}); choose another place") from error
