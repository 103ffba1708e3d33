"""The heatmap: a table of similarities as colours, each cell clickable."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.clips import Provenance
from core.colours import Theme, Ticks, ink, limits, shortened, signed, ticks
from core.figures.frame import Numbers, axis, lay_out, theme_of, under

NUMBERED_CELLS = 200  # up to here each cell shows its number
CLICKABLE_CELLS = 10_000  # above this a browser becomes slow; markers are then thinned out
NAMED_CELLS = 62_500  # up to here the hover names both clips of every cell; 250 x 250 costs about 3 MB
MOST_TICKS = 40


def heatmap_height_px(rows: int) -> int:
    """Height of a heatmap of ``rows`` rows; depends on nothing else, so that a page can keep the place free."""
    return int(min(max(200 + 46 * rows, 340), 760))


def heatmap(
    matrix: Numbers,
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    title: str = "",
    colorbar_title: str = "similarity",
    hover: Sequence[Sequence[str]] | None = None,
    row_groups: Sequence[str] | None = None,
    column_groups: Sequence[str] | None = None,
    provenance: Provenance | None = None,
    theme: str = "light",
    clickable: bool = True,
    scale: str = "diverging",
    digits: int = 2,
) -> go.Figure:
    """A table of similarities as colours.

    Args:
        matrix: (R, C); NaN where there is nothing to compare.
        row_names, column_names: R and C names, any text.
        hover: (R, C) plain texts for the hover, instead of the two names and the number.
        row_groups, column_groups: labels of rows and columns where they stand together; named when names do not fit.
        theme: "light" or "dark".
        clickable: lay transparent markers over the cells, which carry (row, column); see ``cell_of``.
        scale: "diverging" around 0 (centred similarity) or "sequential" from low to high (raw, percentile).

    Raises ValueError when shapes do not fit together.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.shape != (len(row_names), len(column_names)):
        raise ValueError(f"matrix {values.shape} must have one row per row name and one column per column name")
    colours = theme_of(theme)
    texts = _hover_texts(values, row_names, column_names, hover, digits)
    figure = go.Figure(_cells(values, texts, colours, scale, colorbar_title, digits, clickable))
    if values.size <= NUMBERED_CELLS:
        figure.add_trace(_numbers(values, colours, scale, digits))
    if clickable:
        figure.add_trace(_markers(values, texts, colours))
    lay_out(figure, title, theme, heatmap_height_px(len(row_names)))
    rows, columns = ticks(row_names, row_groups, MOST_TICKS), ticks(column_names, column_groups, MOST_TICKS)
    slant = -35 if any(len(text) * len(columns.texts) > 70 for text in columns.texts) else 0
    figure.update_xaxes(
        **axis(columns, colours), tickangle=slant, range=[-0.5, values.shape[1] - 0.5], title=under(provenance, colours)
    )
    figure.update_yaxes(**axis(rows, colours), range=[values.shape[0] - 0.5, -0.5])
    figure.update_layout(hovermode="closest", hoverdistance=2, shapes=_borders(rows, columns, colours), showlegend=False)
    return figure


def _hover_texts(
    values: Numbers, row_names: Sequence[str], column_names: Sequence[str], hover: Sequence[Sequence[str]] | None, digits: int
) -> NDArray[np.object_] | None:
    """(R, C) escaped texts, or None when there are too many cells for names."""
    if hover is not None:
        return np.array([[html.escape(text).replace("\n", "<br>") for text in row] for row in hover], dtype=object)
    if values.size > NAMED_CELLS:
        return None
    letters = 48 if values.size <= CLICKABLE_CELLS else 28  # the texts are most of a large figure's bytes
    rows, columns = ([html.escape(shortened(name, letters)) for name in names] for names in (row_names, column_names))
    texts = np.empty(values.shape, dtype=object)
    for row, name in enumerate(rows):
        for column, other in enumerate(columns):
            texts[row, column] = f"{name}<br>{other}<br>{_number(values[row, column], digits)}"
    return texts


def _number(value: float, digits: int) -> str:
    return signed(value, digits) if np.isfinite(value) else "nothing to compare"


