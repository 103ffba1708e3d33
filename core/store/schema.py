"""The tables of the ledger, its version, and the way from an older version to this one."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
    text,
)

from core.errors import LibraryDamaged, SchemaTooNew
from core.store.migrations import MIGRATIONS, Migration

VERSION = 5

metadata = MetaData()

facts = Table("facts", metadata, Column("name", String, primary_key=True), Column("value", Integer, nullable=False))
"""``schema_version`` and ``revision``."""

clips = Table(
    "clips",
    metadata,
    Column("clip_id", String(64), primary_key=True),
    Column("suffix", String, nullable=False, default=""),
    Column("name", String, nullable=False),
    Column("label", String, nullable=False),
    Column("source", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("container", String, nullable=False),
    Column("codec", String, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("duration_seconds", Float, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("fps", Float, nullable=False),
    Column("rotation_degrees", Integer, nullable=False),
    Column("pixel_format", String, nullable=False, default=""),
    Column("added_at", Float, nullable=False),
    Column("deleted_at", Float),
    Column("synthetic", Boolean, nullable=False),
)
Index("clips_in_order", clips.c.added_at, clips.c.clip_id)

encoders = Table(
    "encoders",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("encoder", String, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("added_at", Float, nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("clip_id", String(64), ForeignKey("clips.clip_id"), primary_key=True),
    Column("fingerprint", String, ForeignKey("encoders.fingerprint"), primary_key=True),
    Column("windows", Integer, nullable=False),
    Column("spans", LargeBinary, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
"""One row per clip and encoder. ``spans`` is (N, 2) little-endian float64: start and end seconds of each window;
``vectors`` is (N, D) little-endian float32. One blob per clip, since windows are only ever read by the clip."""

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    Column("encoder", String, nullable=False),
    Column("state", String, nullable=False),
    Column("message", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    sqlite_autoincrement=True,
)

job_items = Table(
    "job_items",
    metadata,
    Column("job_id", Integer, ForeignKey("jobs.job_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("label", String, nullable=False),
    Column("source", String, nullable=False),
    Column("name", String, nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("clip_id", String(64)),
    Column("reason", String),
    Column("message", Text),
    Column("windows", Integer, nullable=False, default=0),
)
Index("job_items_by_state", job_items.c.job_id, job_items.c.state)
Index("job_items_by_clip", job_items.c.clip_id)

comparisons = Table(
    "comparisons",
    metadata,
    Column("comparison_id", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    sqlite_autoincrement=True,
)

notes = Table(
    "notes",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Float, nullable=False),
)
"""Small things worth keeping, as JSON by name: which encoder the library uses, how fast encoders are here. Never of a clip."""

notebooks = Table(
    "notebooks",
    metadata,
    Column("notebook_id", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("step_id", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("deleted_at", Float),
    sqlite_autoincrement=True,
)
"""``step_id`` is the step of its history that it stands at."""

cells = Table(
    "cells",
    metadata,
    Column("cell_id", Integer, primary_key=True, autoincrement=True),
    Column("notebook_id", Integer, ForeignKey("notebooks.notebook_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer_id", Integer),
    Column("before_id", Integer),
    sqlite_autoincrement=True,
)
"""``question`` is JSON in written forms. ``before_id`` is the answer that the last run replaced."""
Index("cells_in_order", cells.c.notebook_id, cells.c.position)

cell_answers = Table(
    "cell_answers",
    metadata,
    Column("answer_id", Integer, primary_key=True, autoincrement=True),
    Column("notebook_id", Integer, ForeignKey("notebooks.notebook_id"), nullable=False),
    Column("payload", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What cells were answered, as JSON, never changed. A cell and the steps of the history name them by id, so that a
step costs no copy of them; one that nobody names any more is removed."""

