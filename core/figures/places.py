"""The map of a library in the browser."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from core.colours import label_palette, shortened
from core.figures.frame import finish, lay_out, theme_of, titled
from core.sheets import Places
from core.sheets.places import OTHERS, UNGROUPED

PLACES_HEIGHT_PX = 620


def places(sheet: Places, theme: str, *, bare: bool = False) -> go.Figure:
    """A point for each place, drawn by WebGL; the axes have no scale, since they mean nothing. Names and groups on hover."""
    colours, inks = theme_of(theme), label_palette(theme)
    figure = go.Figure()
    for number, (group, rows) in enumerate(sheet.shown()):
        plain = group in (OTHERS, UNGROUPED)
        figure.add_trace(
            go.Scattergl(
                x=sheet.places[rows, 0],
                y=sheet.places[rows, 1],
                mode="markers",
                name=html.escape(shortened(group, 28)),
                marker={
                    "size": 7,
                    "color": colours.muted if plain else inks[number % len(inks)],
                    "opacity": 0.5 if plain else 0.9,
                },
                hovertext=[_told(sheet, row) for row in rows],
                hoverinfo="text",
            )
        )
    lay_out(figure, "" if bare else sheet.title, theme, PLACES_HEIGHT_PX)
    nothing = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    figure.update_xaxes(**nothing, title=titled(sheet.method, "" if bare else sheet.stamp.line, colours))
    figure.update_yaxes(**nothing, scaleanchor="x", constrain="domain")
    figure.update_layout(hovermode="closest", legend={"font": {"size": 12}, "itemsizing": "constant"})
    return finish(figure, sheet, bare)


def _told(sheet: Places, row: int) -> str:
    start, end = sheet.spans[row]
    group = html.escape(sheet.groups[row]) or UNGROUPED
    return f"{html.escape(sheet.names[row])}<br>{html.escape(sheet.grouped_by)}: {group}<br>{start:.1f}–{end:.1f} s"
