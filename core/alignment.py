"""Two courses over time laid along each other: dynamic time warping of a table of similarities. Pure numpy.

``align`` looks for the path of most similarity from the beginning of both to the end of both; ``inside`` lets the columns begin
and end anywhere and finds where in them the rows happen (subsequence DTW: Mueller 2007, Information Retrieval for Music and
Motion, chapter 4). Steps are those of Sakoe & Chiba (1978, Dynamic programming algorithm optimization for spoken word
recognition) with their slope limit: after a diagonal step at most ``standing`` cells in a row may stay in one row or column, so
that of two players that follow the path neither stands still for long and neither runs more than 1 + ``standing`` times as fast.

Sixty lines of our own rather than a library: dtw-python has these steps, but its licence (GPL) is not ours; librosa and tslearn
bring numba and a stack of their own with them, and neither has these weights. All steps go up at
least one row, so a whole row is computed at once in numpy. tests/core/test_alignment.py holds it against brute force, and
docs/time.md tells how it was held against dtw-python.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.similarity import Similarities

STANDING = 1
"""Of the slope limit, where nothing else is asked for: from half to twice the speed."""
MOST_STANDING = 4
TRIALS = 99
FEWEST_BLOCKS = 4
"""Of a clip cut up and put together in another order: fewer have too few orders (4 have 24) to say anything by."""
Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class WarpPath:
    """A way through a table (R, C).

    Args:
        cells: (L, 2) row and column of each cell on the way; each comes after the one before in one or both.
        knots: (K, 2) those where a step ends: rows and columns both rise strictly from one to the next.
        score: mean similarity along the way, each row and column (``inside``: each row) counting the same.
        standing: the slope limit that it was found under.
    """

    cells: Cells
    knots: Cells
    score: float
    standing: int


@dataclass(frozen=True, slots=True)
class Chance:
    """What the same search finds when one course is cut into blocks and put together in another order.

    ``p_value`` is None where there are too few orders; it can never be less than ``smallest_p``.
    """

    mean: float
    high: float
    """Above 95 of 100 of the shuffled scores."""
    p_value: float | None
    smallest_p: float


def align(similarity: Similarities, *, standing: int = STANDING, band: int | None = None) -> WarpPath:
    """The best way from the first cell of both to the last of both, through ``similarity`` (R, C).

    Args:
        standing: cells in a row that may stay in one row or column; raised as far as the lengths need it, to MOST_STANDING.
        band: columns that the way may stray from the straight line between the corners (Sakoe-Chiba); None for no limit.

    Raises BadInput for a table without a direction (fewer than two rows or columns) and for lengths farther apart than
    1 + MOST_STANDING times.
    """
    costs = _costs(similarity)
    rows, columns = costs.shape
    if min(rows, columns) < 2:
        raise BadInput(f"table ({rows} x {columns}) must have two windows or more on each side; choose longer clips or ranges")
    needed = math.ceil((max(rows, columns) - 1) / (min(rows, columns) - 1)) - 1
    if needed > MOST_STANDING:
        raise BadInput(
            f"lengths ({rows} and {columns} windows) must be within {1 + MOST_STANDING} times of each other to be aligned whole; "
            "choose shorter ranges, or look for the short one inside the long one"
        )
    if band is not None:
        line = np.arange(rows)[:, None] * (columns - 1) / (rows - 1)
        costs[np.abs(np.arange(columns)[None] - line) > max(band, columns / rows)] = np.inf
    steps = _Steps(max(standing, needed, 1), symmetric=True)
    begin = np.full(columns, np.inf)
    begin[0] = costs[0, 0]
    total, choices = _accumulate(costs, begin, steps)
    if not math.isfinite(total[-1, -1]):
        raise BadInput(f"band ({band}) must leave a way from corner to corner; widen it")
    return _traced(choices, columns - 1, steps, weight=rows + columns - 1, cost=float(total[-1, -1]))


def inside(similarity: Similarities, *, standing: int = STANDING) -> WarpPath:
    """The best way through all rows of ``similarity`` (R, C) that begins and ends in any column. Raises BadInput.

    Every row counts once, however many columns it covers, so ways of unlike lengths are compared fairly.
    """
    costs = _costs(similarity)
    rows, columns = costs.shape
    if min(rows, columns) < 1 or columns < 1 + math.ceil((rows - 1) / (1 + standing)):
        raise BadInput(
            f"table ({rows} x {columns}) must have room for its rows within its columns; look for the shorter in the longer"
        )
    steps = _Steps(standing, symmetric=False)
    total, choices = _accumulate(costs, costs[0].copy(), steps)
    last = int(np.argmin(total[-1]))
    return _traced(choices, last, steps, weight=rows, cost=float(total[-1, last]))


def chance(similarity: Similarities, found: WarpPath, *, block: int, within: bool = False, trials: int = TRIALS) -> Chance:
    """How good a path chance finds: the rows cut into blocks of ``block`` (windows that overlap stay together) and shuffled.

    ``within`` says that ``inside`` found the path. The order is drawn from a fixed seed: the same question, the same answer.
    """
    blocks = [rows for rows in np.array_split(np.arange(len(similarity)), max(1, len(similarity) // max(block, 1))) if len(rows)]
    random = np.random.default_rng(0)
    scores = []
    for _ in range(trials):
        order = np.concatenate([blocks[number] for number in random.permutation(len(blocks))])
        shuffled = similarity[order]
        again = inside(shuffled, standing=found.standing) if within else align(shuffled, standing=found.standing)
        scores.append(again.score)
    orders = math.factorial(min(len(blocks), 10))
    smallest = max(1 / (trials + 1), 1 / orders)
    p_value = (1 + int((np.asarray(scores) >= found.score - 1e-12).sum())) / (trials + 1)
    told = max(p_value, smallest) if len(blocks) >= FEWEST_BLOCKS else None
    return Chance(float(np.mean(scores)), float(np.percentile(scores, 95)), told, smallest)


def seconds(found: WarpPath, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K, 2) the knots in seconds, from the moments (R,) of the rows and (C,) of the columns: what a player follows."""
    return np.stack([rows[found.knots[:, 0]], columns[found.knots[:, 1]]], axis=1)


