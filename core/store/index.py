"""What a nearest-neighbour index is, and the exact one that lives in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import BadEmbedding, FingerprintMismatch, LibraryDamaged

LEAST_NORM = 1e-6  # shorter vectors have no direction to compare


class Key(NamedTuple):
    """Which vector: a clip and the number of its window, from 0."""

    clip_id: str
    window: int


Found = tuple[Key, float]
"""A key and its cosine similarity in [-1, 1]."""


class Index(Protocol):
    """Vectors by fingerprint and key, and the most similar ones to a query. Not thread-safe: its keeper locks.

    Every method that takes vectors raises BadEmbedding (not finite, or no direction) and FingerprintMismatch (the
    dimension is not that of the fingerprint's other vectors).
    """

    def upsert(self, fingerprint: str, keys: Sequence[Key], vectors: Floats) -> None:
        """Store ``vectors`` (N, D), replacing those already under the same keys."""

    def remove(self, fingerprint: str, keys: Sequence[Key]) -> None:
        """Forget these; unknown keys are no error."""

    def fingerprints(self) -> set[str]:
        """Of which there is at least one vector."""

    def keys(self, fingerprint: str) -> set[Key]: ...

    def stored(self, fingerprint: str, keys: Sequence[Key]) -> Floats:
        """Those vectors (N, D), perhaps scaled, in the order of ``keys``. Raises LibraryDamaged when one is missing."""

    def nearest(self, fingerprint: str, vector: Floats, k: int) -> list[Found]:
        """The ``k`` most similar (all, when there are fewer), best first, ties by key; [] for an unknown fingerprint."""

    def search(self, fingerprint: str, vectors: Floats, k: int) -> list[list[Key]]:
        """For each row of ``vectors`` (Q, D) the keys that the underlying structure itself answers: for its verification."""

    def close(self) -> None:
        """Let go of files and memory. Safe to call twice."""


def directions(vectors: Floats) -> Floats:
    """Rows (N, D) scaled to length 1. Raises BadEmbedding."""
    exact = np.asarray(vectors, np.float64)
    if not np.isfinite(exact).all():
        raise BadEmbedding("vector must hold finite numbers only; check the encoder's weights")
    lengths = np.linalg.norm(exact, axis=-1, keepdims=True)
    if lengths.size and lengths.min() < LEAST_NORM:
        raise BadEmbedding("vector must have a direction, not be all zeros; check the query and the encoder's weights")
    unit: Floats = (exact / lengths).astype(np.float32)
    return unit


def require_dimension(fingerprint: str, expected: int, given: int) -> None:
    if expected != given:
        raise FingerprintMismatch(
            f"dimension ({given}) must be {expected}, that of fingerprint {fingerprint}; "
            "vectors of unlike encoders cannot be compared or mixed"
        )


def ranked(keys: Sequence[Key], rows: Floats, query: Floats, k: int) -> list[Found]:
    """The best ``k`` of these candidates by their exact cosine (rows and query of any length), ties by key."""
    exact, wanted = np.asarray(rows, np.float64), np.asarray(query, np.float64)
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(wanted)
    similarities = np.clip(exact @ wanted / lengths, -1.0, 1.0).round(7)  # float32 vectors carry no more digits
    order = sorted(range(len(keys)), key=lambda row: (-similarities[row], keys[row]))[:k]
    return [(keys[row], float(similarities[row])) for row in order]


class MemoryIndex:
    """Exact search by one matrix product; no files. About 1 ms for 5,000 vectors of 1,024 numbers."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}

    def upsert(self, fingerprint: str, keys: Sequence[Key], vectors: Floats) -> None:
        rows = directions(vectors)
        if not len(keys):
            return
        table = self._tables.get(fingerprint)
        if table is None:
            table = self._tables[fingerprint] = _Table(rows.shape[1])
        require_dimension(fingerprint, table.dimension, rows.shape[1])
        table.put(keys, rows)

    def remove(self, fingerprint: str, keys: Sequence[Key]) -> None:
        if table := self._tables.get(fingerprint):
            table.drop(keys)

    def fingerprints(self) -> set[str]:
        return {fingerprint for fingerprint, table in self._tables.items() if table.keys}

    def keys(self, fingerprint: str) -> set[Key]:
        return set(self._tables[fingerprint].keys) if fingerprint in self._tables else set()

    def stored(self, fingerprint: str, keys: Sequence[Key]) -> Floats:
        try:
            table = self._tables[fingerprint]
            return table.live()[[table.position[key] for key in keys]]
        except KeyError as error:
            raise LibraryDamaged(f"the index must hold {error.args[0]} of {fingerprint}") from error

    def nearest(self, fingerprint: str, vector: Floats, k: int) -> list[Found]:
        query = directions(vector[np.newaxis])[0]
        table = self._tables.get(fingerprint)
        if table is None or not table.keys or k < 1:
            return []
        require_dimension(fingerprint, table.dimension, len(query))
        rows = _best_rows(table.live() @ query, k)
        return ranked([table.keys[row] for row in rows], table.live()[rows], query, k)

    def search(self, fingerprint: str, vectors: Floats, k: int) -> list[list[Key]]:
        return [[key for key, _ in self.nearest(fingerprint, vector, k)] for vector in vectors]

    def close(self) -> None:
        self._tables.clear()


def _best_rows(similarities: Floats, k: int) -> NDArray[np.intp]:
    """The rows of the best ``k``, and of those tied with the last of them within float32's noise."""
    if k >= len(similarities):
        return np.arange(len(similarities))
    least = np.partition(similarities, -k)[-k]
    return np.flatnonzero(similarities >= least - 1e-6)


class _Table:
    """Keys and their unit rows, in a matrix that grows by doubling and fills a gap with its last row."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.keys: list[Key] = []
        self.position: dict[Key, int] = {}
        self._rows = np.empty((64, dimension), np.float32)

    def live(self) -> Floats:
        return self._rows[: len(self.keys)]

    def put(self, keys: Sequence[Key], rows: Floats) -> None:
        self._reserve(len(self.keys) + len(keys))
        for key, row in zip(keys, rows, strict=True):
            at = self.position.setdefault(key, len(self.keys))
            if at == len(self.keys):
                self.keys.append(key)
            self._rows[at] = row

    def _reserve(self, count: int) -> None:
        if count > len(self._rows):
            grown = np.empty((max(count, 2 * len(self._rows)), self.dimension), np.float32)
            grown[: len(self.keys)] = self.live()
            self._rows = grown

    def drop(self, keys: Sequence[Key]) -> None:
        for key in keys:
            at = self.position.pop(key, None)
            if at is None:
                continue
            last = self.keys.pop()
            if last != key:
                self.keys[at], self.position[last] = last, at
                self._rows[at] = self._rows[len(self.keys)]
