"""The heatmap of a comparison at two depths, and the pickers that do by keyboard what a click does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from core import figures
from core.clips import Clip, Provenance
from core.comparing import Comparison
from core.similarity import Similarities
from core.workbench import Workbench
from pages.parts.asking import VIEWS, Asked
from pages.parts.meaning import title
from pages.parts.sides import CELL, VIEW
from pages.parts.state import get, key, put
from pages.parts.words import count

PICKS = key("compare", "picks")
VIEW_NAMES = {"groups": "Groups", "clips": "Clips"}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What is drawn: (N, N) similarities, a name for each row, the side each row belongs to, and its clip if it has one."""

    names: tuple[str, ...]
    similarity: Similarities
    sides: tuple[int, ...]
    clips: tuple[Clip | None, ...]
    left_out: int = 0


def table_of(bench: Workbench, comparison: Comparison, view: str) -> Table:
    if view == "clips":
        found = bench.clip_table(comparison)
        names = tuple(PurePath(name).stem or name for name in found.names)
        return Table(names, found.similarity, found.sides, found.clips, found.left_out)
    names = tuple(title(side) for side in comparison.sides)
    return Table(names, comparison.centred, tuple(range(len(names))), (None,) * len(names))


def first_cell(table: Table) -> tuple[int, int]:
    """Where the first two sides meet; of clips the first two that are not of one source."""
    here = [row for row, side in enumerate(table.sides) if side == 0]
    there = [row for row, side in enumerate(table.sides) if side == 1] or here
    for row in here:
        for column in there:
            a, b = table.clips[row], table.clips[column]
            if a is None or b is None or a.split_source != b.split_source:
                return row, column
    return here[0], there[0]


def chart(comparison: Comparison, table: Table, asked: Asked, cell: tuple[int, int]) -> None:
    """The heatmap; a click chooses a cell. Depth and pickers stand above it."""
    st.segmented_control(
        "Depth", VIEWS, key=VIEW, format_func=VIEW_NAMES.__getitem__, on_change=put, args=(CELL, None), required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    figure = draw(comparison, table, theme=theme())
    figures.mark_cell(figure, *cell)
    mark = hashlib.sha256(f"{asked.question}{asked.view}{theme()}".encode()).hexdigest()[:12]
    name = key("heat", mark, get(PICKS) or 0)
    st.container(key="heat" if asked.view == VIEWS[0] else "heat-clips").plotly_chart(
        figure, theme=None, key=name, on_select=lambda: _clicked(name), selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": False},
        alt=f"Heatmap of similarities between {', '.join(table.names[:8])}; the same numbers are in the table below.",
    )  # fmt: skip
    if table.left_out:
        st.caption(f"{count(table.left_out, 'clip')} more are in the numbers but not in this picture.")
    pickers(table, cell)


def draw(comparison: Comparison, table: Table, *, theme: str, provenance: Provenance | None = None) -> figures.go.Figure:
    groups = [title(comparison.sides[side]) for side in table.sides]
    return figures.heatmap(
        table.similarity, table.names, table.names, row_groups=groups, column_groups=groups, provenance=provenance, theme=theme
    )


def theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def _clicked(name: str) -> None:
    cell = figures.cell_of(get(name))
    if cell is not None:
        put(CELL, cell)


def pickers(table: Table, cell: tuple[int, int]) -> None:
    """Row and column by keyboard or screen reader."""
    names = dict(enumerate(table.names))
    for place, what, axis in zip(st.columns(2), ("Row", "Column"), (0, 1), strict=True):
        name = key("compare", what)
        put(name, cell[axis])
        place.selectbox(
            what,
            list(names),
            key=name,
            format_func=lambda number: f"{names[number]}" if names[number] else "–",
            on_change=_picked,
        )


def _picked() -> None:
    put(PICKS, (get(PICKS) or 0) + 1)  # a new chart: in the old one the cell that was clicked before could not be clicked again
    put(CELL, (get(key("compare", "Row")), get(key("compare", "Column"))))
