"""Remembered comparisons: what was asked, and what was answered, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from core.clips import Clip
from core.store.clip_rows import PREFIX_LEAST
from core.store.schema import comparisons, now_seconds


@dataclass(frozen=True, slots=True)
class Comparison:
    comparison_id: int
    title: str
    payload: Mapping[str, Any]
    created_at: float


def remember(connection: Connection, title: str, payload: Mapping[str, Any]) -> int:
    """The id it is remembered by. ``payload`` must be JSON: ValueError, TypeError otherwise."""
    text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False)
    added = connection.execute(insert(comparisons).values(title=title, payload=text, created_at=now_seconds()))
    return int(added.inserted_primary_key[0]) if added.inserted_primary_key else 0


def recent(connection: Connection, limit: int) -> list[Comparison]:
    """Newest first."""
    rows = connection.execute(select(comparisons).order_by(comparisons.c.comparison_id.desc()).limit(limit)).mappings()
    return [Comparison(**{**row, "payload": json.loads(row["payload"])}) for row in rows]


def erase(connection: Connection, clips: Iterable[Clip]) -> None:
    """Remove every comparison that names one of these clips: by its id, by a beginning of it, or by its name."""
    doomed = list(clips)
    gone = [one.comparison_id for one in recent(connection, -1) if any(_names(one, clip) for clip in doomed)]
    for comparison_id in gone:
        connection.execute(delete(comparisons).where(comparisons.c.comparison_id == comparison_id))


def _names(comparison: Comparison, clip: Clip) -> bool:
    text = f"{comparison.title}\n{json.dumps(comparison.payload, ensure_ascii=False)}"
    if any(clip.clip_id.startswith(word) for word in re.findall(rf"[0-9a-f]{{{PREFIX_LEAST},64}}", text)):
        return True
    spellings = {clip.name, json.dumps(clip.name, ensure_ascii=False)[1:-1]} - {""}  # as text, and as it stands inside JSON
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in spellings)
