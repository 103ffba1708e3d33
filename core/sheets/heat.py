"""Tables as colours: groups or clips, time against time, and one clip against itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.colours import limits, signed
from core.sheets.base import Numbers, Sheet, Table, fits, known, some

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Heat(Sheet):
    """A table of similarities (R, C) with names on both sides; NaN where there is nothing to compare.

    Args:
        row_groups, column_groups: labels of rows and columns where equal ones stand together.
        scale: "diverging" around 0, or "sequential" from low to high.
        measure: what the numbers are, over the colour bar.
        tree: brackets of ``core.ordering.clustered`` that stand above the columns of a file (not in the browser).
    """

    values: Numbers
    row_names: Sequence[str]
    column_names: Sequence[str]
    row_groups: Sequence[str] | None = None
    column_groups: Sequence[str] | None = None
    scale: str = "diverging"
    measure: str = "similarity"
    digits: int = 2
    tree: Numbers | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, np.float64))
        shape = (len(self.row_names), len(self.column_names))
        fits(
            self.values.shape == shape,
            f"matrix {self.values.shape} must have one row per row name and one column per column name",
        )

    @property
    def alt(self) -> str:
        rows, columns = self.values.shape
        told = f"Heatmap of {self.measure}, {rows} rows by {columns} columns: {some(self.row_names)}"
        if list(self.row_names) != list(self.column_names):
            told += f", against {some(self.column_names)}"
        return f"{told}. {_extremes(self)}" if np.isfinite(self.values).any() else f"{told}. No cell has a value."

    def table(self) -> Table:
        rows: list[list[object]] = [
            [name, *(known(value) for value in row)] for name, row in zip(self.row_names, self.values, strict=True)
        ]
        return ["", *self.column_names], rows


def _extremes(sheet: Heat) -> str:
    """The most and the least alike of two different rows and columns."""
    values = sheet.values.copy()
    if values.shape[0] == values.shape[1] and list(sheet.row_names) == list(sheet.column_names):
        values[np.tril_indices(len(values))] = np.nan
        if not np.isfinite(values).any():
            values = sheet.values
    told = []
    for word, at in (("Highest", np.nanargmax(values)), ("lowest", np.nanargmin(values))):
        row, column = divmod(int(at), values.shape[1])
        value = signed(float(values[row, column]), sheet.digits)
        told.append(f"{word} {value} ({sheet.row_names[row]} and {sheet.column_names[column]})")
    return f"{', '.join(told)}."


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Alignment(Sheet):
    """Time against time: similarities (R, C) of the windows of two clips, and the way on which their moments meet.

    Args:
        row_seconds, column_seconds: (R,) and (C,) rising middles of the windows.
        path: pairs (seconds in the rows' clip, seconds in the columns' clip), both never falling.
        names: of both clips.
        score: mean similarity along the path, if it is known.
    """

    values: Numbers
    row_seconds: Numbers
    column_seconds: Numbers
    path: Sequence[tuple[float, float]] = ()
    names: tuple[str, str] = ("first clip", "second clip")
    score: float | None = None
    scale: str = "diverging"

    def __post_init__(self) -> None:
        _time_table(self, ("values", "row_seconds", "column_seconds"))
        object.__setattr__(self, "path", tuple((float(a), float(b)) for a, b in self.path))

    @property
    def alt(self) -> str:
        rows, columns = self.values.shape
        told = f"Similarity of {rows} windows of {self.names[0]} (down) and {columns} windows of {self.names[1]} (across)"
        if not self.path:
            return f"{told}; no path."
        (a, b), (c, d) = self.path[0], self.path[-1]
        along = "" if self.score is None else f", mean similarity {signed(self.score, 2)} along it"
        return f"{told}. The path of matching moments runs from {a:.1f} s and {b:.1f} s to {c:.1f} s and {d:.1f} s{along}."

    def table(self) -> Table:
        on_path = np.zeros(self.values.shape, bool)
        for a, b in self.path:
            on_path[int(np.abs(self.row_seconds - a).argmin()), int(np.abs(self.column_seconds - b).argmin())] = True
        rows: list[list[object]] = [
            [known(a), known(b), known(self.values[row, column]), int(on_path[row, column])]
            for row, a in enumerate(self.row_seconds)
            for column, b in enumerate(self.column_seconds)
        ]
        return ["row_seconds", "column_seconds", "similarity", "on_path"], rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SelfSimilarity(Sheet):
    """One clip's windows against each other (W, W): what repeats shows as stripes beside the diagonal.

    Args:
        seconds: (W,) rising middles of the windows.
        period: seconds from one repetition to the next; None where there is none.
        name: of the clip.
    """

    values: Numbers
    seconds: Numbers
    period: float | None = None
    name: str = "clip"
    scale: str = "diverging"

    def __post_init__(self) -> None:
        _time_table(self, ("values", "seconds", "seconds"))

    @property
    def alt(self) -> str:
        told = f"Similarity of {len(self.seconds)} windows of {self.name} with each other"
        return f"{told}; no repetition found." if self.period is None else f"{told}; it repeats every {self.period:.2f} s."

    def table(self) -> Table:
        rows: list[list[object]] = [
            [known(self.seconds[row]), known(self.seconds[column]), known(self.values[row, column])]
            for row in range(len(self.seconds))
            for column in range(row, len(self.seconds))
        ]
        return ["a_seconds", "b_seconds", "similarity"], rows

    def period_lines(self) -> list[tuple[Point, Point]]:
        """The first repetition above the diagonal, from end to end as (across, down); none where it does not fit."""
        if self.period is None or not len(self.seconds):
            return []
        first, last = float(self.seconds[0]), float(self.seconds[-1])
        if not 0 < self.period < last - first:
            return []
        return [((first + self.period, first), (last, last - self.period))]


def _time_table(sheet: Alignment | SelfSimilarity, names: tuple[str, str, str]) -> None:
    for name in names:
        object.__setattr__(sheet, name, np.asarray(getattr(sheet, name), np.float64))
    values, rows, columns = (getattr(sheet, name) for name in names)
    fits(values.shape == (len(rows), len(columns)), f"values {values.shape} must have a row and a column for each window")
    for seconds in (rows, columns):
        fits(seconds.ndim == 1 and bool((np.diff(seconds) > 0).all()), "seconds must rise from one window to the next")


def time_limits(values: Numbers, scale: str) -> tuple[float, float]:
    """The ends of the scale of a table of windows.

    A window's similarity to itself and to those that overlap it is near 1 anyway, so 99 of 100 values decide a diverging scale.
    """
    finite = values[np.isfinite(values)]
    if scale != "diverging" or finite.size == 0:
        return limits(values, scale)
    end = float(np.quantile(np.abs(finite), 0.99))
    return limits(np.clip(finite, -end, end), scale)
