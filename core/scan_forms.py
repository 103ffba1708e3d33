"""The written forms of a scan: what it remembers of its watch, and what its judges have said so far, as bytes."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.concepts import Concept
from core.flagging import Course, Judge, Reading, Remembered
from core.looking import Table, Tables, Watch, courses_of


def courses_in(settings: Mapping[str, Any], content: bytes) -> tuple[Course, ...]:
    """What a scan with these ``settings`` scored, out of what ``pack`` made of it; of encoders it has come to."""
    tables, _ = unpack(content)
    return courses_of(tables, {encoder: of for encoder, of in panel_in(settings).items() if encoder in tables})


def pack(tables: Tables, stamp: bytes) -> bytes:
    """The tables as bytes, with the mark of the file that they are of."""
    content = io.BytesIO()
    arrays = {f"spans {encoder}": table.spans for encoder, table in tables.items()}
    arrays |= {f"numbers {encoder}": table.numbers for encoder, table in tables.items()}
    np.savez(content, allow_pickle=False, stamp=np.frombuffer(stamp, np.uint8), **arrays)
    return content.getvalue()


def unpack(content: bytes) -> tuple[dict[str, Table], bytes]:
    """What ``pack`` made bytes of; nothing where they have lost their shape."""
    if not content:
        return {}, b""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            names = [name.removeprefix("spans ") for name in found.files if name.startswith("spans ")]
            tables = {name: Table(found[f"spans {name}"], found[f"numbers {name}"]) for name in names}
            return tables, found["stamp"].tobytes()
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        return {}, b""


def version(concept: Concept) -> str:
    """A mark that changes with everything that changes a concept's scores; its thresholds and calibration do not."""
    head = concept.head
    said = hashlib.sha256(f"{concept.fingerprint} {concept.classes} {head.kind} {head.neighbours}".encode())
    for array in (head.weights, head.biases, head.rows, head.owners, concept.prototypes, concept.space.mean):
        said.update(np.ascontiguousarray(array).tobytes())
    return said.hexdigest()[:16]


def versions(panel: Mapping[str, Sequence[Judge]]) -> dict[str, str]:
    return {one.concept.name: version(one.concept) for of in panel.values() for one in of}


def settings_of(watch: Watch, panel: Mapping[str, Sequence[Judge]]) -> dict[str, Any]:
    return {
        "concepts": list(watch.concepts),
        "reading": asdict(watch.reading),
        "encoder": watch.encoder,
        "given": [list(pair) for pair in watch.thresholds],
        "panel": {encoder: [[one.name, _number(one.threshold), one.slope] for one in of] for encoder, of in panel.items()},
        "versions": versions(panel),
    }


def watch_in(settings: Mapping[str, Any]) -> Watch:
    thresholds = tuple((one.name, one.threshold) for of in panel_in(settings).values() for one in of)
    return Watch(tuple(settings["concepts"]), Reading(**settings["reading"]), settings["encoder"], thresholds)


def panel_in(settings: Mapping[str, Any]) -> dict[str, tuple[Remembered, ...]]:
    return {
        encoder: tuple(Remembered(name, math.inf if value is None else value, slope) for name, value, slope in of)
        for encoder, of in settings["panel"].items()
    }


def given_in(given: Sequence[Sequence[Any]]) -> tuple[tuple[str, float], ...]:
    return tuple((str(name), float(value)) for name, value in given)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def stamp(path: Path) -> bytes:
    """Says whether a file is still the one that was begun with."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}".encode()


def windows_of(tables: Tables) -> int:
    return sum(table.windows for table in tables.values())
