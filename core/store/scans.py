"""Scans and their flags in the ledger: work that outlives a page and a kill. What scores mean, ``core.watching`` knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, or_, select, update

from core.clips import Clip
from core.errors import BadInput, LibraryDamaged, UnknownName
from core.flags import VERDICTS, Flag
from core.store.clip_rows import in_chunks
from core.store.ledger import Ledger
from core.store.naming import without
from core.store.schema import flags, now_seconds, scan_items, scans

SCAN_STATES = ("queued", "running", "done", "failed", "cancelled")
SCAN_ITEM_STATES = ("queued", "running", "done", "refused")
_ACTIVE = ("queued", "running")
_COLUMNS = [column for column in scan_items.c if column.name != "scores"]
"""``scores`` is read by itself: of a long film it is large."""


@dataclass(frozen=True, slots=True)
class ScanItem:
    """A clip (``clip_id``) or a file (``path``) of a scan; ``windows`` of ``total`` (0 while unknown) are scored."""

    scan_id: int
    position: int
    clip_id: str
    path: str
    state: str
    windows: int
    total: int
    message: str


@dataclass(frozen=True, slots=True)
class Scan:
    """``counts`` has every one of SCAN_ITEM_STATES; times are seconds since 1970, UTC."""

    scan_id: int
    title: str
    settings: Mapping[str, Any]
    state: str
    message: str
    created_at: float
    finished_at: float | None
    counts: Mapping[str, int] = field(default_factory=dict)
    windows: int = 0
    flags: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.counts["done"] + self.counts["refused"]

    @property
    def active(self) -> bool:
        return self.state in _ACTIVE


class Scans:
    """Scans kept in ``ledger``. Safe to call from any thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, title: str, settings: Mapping[str, Any], items: Iterable[tuple[str, str]]) -> int:
        """Write a scan down: (clip id or "", path or "") of each item; its id."""
        values = {"title": title, "settings": _json(settings), "state": "queued", "message": "", "created_at": now_seconds()}
        with self._ledger.writing() as connection:
            made = connection.execute(insert(scans).values(**values)).inserted_primary_key
            scan_id = int(made[0]) if made else 0
            rows = [
                {"scan_id": scan_id, "position": position, "clip_id": clip_id or None, "path": path, "state": "queued"}
                for position, (clip_id, path) in enumerate(items)
            ]
            if rows:
                connection.execute(insert(scan_items), rows)
        return scan_id

    def all(self, *, active_only: bool = False, limit: int = 50) -> list[Scan]:
        """Newest first. Raises LibraryDamaged."""
        wanted = select(scans).order_by(scans.c.scan_id.desc()).limit(limit)
        with self._ledger.reading() as connection:
            return _scans(connection, wanted.where(scans.c.state.in_(_ACTIVE)) if active_only else wanted)

    def get(self, scan_id: int) -> Scan:
        """Raises UnknownName, LibraryDamaged."""
        with self._ledger.reading() as connection:
            found = _scans(connection, select(scans).where(scans.c.scan_id == scan_id))
        if not found:
            raise UnknownName(f"scan ({scan_id}) must be one of this library; see the Watch page")
        return found[0]

    def state(self, scan_id: int) -> str:
        """ "" for one that was forgotten."""
        with self._ledger.reading() as connection:
            return str(connection.execute(select(scans.c.state).where(scans.c.scan_id == scan_id)).scalar() or "")

    def set_state(self, scan_id: int, state: str, message: str = "", *, only_from: Sequence[str] = SCAN_STATES) -> bool:
        """Whether it was in one of ``only_from``, and so is in ``state`` now."""
        if state not in SCAN_STATES:
            raise BadInput(f"state ({state!r}) must be one of {', '.join(SCAN_STATES)}")
        ended = None if state in _ACTIVE else now_seconds()
        with self._ledger.writing() as connection:
            wanted = update(scans).where(scans.c.scan_id == scan_id, scans.c.state.in_(only_from))
            return bool(connection.execute(wanted.values(state=state, message=message, finished_at=ended)).rowcount)

    def set_settings(self, scan_id: int, settings: Mapping[str, Any]) -> None:
        """Other settings for what is not finished: what those items kept so far is dropped."""
        with self._ledger.writing() as connection:
            connection.execute(update(scans).where(scans.c.scan_id == scan_id).values(settings=_json(settings)))
            open_items = update(scan_items).where(scan_items.c.scan_id == scan_id, scan_items.c.state.in_(_ACTIVE))
            connection.execute(open_items.values(windows=0, total=0, scores=b""))

    def forget(self, scan_id: int) -> None:
        """Remove a scan and its flags. Nothing happens when there is none."""
        with self._ledger.writing() as connection:
            for table in (flags, scan_items, scans):
                connection.execute(delete(table).where(table.c.scan_id == scan_id))

    # Items

    def items(self, scan_id: int, *, state: str = "") -> list[ScanItem]:
        """In their order."""
        wanted = select(*_COLUMNS).where(scan_items.c.scan_id == scan_id).order_by(scan_items.c.position)
        with self._ledger.reading() as connection:
            rows = connection.execute(wanted.where(scan_items.c.state == state) if state else wanted).mappings()
            return [_item(dict(row)) for row in rows]

    def next_item(self, scan_id: int) -> ScanItem | None:
        """Claim the next queued item (it is then "running"); None when there is none, or the scan has ended."""
        with self._ledger.writing() as connection:
            wanted = (
                select(*_COLUMNS)
                .join(scans, scans.c.scan_id == scan_items.c.scan_id)
                .where(scan_items.c.scan_id == scan_id, scan_items.c.state == "queued", scans.c.state.in_(_ACTIVE))
                .order_by(scan_items.c.position)
                .limit(1)
            )
            row = connection.execute(wanted).mappings().first()
            if row is None:
                return None
            connection.execute(_this(scan_id, row["position"]).values(state="running"))
            return _item({**dict(row), "state": "running"})

    def scores(self, scan_id: int, position: int) -> bytes:
        """What ``keep_scores`` kept; nothing before that."""
        wanted = select(scan_items.c.scores).where(scan_items.c.scan_id == scan_id, scan_items.c.position == position)
        with self._ledger.reading() as connection:
            return bytes(connection.execute(wanted).scalar() or b"")

    def keep_scores(self, scan_id: int, position: int, scores: bytes, windows: int, total: int) -> None:
        """What is done of an item so far: after a kill it goes on from here."""
        with self._ledger.writing() as connection:
            connection.execute(_this(scan_id, position).values(scores=scores, windows=windows, total=total))

    def finish_item(
        self,
        scan_id: int,
        position: int,
        state: str,
        *,
        message: str = "",
        clip_id: str = "",
        scores: bytes | None = None,
        windows: int | None = None,
        found: Iterable[Flag] = (),
    ) -> None:
        """Write down how an item ended, with its flags, in one transaction. "queued" puts it back instead.

        ``clip_id``: the file turned out to be this clip. ``scores`` and ``windows`` (None) stay as they were kept.
        """
        values: dict[str, Any] = {"state": state, "message": message}
        values |= {"clip_id": clip_id} if clip_id else {}
        values |= {} if scores is None else {"scores": scores}
        values |= {} if windows is None else {"windows": windows, "total": windows}
        with self._ledger.writing() as connection:
            if not connection.execute(_this(scan_id, position).values(**values)).rowcount:
                return  # it was forgotten, or erased, meanwhile
            if rows := [_flag_values(flag, scan_id) for flag in found]:
                connection.execute(insert(flags), rows)

    # Flags

    def flags(
        self,
        scan_id: int | None = None,
        *,
        concept: str = "",
        verdict: str | None = None,
        clip_id: str = "",
        path: str = "",
        flag_ids: Sequence[int] | None = None,
        limit: int | None = None,
    ) -> list[Flag]:
        """By scan, place and time, of those that fit; ``concept`` means all of its classes."""
        wanted = select(flags)
        for column, value in ((flags.c.scan_id, scan_id), (flags.c.verdict, verdict)):
            wanted = wanted if value is None else wanted.where(column == value)
        for column, text in ((flags.c.clip_id, clip_id), (flags.c.path, path)):
            wanted = wanted.where(column == text) if text else wanted
        if concept:
            wanted = wanted.where(or_(flags.c.concept == concept, flags.c.concept.startswith(f"{concept}/", autoescape=True)))
        if flag_ids is not None:
            wanted = wanted.where(flags.c.flag_id.in_(list(flag_ids)))
        wanted = wanted.order_by(flags.c.scan_id, flags.c.clip_id, flags.c.path, flags.c.start_seconds, flags.c.flag_id)
        with self._ledger.reading() as connection:
            return [_flag(row) for row in connection.execute(wanted.limit(limit)).mappings()]

    def decide(self, flag_ids: Iterable[int], verdict: str) -> dict[int, str]:
        """Set a verdict, or take it back with ""; what each flag had before. Raises UnknownName; nothing is changed then."""
        if verdict not in VERDICTS:
            raise BadInput(f"verdict ({verdict[:40]!r}) must be accepted, rejected or nothing; choose one of these")
        asked, before = list(dict.fromkeys(flag_ids)), dict[int, str]()
        values = {"verdict": verdict, "decided_at": now_seconds() if verdict else None}
        with self._ledger.writing() as connection:
            for first in range(0, len(asked), 500):
                these = flags.c.flag_id.in_(asked[first : first + 500])
                before |= {
                    row.flag_id: row.verdict for row in connection.execute(select(flags.c.flag_id, flags.c.verdict).where(these))
                }
                connection.execute(update(flags).where(these).values(**values))
            if unknown := [flag_id for flag_id in asked if flag_id not in before]:
                raise UnknownName(f"flag ({unknown[0]}) must be one of this library; see `flags list`")
        return before


