"""The rows most similar to a query, exactly: for similarities that move with the library's mean and with a question's weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import BadEmbedding, BadInput, FingerprintMismatch
from core.similarity import Similarities

Rows = NDArray[np.intp]
Among = NDArray[np.bool_] | NDArray[np.intp]
NOISE = 1e-6  # float32 sums of some thousand products of unit rows are right to about 3e-7
DIGITS = 7  # float32 rows carry no more: what is equal to these is a tie


class Scan:
    """Rows (N, D) float32 that stay as they are; unit rows, or rows of zeros for what has no direction.

    They are held as they were given, not copied. Safe from several threads.
    """

    def __init__(self, rows: Floats) -> None:
        self._rows = np.ascontiguousarray(rows, np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def bytes(self) -> int:
        """Memory held, the rows included."""
        return self._rows.nbytes

    def similarities(self, query: Floats) -> Floats:
        """The dot product (N,) of every row with ``query`` (D,). Raises FingerprintMismatch and BadEmbedding."""
        found: Floats = self._rows @ self._checked(query)
        return found

    def best(self, query: Floats, k: int, among: Among | None = None) -> tuple[Rows, Similarities]:
        """The ``k`` most similar rows (all, when there are fewer) and their similarities, best first, ties by row number.

        Args:
            query: (D,), unit.
            among: only these rows: a mask (N,), or row numbers in any order. Raises BadInput when they do not fit.
        """
        wanted = self._checked(query)
        if among is None:
            return self._ranked(_candidates(self._rows @ wanted, k), wanted, k)
        rows = self._chosen(among)
        return self._ranked(rows[_candidates(self._rows[rows] @ wanted, k)], wanted, k)

    def _checked(self, query: Floats) -> Floats:
        wanted = np.ascontiguousarray(query, np.float32)
        if wanted.shape != self._rows.shape[1:]:
            raise FingerprintMismatch(f"query (shape {wanted.shape}) must have shape {self._rows.shape[1:]}, that of the rows")
        if not np.isfinite(wanted).all():
            raise BadEmbedding("query must hold finite numbers only; check the encoder's weights")
        return wanted

    def _chosen(self, among: Among) -> Rows:
        if among.dtype == np.bool_:
            if among.shape != (len(self._rows),):
                raise BadInput(f"mask (shape {among.shape}) must have one place for each of the {len(self._rows)} rows")
            return np.flatnonzero(among)
        rows = np.unique(among).astype(np.intp)
        if len(rows) and not 0 <= rows[0] <= rows[-1] < len(self._rows):
            raise BadInput(f"row ({rows[0]} to {rows[-1]}) must be one of 0 to {len(self._rows) - 1}")
        return rows

    def _ranked(self, candidates: Rows, query: Floats, k: int) -> tuple[Rows, Similarities]:
        exact = (self._rows[candidates].astype(np.float64) @ query.astype(np.float64)).round(DIGITS)
        order = np.lexsort((candidates, -exact))[: max(k, 0)]
        return candidates[order], exact[order]


def _candidates(similarities: Floats, k: int) -> Rows:
    """The best ``k``, and whatever float32's noise may have put behind them."""
    if k < 1:
        return np.zeros(0, np.intp)
    if k >= len(similarities):
        return np.arange(len(similarities))
    least = np.partition(similarities, -k)[-k]
    return np.flatnonzero(similarities >= least - NOISE)
