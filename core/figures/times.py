"""Time against time: two clips with the path on which their moments meet, and one clip against itself."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.colours import Theme
from core.figures.frame import Numbers, finish, lay_out, theme_of, titled
from core.figures.heat import CLICKABLE_CELLS, bar_of_colours, colorbar, picture, read_by_page, stops_of
from core.figures.lookup import lookup
from core.sheets import Alignment, SelfSimilarity, Stamp
from core.sheets.heat import time_limits

TIMES_HEIGHT_PX = 480


def alignment(
    values: Numbers,
    row_seconds: Numbers,
    column_seconds: Numbers,
    path: Sequence[tuple[float, float]] = (),
    *,
    names: tuple[str, str] = ("first clip", "second clip"),
    score: float | None = None,
    scale: str = "diverging",
    title: str = "",
    stamp: Stamp | None = None,
    theme: str = "light",
) -> go.Figure:
    """Similarities of the windows of two clips, with the path; see ``core.sheets.Alignment``. Raises ValueError."""
    sheet = Alignment(
        values=values, row_seconds=row_seconds, column_seconds=column_seconds, path=tuple(path), names=names, score=score,
        scale=scale, title=title, stamp=stamp or Stamp(),
    )  # fmt: skip
    return aligned(sheet, theme)


def aligned(sheet: Alignment, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    figure = _cells(sheet.values, sheet.row_seconds, sheet.column_seconds, sheet.scale, colours)
    if sheet.path:
        x, y = [step[1] for step in sheet.path], [step[0] for step in sheet.path]
        for ink, width in ((colours.paper, 6), (colours.other, 3)):  # a light edge keeps the line off the colours below it
            line = go.Scatter(x=x, y=y, mode="lines", line={"color": ink, "width": width}, hoverinfo="skip", showlegend=False)
            figure.add_trace(line)
    _frame(figure, sheet, bare, theme, (f"seconds of {sheet.names[1]}", f"seconds of {sheet.names[0]}"))
    return finish(figure, sheet, bare)


def self_similarity(
    values: Numbers,
    seconds: Numbers,
    period: float | None = None,
    *,
    name: str = "clip",
    scale: str = "diverging",
    title: str = "",
    stamp: Stamp | None = None,
    theme: str = "light",
) -> go.Figure:
    """One clip's windows against each other, with lines a ``period`` beside the diagonal; see ``core.sheets.SelfSimilarity``."""
    sheet = SelfSimilarity(
        values=values, seconds=seconds, period=period, name=name, scale=scale, title=title, stamp=stamp or Stamp()
    )
    return repeated(sheet, theme)


def repeated(sheet: SelfSimilarity, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    figure = _cells(sheet.values, sheet.seconds, sheet.seconds, sheet.scale, colours)
    for start, end in sheet.period_lines():
        for a, b in ((start, end), (start[::-1], end[::-1])):
            for line in ({"color": colours.paper, "width": 4}, {"color": colours.text, "width": 1.5, "dash": "dot"}):
                figure.add_shape(type="line", x0=a[0], y0=a[1], x1=b[0], y1=b[1], line=line)
    _frame(figure, sheet, bare, theme, ("seconds", "seconds"))
    figure.update_xaxes(constrain="domain")
    figure.update_yaxes(scaleanchor="x", constrain="domain")
    return finish(figure, sheet, bare)


def _cells(values: Numbers, rows: Numbers, columns: Numbers, scale: str, colours: Theme) -> go.Figure:
    """Cells under axes of seconds: a heatmap, or a picture where there are many and the windows are evenly far apart."""
    ends, stops = time_limits(values, scale), stops_of(scale, colours)
    even = values.size > CLICKABLE_CELLS and all(_even(seconds) for seconds in (rows, columns))
    if not even:
        return go.Figure(
            go.Heatmap(
                z=np.round(values, 4).astype(np.float32), x=columns, y=rows, zmin=ends[0], zmax=ends[1],
                colorscale=[list(stop) for stop in stops], colorbar=colorbar("similarity", ends), hoverongaps=False,
                hovertemplate="%{y:.1f} s and %{x:.1f} s: <b>%{z:.2f}</b><extra></extra>",
            )
        )  # fmt: skip
    places = (float(rows[0]), float(rows[1] - rows[0]), float(columns[0]), float(columns[1] - columns[0]))
    figure = go.Figure([picture(values, ends, stops, places), bar_of_colours(ends, stops, "similarity")])
    down, across = ([f"{seconds:.1f} s" for seconds in side] for side in (rows, columns))
    figure.update_layout(meta={"lookup": lookup(down, across, places, ends, stops)})
    return figure


def _even(seconds: Numbers) -> bool:
    steps = np.diff(seconds)
    return len(steps) > 0 and float(np.ptp(steps)) < 0.01 * float(steps.mean())


def _frame(figure: go.Figure, sheet: Alignment | SelfSimilarity, bare: bool, theme: str, texts: tuple[str, str]) -> None:
    colours, found = theme_of(theme), (figure.layout.meta or {}).get("lookup")
    lay_out(figure, "" if bare else sheet.title, theme, TIMES_HEIGHT_PX)
    if found:
        read_by_page(figure, found)
    rows, columns = (sheet.row_seconds, sheet.column_seconds) if isinstance(sheet, Alignment) else (sheet.seconds, sheet.seconds)
    plain = {"showgrid": False, "zeroline": False, "automargin": True, "tickfont": {"size": 12, "color": colours.text}}
    figure.update_xaxes(**plain, range=_ends(columns), title=titled(texts[0], "" if bare else sheet.stamp.line, colours))
    figure.update_yaxes(
        **plain,
        range=_ends(rows)[::-1],
        title={"text": html.escape(texts[1]), "font": {"size": 13}, "standoff": 8},
        scaleanchor=False,
    )
    figure.update_layout(hovermode="closest", showlegend=False, margin_t=56 if sheet.title and not bare else 44)


def _ends(seconds: Numbers) -> list[float]:
    """From the beginning of the first cell to the end of the last."""
    if not len(seconds):
        return [0.0, 1.0]
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1.0
    return [float(seconds[0]) - step / 2, float(seconds[-1]) + step / 2]