def requeue(connection: Connection) -> int:
    """After an end without goodbye: items and scans that were running wait again; how many scans were live."""
    connection.execute(update(scan_items).where(scan_items.c.state == "running").values(state="queued"))
    connection.execute(update(scans).where(scans.c.state == "running").values(state="queued"))
    return int(connection.execute(select(func.count()).select_from(scans).where(scans.c.state.in_(_ACTIVE))).scalar_one())


def erase(connection: Connection, doomed: Sequence[Clip]) -> None:
    """Remove what was scanned and flagged in these clips, or in files of their names; titles forget them."""
    for chunk in in_chunks(clip.clip_id for clip in doomed):
        for table in (scan_items, flags):
            connection.execute(delete(table).where(table.c.clip_id.in_(chunk)))
    for clip in doomed:
        for table in (scan_items, flags) if clip.name else ():
            same = or_(table.c.path == clip.name, table.c.path.endswith(f"/{clip.name}", autoescape=True))
            connection.execute(delete(table).where(same))
    for row in connection.execute(select(scans.c.scan_id, scans.c.title, scans.c.message)).all():
        cleaned = {"title": without(row.title, doomed), "message": without(row.message, doomed)}
        if cleaned != {"title": row.title, "message": row.message}:
            connection.execute(update(scans).where(scans.c.scan_id == row.scan_id).values(**cleaned))
    for item in connection.execute(select(*_COLUMNS).where(scan_items.c.message != "")).mappings().all():
        if (message := without(item["message"], doomed)) != item["message"]:
            connection.execute(_this(item["scan_id"], item["position"]).values(message=message))


