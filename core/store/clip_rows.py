"""Clips in the ledger. Each function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from core.clips import Clip, VideoInfo, clean_label
from core.errors import BadQuery, UnknownName
from core.store.schema import clips

PREFIX_LEAST = 6  # letters of a clip id that may stand for the whole
_CHUNK = 500  # names in one IN (...): SQLite's limit on variables is 32,766, its planner prefers fewer


@dataclass(frozen=True, slots=True)
class Labelling:
    """What people call a clip."""

    clip_id: str
    label: str
    source: str
    name: str


def in_chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """The names without repetition, in order, a few hundred at a time."""
    unique = iter(dict.fromkeys(names))
    while chunk := list(islice(unique, _CHUNK)):
        yield chunk


def _clip(row: RowMapping) -> Clip:
    values: dict[str, Any] = dict(row)
    values.pop("suffix")
    info = VideoInfo(**{name: values.pop(name) for name in VideoInfo.__dataclass_fields__})
    return Clip(info=info, **values)


def _in_order(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(clips.c.added_at, clips.c.clip_id)


def find(connection: Connection, clip_id: str) -> Clip | None:
    """Deleted ones too."""
    row = connection.execute(select(clips).where(clips.c.clip_id == clip_id)).mappings().first()
    return _clip(row) if row else None


def by_prefix(connection: Connection, prefix: str, *, deleted: bool | None = False) -> Clip:
    """The one clip whose id begins so, among the live, the deleted or (None) all. UnknownName; BadQuery for several."""
    wanted = prefix.strip().lower()
    if len(wanted) < PREFIX_LEAST or not set(wanted) <= set("0123456789abcdef"):
        raise BadQuery(f"clip id ({prefix[:80]!r}) must be at least {PREFIX_LEAST} hex digits; take it from `list`")
    found = [
        _clip(row) for row in connection.execute(_in_order(select(clips).where(clips.c.clip_id.startswith(wanted)))).mappings()
    ]
    meant = [clip for clip in found if deleted is None or (clip.deleted_at is not None) == deleted]
    if len(meant) > 1:
        raise BadQuery(f"clip id ({wanted}) must name one clip, not {len(meant)}; give more digits")
    if not meant:
        other = "it is not deleted" if deleted else "it is deleted: restore it first"
        hint = other if found else "see `list` for those that are"
        raise UnknownName(f"clip id ({wanted}) must be of a clip in this library; {hint}")
    return meant[0]


def listed(connection: Connection, *, deleted: bool) -> list[Clip]:
    """The live clips, or the deleted ones, in the order they came."""
    condition = clips.c.deleted_at.is_not(None) if deleted else clips.c.deleted_at.is_(None)
    return [_clip(row) for row in connection.execute(_in_order(select(clips).where(condition))).mappings()]


def all_ids(connection: Connection) -> set[str]:
    return set(connection.execute(select(clips.c.clip_id)).scalars())


def suffix(connection: Connection, clip_id: str) -> str:
    return connection.execute(select(clips.c.suffix).where(clips.c.clip_id == clip_id)).scalar() or ""


def put(connection: Connection, clip: Clip, suffix: str) -> None:
    """Insert the clip, or replace its row when it is deleted; a live one stays as it is. Labels are cleaned: BadLabel."""
    values = asdict(clip)
    values.update(values.pop("info"), suffix=suffix)
    for name in ("label", "source", "name"):
        values[name] = clean_label(values[name], what=name)
    present = find(connection, clip.clip_id)
    if present is None:
        connection.execute(insert(clips).values(values))
    elif present.deleted_at is not None:
        connection.execute(update(clips).where(clips.c.clip_id == clip.clip_id).values(values))


def existing(connection: Connection, clip_ids: Iterable[str]) -> list[Clip]:
    """Those clips, deleted ones too, in the order asked for. Raises UnknownName for one that is not here."""
    wanted = list(dict.fromkeys(clip_ids))
    found: dict[str, Clip] = {}
    for chunk in in_chunks(wanted):
        rows = connection.execute(select(clips).where(clips.c.clip_id.in_(chunk))).mappings()
        found.update({row["clip_id"]: _clip(row) for row in rows})
    for clip_id in wanted:
        if clip_id not in found:
            raise UnknownName(f"clip id ({clip_id[:80]}) must be of a clip in this library; see `list`")
    return [found[clip_id] for clip_id in wanted]


def relabel(connection: Connection, labellings: Sequence[Labelling]) -> tuple[Labelling, ...]:
    """Write each; the values that stood there before, in the same order. Raises BadLabel and UnknownName."""
    before = {clip.clip_id: clip for clip in existing(connection, (one.clip_id for one in labellings))}
    for one in labellings:
        values = {name: clean_label(getattr(one, name), what=name) for name in ("label", "source", "name")}
        connection.execute(update(clips).where(clips.c.clip_id == one.clip_id).values(values))
    return tuple(labelling_of(before[one.clip_id]) for one in labellings)


def labelling_of(clip: Clip) -> Labelling:
    return Labelling(clip.clip_id, clip.label, clip.source, clip.name)


def set_deleted(connection: Connection, clip_ids: Iterable[str], deleted_at: float | None) -> tuple[str, ...]:
    """Delete (a time) or restore (None); the ids of those that were not so already. Raises UnknownName."""
    changed = [clip.clip_id for clip in existing(connection, clip_ids) if (clip.deleted_at is None) != (deleted_at is None)]
    for chunk in in_chunks(changed):
        connection.execute(update(clips).where(clips.c.clip_id.in_(chunk)).values(deleted_at=deleted_at))
    return tuple(changed)


def erase(connection: Connection, clip_ids: Iterable[str]) -> None:
    """The rows themselves; their embeddings must be gone before."""
    for chunk in in_chunks(clip_ids):
        connection.execute(delete(clips).where(clips.c.clip_id.in_(chunk)))
