"""Figures for the browser: numbers in, Plotly Figure out. Nothing else knows Plotly.

All figures have a transparent ground and fixed heights, so that they sit on any page and nothing jumps. Show them in
Streamlit with ``theme=None``; its own theme would paint over the colours. Plotly reads names as pseudo-HTML, so every
name is escaped here, at the one door.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.clips import Provenance
from core.colours import FONT, THEMES, Theme, Ticks, ink, limits, provenance_line, shortened, signed, ticks

Numbers = NDArray[np.floating]

NUMBERED_CELLS = 200  # up to here each cell shows its number
CLICKABLE_CELLS = 10_000  # above this a browser becomes slow; markers are then thinned out
NAMED_CELLS = 62_500  # up to here the hover names both clips of every cell; 250 x 250 costs about 3 MB
MOST_TICKS = 40
CONFIG = {"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}
"""For ``st.plotly_chart(config=...)`` and for HTML files."""


def heatmap_height_px(rows: int) -> int:
    """Height of a heatmap of ``rows`` rows; depends on nothing else, so that a page can keep the place free."""
    return int(min(max(200 + 46 * rows, 340), 760))


def _theme(name: str) -> Theme:
    if name not in THEMES:
        raise ValueError(f"theme ({name!r}) must be one of {', '.join(THEMES)}")
    return THEMES[name]


def _layout(figure: go.Figure, title: str, theme: str, height_px: int) -> None:
    colours = _theme(theme)
    figure.update_layout(
        title={"text": html.escape(title), "x": 0, "xanchor": "left", "font": {"size": 17, "color": colours.text}},
        font={"family": FONT, "size": 13, "color": colours.text},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        height=height_px,
        margin={"l": 8, "r": 8, "t": 52 if title else 12, "b": 8},
        hoverlabel={"font": {"family": FONT, "size": 13, "color": colours.text}, "bgcolor": colours.paper, "align": "left"},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.accent},
        meta={"theme": theme},
    )


def _axis(along: Ticks, colours: Theme) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(along.positions),
        "ticktext": [html.escape(text) for text in along.texts],
        "tickfont": {"size": 12, "color": colours.text},
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        "ticklabelstandoff": 6,
    }


def _under(provenance: Provenance | None, colours: Theme) -> dict[str, Any]:
    # The title of the lower axis is the one text that Plotly itself keeps clear of tick labels of any length.
    return {"text": html.escape(provenance_line(provenance)), "font": {"size": 11, "color": colours.muted}, "standoff": 14}


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
    colours = _theme(theme)
    texts = _hover_texts(values, row_names, column_names, hover, digits)
    figure = go.Figure(_cells(values, texts, colours, scale, colorbar_title, digits, clickable))
    if values.size <= NUMBERED_CELLS:
        figure.add_trace(_numbers(values, colours, scale, digits))
    if clickable:
        figure.add_trace(_markers(values, texts, colours))
    _layout(figure, title, theme, heatmap_height_px(len(row_names)))
    rows, columns = ticks(row_names, row_groups, MOST_TICKS), ticks(column_names, column_groups, MOST_TICKS)
    slant = -35 if any(len(text) * len(columns.texts) > 70 for text in columns.texts) else 0
    figure.update_xaxes(
        **_axis(columns, colours), tickangle=slant, range=[-0.5, values.shape[1] - 0.5], title=_under(provenance, colours)
    )
    figure.update_yaxes(**_axis(rows, colours), range=[values.shape[0] - 0.5, -0.5])
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
    theme = _theme((figure.layout.meta or {}).get("theme", "light"))
    figure.add_shape(
        type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line={"width": 3, "color": theme.other}
    )


def _borders(rows: Ticks, columns: Ticks, colours: Theme) -> list[dict[str, Any]]:
    line = {"width": 1, "color": colours.line}
    across = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": place, "y1": place} for place in rows.borders]
    down = [{"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": place, "x1": place} for place in columns.borders]
    return [{**shape, "line": line} for shape in (*across, *down)]


STRIP_HEIGHT_PX = 230


def background_strip(
    background: Numbers,
    marks: Mapping[str, float],
    *,
    title: str = "",
    axis_title: str = "similarity",
    provenance: Provenance | None = None,
    theme: str = "light",
) -> go.Figure:
    """Where ``marks`` (name to value) fall among all pairs of the library: ``background`` is any shape, NaN left out.

    The height is STRIP_HEIGHT_PX whatever comes in, also without a background.
    """
    colours = _theme(theme)
    values = _finite(background)
    figure = go.Figure()
    if values.size:
        figure.add_trace(_bars(values, "all pairs", colours.muted, _edges(values, *marks.values()), 0.45))
        figure.update_yaxes(range=[0, 1.7 * max(figure.data[0].y)])  # the names are written above the bars
    _mark(figure, {name: value for name, value in marks.items() if np.isfinite(value)}, colours)
    _layout(figure, title, theme, STRIP_HEIGHT_PX)
    _plain_axes(figure, axis_title, provenance, colours)
    return figure


def distribution(
    between: Numbers,
    within: Numbers,
    *,
    names: tuple[str, str] = ("different actions", "same action"),
    title: str = "",
    axis_title: str = "similarity",
    provenance: Provenance | None = None,
    theme: str = "light",
) -> go.Figure:
    """Two overlaid histograms, each of height 1 in sum: pairs ``between`` groups and pairs ``within`` them."""
    colours = _theme(theme)
    parts = (_finite(between), _finite(within))
    figure = go.Figure()
    edges = _edges(*parts) if any(part.size for part in parts) else np.linspace(-1, 1, 3)
    for part, name, colour in zip(parts, names, (colours.other, colours.accent), strict=True):
        figure.add_trace(_bars(part, f"{html.escape(name)} ({part.size:,} pairs)", colour, edges, 0.55))
    _layout(figure, title, theme, STRIP_HEIGHT_PX + 40)
    _plain_axes(figure, axis_title, provenance, colours)
    figure.update_layout(showlegend=True, margin_t=76, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return figure


def _finite(values: Numbers) -> NDArray[np.float64]:
    flat = np.asarray(values, dtype=np.float64).ravel()
    return flat[np.isfinite(flat)]


def _edges(*parts: NDArray[np.float64] | float) -> NDArray[np.float64]:
    everything = np.concatenate([np.atleast_1d(part) for part in parts])
    everything = everything[np.isfinite(everything)]
    low, high = float(everything.min()), float(everything.max())
    margin = 0.02 * (high - low) or 0.05
    return np.linspace(low - margin, high + margin, 61)


def _bars(values: NDArray[np.float64], name: str, colour: str, edges: NDArray[np.float64], opacity: float) -> go.Bar:
    counts, _ = np.histogram(values, bins=edges)
    share = counts / max(values.size, 1)
    return go.Bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=share,
        width=np.diff(edges),
        name=name,
        marker={"color": colour, "opacity": opacity, "line": {"width": 0}},
        hovertemplate="around %{x:.2f}: %{y:.1%}<extra></extra>",
        showlegend=True,
    )


def _mark(figure: go.Figure, marks: Mapping[str, float], colours: Theme) -> None:
    ordered = sorted(marks.items(), key=lambda mark: mark[1])
    places = [float(edge) for bar in figure.data for edge in (bar.x[0], bar.x[-1])] + [value for _, value in ordered]
    far_right = min(places) + 0.72 * (max(places) - min(places)) if places else 0.0
    for number, (name, value) in enumerate(ordered):
        height = 1.0 - 0.14 * (number % 4)  # neighbours write on different lines
        side = "right" if value > far_right else "left"
        figure.add_shape(
            type="line", x0=value, x1=value, yref="paper", y0=0, y1=height, line={"width": 2, "color": colours.accent}
        )
        figure.add_annotation(
            x=value, y=height, yref="paper", showarrow=False, xanchor=side, yanchor="top", xshift=-4 if value > far_right else 4,
            text=f"{html.escape(shortened(name, 40))} <b>{signed(value, 2)}</b>",
            font={"size": 12, "color": colours.text},
        )  # fmt: skip


def _plain_axes(figure: go.Figure, axis_title: str, provenance: Provenance | None, colours: Theme) -> None:
    under = _under(provenance, colours)
    # Plotly's axis title takes one colour; the axis' own name comes first and the provenance on a smaller line below it.
    under["text"] = f"{html.escape(axis_title)}<br><span style='font-size:11px'>{under['text']}</span>"
    figure.update_layout(barmode="overlay", bargap=0, hovermode="closest", showlegend=False)
    figure.update_xaxes(
        showgrid=False, zeroline=False, automargin=True, title={**under, "standoff": 6}, linecolor=colours.line, showline=True
    )
    figure.update_yaxes(visible=False, rangemode="tozero", fixedrange=True)


def cell_of(selection_event: object) -> tuple[int, int] | None:
    """The (row, column) that was clicked, from what ``st.plotly_chart(on_select=...)`` returns; None when there is none."""
    points = _inside(_inside(selection_event, "selection"), "points")
    for point in points if isinstance(points, Sequence) else ():
        data = _inside(point, "customdata")
        if isinstance(data, Mapping):  # some versions hand an array over as {"0": row, "1": column}
            data = [data.get("0", data.get(0)), data.get("1", data.get(1))]
        if isinstance(data, Sequence) and len(data) >= 2 and all(_is_index(number) for number in data[:2]):
            return int(data[0]), int(data[1])
    return None


def _inside(thing: object, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _is_index(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and number >= 0 and float(number).is_integer()


def to_html(figure: go.Figure, *, title: str = "Motionbook") -> str:
    """A whole page that shows ``figure`` without a network: Plotly's own script is inside (about 5 MB)."""
    theme = THEMES[(figure.layout.meta or {}).get("theme", "light")]
    inside = figure.to_html(full_html=False, include_plotlyjs=True, config=CONFIG)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>body{{margin:24px auto;max-width:1100px;background:{theme.paper};color:{theme.text}}}</style></head>"
        f"<body>{inside}</body></html>\n"
    )
