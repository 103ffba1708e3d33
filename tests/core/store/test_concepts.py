"""The ledger's side of concepts; what is in them is taught in tests/core/test_teaching.py."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.clips import Section
from core.concepts import NONE, Concept, Example, Head, Scale, Space, Threshold
from core.errors import BadInput, LibraryDamaged
from core.store import Library
from tests.core.store.conftest import SCHEMA_5, Maker


def concept(name: str = "fight", clip_ids: tuple[str, ...] = ("a" * 64, "b" * 64)) -> Concept:
    weights = np.asarray([[0.5, -0.5, 0.0]], np.float32)
    shown = (Example(clip_ids[0], name, (0.5, 2.0)), *(Example(one, NONE, origin="rejected") for one in clip_ids[1:]))
    return Concept(
        name,
        "toy",
        "toy-1",
        (name,),
        shown,
        Space(np.zeros(3, np.float32), (Section("all", "", 0, 3, 1.0),)),
        Head("ridge", weights, np.asarray([0.25], np.float32)),
        weights * 1.4,
        (Scale(2.0, 0.5),),
        (Threshold(0.3, sentence="never calibrated"),),
        "ridge because of the test",
        (("average precision of ridge", float("nan")), ("sources", 2.0)),
    )


def test_a_library_of_version_4_gets_the_tables_of_a_new_one(home: Path, maker: Maker) -> None:
    with Library.open(home, index="memory") as library:
        clip_id = maker.add(library)
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        fresh = columns(connection)
        for table in SCHEMA_5:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE facts SET value = 4 WHERE name = 'schema_version'")
    connection.close()
    with Library.open(home, index="memory") as library:
        kept = library.concepts.keep(concept(clip_ids=(clip_id,)))
        assert kept.concept_id == 1 and library.clip(clip_id)
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        assert columns(connection) == fresh
    connection.close()


def columns(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    found = {table: [row[1:4] for row in connection.execute(f"PRAGMA table_info({table})")] for table in SCHEMA_5}
    return found | {"": sorted(connection.execute("SELECT name FROM sqlite_master"))}


def test_one_is_kept_under_its_id_and_another_keeps_its_name(library: Library) -> None:
    first = library.concepts.keep(concept())
    assert library.concepts.keep(replace(first, words="x")).concept_id == first.concept_id
    other = library.concepts.keep(concept("brawl"))
    with pytest.raises(BadInput, match="no other concept has"):
        library.concepts.keep(replace(other, name="fight"))
    found = library.concepts.find("fight")
    assert found is not None and found.concept().examples == first.examples and np.isnan(found.concept().notes[0][1])
    assert [one.name for one in library.concepts.all()] == ["brawl", "fight"]


def test_only_what_changes_answers_about_clips_is_a_change_of_the_library(library: Library) -> None:
    made = library.concepts.keep(concept())
    before = library.revision
    library.concepts.keep(made.with_thresholds([Threshold(0.9)]))
    assert library.revision == before
    library.concepts.keep(replace(made, prototypes=-made.prototypes))
    library.concepts.forget("fight")
    assert library.revision == before + 2


def test_what_lost_its_shape_is_named(library: Library) -> None:
    library.concepts.keep(concept())
    found = library.concepts.find("fight")
    assert found is not None
    for spoilt in (replace(found, payload="{}"), replace(found, arrays=b"x"), replace(found, payload="[")):
        with pytest.raises(LibraryDamaged, match="teach it again"):
            spoilt.concept()
