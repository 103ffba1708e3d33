"""A folder that is watched: which files in it are new and whole. What was seen is remembered without a name being kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from core import manifest

STILL_SECONDS = 3.0
"""A file is whole when neither its size nor its time changed for so long. One that goes on growing later is looked at again."""
MARK_LETTERS = 16
"""Of a hash: among a million files two share one with a chance of 3 in 100 million."""


class Arrivals:
    """The new files of ``folder``, folders in it included; hidden files, links and files without a video's suffix are left alone.

    Args:
        seen: marks of files that are not new, as ``marks`` gave them; None: this folder is watched for the first time, and what
            is in it at the first look is history.
    """

    def __init__(self, folder: Path, seen: Iterable[str] | None = None) -> None:
        self.folder = folder
        self._seen = None if seen is None else set(seen)
        self._waiting: dict[Path, tuple[str, float]] = {}
        self._here: dict[Path, str] = {}

    @property
    def marks(self) -> list[str]:
        """Of the files that were seen and are still there: to be remembered."""
        return sorted((self._seen or set()) & set(self._here.values()))

    @property
    def waiting(self) -> int:
        """New files that may still be growing."""
        return len(self._waiting)

    def look(self, now: float) -> list[Path]:
        """New files that are whole at ``now`` (a monotonic clock's seconds), until ``done`` is told of them."""
        self._here = dict(_marked(self.folder))
        if self._seen is None:
            self._seen = set(self._here.values())
        fresh = {path: mark for path, mark in self._here.items() if mark not in self._seen}
        before, self._waiting = self._waiting, {}
        for path, mark in fresh.items():
            known = before.get(path)
            self._waiting[path] = known if known is not None and known[0] == mark else (mark, now)
        return [path for path, (_, since) in self._waiting.items() if now - since >= STILL_SECONDS]

    def done(self, path: Path) -> None:
        """This file, as it was at the last look, is not new any more."""
        if self._seen is not None and path in self._here:
            self._seen.add(self._here[path])
            self._waiting.pop(path, None)


def _marked(folder: Path) -> Iterable[tuple[Path, str]]:
    for path in manifest.walk(folder):
        try:
            status = path.lstat()
        except OSError:
            continue  # it went away while we looked
        if path.is_symlink():  # it would lead to any file of this machine
            continue
        text = f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}"
        yield path, hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:MARK_LETTERS]
