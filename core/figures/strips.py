"""Along a line of numbers: marks among all pairs of a library, distributions, a strip over time, and intervals."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.clips import Provenance
from core.colours import Theme, curve_inks, mixed, shortened, signed
from core.figures.frame import Numbers, finish, lay_out, numbered, plain_axes, theme_of, titled
from core.sheets import Background, Densities, Intervals, PeakLike, Stamp, Strip

STRIP_HEIGHT_PX = 230
DENSITIES_HEIGHT_PX = 340
TIME_STRIP_HEIGHT_PX = 220


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
    return among_all(Background(values=background, marks=marks, measure=axis_title, title=title, stamp=Stamp(provenance)), theme)


def among_all(sheet: Background, theme: str, *, bare: bool = False) -> go.Figure:
    colours, figure = theme_of(theme), go.Figure()
    if sheet.values.size:
        edges, shares = sheet.edges(), sheet.shares()
        figure.add_trace(
            go.Bar(
                x=(edges[:-1] + edges[1:]) / 2,
                y=shares,
                width=np.diff(edges),
                name="all pairs",
                marker={"color": colours.muted, "opacity": 0.45, "line": {"width": 0}},
                hovertemplate="around %{x:.2f}: %{y:.1%}<extra></extra>",
            )
        )
        figure.update_yaxes(range=[0, 1.7 * float(shares.max())])  # the names are written above the bars
    _mark(figure, sheet.marks, colours)
    lay_out(figure, "" if bare else sheet.title, theme, STRIP_HEIGHT_PX)
    plain_axes(figure, sheet.measure, "" if bare else sheet.stamp.line, colours)
    return finish(figure, sheet, bare)


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
            font={"size": 12, "color": colours.text}, bgcolor=_clear(colours.paper, 0.8), borderpad=1,
        )  # fmt: skip


def overlaid(sheet: Densities, theme: str, *, bare: bool = False) -> go.Figure:
    """Densities over each other, each of area 1, the pairs themselves as a rug below and the medians as lines."""
    colours, figure = theme_of(theme), go.Figure()
    inks = curve_inks(theme)
    top = max((float(curve.y.max()) for curve in sheet.curves if curve.y.size), default=1.0)
    for number, curve in enumerate(sheet.curves):
        ink, level = inks[number % len(inks)], -top * (0.08 + 0.1 * number)
        told = html.escape(curve.name).replace("%{", "%&#123;")  # no name may become a part of the hover's template
        name = f"{html.escape(curve.name)}: {curve.made_of}"
        figure.add_trace(
            go.Scatter(
                x=curve.x, y=curve.y, name=name, mode="lines",
                line={"color": ink, "width": 2, "dash": DASHES[number % len(DASHES)]},
                fill="tozeroy", fillcolor=_clear(ink, 0.16), legendgroup=name, showlegend=bool(curve.y.size),
                hovertemplate=f"{told} at %{{x:.2f}}: density %{{y:.2f}}<extra></extra>",
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=curve.rug, y=np.full(len(curve.rug), level), name=name, mode="markers", legendgroup=name,
                showlegend=not curve.y.size,
                marker={"symbol": "line-ns", "size": 9, "line": {"width": 1, "color": _clear(ink, 0.6)}},
                hovertemplate=f"{told}: a pair at %{{x:.2f}}<extra></extra>",
            )
        )  # fmt: skip
        if curve.values.size:
            median = float(np.median(curve.values))
            figure.add_shape(type="line", x0=median, x1=median, y0=0, y1=top, line={"color": ink, "width": 1, "dash": "dot"})
    lay_out(figure, "" if bare else sheet.title, theme, DENSITIES_HEIGHT_PX)
    plain_axes(figure, sheet.measure, "" if bare else sheet.stamp.line, colours)
    figure.update_yaxes(range=[-top * (0.06 + 0.1 * len(sheet.curves)), 1.08 * top], rangemode="normal")
    legend = {"orientation": "v", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}, "tracegroupgap": 0}
    room = 14 + 20 * len(sheet.curves) + (34 if sheet.title and not bare else 0)
    figure.update_layout(showlegend=True, margin_t=room, legend=legend, title_yref="container", title_y=0.97)
    return finish(figure, sheet, bare)


DASHES = ("solid", "dash", "dot", "dashdot")
"""So that colour is never the only difference."""


def _clear(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def similarity_strip(
    seconds: Numbers,
    similarity: Numbers,
    peaks: Sequence[PeakLike] = (),
    *,
    query: str = "",
    clip: str = "",
    level: float | None = None,
    title: str = "",
    stamp: Stamp | None = None,
    theme: str = "light",
) -> go.Figure:
    """How alike a query and each moment of a long clip are; peaks are numbered.

    A click on a peak is ``cell_of`` (0, number - 1), one on the line (1, window). ``core.sheets.Strip`` explains the
    arguments. Raises ValueError.
    """
    sheet = Strip(
        seconds=seconds, similarity=similarity, peaks=tuple(peaks), query=query, clip=clip, level=level, title=title,
        stamp=stamp or Stamp(),
    )  # fmt: skip
    return over_time(sheet, theme)


def over_time(sheet: Strip, theme: str, *, bare: bool = False) -> go.Figure:
    colours, figure = theme_of(theme), go.Figure()
    for peak in sheet.peaks:
        figure.add_shape(
            type="rect", x0=peak.start_seconds, x1=peak.end_seconds, yref="paper", y0=0, y1=1, layer="below",
            fillcolor=_clear(colours.accent, 0.14), line={"width": 0},
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=sheet.seconds, y=sheet.similarity, mode="lines" if len(sheet.seconds) > 1 else "markers",
            line={"color": colours.muted, "width": 1.8}, customdata=[[1, window] for window in range(len(sheet.seconds))],
            hovertemplate="%{x:.1f} s: <b>%{y:.2f}</b><extra></extra>", showlegend=False,
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[peak.peak_seconds for peak in sheet.peaks], y=[peak.similarity for peak in sheet.peaks], mode="markers+text",
            text=[str(number) for number in range(1, len(sheet.peaks) + 1)], textposition="middle center", cliponaxis=False,
            textfont={"size": 11, "color": colours.paper}, marker={"size": 18, "color": colours.accent, "opacity": 1},
            unselected={"marker": {"opacity": 1}}, customdata=[[0, number] for number in range(len(sheet.peaks))],
            hovertext=[
                f"peak {number}: {peak.start_seconds:.1f} to {peak.end_seconds:.1f} s<br>"
                f"{signed(peak.similarity, 2)} at {peak.peak_seconds:.1f} s"
                for number, peak in enumerate(sheet.peaks, 1)
            ],
            hoverinfo="text", showlegend=False,
        )
    )  # fmt: skip
    for height, dash in ((0.0, "solid"), (sheet.level, "dash")):
        if height is not None:
            figure.add_shape(
                type="line",
                xref="paper",
                x0=0,
                x1=1,
                y0=height,
                y1=height,
                line={"color": colours.line, "width": 1, "dash": dash},
            )
    lay_out(figure, "" if bare else sheet.title, theme, TIME_STRIP_HEIGHT_PX)
    low, high = _room(np.concatenate([sheet.similarity, [0.0], [peak.similarity for peak in sheet.peaks]]))
    figure.update_xaxes(
        **{**numbered(colours), "showgrid": False}, title=titled("seconds", "" if bare else sheet.stamp.line, colours)
    )
    figure.update_yaxes(
        **numbered(colours), range=[low, high], tickformat=".1f", nticks=5, title={"text": "similarity", "font": {"size": 12}}
    )
    figure.update_layout(hovermode="closest")
    return finish(figure, sheet, bare)


def _room(values: Numbers) -> tuple[float, float]:
    """Ends of an axis with room for numbered marks."""
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    room = 0.14 * (high - low) or 0.1
    return low - 0.6 * room, high + room


def intervals_height_px(rows: int) -> int:
    return 90 + 40 * max(rows, 1)


def intervals(
    rows: Sequence[tuple[str, float, float, float]],
    *,
    measure: str = "similarity",
    reference: float | None = 0.0,
    digits: int = 2,
    title: str = "",
    stamp: Stamp | None = None,
    theme: str = "light",
) -> go.Figure:
    """Values and the ends of their intervals, one line each from the top; ``rows`` are name, value, low, high."""
    sheet = Intervals(rows=tuple(rows), measure=measure, reference=reference, digits=digits, title=title, stamp=stamp or Stamp())
    return whiskers(sheet, theme)


def whiskers(sheet: Intervals, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    values, lows, highs = (np.array([row[at] for row in sheet.rows], np.float64) for at in (1, 2, 3))
    names = [html.escape(shortened(row[0], 24)) for row in sheet.rows]
    places = np.arange(len(names))
    bars = {"type": "data", "symmetric": False, "thickness": 2.5, "width": 5, "color": mixed(colours.accent, colours.paper, 0.35)}
    figure = go.Figure(
        go.Scatter(
            x=values, y=places, mode="markers", marker={"size": 11, "color": colours.accent},
            error_x={**bars, "array": np.nan_to_num(highs - values), "arrayminus": np.nan_to_num(values - lows)},
                        hovertext=[f"{html.escape(row[0])}<br>{sheet.told(*row[1:])}" for row in sheet.rows],
            hoverinfo="text", cliponaxis=False,
        )
    )  # fmt: skip
    for place, row in enumerate(sheet.rows):
        figure.add_annotation(x=1, xref="paper", y=place, text=sheet.told(*row[1:]), showarrow=False, xanchor="left", xshift=8,
                              font={"size": 12, "color": colours.text})  # fmt: skip
    if sheet.reference is not None:
        figure.add_shape(
            type="line",
            yref="paper",
            y0=0,
            y1=1,
            x0=sheet.reference,
            x1=sheet.reference,
            line={"color": colours.line, "width": 1.5},
        )
    lay_out(figure, "" if bare else sheet.title, theme, intervals_height_px(len(names)))
    known = np.concatenate([values, lows, highs, [] if sheet.reference is None else [sheet.reference]])
    low, high = _room(known) if np.isfinite(known).any() else (-1.0, 1.0)
    figure.update_xaxes(
        **numbered(colours), range=[low, high], title=titled(sheet.measure, "" if bare else sheet.stamp.line, colours)
    )
    figure.update_yaxes(
        tickvals=places, ticktext=names, range=[max(len(names), 1) - 0.5, -0.5], showgrid=False, zeroline=False, automargin=True,
        tickfont={"size": 12, "color": colours.text},
    )  # fmt: skip
    figure.update_layout(showlegend=False, margin_r=130)
    return finish(figure, sheet, bare)
