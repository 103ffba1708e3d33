"""Rows in fewer bytes, so that a query need not read all of them: the first stages of a scan. Only this room knows NumKong.

NumKong multiplies bytes exactly, with the instructions that processors have for it, so the only errors are those of rounding
a row to bytes, or of leaving numbers out. benchmarks/search.py measures this; docs/search-speed.md has the numbers.
"""

from __future__ import annotations

import numkong
import numpy as np

from core.clips import Floats

PREFIX = 64  # numbers of the shortest form: 100,000 rows of them stay in a processor's cache
_SAMPLE = 4_096  # rows that the strongest directions are taken from
_SPARE = 16  # directions more than wanted, as Halko, Martinsson and Tropp's randomised range finder asks for (5 to 10 or more)
_LARGEST = 127  # of a signed byte
_CHUNK = 8_192  # rows at a time: 32 MB of 1,024 numbers


class Bytes:
    """Rows (N, D) with a byte per number, each row with a scale of its own."""

    def __init__(self, rows: Floats) -> None:
        codes = np.empty(rows.shape, np.int8)
        self._scales = np.empty(len(rows), np.float32)
        self._largest_error = self._largest_norm = 0.0
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            codes[start : start + _CHUNK], self._scales[start : start + _CHUNK], error, norm = _rounded(part)
            self._largest_error, self._largest_norm = max(self._largest_error, error), max(self._largest_norm, norm)
        self._packed = numkong.dots_pack(codes)
        self.bytes = int(self._packed.nbytes) + self._scales.nbytes
        """Memory held."""

    def scores(self, query: Floats) -> tuple[Floats, float]:
        """About the dot product (N,) of every row with ``query`` (D,), and a bound of the error, by Cauchy and Schwarz."""
        codes, scales, error, _ = _rounded(query[np.newaxis])
        products = np.asarray(numkong.dots_packed(codes, self._packed))[0]
        found: Floats = products.astype(np.float32)
        found *= self._scales * scales[0]
        return found, float(np.linalg.norm(query)) * self._largest_error + error * self._largest_norm


class Prefix:
    """Rows (N, D) by their parts along the directions in which they differ most, in bytes."""

    def __init__(self, rows: Floats) -> None:
        self._basis = _strongest(rows)
        parts = [rows[start : start + _CHUNK] @ self._basis.T for start in range(0, len(rows), _CHUNK)]
        self._rows = Bytes(np.concatenate(parts))
        self.bytes = self._rows.bytes + self._basis.nbytes
        """Memory held."""

    def scores(self, query: Floats) -> Floats:
        """The dot product (N,) of every row with ``query`` (D,) but for what lies along the other directions."""
        return self._rows.scores(np.einsum("pd,d->p", self._basis, query))[0]


def _rounded(rows: Floats) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int8]], Floats, float, float]:
    """The rows as bytes, their scales, the length of the largest error, and of the longest row that comes out."""
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    scales: Floats = np.where(largest > 0, largest / _LARGEST, 1.0).astype(np.float32)
    rounded = np.rint(rows / scales[:, np.newaxis])
    back = rounded * scales[:, np.newaxis]
    return rounded.astype(np.int8), scales, _longest(back - rows), _longest(back)


def _longest(rows: Floats) -> float:
    return float(np.sqrt(np.einsum("nd,nd->n", rows, rows).max()))


def _strongest(rows: Floats) -> Floats:
    """The PREFIX directions (PREFIX, D) along which a sample of the rows is longest: a randomised SVD with two rounds."""
    random = np.random.default_rng(0)
    sample = rows[np.sort(random.choice(len(rows), min(_SAMPLE, len(rows)), replace=False))]
    found = random.standard_normal((rows.shape[1], PREFIX + _SPARE), np.float32)
    for _ in range(3):
        found = np.linalg.qr(sample.T @ (sample @ found))[0]
    _, _, turned = np.linalg.svd(sample @ found, full_matrices=False)
    basis: Floats = np.ascontiguousarray((found @ turned.T).T[:PREFIX])
    return basis
