"""Keeps the index true to the ledger: opens it, verifies it, and builds another whenever anything is wrong with it.

It opens at its first use, so that commands which need no vectors start fast; after an unclean end it is verified at
once, thoroughly.

A graph that was torn by a kill in the middle of a write crashes Chroma's native code, at once or at some later search;
no ``except`` catches that, and no trial in another process finds every torn edge (both were seen). So the graph files
are sealed by their hashes after each call that changed them, and a graph whose seal is broken is never read, but built
anew. The same goes for one whose opening was the last thing that a process did.

When no index can be built at all (a full disk), questions are answered exactly from the ledger, only slower.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from core.clips import Floats
from core.errors import LibraryDamaged, LibraryError
from core.store.generations import IN_USE, OPENING, Generations
from core.store.index import Found, Index, Key, MemoryIndex
from core.store.verifying import Contents, batches, catch_up, difference

_log = logging.getLogger(__name__)

LATE_VECTORS = 512  # gathered before they are written: each write of Chroma costs several fsyncs, whatever its size
RETRY_SECONDS = 30.0  # after a failed build; a full disk is not tried again for every single question


class IndexKeeper:
    """One index and its generations. Safe from any thread.

    Args:
        generations: where it lives.
        contents: the ledger's side.
        build: opens an index in the folder given to it, which is new and empty or a former generation.
    """

    def __init__(self, generations: Generations, contents: Contents, build: Callable[[Path], Index]) -> None:
        self._generations, self._contents, self._build = generations, contents, build
        self._folder: Path | None = None
        self._index: Index | None = None
        self._lock = threading.RLock()
        self._found_mark = generations.mark()
        self._retry_at = 0.0
        self._late: dict[str, dict[Key, Floats]] = {}
        self.rebuilt = 0
        """How often something was wrong and an index was built anew."""
        self.caught_up = 0
        """Windows that an index lacked, or had too many, because a process was killed before it wrote them."""

    @property
    def ended_uncleanly(self) -> bool:
        """Whether the process that had this index open before did not close it."""
        return self._found_mark is not None

    def ready(self) -> bool:
        """Open and verify, or build anew; False when neither can be done now. Quick when it is open already."""
        with self._lock:
            return self._opened() is not None

    def put(self, clip_id: str, fingerprint: str, vectors: Floats, *, former_windows: int = 0) -> None:
        """Follow the ledger: the clip has these vectors (N, D) now, and may have had more windows before.

        They are written a little later, before the next question at the latest. No failure of the index is raised;
        the ledger has the vectors, and another index will be built from it.
        """
        with self._lock:
            if former_windows > len(vectors):
                surplus = [Key(clip_id, window) for window in range(len(vectors), former_windows)]
                self._change(lambda index: index.remove(fingerprint, surplus))
            if self._opened() is None:
                return
            self._late.setdefault(fingerprint, {}).update((Key(clip_id, row), vector) for row, vector in enumerate(vectors))
            if sum(map(len, self._late.values())) >= LATE_VECTORS:
                self._flush()

    def remove(self, fingerprint: str, windows: Mapping[str, int]) -> None:
        """Follow the ledger: these clips, each with its number of windows, are live no more. Raises nothing either."""
        keys = [Key(clip_id, window) for clip_id, count in windows.items() for window in range(count)]
        self._change(lambda index: index.remove(fingerprint, keys))

    def nearest(self, fingerprint: str, vector: Floats, k: int) -> list[Found]:
        """Raises BadEmbedding and FingerprintMismatch; a failing index is built anew, or done without."""
        with self._lock:
            for _ in range(2):
                index = self._flush()
                if index is None:
                    break
                try:
                    found = index.nearest(fingerprint, vector, k)
                    self._seal()
                    return found
                except LibraryError as error:
                    self._give_up(error)
            return self._nearest_without(fingerprint, vector, k)

    def forget(self) -> None:
        """Remove every file of every index: nothing of an erased clip is left. The next use builds another."""
        with self._lock:
            self._let_go()
            self._generations.forget()
            self._found_mark, self._retry_at = None, 0.0

    def problem(self) -> str:
        """A thorough look at the index as it is: what is wrong with it, or an empty text."""
        with self._lock:
            index = self._flush()
            try:
                return difference(index, self._contents, thorough=True) if index else "no index can be built now"
            except LibraryError as error:
                return str(error)

    def rebuild(self, why: str) -> bool:
        """Build a new generation from the ledger, swap it in, remove every other. False when it cannot be done now."""
        with self._lock:
            self._let_go()
            if why:
                _log.warning("the index is built anew: %s", why)
                self.rebuilt += 1
            try:
                self._build_fresh()
            except LibraryError as error:
                _log.warning("no index can be built now, searches go to the ledger: %s", error)
                self._let_go()
                self._found_mark, self._retry_at = OPENING, time.monotonic() + RETRY_SECONDS
            self._generations.sweep()
            return self._index is not None

    def close(self) -> None:
        """Safe to call twice."""
        with self._lock:
            if self._index is not None and self._flush() is not None and self._let_go():
                self._seal()
                self._generations.clear_mark()

    def _opened(self) -> Index | None:
        if self._index is None and time.monotonic() >= self._retry_at:
            try:
                if not self._open_current():
                    self.rebuild("")
            except LibraryError as error:
                self.rebuild(str(error))
        return self._index

    def _open_current(self) -> bool:
        """False when there never was an index. Raises LibraryError for whatever is wrong with the one there is."""
        mark, self._found_mark = self._found_mark, None
        folder = self._generations.current()
        if folder is None:
            return False
        if mark == OPENING:
            raise LibraryDamaged("it failed, or the last process died while it opened it")
        if not self._generations.sealed(folder):
            raise LibraryDamaged("its graph files are not as they were completed last")
        self._generations.set_mark(OPENING)
        index = self._build(folder)
        try:
            windows = catch_up(index, self._contents)
            self.caught_up += windows if mark is not None else 0
            if problem := difference(index, self._contents, thorough=mark is not None):
                raise LibraryDamaged(problem)
            self._generations.seal(folder)
            self._generations.set_mark(IN_USE)
        except BaseException:
            index.close()
            raise
        self._index, self._folder = index, folder
        return True

    def _build_fresh(self) -> None:
        self._generations.set_mark(OPENING)
        folder = self._generations.fresh()
        self._index = index = self._build(folder)
        for fingerprint in self._contents.dimensions():
            for keys, vectors in batches(self._contents.vectors(fingerprint)):
                index.upsert(fingerprint, keys, vectors)
        if problem := difference(index, self._contents, thorough=False):
            raise LibraryDamaged(f"the new index is no better: {problem}")
        self._generations.seal(folder)
        self._generations.adopt(folder)
        self._generations.set_mark(IN_USE)
        self._folder = folder

    def _flush(self) -> Index | None:
        """The open index with everything written that was late, or None."""
        index, late = self._opened(), self._late
        self._late = {}
        try:
            if index is not None:
                for fingerprint, rows in late.items():
                    index.upsert(fingerprint, list(rows), np.stack(list(rows.values())))
                    self._seal()
        except LibraryError as error:
            self._give_up(error)
        return self._index

    def _change(self, change: Callable[[Index], None]) -> None:
        with self._lock:
            index = self._flush()
            try:
                if index is not None:
                    change(index)
                    self._seal()
            except LibraryError as error:
                self._give_up(error)

    def _seal(self) -> None:
        if self._folder is not None:
            self._generations.seal(self._folder)

    def _give_up(self, error: LibraryError) -> None:
        """The index no longer follows the ledger: the next use, or the next start, builds another."""
        _log.warning("the index failed and will be built anew: %s", error)
        self._let_go()
        self._found_mark = OPENING

    def _let_go(self) -> bool:
        index, self._index = self._index, None
        self._late = {}  # whoever opens next has them from the ledger
        try:
            if index is not None:
                index.close()
        except LibraryError as error:
            _log.warning("the index did not close well: %s", error)
            return False
        return True

    def _nearest_without(self, fingerprint: str, vector: Floats, k: int) -> list[Found]:
        index = MemoryIndex()
        for keys, vectors in batches(self._contents.vectors(fingerprint)):
            index.upsert(fingerprint, keys, vectors)
        return index.nearest(fingerprint, vector, k)
