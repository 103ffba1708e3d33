"""Maps in the ledger: kept as they were made, bounded, migrated to, and gone with any clip in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import LibraryDamaged
from core.store import Library, StoredProjection
from core.store.projections import MOST
from tests.core.store.conftest import FINGERPRINT, SCHEMA_5, Maker


def projection(ids: Sequence[str], settings: str = "a") -> StoredProjection:
    count = len(ids)
    places = np.random.default_rng(count).normal(size=(count, 2)).astype(np.float32)
    spans = np.stack([np.arange(count), np.arange(count) + 1.5], axis=1).astype(np.float64)
    return StoredProjection(
        FINGERPRINT, settings, 7, tuple(ids), np.arange(count, dtype=np.int32), spans, places, ("läuft",), 1000.0
    )


def test_a_map_comes_back_as_it_was_and_a_new_one_takes_its_place(library: Library, maker: Maker) -> None:
    ids = [maker.add(library) for _ in range(3)]
    shelf, made = library.projections, projection([ids[0], ids[0], ids[2], ids[1]])
    shelf.keep(made)
    found = shelf.find(FINGERPRINT, "a")
    for name in ("fingerprint", "settings", "revision", "clip_ids", "notes", "made_at"):
        assert getattr(found, name) == getattr(made, name)
    for name in ("windows", "spans", "places"):
        assert (
            np.array_equal(getattr(found, name), getattr(made, name)) and getattr(found, name).dtype == getattr(made, name).dtype
        )
    shelf.keep(replace(made, revision=8))
    shelf.keep(projection(ids, "b"))
    assert shelf.find(FINGERPRINT, "a").revision == 8 and shelf.settings(FINGERPRINT) == ["b", "a"]
    assert shelf.find("another", "a") is None and shelf.settings("another") == []
    shelf.forget(FINGERPRINT, "a")
    assert shelf.settings(FINGERPRINT) == ["b"]


def test_only_so_many_are_kept(library: Library, maker: Maker) -> None:
    made = projection([maker.add(library)])
    for number in range(MOST + 3):
        library.projections.keep(replace(made, settings=str(number)))
    kept = library.projections.settings(FINGERPRINT)
    assert len(kept) == MOST and kept[0] == str(MOST + 2) and "2" not in kept


def test_a_map_goes_with_any_clip_in_it_and_leaves_no_byte(library: Library, maker: Maker) -> None:
    ids = [maker.add(library) for _ in range(3)]
    doomed, others = projection(ids), projection(ids[:2], "others")
    library.projections.keep(doomed)
    library.projections.keep(others)
    library.erase([ids[2]])
    assert library.projections.settings(FINGERPRINT) == ["others"]
    bytes_left = b"".join(path.read_bytes() for path in library.home.glob("ledger.sqlite*"))
    assert ids[2].encode() not in bytes_left and doomed.places.tobytes() not in bytes_left
    assert others.places.tobytes() in bytes_left, "and it would have been seen"
    late = library.projections.keep(doomed)  # its making began before the clip was erased
    assert late.clip_ids == tuple(ids[:2]) and library.projections.find(FINGERPRINT, "a").clip_ids == tuple(ids[:2])


def test_a_torn_map_is_told(library: Library, maker: Maker) -> None:
    library.projections.keep(projection([maker.add(library)]))
    with sqlite3.connect(library.home / "ledger.sqlite") as connection:
        connection.execute("UPDATE projections SET places = x'00'")
    connection.close()
    with pytest.raises(LibraryDamaged, match="make it again"):
        library.projections.find(FINGERPRINT, "a")
    with pytest.raises(ValueError, match="shapes"):
        replace(projection(["a"]), places=np.zeros((3, 2), np.float32))


def test_a_library_of_version_3_gets_its_maps_and_keeps_what_it_had(home: Path, maker: Maker) -> None:
    with Library.open(home, index="memory") as library:
        library.remember_comparison("kept", {"a": 1})
        clip_id = maker.add(library)
    names = "SELECT name FROM sqlite_master"
    columns = "PRAGMA table_info(projections)"
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        fresh = ({row[0] for row in connection.execute(names)}, [row[1:4] for row in connection.execute(columns)])
        for table in ("projections", *SCHEMA_5):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE facts SET value = 3 WHERE name = 'schema_version'")
    connection.close()
    with Library.open(home, index="memory") as library:
        library.projections.keep(projection([clip_id]))
        library.projections.keep(projection([clip_id]))
        assert library.projections.settings(FINGERPRINT) == ["a"] and library.clip(clip_id)
        assert [one.title for one in library.recent_comparisons()] == ["kept"]
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        migrated = ({row[0] for row in connection.execute(names)}, [row[1:4] for row in connection.execute(columns)])
    connection.close()
    assert migrated == fresh, "a migrated ledger has the tables, indexes and columns of a new one"
