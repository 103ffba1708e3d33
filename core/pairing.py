"""Which clips stand behind a number? The sides of a comparison taken apart into clips, and the pair that shows a cell best."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip, ClipEmbeddings, Floats
from core.collecting import Collection as LibrarySpace
from core.comparing import Comparison, Side
from core.similarity import Similarities, cosines, different


@dataclass(frozen=True, slots=True, eq=False)
class ClipTable:
    """Clips of all sides against each other: ``similarity`` is (N, N), centred; row i belongs to side ``sides[i]``.

    An action has no clip: its row is its direction and ``clips[i]`` is None. ``left_out`` counts the clips of sides that
    were too many to be shown.
    """

    clips: tuple[Clip | None, ...]
    names: tuple[str, ...]
    sides: tuple[int, ...]
    similarity: Similarities
    left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class WindowTable:
    """Windows of one clip against windows of another: middles (R,) and (C,) in seconds, centred similarities (R, C)."""

    row_seconds: NDArray[np.float64]
    column_seconds: NDArray[np.float64]
    similarity: Similarities


@dataclass(frozen=True, slots=True)
class Spread:
    """How the pairs behind one cell lie: how many, and the quartiles of their similarities."""

    pairs: int
    low: float
    median: float
    high: float


def clip_table(comparison: Comparison, most: int = 250, *, only: Collection[int] | None = None) -> ClipTable:
    """At most ``most`` rows: each side keeps an even share, its clips evenly taken. ``only`` these sides, by their numbers."""
    rows: list[tuple[int, int]] = []
    shown = [(number, side) for number, side in enumerate(comparison.sides) if only is None or number in only]
    share = max(1, most // len(shown))
    for number, side in shown:
        kept = np.unique(np.linspace(0, len(side.centred) - 1, min(share, len(side.centred))).round().astype(int))
        rows.extend((number, int(row)) for row in kept)
    vectors = np.stack([comparison.sides[number].centred[row] for number, row in rows])
    clips = tuple(comparison.sides[number].clips[row] if comparison.sides[number].clips else None for number, row in rows)
    names = tuple(clip.name if clip else comparison.sides[number].title for clip, (number, _) in zip(clips, rows, strict=True))
    total = sum(len(side.centred) for _, side in shown)
    return ClipTable(clips, names, tuple(number for number, _ in rows), cosines(vectors, vectors), total - len(rows))


def window_table(collection: LibrarySpace, first: ClipEmbeddings, second: ClipEmbeddings, most: int = 1000) -> WindowTable:
    """Every window of one clip against every window of another, centred as clips are; at most ``most`` of each, evenly taken."""
    rows, columns = (_centred_windows(collection, one, most) for one in (first, second))
    return WindowTable(rows[0], columns[0], cosines(rows[1], columns[1]))


def _centred_windows(collection: LibrarySpace, one: ClipEmbeddings, most: int) -> tuple[NDArray[np.float64], Floats]:
    """Middles in seconds, and unit rows."""
    kept = np.unique(np.linspace(0, len(one.windows) - 1, min(most, len(one.windows))).round().astype(int))
    middles = np.asarray([(one.windows[row].start_seconds + one.windows[row].end_seconds) / 2 for row in kept])
    _, centred = collection.place(one.vectors[kept], [str(row) for row in kept])
    return middles, centred


def spread(a: Side, b: Side) -> Spread | None:
    """Over the pairs of clips from different sources that a cell is the mean of; None when there is none."""
    found = pair_values(a, b)
    if found.size == 0:
        return None
    low, median, high = (float(value) for value in np.quantile(found, (0.25, 0.5, 0.75)))
    return Spread(found.size, low, median, high)


def pair_values(a: Side, b: Side) -> Similarities:
    """(P,) the centred similarities that a cell is the mean of: pairs of clips from different sources, each once."""
    values = _values(a, b)
    if a is b:
        values = values[np.triu_indices(len(values), k=1)]
    return values[np.isfinite(values)]


def pair(a: Side, row: int, b: Side, column: int) -> tuple[float, bool]:
    """Similarity of one clip of each side, and whether it counts in the cell: two clips of one source do not."""
    value = float(cosines(a.centred[row : row + 1], b.centred[column : column + 1])[0, 0])
    return value, a.sources[row] != b.sources[column]


def typical_pair(a: Side, b: Side) -> tuple[int, int] | None:
    """Rows of the two clips whose similarity is nearest to the mean of the cell; None when no pair may be compared."""
    values = _values(a, b)
    if not np.isfinite(values).any():
        return None
    away = np.abs(values - np.nanmean(values))
    row, column = np.unravel_index(int(np.nanargmin(away)), values.shape)
    return int(row), int(column)


def _values(a: Side, b: Side) -> Similarities:
    """(A, B) centred similarities; NaN where both clips are of one source."""
    return np.where(different(a.sources, b.sources), cosines(a.centred, b.centred), np.nan)
