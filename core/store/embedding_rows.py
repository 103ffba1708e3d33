"""Encoders and embeddings in the ledger: the exact vectors. Each function works inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.clips import ClipEmbeddings, Floats, Gallery
from core.errors import FingerprintMismatch, LibraryDamaged
from core.store.clip_rows import in_chunks
from core.store.schema import clips, embeddings, encoders

_SPAN = np.dtype("<f8")
_NUMBER = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class StoredEncoder:
    """An encoder whose vectors the library knows. ``provenance`` is whatever its owner wanted to remember with them."""

    fingerprint: str
    encoder: str
    dimension: int
    provenance: Mapping[str, Any]
    added_at: float


def known_encoders(connection: Connection) -> list[StoredEncoder]:
    """In the order they came."""
    rows = connection.execute(select(encoders).order_by(encoders.c.added_at, encoders.c.fingerprint)).mappings()
    return [StoredEncoder(**{**row, "provenance": json.loads(row["provenance"])}) for row in rows]


def remember_encoder(connection: Connection, row: StoredEncoder) -> bool:
    """Whether it is new here. Raises FingerprintMismatch when it is known with another dimension."""
    for known in known_encoders(connection):
        if known.fingerprint == row.fingerprint:
            _require_dimension(known, row.dimension)
            return False
    provenance = json.dumps(dict(row.provenance), sort_keys=True, ensure_ascii=False)
    values = {"fingerprint": row.fingerprint, "encoder": row.encoder, "dimension": row.dimension, "added_at": row.added_at}
    connection.execute(insert(encoders).values(provenance=provenance, **values))
    return True


def required_encoder(connection: Connection, fingerprint: str, dimension: int) -> StoredEncoder:
    """The encoder of that fingerprint. Raises FingerprintMismatch when it is unknown or gives other dimensions."""
    known = known_encoders(connection)
    for row in known:
        if row.fingerprint == fingerprint:
            _require_dimension(row, dimension)
            return row
    names = ", ".join(f"{row.fingerprint} ({row.encoder})" for row in known) or "none yet"
    raise FingerprintMismatch(
        f"fingerprint ({fingerprint}) must be one this library knows: {names}; embed the clips with that encoder first"
    )


def _require_dimension(row: StoredEncoder, dimension: int) -> None:
    if row.dimension != dimension:
        raise FingerprintMismatch(
            f"dimension ({dimension}) must be {row.dimension}, that of fingerprint {row.fingerprint} ({row.encoder}); "
            "vectors of unlike encoders cannot be mixed"
        )


def put(connection: Connection, clip_id: str, embedded: ClipEmbeddings) -> None:
    """Store, or replace, one clip's vectors by one encoder. Raises FingerprintMismatch."""
    required_encoder(connection, embedded.fingerprint, embedded.vectors.shape[1])
    spans = np.array([(window.start_seconds, window.end_seconds) for window in embedded.windows], _SPAN).reshape(-1, 2)
    values = {
        "windows": len(embedded.windows),
        "spans": spans.tobytes(),
        "vectors": np.ascontiguousarray(embedded.vectors, _NUMBER).tobytes(),
    }
    statement = upsert(embeddings).values(clip_id=clip_id, fingerprint=embedded.fingerprint, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["clip_id", "fingerprint"], set_=values))


def has(connection: Connection, clip_id: str, fingerprint: str) -> bool:
    statement = select(embeddings.c.windows).where(embeddings.c.clip_id == clip_id, embeddings.c.fingerprint == fingerprint)
    return connection.execute(statement).first() is not None


def window_counts(connection: Connection, fingerprint: str) -> dict[str, int]:
    """Windows of each live clip that the encoder has seen."""
    statement = (
        select(embeddings.c.clip_id, embeddings.c.windows)
        .join(clips, clips.c.clip_id == embeddings.c.clip_id)
        .where(embeddings.c.fingerprint == fingerprint, clips.c.deleted_at.is_(None))
    )
    return {clip_id: int(windows) for clip_id, windows in connection.execute(statement)}