notebook_steps = Table(
    "notebook_steps",
    metadata,
    Column("step_id", Integer, primary_key=True, autoincrement=True),
    Column("notebook_id", Integer, ForeignKey("notebooks.notebook_id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""The history of a notebook, bounded: after each change the whole of it (title and cells) as JSON."""
Index("notebook_steps_in_order", notebook_steps.c.notebook_id, notebook_steps.c.step_id)

projections = Table(
    "projections",
    metadata,
    Column("projection_id", Integer, primary_key=True, autoincrement=True),
    Column("fingerprint", String, nullable=False),
    Column("settings", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("clip_ids", Text, nullable=False),
    Column("owners", LargeBinary, nullable=False),
    Column("windows", LargeBinary, nullable=False),
    Column("spans", LargeBinary, nullable=False),
    Column("places", LargeBinary, nullable=False),
    Column("notes", Text, nullable=False),
    Column("made_at", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""Maps of the library, N places each. ``clip_ids`` are the C different ones, a line each; ``owners`` (N,) little-endian int32
says which of them a place is of, ``windows`` (N,) int32 which of its windows (-1: the whole clip), ``spans`` (N, 2) float64 its
start and end seconds; ``places`` is (N, 2) float32. ``notes`` is JSON."""
Index("projections_by_settings", projections.c.fingerprint, projections.c.settings, unique=True)

concepts = Table(
    "concepts",
    metadata,
    Column("concept_id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),
    Column("encoder", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("arrays", LargeBinary, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("deleted_at", Float),
    sqlite_autoincrement=True,
)
"""``payload`` is JSON, ``arrays`` safetensors. Empty ``arrays`` mean that an example was erased: it must be taught anew."""

concept_examples = Table(
    "concept_examples",
    metadata,
    Column("concept_id", Integer, ForeignKey("concepts.concept_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("clip_id", String(64), nullable=False),
    Column("start_seconds", Float),
    Column("end_seconds", Float),
    Column("name", String, nullable=False),
    Column("origin", String, nullable=False),
)
"""``name`` is a class of the concept, "" for an example of none."""
Index("concept_examples_by_clip", concept_examples.c.clip_id)

scans = Table(
    "scans",
    metadata,
    Column("scan_id", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("message", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    sqlite_autoincrement=True,
)
"""``settings`` is JSON: concepts, their thresholds and how scores become flags."""

scan_items = Table(
    "scan_items",
    metadata,
    Column("scan_id", Integer, ForeignKey("scans.scan_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("clip_id", String(64)),
    Column("path", String, nullable=False),
    Column("state", String, nullable=False),
    Column("windows", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("scores", LargeBinary, nullable=False, default=b""),
    Column("message", Text, nullable=False, default=""),
)
"""A clip, or a file that stays where it is, of a scan. ``scores`` is what ``windows`` of ``total`` windows got so far."""
Index("scan_items_by_clip", scan_items.c.clip_id)

flags = Table(
    "flags",
    metadata,
    Column("flag_id", Integer, primary_key=True, autoincrement=True),
    Column("scan_id", Integer, nullable=False),
    Column("concept", String, nullable=False),
    Column("clip_id", String(64)),
    Column("path", String, nullable=False),
    Column("start_seconds", Float, nullable=False),
    Column("end_seconds", Float, nullable=False),
    Column("peak_seconds", Float, nullable=False),
    Column("similarity", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("score", Float, nullable=False),
    Column("verdict", String, nullable=False, default=""),
    Column("decided_at", Float),
    sqlite_autoincrement=True,
)
Index("flags_by_scan", flags.c.scan_id)
Index("flags_by_clip", flags.c.clip_id)

rules = Table(
    "rules",
    metadata,
    Column("rule_id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("armed", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("deleted_at", Float),
    sqlite_autoincrement=True,
)

firings = Table(
    "firings",
    metadata,
    Column("firing_id", Integer, primary_key=True, autoincrement=True),
    Column("rule_id", Integer, nullable=False),
    Column("clip_id", String(64)),
    Column("payload", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("fired_at", Float, nullable=False),
    Column("seen_at", Float),
    sqlite_autoincrement=True,
)
"""What armed rules did, the log; ``payload`` is the flag as JSON."""
Index("firings_by_clip", firings.c.clip_id)


def schema_version(connection: Connection) -> int:
    """0 for a new, empty ledger."""
    if not inspect(connection).has_table("facts"):
        return 0
    found = connection.execute(select(facts.c.value).where(facts.c.name == "schema_version")).scalar()
    if found is None:
        raise LibraryDamaged("the ledger has tables but no schema version; restore it from a backup")
    return int(found)


def upgrade(connection: Connection, *, version: int = VERSION, migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """Bring the ledger to ``version`` inside the caller's transaction; the version it had, 0 when it was new.

    Raises SchemaTooNew when it was written by a newer Motionbook.
    """
    found = schema_version(connection)
    if found > version:
        raise SchemaTooNew(f"ledger schema ({found}) must be at most {version}; install the newer Motionbook that wrote it")
    if found == 0:
        metadata.create_all(connection)
        connection.execute(facts.insert(), [{"name": "schema_version", "value": version}, {"name": "revision", "value": 0}])
        return 0
    for step in range(found, version):
        migrations[step](connection)
    connection.execute(text("UPDATE facts SET value = :version WHERE name = 'schema_version'"), {"version": version})
    return found


def now_seconds() -> float:
    """Seconds since 1970, UTC."""
    return time.time()
