"""What all figures share: their frame, their colours, the way out as a page of HTML, and the way back from a click."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.colours import FONT, THEMES, Theme, Ticks, stamp_lines
from core.figures.lookup import script
from core.sheets import Sheet

Numbers = NDArray[np.floating]

STAMP_LETTERS, STAMP_LINE_PX = 52, 15  # a phone's width
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


def under(stamp: str, colours: Theme) -> dict[str, Any]:
    """The stamp as the title of the lower axis."""
    # The title of the lower axis is the one text that Plotly itself keeps clear of tick labels of any length.
    return {"text": _wrapped(stamp), "font": {"size": 11, "color": colours.muted}, "standoff": 14}


def titled(text: str, stamp: str, colours: Theme) -> dict[str, Any]:
    """The name of the lower axis, and the stamp on smaller lines below it: an axis has one title, and it takes one colour."""
    below = f"<br><span style='font-size:11px'>{_wrapped(stamp)}</span>" if stamp else ""
    return {"text": html.escape(text) + below, "font": {"size": 13, "color": colours.text}, "standoff": 10}


def _wrapped(stamp: str) -> str:
    """Escaped, in lines that a phone's width nearly holds."""
    return "<br>".join(html.escape(line) for line in stamp_lines(stamp, STAMP_LETTERS))


def numbered(colours: Theme) -> dict[str, Any]:
    """An axis of numbers with a grid."""
    return {
        "showgrid": True,
        "gridcolor": colours.line,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"size": 12, "color": colours.text},
    }


def finish(figure: go.Figure, sheet: Sheet, bare: bool) -> go.Figure:
    """Keep the figure's words with it (see ``alt_of``), and give a long stamp the lines that it needs below the figure."""
    lines = 0 if bare else _wrapped(sheet.stamp.line).count("<br>")
    meta = {**(figure.layout.meta or {}), "alt": html.escape(sheet.alt)}
    return figure.update_layout(meta=meta, height=figure.layout.height + STAMP_LINE_PX * lines)


def alt_of(figure: go.Figure) -> str:
    """The figure in words, for those who cannot see it; empty for a figure that has none."""
    return html.unescape(str((figure.layout.meta or {}).get("alt", "")))


def plain_axes(figure: go.Figure, axis_title: str, stamp: str, colours: Theme) -> None:
    """A lower axis of numbers with its name and the stamp; no left axis."""
    below = titled(axis_title, stamp, colours)
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
    meta = figure.layout.meta or {}
    if "lookup" in meta:  # the page's script names every cell; the markers that name some on the screens would speak over it
        figure = go.Figure([trace for trace in figure.data if trace.customdata is None], figure.layout)
    inside = figure.to_html(full_html=False, include_plotlyjs=True, config=CONFIG, post_script=script(meta.get("lookup")))
    about = html.escape(alt_of(figure), quote=True)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="description" content="{about}">'
        f"<style>body{{margin:24px auto;padding:0 16px;max-width:1100px;background:{theme.paper};color:{theme.text}}}</style>"
        f'</head><body><div role="img" aria-label="{about}">{inside}</div></body></html>\n'
    )