def windows_by_fingerprint(connection: Connection, clip_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """{fingerprint: {clip id: windows}} of these clips, deleted or not."""
    found: dict[str, dict[str, int]] = {}
    for chunk in in_chunks(clip_ids):
        statement = select(embeddings.c.fingerprint, embeddings.c.clip_id, embeddings.c.windows)
        for fingerprint, clip_id, windows in connection.execute(statement.where(embeddings.c.clip_id.in_(chunk))):
            found.setdefault(fingerprint, {})[clip_id] = int(windows)
    return found


def of_clip(connection: Connection, clip_id: str) -> list[tuple[str, Floats]]:
    """(fingerprint, vectors (N, D)) of every encoder that has seen the clip, deleted or not."""
    statement = select(embeddings).where(embeddings.c.clip_id == clip_id).order_by(embeddings.c.fingerprint)
    return [(row.fingerprint, _vectors(row)) for row in connection.execute(statement)]


def of_encoder(connection: Connection, fingerprint: str, clip_ids: Sequence[str] | None = None) -> Iterator[tuple[str, Floats]]:
    """(clip id, vectors (N, D)) of every live clip, or of a few, one after the other, in the order they came."""
    statement = _live(fingerprint) if clip_ids is None else _live(fingerprint).where(clips.c.clip_id.in_(clip_ids))
    for row in connection.execute(statement.execution_options(yield_per=64)):
        yield row.clip_id, _vectors(row)


def gallery(connection: Connection, fingerprint: str, dimension: int, clip_ids: Sequence[str] | None) -> Gallery:
    """Live clips only; in the order of ``clip_ids``, or the order they came. Clips without vectors are left out."""
    if clip_ids is None:
        rows = list(connection.execute(_live(fingerprint)))
    else:
        found: dict[str, Row[Any]] = {}
        for chunk in in_chunks(clip_ids):
            found.update({row.clip_id: row for row in connection.execute(_live(fingerprint).where(clips.c.clip_id.in_(chunk)))})
        rows = [found[clip_id] for clip_id in dict.fromkeys(clip_ids) if clip_id in found]
    return _joined(fingerprint, dimension, rows)


def erase(connection: Connection, clip_ids: Iterable[str]) -> None:
    for chunk in in_chunks(clip_ids):
        connection.execute(delete(embeddings).where(embeddings.c.clip_id.in_(chunk)))


def _live(fingerprint: str) -> Any:
    return (
        select(embeddings)
        .join(clips, clips.c.clip_id == embeddings.c.clip_id)
        .where(embeddings.c.fingerprint == fingerprint, clips.c.deleted_at.is_(None))
        .order_by(clips.c.added_at, clips.c.clip_id)
    )


def _joined(fingerprint: str, dimension: int, rows: Sequence[Row[Any]]) -> Gallery:
    total = sum(row.windows for row in rows)
    vectors, spans = np.empty((total, dimension), np.float32), np.empty((total, 2), np.float64)
    names: list[str] = []
    for row in (row for row in rows if row.windows):
        here = slice(len(names), len(names) + row.windows)
        vectors[here], spans[here] = _vectors(row), _spans(row)
        names.extend([row.clip_id] * row.windows)
    starts, ends = spans[:, 0].copy(), spans[:, 1].copy()
    for column in (vectors, starts, ends):
        column.flags.writeable = False  # a gallery is cached and shared by sessions
    return Gallery(fingerprint, tuple(names), vectors, starts, ends)


def _vectors(row: Row[Any]) -> Floats:
    return _table(row, row.vectors, _NUMBER).astype(np.float32, copy=False)


def _spans(row: Row[Any]) -> NDArray[np.float64]:
    return _table(row, row.spans, _SPAN).astype(np.float64, copy=False)


def _table(row: Row[Any], blob: bytes, kind: np.dtype[Any]) -> NDArray[Any]:
    flat = np.frombuffer(blob, kind)
    if (row.windows and len(flat) % row.windows) or bool(row.windows) != bool(len(flat)):
        raise LibraryDamaged(f"the embeddings of clip {row.clip_id} have lost their shape; erase the clip and add it again")
    return flat.reshape(row.windows, -1) if row.windows else flat.reshape(0, 0)