def _this(scan_id: int, position: int) -> Any:
    return update(scan_items).where(scan_items.c.scan_id == scan_id, scan_items.c.position == position)


def _scans(connection: Connection, wanted: Select[Any]) -> list[Scan]:
    rows = list(connection.execute(wanted).mappings())
    ids = [row["scan_id"] for row in rows]
    counts = {scan_id: dict.fromkeys(SCAN_ITEM_STATES, 0) for scan_id in ids}
    windows = dict.fromkeys(ids, 0)
    grouped = select(scan_items.c.scan_id, scan_items.c.state, func.count(), func.sum(scan_items.c.windows)).where(
        scan_items.c.scan_id.in_(ids)
    )
    for scan_id, state, count, summed in connection.execute(grouped.group_by(scan_items.c.scan_id, scan_items.c.state)):
        counts[scan_id][state] = count
        windows[scan_id] += summed
    flagged = select(flags.c.scan_id, func.count()).where(flags.c.scan_id.in_(ids)).group_by(flags.c.scan_id)
    found = {int(scan_id): int(count) for scan_id, count in connection.execute(flagged)}
    return [_scan(row, counts[row["scan_id"]], windows[row["scan_id"]], found.get(row["scan_id"], 0)) for row in rows]


def _scan(row: RowMapping, counts: Mapping[str, int], windows: int, found: int) -> Scan:
    try:
        settings = json.loads(row["settings"])
    except ValueError as error:
        raise LibraryDamaged(f"scan {row['scan_id']} has lost its settings; forget it and scan again") from error
    return Scan(**{**row, "settings": settings}, counts=counts, windows=windows, flags=found)


def _item(row: Mapping[str, Any]) -> ScanItem:
    return ScanItem(**{**row, "clip_id": row["clip_id"] or ""})


def _flag_values(flag: Flag, scan_id: int) -> dict[str, Any]:
    names = ("concept", "path", "start_seconds", "end_seconds", "peak_seconds", "similarity", "confidence", "score", "verdict")
    return {name: getattr(flag, name) for name in names} | {"scan_id": scan_id, "clip_id": flag.clip_id or None}


def _flag(row: RowMapping) -> Flag:
    values = {name: row[name] for name in Flag.__dataclass_fields__}
    return Flag(**{**values, "clip_id": row["clip_id"] or ""})


def _json(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, ensure_ascii=False, allow_nan=False)