def _cells(
    values: Numbers, texts: NDArray[np.object_] | None, colours: Theme, scale: str, title: str, digits: int, covered: bool
) -> go.Heatmap:
    low, high = limits(values, scale)
    numbered = values.size <= NUMBERED_CELLS
    shown = np.where(np.isfinite(values), np.round(values, 4), np.nan)
    cells = go.Heatmap(
        z=shown.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=[list(stop) for stop in (colours.diverging if scale == "diverging" else colours.sequential)],
        xgap=2 if numbered else 0,
        ygap=2 if numbered else 0,
        colorbar={**_colorbar(title), "tickvals": [low, 0, high] if low < 0 < high else [low, high], "tickformat": ".2~f"},
        hoverongaps=False,
    )
    if covered and values.size <= CLICKABLE_CELLS:
        cells.update(hoverinfo="skip")  # the markers above the cells speak
    elif texts is not None:
        cells.update(hovertext=texts, hovertemplate="%{hovertext}<extra></extra>")
    else:
        cells.update(hovertemplate=f"row %{{y}}, column %{{x}}: <b>%{{z:.{digits}f}}</b><extra></extra>")
    return cells


def _numbers(values: Numbers, colours: Theme, scale: str, digits: int) -> go.Scatter:
    """The number of each cell, in the ink that reads on its colour (Plotly's own choice of ink is too pale in the dark)."""
    ends, stops = limits(values, scale), (colours.diverging if scale == "diverging" else colours.sequential)
    rows, columns = (axis.ravel() for axis in np.indices(values.shape))
    flat = values.ravel()
    inks = [ink(float(value), ends, stops) if np.isfinite(value) else colours.muted for value in flat]
    texts = [signed(float(value), digits) for value in flat]
    font = {"size": 13, "color": inks}
    return go.Scatter(x=columns, y=rows, mode="text", text=texts, textfont=font, hoverinfo="skip", showlegend=False)


def _colorbar(title: str) -> dict[str, Any]:
    """Above the cells, at the right: beside them it would take half the width of a phone."""
    return {
        "title": {"text": html.escape(title), "side": "top", "font": {"size": 12}},
        "orientation": "h",
        "thickness": 8,
        "len": 0.45,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "outlinewidth": 0,
        "tickangle": 0,
        "tickfont": {"size": 11},
    }


def _markers(values: Numbers, texts: NDArray[np.object_] | None, colours: Theme) -> go.Scatter:
    """Transparent squares over the cells: Plotly reports clicks on points, not on a heatmap's cells."""
    step = int(np.ceil(np.sqrt(max(values.size / CLICKABLE_CELLS, 1))))
    rows, columns = (axis.ravel() for axis in np.mgrid[0 : values.shape[0] : step, 0 : values.shape[1] : step])
    size = min(0.9 * (heatmap_height_px(len(values)) - 160) / max(len(values), 1) * step, 40)
    clear = "rgba(0,0,0,0)"
    return go.Scatter(
        x=columns,
        y=rows,
        mode="markers",
        customdata=np.stack([rows, columns], axis=1).tolist(),
        marker={"symbol": "square", "size": max(size, 3), "color": clear, "line": {"width": 0}},
        selected={"marker": {"color": colours.muted, "opacity": 0.35}},
        unselected={"marker": {"opacity": 0}},
        hovertext=None if texts is None else texts[rows, columns],
        hoverinfo="none" if texts is None else "text",
        showlegend=False,
    )


def mark_cell(figure: go.Figure, row: int, column: int) -> None:
    """Frame one cell of a heatmap: the one that is looked at."""
    theme = theme_of((figure.layout.meta or {}).get("theme", "light"))
    figure.add_shape(
        type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"width": 3, "color": theme.other}
    )


def _borders(rows: Ticks, columns: Ticks, colours: Theme) -> list[dict[str, Any]]:
    line = {"width": 1, "color": colours.line}
    across = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": place, "y1": place} for place in rows.borders]
    down = [{"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": place, "x1": place} for place in columns.borders]
    return [{**shape, "line": line} for shape in (*across, *down)]
