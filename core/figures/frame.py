"""What all figures share: their frame, their colours, the way out as a page of HTML, and the way back from a click."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.clips import Provenance
from core.colours import FONT, THEMES, Theme, Ticks, provenance_line

Numbers = NDArray[np.floating]

CONFIG = {"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}
"""For ``st.plotly_chart(config=...)`` and for HTML files."""


def theme_of(name: str) -> Theme:
    """The colours of "light" or "dark". Raises ValueError for another name."""
    if name not in THEMES:
        raise ValueError(f"theme ({name!r}) must be one of {', '.join(THEMES)}")
    return THEMES[name]


def lay_out(figure: go.Figure, title: str, theme: str, height_px: int) -> None:
    """Title, ground, height and hover of every figure."""
    colours = theme_of(theme)
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


def axis(along: Ticks, colours: Theme) -> dict[str, Any]:
    """An axis of names."""
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


def under(provenance: Provenance | None, colours: Theme) -> dict[str, Any]:
    """The provenance as the title of the lower axis."""
    # The title of the lower axis is the one text that Plotly itself keeps clear of tick labels of any length.
    return {"text": html.escape(provenance_line(provenance)), "font": {"size": 11, "color": colours.muted}, "standoff": 14}


def finite(values: Numbers) -> NDArray[np.float64]:
    """The finite ones of ``values``, flat."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    return flat[np.isfinite(flat)]


def plain_axes(figure: go.Figure, axis_title: str, provenance: Provenance | None, colours: Theme) -> None:
    """A lower axis of numbers with its name and the provenance; no left axis."""
    below = under(provenance, colours)
    # Plotly's axis title takes one colour; the axis' own name comes first and the provenance on a smaller line below it.
    below["text"] = f"{html.escape(axis_title)}<br><span style='font-size:11px'>{below['text']}</span>"
    figure.update_layout(barmode="overlay", bargap=0, hovermode="closest", showlegend=False)
    figure.update_xaxes(
        showgrid=False, zeroline=False, automargin=True, title={**below, "standoff": 6}, linecolor=colours.line, showline=True
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
