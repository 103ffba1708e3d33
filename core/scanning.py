"""The rows most similar to a query, equal to exact search; the rows may move with a library's mean or a question's weights.

A few rows are multiplied out. More are first scored in bytes, and every row that the bound of a score's error cannot rule out
is multiplied out: the answer is exact, proven query by query. From ``EXACT_BELOW`` rows on, what their strongest directions
say comes before that; its error is estimated from the rows that were multiplied out, and where too many rows would be left,
as for a query that resembles nothing, the bytes decide. recall@10 is then 0.99 or better (docs/search-speed.md), and each
similarity that is given is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.errors import BadEmbedding, BadInput, FingerprintMismatch
from core.quantising import PREFIX, Bytes, Prefix
from core.similarity import Similarities

Rows = NDArray[np.intp]
Among = NDArray[np.bool_] | NDArray[np.intp]
PLAIN_BELOW = 1_500  # rows: picking out and multiplying 6 MB takes half a millisecond
EXACT_BELOW = 50_000  # rows: above, reading all of them in bytes takes milliseconds
NOISE = 1e-6  # float32 sums of some thousand products of unit rows are right to about 3e-7
DIGITS = 7  # float32 rows carry no more: what is equal to these is a tie
SPARE = 128  # rows multiplied out beyond four times k: nearly always enough
DEVIATIONS = 5.0  # of an estimated error: what belongs to the answer may have the largest error of a million rows
MOST = 0.05  # share of the rows: where more are left, the next stage is quicker than picking them out
_CHUNK = 8_192  # rows picked out together: 32 MB of 1,024 numbers


class Scan:
    """Rows (N, D) float32 that stay as they are; unit rows, or rows of zeros for what has no direction.

    They are held as they were given, not copied; their bytes are another quarter of the memory. Safe from several threads.
    ``plain_below`` and ``exact_below`` say from how many rows on there are which stages.
    """

    def __init__(self, rows: Floats, *, plain_below: int = PLAIN_BELOW, exact_below: int = EXACT_BELOW) -> None:
        self._rows = np.ascontiguousarray(rows, np.float32)
        self._plain_below = max(1, plain_below)
        self._coarse = Bytes(self._rows) if len(rows) >= self._plain_below else None
        self._coarsest = Prefix(self._rows) if len(rows) >= max(1, exact_below) and rows.shape[1] > 2 * PREFIX else None

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def bytes(self) -> int:
        """Memory held, the rows included."""
        return self._rows.nbytes + sum(stage.bytes for stage in (self._coarse, self._coarsest) if stage is not None)

    def similarities(self, query: Floats) -> Floats:
        """The dot product (N,) of every row with ``query`` (D,). Raises FingerprintMismatch and BadEmbedding."""
        return _multiplied(self._rows, self._checked(query))

    def best(self, query: Floats, k: int, among: Among | None = None) -> tuple[Rows, Similarities]:
        """The ``k`` most similar rows (all, when there are fewer) and their similarities, best first, ties by row number.

        Args:
            query: (D,), unit.
            among: only these rows: a mask (N,), or row numbers in any order. Raises BadInput when they do not fit.
        """
        wanted = self._checked(query)
        rows = None if among is None else self._chosen(among)
        if k < 1:
            return np.zeros(0, np.intp), np.zeros(0)
        candidates, found = self._candidates(wanted, k, rows)
        places = _best_places(found, k)
        return self._ranked(places if candidates is None else candidates[places], wanted, k)

    def _candidates(self, query: Floats, k: int, rows: Rows | None) -> tuple[Rows | None, Floats]:
        """Those of ``rows`` (None: of all) among which the best ``k`` are, or ``rows`` itself; and the similarity of each."""
        count = len(self._rows) if rows is None else len(rows)
        if self._coarse is not None and self._plain_below <= count and 4 * k + SPARE // 4 <= count * MOST:
            if self._coarsest is not None:
                left = self._left(self._coarsest.scores(query), None, query, k, rows)
                if left is not None:
                    return left
            left = self._left(*self._coarse.scores(query), query, k, rows)
            if left is not None:
                return left
        return rows, self._products(rows, query)

    def _left(self, scores: Floats, margin: float | None, query: Floats, k: int, rows: Rows | None) -> tuple[Rows, Floats] | None:
        """What the scores do not rule out; None when that is too much. ``margin`` bounds their error (None: estimate it)."""
        offered = scores if rows is None else scores[rows]
        first = _highest(offered, 4 * k + (SPARE if margin is None else SPARE // 4))
        found = self._products(first if rows is None else rows[first], query)
        if margin is None:
            errors = found - offered[first]
            margin = float(errors.mean() + DEVIATIONS * errors.std())
        lowest = float(np.partition(found, -k)[-k]) - margin - NOISE
        if offered[first].min() <= lowest:
            return first if rows is None else rows[first], found
        left = np.flatnonzero(offered > lowest)
        if len(left) > MOST * len(offered):
            return None
        chosen = left if rows is None else rows[left]
        return chosen, self._products(chosen, query)

    def _products(self, rows: Rows | None, query: Floats) -> Floats:
        """The similarity of each of these rows, or of all, in their order."""
        if rows is None:
            return _multiplied(self._rows, query)
        if len(rows) > len(self._rows) // 4:
            return _multiplied(self._rows, query)[rows]
        parts = [_multiplied(self._rows[rows[start : start + _CHUNK]], query) for start in range(0, len(rows), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

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
        exact = np.einsum("nd,d->n", self._rows[candidates].astype(np.float64), query.astype(np.float64)).round(DIGITS)
        order = np.lexsort((candidates, -exact))[:k]
        return candidates[order], exact[order]


def _multiplied(rows: Floats, query: Floats) -> Floats:
    """In this thread alone: reading the rows takes most of the time, and the second thread of a busy machine comes 40 ms late."""
    found: Floats = np.einsum("nd,d->n", rows, query)
    return found


def _highest(scores: Floats, count: int) -> Rows:
    """The places of the ``count`` highest scores, and of as many more as come along: none left out is higher than any of them.

    A sample tells where about they begin; sorting the parts of 100,000 scores would take longer than
    making them.
    """
    step = len(scores) // 4_096
    if step > 4:
        sample = scores[::step]
        found = np.flatnonzero(scores >= np.partition(sample, -(2 * count // step + 4))[-(2 * count // step + 4)])
        if len(found) >= count:
            return found
    return np.flatnonzero(scores >= np.partition(scores, -count)[-count])


def _best_places(similarities: Floats, k: int) -> Rows:
    """Where the best ``k`` are, and whatever float32's noise may have put behind them."""
    if k >= len(similarities):
        return np.arange(len(similarities))
    least = np.partition(similarities, -k)[-k]
    return np.flatnonzero(similarities >= least - NOISE)
