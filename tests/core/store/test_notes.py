"""Notes: kept by name over closing and opening, in new ledgers and in those of the version before them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.store import Library
from tests.core.store.conftest import SCHEMA_5


def test_a_note_is_kept_and_replaced(library: Library, reopen: Callable[[Library], Library]) -> None:
    assert library.note("encoder") is None
    library.remember_note("encoder", {"name": "toy"})
    library.remember_note("encoder", {"name": "x3d_s", "job": None})
    library.remember_note("speed:a", 1.5)
    library = reopen(library)
    assert library.note("encoder") == {"name": "x3d_s", "job": None}
    assert library.notes("speed:") == {"speed:a": 1.5}
    assert library.note("enc") is None
    library.forget_note("encoder")
    library.forget_note("encoder")
    assert library.notes() == {"speed:a": 1.5}
    library.close()


def test_notes_are_no_change_of_the_clips(library: Library) -> None:
    before = library.revision
    library.remember_note("encoder", "toy")
    assert library.revision == before


def test_only_json_can_be_kept(library: Library) -> None:
    library.remember_note("kept", 1)
    for value in (float("nan"), object()):
        with pytest.raises((ValueError, TypeError)):
            library.remember_note("kept", value)
    assert library.note("kept") == 1


def test_a_library_of_the_version_before_gets_its_notes(home: Path) -> None:
    Library.open(home, index="memory").close()
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        for table in ("notes", "cells", "cell_answers", "notebook_steps", "notebooks", "projections", *SCHEMA_5):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE facts SET value = 1 WHERE name = 'schema_version'")
    connection.close()
    with Library.open(home, index="memory") as library:
        library.remember_note("encoder", "toy")
        assert library.note("encoder") == "toy"
    with Library.open(home, index="memory") as library:
        assert library.note("encoder") == "toy"
