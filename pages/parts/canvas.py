"""The heatmap of the screens: any table of similarities, from two groups to a thousand windows, with one way of zooming.

The cells go to the browser as a grey PNG of one pixel each and are coloured there; names and values are looked up there too, so
that a thousand by a thousand cells cost at most about 1 MB and the pointer never waits for the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.colours import label_colours, limits
from core.rasters import grey_png
from pages.parts import pieces

EXACT_CELLS = 4096
"""Up to here the values go over in six decimals; above it a hover is off by up to 1/508 of the scale."""
MOST_LETTERS = 120

_piece = st.components.v2.component("motionbook_heatmap", css=pieces.style("canvas"), js=pieces.script("canvas"))


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody did: "cell" chose one, "inside" wants to look into it, "out" wants to go back up."""

    kind: str
    row: int
    column: int


def height_px(rows: int) -> int:
    """Depends on the number of rows alone, so that a page can keep the place free; narrow screens get less."""
    return int(min(max(150 + 46 * rows, 320), 640))


def canvas(
    values: NDArray[np.floating],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    key: str,
    alt: str,
    on_choice: Callable[[Choice], None] | None = None,
    **look: Any,
) -> tuple[int, int] | None:
    """Draw a table (R, C) as colours; NaN where there is nothing to compare.

    Args:
        row_names, column_names: R and C names, any text.
        key: unique on the page.
        alt: one sentence that says what is shown.
        on_choice: called before the page runs anew, so that it can set widgets.
        look: as ``data_of`` takes it.

    Returns the cell that was chosen in this run. Raises ValueError when shapes do not fit together.
    """
    shape = np.shape(values)

    def happened() -> None:
        choice = _choice(st.session_state[key].get("event"), shape)
        if choice is not None and on_choice is not None:
            on_choice(choice)

    data = data_of(values, row_names, column_names, key=key, alt=alt, **look)
    choice = _choice(_piece(key=key, data=data, on_event_change=happened).get("event"), shape)
    return (choice.row, choice.column) if choice is not None and choice.kind == "cell" else None


def data_of(
    values: NDArray[np.floating],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    key: str,
    alt: str,
    row_groups: Sequence[str] | None = None,
    column_groups: Sequence[str] | None = None,
    chosen: tuple[int, int] | None = None,
    scale: str = "diverging",
    theme: str | None = None,
    ends: tuple[float, float] | None = None,
    tree: NDArray[np.floating] | None = None,
    group_order: bool = True,
    inside: bool = False,
    outside: bool = False,
    height: int | None = None,
    digits: int = 2,
    unit: str = "",
) -> dict[str, Any]:
    """What heatmap.js draws.

    Args:
        row_groups, column_groups: labels, shown as colours along the axes.
        chosen: the cell in the frame.
        scale: "diverging" around 0 or "sequential"; ``ends`` of it are those of ``core.colours.limits`` if not given.
        theme: "light" or "dark"; what the browser shows if not given.
        tree: brackets of ``core.ordering.clustered``, drawn above the columns.
        group_order: equal groups stand together, so that their names may stand for those of many rows.
        inside, outside: a double click or Enter on the chosen cell, and Escape, mean something to the page.
        height: in px; narrow screens get less.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.shape != (len(row_names), len(column_names)):
        raise ValueError(f"values {table.shape} must have one row per row name and one column per column name")
    theme = theme or pieces.theme()
    low, high = ends or limits(table, scale)
    known = table[np.isfinite(table)]
    rows, columns = ([name[:MOST_LETTERS] for name in names] for names in (row_names, column_names))
    return {
        "key": key,
        "png": pieces.inlined(grey_png(table, low, high), pieces.PNG, key),
        "low": low,
        "high": high,
        "beyond": bool(known.size and (known.min() < low - 1e-9 or known.max() > high + 1e-9)),
        "exact": _exact(table) if table.size <= EXACT_CELLS else None,
        "rowNames": rows,
        "columnNames": None if columns == rows else columns,
        **_groups(row_groups, column_groups, theme),
        "sorted": group_order,
        "chosen": list(chosen) if chosen else None,
        "table": pieces.colour_table(scale, theme),
        "colours": pieces.colours(theme),
        "tree": None if tree is None or not len(tree) else np.round(tree, 4).tolist(),
        "height": height or height_px(len(rows)),
        "digits": digits,
        "unit": unit,
        "nothing": "nothing to compare",
        "inside": inside,
        "outside": outside,
        "alt": alt,
    }


def _exact(table: NDArray[np.float64]) -> list[float | None]:
    return [round(float(value), 6) if np.isfinite(value) else None for value in table.ravel()]


def _groups(rows: Sequence[str] | None, columns: Sequence[str] | None, theme: str) -> Mapping[str, Any]:
    """Labels as numbers, with a name and a colour for each."""
    if rows is None:
        return {"rowGroups": None, "columnGroups": None, "groupNames": [], "palette": []}
    across = rows if columns is None else columns
    names = sorted({*rows, *across})
    numbers = {name: number for number, name in enumerate(names)}
    colours = label_colours(names, theme)
    return {
        "rowGroups": [numbers[name] for name in rows],
        "columnGroups": None if list(across) == list(rows) else [numbers[name] for name in across],
        "groupNames": [name or "no label" for name in names],
        "palette": [colours[name] for name in names],
    }


def _choice(told: Any, shape: tuple[int, ...]) -> Choice | None:
    """What the browser says, where it names a cell of this table; a browser can say what it likes."""
    if not isinstance(told, dict) or told.get("kind") not in ("cell", "inside", "out"):
        return None
    row, column = told.get("row"), told.get("column")
    if not (isinstance(row, int) and isinstance(column, int) and 0 <= row < shape[0] and 0 <= column < shape[1]):
        return None
    return Choice(told["kind"], row, column)
