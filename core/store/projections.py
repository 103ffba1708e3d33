"""Maps of the library in the ledger: each is kept until it is made again, or until a clip in it is erased."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from core.clips import Floats
from core.errors import LibraryDamaged
from core.store import clip_rows
from core.store.ledger import Ledger
from core.store.schema import now_seconds, projections

MOST = 32
"""Maps that are kept; of more the oldest goes. One of 50,000 moments takes 1.6 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredProjection:
    """N places of one encoder's vectors, made at ``revision`` of the library, by ``settings`` (a layout's written form).

    ``clip_ids`` are N; ``windows`` (N,) int32 has -1 for a whole clip; ``spans`` (N, 2) are start and end seconds.
    """

    fingerprint: str
    settings: str
    revision: int
    clip_ids: tuple[str, ...]
    windows: NDArray[np.int32]
    spans: NDArray[np.float64]
    places: Floats
    notes: tuple[str, ...]
    made_at: float

    def __post_init__(self) -> None:
        count = len(self.clip_ids)
        shapes = (self.windows.shape, self.spans.shape, self.places.shape)
        if shapes != ((count,), (count, 2), (count, 2)):
            raise ValueError(f"columns of {count} places must have shapes (N,), (N, 2) and (N, 2), not {shapes}")

    def only(self, clip_ids: Iterable[str]) -> StoredProjection:
        """The places of these clips alone."""
        wanted = frozenset(clip_ids)
        rows = [row for row, clip_id in enumerate(self.clip_ids) if clip_id in wanted]
        if len(rows) == len(self.clip_ids):
            return self
        kept = tuple(self.clip_ids[row] for row in rows)
        return replace(self, clip_ids=kept, windows=self.windows[rows], spans=self.spans[rows], places=self.places[rows])


class Projections:
    """Maps kept in ``ledger``. Safe to call from any thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def keep(self, made: StoredProjection) -> StoredProjection:
        """Keep a map in place of the one with the same settings; what was kept: clips erased meanwhile are not in it."""
        with self._ledger.writing() as connection:
            here = made.only(clip_rows.all_ids(connection))
            connection.execute(
                delete(projections).where(projections.c.fingerprint == made.fingerprint, projections.c.settings == made.settings)
            )
            connection.execute(insert(projections).values(**_values(here)))
            newest = select(projections.c.projection_id).order_by(projections.c.projection_id.desc()).limit(MOST)
            connection.execute(delete(projections).where(projections.c.projection_id.not_in(newest)))
        return here

    def find(self, fingerprint: str, settings: str) -> StoredProjection | None:
        """The map of these settings; None when there is none. Raises LibraryDamaged."""
        wanted = select(projections).where(projections.c.fingerprint == fingerprint, projections.c.settings == settings)
        with self._ledger.reading() as connection:
            row = connection.execute(wanted).first()
            return _read(row) if row is not None else None

    def settings(self, fingerprint: str) -> list[str]:
        """The settings of all maps of one encoder's vectors, the newest first."""
        wanted = select(projections.c.settings).where(projections.c.fingerprint == fingerprint)
        with self._ledger.reading() as connection:
            return list(connection.execute(wanted.order_by(projections.c.projection_id.desc())).scalars())

    def forget(self, fingerprint: str, settings: str) -> None:
        """Nothing happens when there is none."""
        with self._ledger.writing() as connection:
            connection.execute(
                delete(projections).where(projections.c.fingerprint == fingerprint, projections.c.settings == settings)
            )


def erase(connection: Connection, clip_ids: Iterable[str]) -> None:
    """Remove every map that one of these clips is in: where it lay among the others is a trace of it, too."""
    for clip_id in clip_ids:
        connection.execute(delete(projections).where(projections.c.clip_ids.contains(clip_id, autoescape=True)))


def _values(made: StoredProjection) -> dict[str, Any]:
    different = {clip_id: number for number, clip_id in enumerate(dict.fromkeys(made.clip_ids))}
    owners = np.asarray([different[clip_id] for clip_id in made.clip_ids], "<i4")
    return {
        "fingerprint": made.fingerprint,
        "settings": made.settings,
        "revision": made.revision,
        "clip_ids": "\n".join(different),
        "owners": owners.tobytes(),
        "windows": made.windows.astype("<i4").tobytes(),
        "spans": np.ascontiguousarray(made.spans, "<f8").tobytes(),
        "places": np.ascontiguousarray(made.places, "<f4").tobytes(),
        "notes": json.dumps(made.notes, ensure_ascii=False),
        "made_at": made.made_at or now_seconds(),
    }


def _read(row: Row[Any]) -> StoredProjection:
    different = row.clip_ids.split("\n") if row.clip_ids else []
    try:
        return StoredProjection(
            row.fingerprint,
            row.settings,
            row.revision,
            tuple(different[number] for number in np.frombuffer(row.owners, "<i4")),
            np.frombuffer(row.windows, "<i4").astype(np.int32),
            np.frombuffer(row.spans, "<f8").astype(np.float64).reshape(-1, 2),
            np.frombuffer(row.places, "<f4").astype(np.float32).reshape(-1, 2),
            tuple(json.loads(row.notes)),
            row.made_at,
        )
    except (ValueError, IndexError) as error:
        raise LibraryDamaged(f"the map {row.projection_id} has lost its shape; make it again") from error
