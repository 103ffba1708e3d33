"""One process per library: an exclusive flock that the kernel drops by itself when the process dies."""

from __future__ import annotations

import errno
import fcntl
import os
import weakref
from pathlib import Path

from core.errors import LibraryLocked, StorageFailed
from core.store.files import storage_errors


class LibraryLock:
    """Held from construction to ``release``. Raises LibraryLocked, naming the holder, and StorageFailed.

    Children do not inherit it: the descriptor closes on exec, and a forked child closes its copy at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with storage_errors(f"opening the lock {path}"):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise self._refusal(error) from error
        self._descriptor: int | None = descriptor
        _HELD.add(self)
        with storage_errors(f"writing the lock {path}"):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def _refusal(self, error: OSError) -> LibraryLocked | StorageFailed:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            return StorageFailed(f"library ({self.path.parent}) must be on a file system with locks ({error.strerror}); move it")
        pid = read_pid(self.path)
        holder = f"process {pid}" if pid else "another process"
        return LibraryLocked(
            f"library ({self.path.parent}) is in use by {holder} and must be free; "
            "close the app or the command that has it open, or name another library with MOTIONBOOK_HOME",
            pid=pid,
        )

    def release(self) -> None:
        """Safe to call twice."""
        descriptor, self._descriptor = self._descriptor, None
        _HELD.discard(self)
        if descriptor is not None:
            try:
                os.ftruncate(descriptor, 0)
                fcntl.flock(descriptor, fcntl.LOCK_UN)  # at once, even if a child is being forked just now
            finally:
                os.close(descriptor)

    def _forget_in_child(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


_HELD: weakref.WeakSet[LibraryLock] = weakref.WeakSet()


def _close_in_forked_child() -> None:
    for lock in list(_HELD):
        lock._forget_in_child()


os.register_at_fork(after_in_child=_close_in_forked_child)


def read_pid(path: Path) -> int | None:
    """The process id written in a lock file, or None."""
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None
