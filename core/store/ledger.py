"""The ledger's connection: short transactions on SQLite, one writer, every failure in our own words.

WAL with synchronous=FULL: a commit is on the disk when it returns. secure_delete=ON: deleted bytes are overwritten.
Readers run beside the one writer, each on its own pooled connection, so any thread may use the ledger.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from core.errors import LibraryDamaged, LibraryError, LibraryLocked, StorageFailed
from core.store.schema import upgrade

BUSY_SECONDS = 30
_PRAGMAS = (
    "PRAGMA page_size=8192",  # takes effect on a new file; larger pages suit rows that hold blobs
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA cache_size=-32768",
)


class Ledger:
    """Open the ledger at ``path``, made or migrated where needed.

    Raises LibraryDamaged (not a ledger, or malformed), SchemaTooNew, StorageFailed (full, read-only or failing disk).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        self._one_writer = threading.RLock()
        try:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                self.was_new = upgrade(connection) == 0
                self._revision = int(connection.execute(text("SELECT value FROM facts WHERE name = 'revision'")).scalar_one())
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def revision(self) -> int:
        """Counts the changes of clips, labels and embeddings, over the library's whole life."""
        return self._revision

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; finish with its rows inside the block."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self, *, change: bool = False) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, rolled back by any exception.

        ``change`` bumps ``revision`` with it: for everything that alters clips, labels or embeddings.
        """
        with self._one_writer:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                if change:
                    connection.execute(text("UPDATE facts SET value = value + 1 WHERE name = 'revision'"))
                yield connection
            self._revision += change

    def scrub(self) -> None:
        """Leave no deleted byte in the ledger's files: write back and truncate the WAL, and build the file anew."""
        with self._one_writer, _translated(self.path), self._engine.connect() as connection:
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                busy = connection.exec_driver_sql(statement).scalar() if statement.startswith("PRAGMA") else 0
                if busy:
                    raise StorageFailed("a reader kept the ledger busy, so erased bytes may remain; try again")

    def problems(self) -> list[str]:
        """What SQLite's own integrity check says; empty when all is well."""
        with self.reading() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Safe to call twice. The last connection to close writes the WAL back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with _translated(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql(begin)
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        isolation_level="AUTOCOMMIT",  # transactions begin and end by our own words: BEGIN IMMEDIATE is not the driver's
        pool_size=8,
        max_overflow=24,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    return engine


def _roll_back(connection: Connection) -> None:
    try:
        if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            connection.exec_driver_sql("ROLLBACK")
    except (DBAPIError, sqlite3.Error):
        connection.invalidate()  # a connection that cannot roll back is not given to anybody else


_STORAGE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _in_our_words(error.orig, path) from error
    except sqlite3.Error as error:
        raise _in_our_words(error, path) from error


def _in_our_words(error: BaseException | None, path: Path) -> LibraryError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _STORAGE:
        return StorageFailed(f"the ledger {path} cannot be written or read ({error}); free space on the disk, check its rights")
    if code in _DAMAGE:
        return LibraryDamaged(f"the ledger {path} must be a sound SQLite file ({error}); restore it from a backup")
    if code in _BUSY:
        return LibraryLocked(f"the ledger {path} is held by another program ({error}); close that program")
    return LibraryError(f"the ledger {path} refused an operation ({error}); please report this")
