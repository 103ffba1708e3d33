from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import LibraryDamaged, LibraryLocked, SchemaTooNew, StorageFailed
from core.store import ledger as ledger_module
from core.store.ledger import Ledger
from core.store.schema import VERSION, upgrade


def revision_in(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT value FROM facts WHERE name = 'revision'").fetchone()[0])


def test_a_commit_is_durable_and_its_pragmas_are_set(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    with ledger.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        ]
    assert found == ["wal", 2, 1, 1]
    ledger.close()


def test_an_exception_rolls_back_and_the_revision_stays(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    with pytest.raises(KeyError), ledger.writing(change=True) as connection:
        connection.execute(text("INSERT INTO facts VALUES ('x', 1)"))
        raise KeyError
    with ledger.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM facts WHERE name = 'x'")).scalar() == 0
    assert ledger.revision == 0 == revision_in(tmp_path / "l.sqlite")
    with ledger.writing(change=True):
        pass
    assert ledger.revision == 1 == revision_in(tmp_path / "l.sqlite")
    ledger.close()
    assert Ledger(tmp_path / "l.sqlite").revision == 1


def test_many_threads_write_and_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")

    def work() -> None:
        for _ in range(20):
            with ledger.writing(change=True):
                pass
            with ledger.reading() as connection:
                connection.execute(text("SELECT * FROM facts")).all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.revision == 120 == revision_in(tmp_path / "l.sqlite")
    ledger.close()


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "l.sqlite").write_bytes(content)
    with pytest.raises(LibraryDamaged, match="backup"):
        Ledger(tmp_path / "l.sqlite")


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    ledger = Ledger(path)
    with ledger.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE many (a)")
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 9000) INSERT INTO many SELECT hex(i) FROM n"
        )
    assert ledger.problems() == []
    ledger.close()
    content = bytearray(path.read_bytes())
    content[-30_000:-20_000] = b"\xff" * 10_000
    path.write_bytes(content)
    ledger = Ledger(path)
    with pytest.raises(LibraryDamaged), ledger.reading() as connection:
        connection.exec_driver_sql("SELECT sum(length(a)) FROM many").all()
    ledger.close()


def test_a_full_disk_is_named_and_nothing_is_half_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    with ledger.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with pytest.raises(StorageFailed, match="free space"), ledger.writing(change=True) as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # SQLite's own way to say that the disk is full
        connection.exec_driver_sql("CREATE TABLE big (a)")
        connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(1000000))")
    assert ledger.revision == 0 == revision_in(tmp_path / "l.sqlite")
    ledger.close()


def test_a_ledger_held_by_another_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "_PRAGMAS", [*ledger_module._PRAGMAS, "PRAGMA busy_timeout=50"])
    ledger = Ledger(tmp_path / "l.sqlite")
    other = sqlite3.connect(tmp_path / "l.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LibraryLocked, match="another program"), ledger.writing():
        pass
    other.close()
    ledger.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path / "l.sqlite").close()
    with sqlite3.connect(tmp_path / "l.sqlite") as connection:
        connection.execute("UPDATE facts SET value = 99 WHERE name = 'schema_version'")
    with pytest.raises(SchemaTooNew, match=r"99.*newer Motionbook"):
        Ledger(tmp_path / "l.sqlite")


def test_migrations_run_in_order_and_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")
    steps: list[int] = []
    migrations = {VERSION: lambda _: steps.append(VERSION), VERSION + 1: lambda _: steps.append(VERSION + 1)}
    for _ in range(2):
        with ledger.writing() as connection:
            upgrade(connection, version=VERSION + 2, migrations=migrations)
    assert steps == [VERSION, VERSION + 1]
    ledger.close()


def test_a_migration_that_fails_leaves_the_old_version(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")

    def broken(_connection: object) -> None:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError), ledger.writing() as connection:
        upgrade(connection, version=VERSION + 1, migrations={VERSION: broken})
    with ledger.writing() as connection:
        assert upgrade(connection) == VERSION
    ledger.close()
