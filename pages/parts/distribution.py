"""How the pairs behind a number lie, and what the figures of the Compare page say when they are taken along."""

from __future__ import annotations

import streamlit as st

from core import figures, sheets
from core.comparing import Comparison, Side
from core.pairing import pair_values
from core.workbench import Workbench
from pages.parts import heat, meaning
from pages.parts.asking import Asked
from pages.parts.moments import Moments
from pages.parts.state import key
from pages.parts.take_along import take_along


def show(bench: Workbench, comparison: Comparison, row: int, column: int, asked: Asked) -> None:
    """Densities of the pairs of one cell: between two sides and within each, or within one against the whole library."""
    sheet = densities(comparison, row, column)
    if not any(curve.values.size for curve in sheet.curves):
        return
    st.subheader("How the pairs lie", anchor=False)
    figure = figures.of(sheet, heat.theme(), bare=True)
    name = key("distribution")
    st.plotly_chart(figure, theme=None, key=name, config={"displayModeBar": False}, alt=sheet.alt)
    st.caption(
        "Each curve has the same area; a mark below it is a pair of clips from different sources, the dotted line the median."
    )
    title = meaning.pair_title(comparison, row, column)
    take_along(
        lambda: densities(comparison, row, column, stamp(bench, asked)),
        name=f"pairs {title}", key="distribution", label="Take the distributions along",
    )  # fmt: skip


def densities(comparison: Comparison, row: int, column: int, stamped: sheets.Stamp = sheets.UNSTAMPED) -> sheets.Densities:
    sides = comparison.sides
    cells = [(row, column)] if row == column else [(row, column), (row, row), (column, column)]
    parts = [_part(comparison, *cell) for cell in cells if not all(sides[side].is_action for side in cell)]
    if row == column and comparison.background.size and not sides[row].is_action:
        parts.append(("All pairs of the library", comparison.background, comparison.library_clips, comparison.library_sources))
    return sheets.densities(parts, title=f"{meaning.pair_title(comparison, row, column)}: pairs of clips", stamp=stamped)


def _part(comparison: Comparison, row: int, column: int) -> tuple[str, sheets.Numbers, int, int]:
    a, b = comparison.sides[row], comparison.sides[column]
    clips = {clip.clip_id for side in (a, b) for clip in side.clips}
    return meaning.pair_title(comparison, row, column), pair_values(a, b), len(clips), len(_sources(a) | _sources(b))


def _sources(side: Side) -> set[str]:
    return set(side.sources) if side.clips else set()


def stamp(bench: Workbench, asked: Asked) -> sheets.Stamp:
    """What the figures of the Compare page are of."""
    weights = ", ".join(f"{stream} {weight:g}" for stream, weight in dict(asked.weights).items())
    return sheets.Stamp(bench.provenance(asked.encoder), tuple(asked.queries), f"weights {weights}" if weights else "")


def heatmap(bench: Workbench, comparison: Comparison, table: heat.Table | Moments, asked: Asked) -> sheets.Sheet:
    """The heatmap as it stands on the page, at any of its depths."""
    if isinstance(table, Moments):
        a, b = (clip.name for clip in table.pair)
        return sheets.Alignment(
            values=table.similarity, row_seconds=table.row_seconds, column_seconds=table.column_seconds, path=table.path,
            names=(a, b), title=f"{a} along {b}", stamp=stamp(bench, asked),
        )  # fmt: skip
    groups = [meaning.title(comparison.sides[side]) for side in table.sides]
    names = list(dict.fromkeys(groups))
    return sheets.Heat(
        values=table.similarity, row_names=table.names, column_names=table.names, row_groups=groups, column_groups=groups,
        tree=table.tree, title=", ".join(names[:6]) + (" and more" if len(names) > 6 else ""), stamp=stamp(bench, asked),
    )  # fmt: skip


def among_all(bench: Workbench, comparison: Comparison, marks: dict[str, float], asked: Asked) -> sheets.Background:
    """Where the numbers stand among all pairs of the library."""
    return sheets.Background(values=comparison.background, marks=marks, title="Among all pairs", stamp=stamp(bench, asked))
