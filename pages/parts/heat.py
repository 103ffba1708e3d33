"""The heatmap of a comparison, groups or clips, and the pickers that do by keyboard what a click does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clips import Clip
from core.comparing import Comparison
from core.ordering import clustered
from core.similarity import Similarities
from core.workbench import Workbench
from pages.parts import depths
from pages.parts.asking import Asked
from pages.parts.canvas import Choice, canvas
from pages.parts.meaning import title
from pages.parts.pieces import theme
from pages.parts.sides import CELL
from pages.parts.state import get, key, put
from pages.parts.words import count, plain

__all__ = ["Table", "chart", "first_cell", "pickers", "table_of", "theme"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What is drawn: (N, N) similarities, a name for each row, the side each row belongs to, and its clip if it has one."""

    names: tuple[str, ...]
    similarity: Similarities
    sides: tuple[int, ...]
    clips: tuple[Clip | None, ...]
    left_out: int = 0
    tree: NDArray[np.float64] | None = None
    """Brackets above the columns, where clips stand as clustering orders them."""

    def sides_of(self, cell: tuple[int, int]) -> tuple[int, int]:
        return self.sides[cell[0]], self.sides[cell[1]]


def table_of(bench: Workbench, comparison: Comparison, asked: Asked) -> Table:
    """Groups, or the clips of all groups or of two."""
    if asked.view == "groups":
        names = tuple(title(side) for side in comparison.sides)
        return Table(names, comparison.centred, tuple(range(len(names))), (None,) * len(names))
    found = bench.clip_table(comparison, only=asked.within)
    names = tuple(PurePath(name).stem or name for name in found.names)
    table = Table(names, found.similarity, found.sides, found.clips, found.left_out)
    return _clustered(table) if asked.order == "clustered" else table


def _clustered(table: Table) -> Table:
    found = clustered(table.similarity)
    order = [int(row) for row in found.order]
    names, sides, clips = (tuple(values[row] for row in order) for values in (table.names, table.sides, table.clips))
    return Table(names, table.similarity[np.ix_(order, order)], sides, clips, table.left_out, found.lines)


def first_cell(table: Table) -> tuple[int, int]:
    """Where the first two sides meet; of clips the first two that are not of one source."""
    numbers = sorted(set(table.sides))
    here = [row for row, side in enumerate(table.sides) if side == numbers[0]]
    there = [row for row, side in enumerate(table.sides) if side == numbers[min(1, len(numbers) - 1)]]
    for row in here:
        for column in there:
            a, b = table.clips[row], table.clips[column]
            if len(numbers) == 1 and row == column and len(here) > 1:
                continue
            if a is None or b is None or a.split_source != b.split_source:
                return row, column
    return here[0], there[0]


def chart(comparison: Comparison, table: Table, asked: Asked, cell: tuple[int, int]) -> None:
    """The heatmap; a click chooses a cell, a double click looks inside. Depth and way back stand above it, pickers below."""
    depths.controls(comparison, asked)
    groups = [title(comparison.sides[side]) for side in table.sides]
    mark = hashlib.sha256(f"{asked.question}{asked.view}{asked.within}{asked.order}".encode()).hexdigest()[:12]
    with st.container(key="heat" if asked.view == "groups" else "heat-clips"):
        canvas(
            table.similarity, table.names, table.names, key=key("heat", mark), chosen=cell, theme=theme(), tree=table.tree,
            row_groups=groups if asked.view == "clips" else None, group_order=table.tree is None,
            inside=True, outside=asked.view != "groups", on_choice=lambda choice: _happened(choice, table, asked),
            alt=f"Heatmap of similarities between {', '.join(table.names[:8])}; the same numbers are in the table below.",
        )  # fmt: skip
    if table.left_out:
        st.caption(f"{count(table.left_out, 'clip')} more are in the numbers but not in this picture.")
    pickers(table.names, table.names, cell)
    _look_inside(comparison, table, asked, cell)


def _happened(choice: Choice, table: Table, asked: Asked) -> None:
    if choice.kind == "out":
        depths.to_groups(asked)
    elif choice.kind == "inside":
        _inside(table, asked, (choice.row, choice.column))
    else:
        depths.chosen(choice)


def _inside(table: Table, asked: Asked, cell: tuple[int, int]) -> None:
    if asked.view == "groups":
        depths.to_clips(cell)
        return
    a, b = (table.clips[number] for number in cell)
    if a is not None and b is not None:
        depths.to_windows(a, b)


def _look_inside(comparison: Comparison, table: Table, asked: Asked, cell: tuple[int, int]) -> None:
    """By button what a double click does."""
    if asked.view == "groups":
        names = dict.fromkeys(title(comparison.sides[side]) for side in table.sides_of(cell))
        label = f"Look inside: the clips of {' and '.join(names)}"
    else:
        label = "Look inside: the moments of these two clips"
    blind = asked.view == "clips" and any(table.clips[number] is None for number in cell)
    st.button(
        plain(label), icon=":material/zoom_in:", key=key("inside"), on_click=_inside, args=(table, asked, cell), disabled=blind
    )


def pickers(row_names: Sequence[str], column_names: Sequence[str], cell: tuple[int, int]) -> None:
    """Row and column by keyboard or screen reader."""
    for place, what, axis, names in zip(st.columns(2), ("Row", "Column"), (0, 1), (row_names, column_names), strict=True):
        name = key("compare", what)
        put(name, cell[axis])
        told = dict(enumerate(names))
        place.selectbox(what, list(told), key=name, format_func=lambda at, told=told: told[at] or "–", on_change=_picked)


def _picked() -> None:
    put(CELL, (get(key("compare", "Row")), get(key("compare", "Column"))))
