"""The heatmap: a table of similarities as colours, each cell clickable. Large ones are pictures under the same axes."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.clips import Provenance
from core.colours import Stops, Theme, Ticks, ink, limits, shortened, signed, ticks
from core.figures.frame import Numbers, axis, finish, lay_out, theme_of, under
from core.figures.lookup import lookup
from core.rasters import coloured_png
from core.sheets import Heat, Stamp

NUMBERED_CELLS = 200  # up to here each cell shows its number
CLICKABLE_CELLS = 10_000  # above this a browser becomes slow: cells are then a picture, and markers are thinned out
MOST_TICKS = 40
_CELLS = (0.0, 1.0, 0.0, 1.0)  # rows and columns stand at 0, 1, 2 ...


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
    """A table of similarities as colours; ``core.sheets.Heat`` explains the numbers and names.

    Above CLICKABLE_CELLS cells it is a picture of one byte a cell. Hovering then names every so-many-th cell, and in a page
    of HTML (``to_html``) each one.

    Args:
        hover: (R, C) plain texts for the hover, instead of the two names and the number.
        theme: "light" or "dark".
        clickable: lay transparent markers over the cells, which carry (row, column); see ``cell_of``.

    Raises ValueError when shapes do not fit together.
    """
    sheet = Heat(
        values=matrix, row_names=row_names, column_names=column_names, row_groups=row_groups, column_groups=column_groups,
        scale=scale, measure=colorbar_title, digits=digits, title=title, stamp=Stamp(provenance),
    )  # fmt: skip
    return heat(sheet, theme, hover=hover, clickable=clickable)


def heat(
    sheet: Heat, theme: str, *, bare: bool = False, clickable: bool = True, hover: Sequence[Sequence[str]] | None = None
) -> go.Figure:
    """The same from a sheet; ``bare`` leaves title and stamp to the page."""
    values, colours = sheet.values, theme_of(theme)
    large = values.size > CLICKABLE_CELLS
    ends, stops = limits(values, sheet.scale), stops_of(sheet.scale, colours)
    if large:
        figure = go.Figure([picture(values, ends, stops, _CELLS), bar_of_colours(ends, stops, sheet.measure)])
    else:
        figure = go.Figure(_cells(values, colours, sheet, clickable, hover))
    if values.size <= NUMBERED_CELLS:
        figure.add_trace(_numbers(values, colours, sheet))
    if clickable or large:
        figure.add_trace(_markers(sheet, hover, colours))
    lay_out(figure, "" if bare else sheet.title, theme, heatmap_height_px(len(values)))
    rows, columns = (
        ticks(sheet.row_names, sheet.row_groups, MOST_TICKS),
        ticks(sheet.column_names, sheet.column_groups, MOST_TICKS),
    )
    slant = -35 if any(len(text) * len(columns.texts) > 70 for text in columns.texts) else 0
    below = under("" if bare else sheet.stamp.line, colours)
    figure.update_xaxes(**axis(columns, colours), tickangle=slant, range=[-0.5, values.shape[1] - 0.5], title=below)
    figure.update_yaxes(**axis(rows, colours), range=[values.shape[0] - 0.5, -0.5], scaleanchor=False)
    figure.update_layout(hovermode="closest", hoverdistance=2, shapes=_borders(rows, columns, colours), showlegend=False)
    if large:
        read_by_page(figure, lookup(sheet.row_names, sheet.column_names, _CELLS, ends, stops))
    return finish(figure, sheet, bare)


def stops_of(scale: str, colours: Theme) -> Stops:
    return colours.diverging if scale == "diverging" else colours.sequential


def picture(values: Numbers, ends: tuple[float, float], stops: Stops, places: tuple[float, float, float, float]) -> go.Image:
    """The cells as a PNG under axes; ``places`` as for ``core.figures.lookup.lookup``."""
    y0, dy, x0, dx = places
    source = "data:image/png;base64," + base64.b64encode(coloured_png(values, *ends, stops)).decode("ascii")
    return go.Image(source=source, x0=x0, dx=dx, y0=y0, dy=dy, hoverinfo="skip")


def read_by_page(figure: go.Figure, found: dict[str, Any]) -> None:
    """Keep what the script of a page of HTML needs to name every cell."""
    figure.update_layout(meta={**(figure.layout.meta or {}), "lookup": found})


def bar_of_colours(ends: tuple[float, float], stops: Stops, measure: str) -> go.Scatter:
    """A picture has no colour bar of its own: a trace without points brings it."""
    marker = {
        "color": [ends[0]], "cmin": ends[0], "cmax": ends[1], "colorscale": [list(stop) for stop in stops], "showscale": True,
        "colorbar": colorbar(measure, ends), "size": 0.1, "opacity": 0,
    }  # fmt: skip
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip", showlegend=False)


def _hover_text(sheet: Heat, row: int, column: int, letters: int) -> str:
    names = (sheet.row_names[row], sheet.column_names[column])
    value = sheet.values[row, column]
    told = signed(float(value), sheet.digits) if np.isfinite(value) else "nothing to compare"
    return "<br>".join([*(html.escape(shortened(name, letters)) for name in names), told])


def _cells(values: Numbers, colours: Theme, sheet: Heat, covered: bool, hover: Sequence[Sequence[str]] | None) -> go.Heatmap:
    low, high = limits(values, sheet.scale)
    numbered = values.size <= NUMBERED_CELLS
    shown = np.where(np.isfinite(values), np.round(values, 4), np.nan)
    cells = go.Heatmap(
        z=shown.astype(np.float32),
        zmin=low,
        zmax=high,
        colorscale=[list(stop) for stop in stops_of(sheet.scale, colours)],
        xgap=2 if numbered else 0,
        ygap=2 if numbered else 0,
        colorbar=colorbar(sheet.measure, (low, high)),
        hoverongaps=False,
    )
    if covered:
        cells.update(hoverinfo="skip")  # the markers above the cells speak
    else:
        texts = np.empty(values.shape, dtype=object)
        for row, column in np.ndindex(*values.shape):
            texts[row, column] = _told(sheet, hover, row, column)
        cells.update(hovertext=texts, hovertemplate="%{hovertext}<extra></extra>")
    return cells


def _told(sheet: Heat, hover: Sequence[Sequence[str]] | None, row: int, column: int) -> str:
    return _hover_text(sheet, row, column, 48) if hover is None else html.escape(hover[row][column]).replace("\n", "<br>")


def _numbers(values: Numbers, colours: Theme, sheet: Heat) -> go.Scatter:
    """The number of each cell, in the ink that reads on its colour (Plotly's own choice of ink is too pale in the dark)."""
    ends, stops = limits(values, sheet.scale), stops_of(sheet.scale, colours)
    rows, columns = (axis.ravel() for axis in np.indices(values.shape))
    flat = values.ravel()
    inks = [ink(float(value), ends, stops) if np.isfinite(value) else colours.muted for value in flat]
    texts = [signed(float(value), sheet.digits) for value in flat]
    font = {"size": 13, "color": inks}
    return go.Scatter(x=columns, y=rows, mode="text", text=texts, textfont=font, hoverinfo="skip", showlegend=False)


def colorbar(measure: str, ends: tuple[float, float]) -> dict[str, Any]:
    """Above the cells, at the right: beside them it would take half the width of a phone."""
    low, high = ends
    return {
        "title": {"text": html.escape(measure), "side": "top", "font": {"size": 12}},
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
        "tickvals": [low, 0, high] if low < 0 < high else [low, high],
        "tickformat": ".2~f",
    }


def _markers(sheet: Heat, hover: Sequence[Sequence[str]] | None, colours: Theme) -> go.Scatter:
    """Transparent squares over the cells: Plotly reports clicks on points, not on a heatmap's cells."""
    values = sheet.values
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
        hovertext=[_told(sheet, hover, int(row), int(column)) for row, column in zip(rows, columns, strict=True)],
        hoverinfo="text",
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
