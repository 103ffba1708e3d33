"""Rules and what they did, in the ledger: rows as they are kept. What they mean is known to ``core.rules`` alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from core.errors import LibraryDamaged, UnknownName
from core.store.ledger import Ledger
from core.store.schema import firings, now_seconds, rules

MOST_FIRINGS = 10_000
"""Lines that the log keeps; of more the oldest go. One takes half a kilobyte."""


@dataclass(frozen=True, slots=True)
class StoredRule:
    """One rule. Times are seconds since 1970, UTC."""

    rule_id: int
    name: str
    payload: dict[str, Any]
    armed: bool
    created_at: float
    changed_at: float
    deleted_at: float | None


@dataclass(frozen=True, slots=True)
class StoredFiring:
    """One line of the log. ``seen_at`` None: nobody has looked at its notice yet."""

    firing_id: int
    rule_id: int
    clip_id: str | None
    payload: dict[str, Any]
    outcome: str
    fired_at: float
    seen_at: float | None


class Rules:
    """Rules and their log kept in ``ledger``. Safe to call from any thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def put(self, name: str, payload: Mapping[str, Any], *, armed: bool, rule_id: int = 0) -> StoredRule:
        """Keep a new rule (``rule_id`` 0), or change one. Raises UnknownName."""
        values = {"name": name, "payload": _json(payload), "armed": armed, "changed_at": now_seconds()}
        with self._ledger.writing() as connection:
            if rule_id:
                _existing(connection, rule_id)
                connection.execute(update(rules).where(rules.c.rule_id == rule_id).values(**values))
            else:
                made = connection.execute(insert(rules).values(**values, created_at=values["changed_at"]))
                rule_id = int(made.inserted_primary_key[0])  # type: ignore[index]
            return _rule(_existing(connection, rule_id))

    def all(self, *, deleted: bool = False) -> list[StoredRule]:
        """The rules there are, or those that were forgotten, the oldest first. Raises LibraryDamaged."""
        there = rules.c.deleted_at.is_not(None) if deleted else rules.c.deleted_at.is_(None)
        with self._ledger.reading() as connection:
            return [_rule(row) for row in connection.execute(select(rules).where(there).order_by(rules.c.rule_id))]

    def get(self, rule_id: int) -> StoredRule:
        """Forgotten or not. Raises UnknownName."""
        with self._ledger.reading() as connection:
            return _rule(_existing(connection, rule_id))

    def set_deleted(self, rule_id: int, deleted: bool) -> None:
        """Forget a rule, which disarms it, or take that back. Raises UnknownName."""
        values: dict[str, Any] = {"deleted_at": now_seconds() if deleted else None}
        with self._ledger.writing() as connection:
            _existing(connection, rule_id)
            connection.execute(
                update(rules).where(rules.c.rule_id == rule_id).values(**values, **({"armed": False} if deleted else {}))
            )

    # The log

    def log(self, rule_id: int, clip_id: str, payload: Mapping[str, Any], outcome: str, *, seen: bool) -> StoredFiring:
        """Write a line down; ``seen``: nobody needs to be told of it."""
        now = now_seconds()
        values = {"rule_id": rule_id, "clip_id": clip_id or None, "payload": _json(payload), "outcome": outcome}
        with self._ledger.writing() as connection:
            made = connection.execute(insert(firings).values(**values, fired_at=now, seen_at=now if seen else None))
            firing_id = int(made.inserted_primary_key[0])  # type: ignore[index]
            connection.execute(delete(firings).where(firings.c.firing_id <= firing_id - MOST_FIRINGS))
        return StoredFiring(firing_id, rule_id, clip_id or None, dict(payload), outcome, now, now if seen else None)

    def set_outcome(self, firing_id: int, outcome: str) -> None:
        """What became of it. Nothing happens to a line that has gone meanwhile."""
        with self._ledger.writing() as connection:
            connection.execute(update(firings).where(firings.c.firing_id == firing_id).values(outcome=outcome))

    def firings(self, *, limit: int = 100, rule_id: int = 0, unseen: bool = False) -> list[StoredFiring]:
        """The newest first: of one rule, or those that nobody has seen. Raises LibraryDamaged."""
        wanted = select(firings).order_by(firings.c.firing_id.desc()).limit(limit)
        if rule_id:
            wanted = wanted.where(firings.c.rule_id == rule_id)
        if unseen:
            wanted = wanted.where(firings.c.seen_at.is_(None))
        with self._ledger.reading() as connection:
            return [_firing(row) for row in connection.execute(wanted)]

    def see(self, firing_ids: Iterable[int] | None = None) -> None:
        """Somebody has seen these lines, or (None) all of them."""
        wanted = update(firings).where(firings.c.seen_at.is_(None)).values(seen_at=now_seconds())
        with self._ledger.writing() as connection:
            if firing_ids is None:
                connection.execute(wanted)
            for firing_id in firing_ids or ():
                connection.execute(wanted.where(firings.c.firing_id == firing_id))


def erase(connection: Connection, clip_ids: Iterable[str], names: Iterable[str] = ()) -> None:
    """Remove the lines of these clips, and those of files that bear their names."""
    for clip_id in clip_ids:
        connection.execute(delete(firings).where(or_(firings.c.clip_id == clip_id, _says(clip_id))))
    for name in names:
        if name:
            connection.execute(delete(firings).where(_says(json.dumps(name, ensure_ascii=False)[1:-1])))


def _says(text: str) -> Any:
    return firings.c.payload.contains(text, autoescape=True)


def _existing(connection: Connection, rule_id: int) -> Row[Any]:
    row = connection.execute(select(rules).where(rules.c.rule_id == rule_id)).first()
    if row is None:
        raise UnknownName(f"rule ({rule_id}) must be one of this library; list them")
    return row


def _json(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False)


def _read(payload: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError as error:
        raise LibraryDamaged(f"{what} cannot be read; remove it and make it again") from error
    if not isinstance(found, dict):
        raise LibraryDamaged(f"{what} has lost its shape; remove it and make it again")
    return found


def _rule(row: Row[Any]) -> StoredRule:
    payload = _read(row.payload, f"the rule {row.rule_id}")
    return StoredRule(row.rule_id, row.name, payload, row.armed, row.created_at, row.changed_at, row.deleted_at)


def _firing(row: Row[Any]) -> StoredFiring:
    payload = _read(row.payload, f"line {row.firing_id} of the log of rules")
    return StoredFiring(row.firing_id, row.rule_id, row.clip_id, payload, row.outcome, row.fired_at, row.seen_at)
