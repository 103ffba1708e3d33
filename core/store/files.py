"""Files that are there wholly or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import MotionbookError, StorageFailed


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn an OSError of our own folder into StorageFailed that says what could not be done."""
    try:
        yield
    except MotionbookError:
        raise
    except OSError as error:
        raise StorageFailed(
            f"{what} failed ({error.strerror or error}); check free space and permissions of the library"
        ) from error


def make_folder(path: Path) -> Path:
    with storage_errors(f"making the folder {path}"):
        path.mkdir(parents=True, exist_ok=True)
    return path


def fsync_folder(path: Path) -> None:
    """Make the names in a folder durable, which fsync of the files alone does not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(temporary: Path, destination: Path) -> None:
    """Move a finished temporary file to its name, durably. Both must be on one file system."""
    fsync_file(temporary)
    if not destination.parent.is_dir():
        destination.parent.mkdir(parents=True, exist_ok=True)
        fsync_folder(destination.parent.parent)
    temporary.replace(destination)
    fsync_folder(destination.parent)


def write_temporary(write: Callable[[Path], object], adopt: Callable[[Path], object], *, temp: Path, suffix: str = "") -> None:
    """Let ``write`` fill a temporary file in ``temp`` and ``adopt`` take it away. Raises StorageFailed."""
    temporary = temp / f"{secrets.token_hex(8)}{suffix}"
    try:
        with storage_errors("writing a file of the library"):
            write(temporary)
            adopt(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(destination: Path, write: Callable[[Path], object], *, temp: Path, suffix: str = "") -> None:
    """Let ``write`` fill a temporary file in ``temp``, then give it its name. Raises StorageFailed."""
    write_temporary(write, lambda temporary: place(temporary, destination), temp=temp, suffix=suffix)


def remove_file(path: Path) -> bool:
    """Whether there was one to remove. Raises StorageFailed."""
    with storage_errors(f"removing {path.name}"):
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        fsync_folder(path.parent)
        return True


def empty_folder(folder: Path) -> int:
    """Remove everything in ``folder``; the number of files that were in it."""
    removed = 0
    with storage_errors(f"emptying {folder}"):
        for entry in list(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                removed += sum(1 for inner in entry.rglob("*") if not inner.is_dir())
                shutil.rmtree(entry)
            else:
                entry.unlink()
                removed += 1
    return removed
