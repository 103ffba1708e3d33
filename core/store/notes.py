"""Notes: small things the library keeps by name, as JSON. Each function works inside the caller's transaction.

A note never speaks of a clip: erasing one looks for it everywhere but here.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.store.schema import notes, now_seconds


def put(connection: Connection, name: str, value: Any) -> None:
    """Keep, or replace, one note. ``value`` must be JSON: ValueError, TypeError otherwise."""
    values = {"value": json.dumps(value, ensure_ascii=False, allow_nan=False), "changed_at": now_seconds()}
    statement = upsert(notes).values(name=name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def found(connection: Connection, beginning: str) -> dict[str, Any]:
    """All notes whose names begin so, by name."""
    rows = connection.execute(select(notes.c.name, notes.c.value).order_by(notes.c.name))
    return {row.name: json.loads(row.value) for row in rows if row.name.startswith(beginning)}


def drop(connection: Connection, name: str) -> None:
    """Forget one note; nothing happens when there is none."""
    connection.execute(delete(notes).where(notes.c.name == name))
