"""The way of a ledger from each older version to the next one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, text

Migration = Callable[[Connection], None]


def _saying(statements: Sequence[str]) -> Migration:
    """The migration that executes these, in their order."""

    def migrate(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return migrate


_NOTES = ("CREATE TABLE notes (name VARCHAR NOT NULL PRIMARY KEY, value TEXT NOT NULL, changed_at FLOAT NOT NULL)",)

_NOTEBOOKS = (
    "CREATE TABLE notebooks (notebook_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, "
    "step_id INTEGER NOT NULL, created_at FLOAT NOT NULL, changed_at FLOAT NOT NULL, deleted_at FLOAT)",
    "CREATE TABLE cells (cell_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
    "notebook_id INTEGER NOT NULL REFERENCES notebooks (notebook_id), position INTEGER NOT NULL, kind VARCHAR NOT NULL, "
    "title TEXT NOT NULL, note TEXT NOT NULL, question TEXT NOT NULL, answer_id INTEGER, before_id INTEGER)",
    "CREATE INDEX cells_in_order ON cells (notebook_id, position)",
    "CREATE TABLE cell_answers (answer_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
    "notebook_id INTEGER NOT NULL REFERENCES notebooks (notebook_id), payload TEXT NOT NULL)",
    "CREATE TABLE notebook_steps (step_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "
    "notebook_id INTEGER NOT NULL REFERENCES notebooks (notebook_id), what TEXT NOT NULL, state TEXT NOT NULL, "
    "made_at FLOAT NOT NULL)",
    "CREATE INDEX notebook_steps_in_order ON notebook_steps (notebook_id, step_id)",
)

_PROJECTIONS = (
    "CREATE TABLE projections (projection_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, fingerprint VARCHAR NOT NULL, "
    "settings TEXT NOT NULL, revision INTEGER NOT NULL, clip_ids TEXT NOT NULL, owners BLOB NOT NULL, windows BLOB NOT NULL, "
    "spans BLOB NOT NULL, places BLOB NOT NULL, notes TEXT NOT NULL, made_at FLOAT NOT NULL)",
    "CREATE UNIQUE INDEX projections_by_settings ON projections (fingerprint, settings)",
)

_WATCHING = (
    "CREATE TABLE concepts (concept_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR NOT NULL, "
    "encoder VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, payload TEXT NOT NULL, arrays BLOB NOT NULL, "
    "made_at FLOAT NOT NULL, changed_at FLOAT NOT NULL, deleted_at FLOAT)",
    "CREATE TABLE concept_examples (concept_id INTEGER NOT NULL REFERENCES concepts (concept_id), position INTEGER NOT NULL, "
    "clip_id VARCHAR(64) NOT NULL, start_seconds FLOAT, end_seconds FLOAT, name VARCHAR NOT NULL, origin VARCHAR NOT NULL, "
    "PRIMARY KEY (concept_id, position))",
    "CREATE INDEX concept_examples_by_clip ON concept_examples (clip_id)",
    "CREATE TABLE scans (scan_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, settings TEXT NOT NULL, "
    "state VARCHAR NOT NULL, message TEXT NOT NULL, created_at FLOAT NOT NULL, finished_at FLOAT)",
    "CREATE TABLE scan_items (scan_id INTEGER NOT NULL REFERENCES scans (scan_id), position INTEGER NOT NULL, "
    "clip_id VARCHAR(64), path VARCHAR NOT NULL, state VARCHAR NOT NULL, windows INTEGER NOT NULL, total INTEGER NOT NULL, "
    "scores BLOB NOT NULL, message TEXT NOT NULL, PRIMARY KEY (scan_id, position))",
    "CREATE INDEX scan_items_by_clip ON scan_items (clip_id)",
    "CREATE TABLE flags (flag_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, scan_id INTEGER NOT NULL, "
    "concept VARCHAR NOT NULL, clip_id VARCHAR(64), path VARCHAR NOT NULL, start_seconds FLOAT NOT NULL, "
    "end_seconds FLOAT NOT NULL, peak_seconds FLOAT NOT NULL, similarity FLOAT NOT NULL, confidence FLOAT NOT NULL, "
    "score FLOAT NOT NULL, verdict VARCHAR NOT NULL, decided_at FLOAT)",
    "CREATE INDEX flags_by_scan ON flags (scan_id)",
    "CREATE INDEX flags_by_clip ON flags (clip_id)",
    "CREATE TABLE rules (rule_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR NOT NULL, payload TEXT NOT NULL, "
    "armed BOOLEAN NOT NULL, created_at FLOAT NOT NULL, changed_at FLOAT NOT NULL, deleted_at FLOAT)",
    "CREATE TABLE firings (firing_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, rule_id INTEGER NOT NULL, "
    "clip_id VARCHAR(64), payload TEXT NOT NULL, outcome TEXT NOT NULL, fired_at FLOAT NOT NULL, seen_at FLOAT)",
    "CREATE INDEX firings_by_clip ON firings (clip_id)",
)

MIGRATIONS: Mapping[int, Migration] = {
    version: _saying(statements) for version, statements in enumerate((_NOTES, _NOTEBOOKS, _PROJECTIONS, _WATCHING), start=1)
}
"""From version n to n + 1, by n. A migration is never changed once released, and uses no table object of
``core.store.schema``, since those describe the newest version: it speaks SQL."""