def follow(knots: NDArray[np.float64], moment: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The second clip's seconds at ``moment`` of the first; before and behind the knots (K, 2) both run at the same speed."""
    at = np.asarray(moment, dtype=np.float64)
    between = np.interp(at, knots[:, 0], knots[:, 1])
    return np.asarray(between + np.minimum(at - knots[0, 0], 0) + np.maximum(at - knots[-1, 0], 0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps (rows up, columns on) into a cell: (1, 1), and (1, 1 + k) or (1 + k, 1) with k up to ``standing``.

    A step of several cells goes diagonally first and then straight. ``symmetric`` weights make the weights of any way from
    corner to corner add up to the same; else each row counts 1.
    """

    standing: int
    symmetric: bool

    def along_row(self, k: int) -> list[float]:
        """Weights of the cells of (1, 1 + k), first to last."""
        return [2.0] + [1.0] * k if self.symmetric else [1.0 / (k + 1)] * (k + 1)

    def along_column(self, k: int) -> list[float]:
        return [2.0] + [1.0] * k if self.symmetric else [1.0] * (k + 1)


def _costs(similarity: Similarities) -> Similarities:
    if similarity.ndim != 2 or not np.isfinite(similarity).all():
        raise BadInput(f"similarity {similarity.shape} must be a table of finite numbers; embed the clips again")
    return 1.0 - similarity.astype(np.float64)


def _accumulate(costs: Similarities, begin: NDArray[np.float64], steps: _Steps) -> tuple[Similarities, NDArray[np.int8]]:
    """Least cost (R, C) of a way into each cell, and the step that it came by: 0, or k along the row, or -k along the column."""
    rows, columns = costs.shape
    total, choices = np.full((rows, columns), np.inf), np.zeros((rows, columns), np.int8)
    total[0] = begin
    kinds = [0, *range(1, steps.standing + 1), *range(-1, -steps.standing - 1, -1)]
    ways = np.full((len(kinds), columns), np.inf)
    for row in range(1, rows):
        ways[:] = np.inf
        for number, kind in enumerate(kinds):
            if kind >= 0 and columns > 1 + kind:
                added = sum(
                    weight * costs[row, 1 + cell : columns - kind + cell] for cell, weight in enumerate(steps.along_row(kind))
                )
                ways[number, 1 + kind :] = total[row - 1, : columns - 1 - kind] + added
            elif kind < 0 and row >= 1 - kind:
                added = sum(weight * costs[row + kind + cell, 1:] for cell, weight in enumerate(steps.along_column(-kind)))
                ways[number, 1:] = total[row - 1 + kind, :-1] + added
        best = ways.argmin(axis=0)
        total[row], choices[row] = ways[best, np.arange(columns)], np.asarray(kinds, np.int8)[best]
    return total, choices


def _traced(choices: NDArray[np.int8], column: int, steps: _Steps, *, weight: float, cost: float) -> WarpPath:
    row, cells, knots = len(choices) - 1, list[tuple[int, int]](), list[tuple[int, int]]()
    while True:
        knots.append((row, column))
        cells.append((row, column))
        kind = int(choices[row, column])
        if row == 0:
            break
        cells.extend((row, column - cell) for cell in range(1, kind + 1))
        cells.extend((row - cell, column) for cell in range(1, 1 - kind))
        row, column = row - 1 - max(-kind, 0), column - 1 - max(kind, 0)
    return WarpPath(np.asarray(cells[::-1]), np.asarray(knots[::-1]), 1.0 - cost / weight, steps.standing)
