"""Figures about a concept: trade-offs, calibration, confusion and learning curve."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.colours import Theme, ink, mixed, shortened
from core.figures.frame import Numbers, finish, lay_out, numbered, theme_of, titled
from core.sheets import Confusion, Learning, Reliability, Trade
from core.sheets.teaching import DEVIATE_ENDS, DEVIATES, TRADES, deviate, shares

TRADE_HEIGHT_PX = 400
RELIABILITY_HEIGHT_PX = 400
LEARNING_HEIGHT_PX = 340
NUMBERED_CELLS = 200
TOLD_PX = 16


def trade(sheet: Trade, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    place = sheet.place
    figure = go.Figure()
    if len(sheet.band_x):
        figure.add_trace(_band(place(sheet.band_x), place(sheet.low), place(sheet.high), colours))
    figure.add_trace(_chance(sheet, place, colours))
    hover = [f"{x:.2f} across, {y:.2f} up" for x, y in zip(sheet.x, sheet.y, strict=True)]
    line = {"color": colours.accent, "width": 2.4, "shape": "hv" if sheet.kind == "detection-error" else "linear"}
    figure.add_trace(
        go.Scatter(
            x=place(sheet.x), y=place(sheet.y), mode="lines", line=line, hovertext=hover, hoverinfo="text", showlegend=False
        )
    )
    if sheet.mark:
        across, up, words = sheet.mark
        figure.add_trace(_marked(place(np.asarray([across])), place(np.asarray([up])), words, colours))
    lay_out(figure, "" if bare else sheet.title, theme, TRADE_HEIGHT_PX)
    across_name, up_name = TRADES[sheet.kind]
    axis = {**numbered(colours), **_shares(sheet.kind)}
    figure.update_xaxes(**axis, title=titled(across_name, "" if bare else sheet.stamp.line, colours))
    figure.update_yaxes(**axis, title=_beside(up_name))
    figure.update_layout(hovermode="closest", showlegend=False)
    _tell(figure, _told(sheet), colours)
    return finish(figure, sheet, bare)


def _told(sheet: Trade) -> str:
    if not len(sheet.x):
        return "too few examples for a curve"
    return f"{sheet.measure} {shares(sheet.area)}"


def _tell(figure: go.Figure, text: str, colours: Theme) -> None:
    """Over the figure at the right, where no point can be under it; its line comes off the height of the axes."""
    figure.add_annotation(
        text=html.escape(text), xref="paper", yref="paper", x=1, y=1, xanchor="right", yanchor="bottom", yshift=4,
        showarrow=False, font={"size": 12, "color": colours.text},
    )  # fmt: skip
    figure.update_layout(margin={"t": figure.layout.margin.t + TOLD_PX})


def _shares(kind: str) -> dict[str, Any]:
    if kind == "detection-error":
        low, high = deviate(np.asarray(DEVIATE_ENDS)).tolist()
        texts = [f"{100 * one:g} %" for one in DEVIATES]
        ends = {"range": [low - 0.05, high + 0.05], "tickangle": 0}
        return {"tickvals": deviate(np.asarray(DEVIATES)).tolist(), "ticktext": texts, **ends}
    return {"range": [-0.02, 1.04], "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def _band(x: Numbers, low: Numbers, high: Numbers, colours: Theme) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([low, high[::-1]]), fill="toself", mode="lines", line={"width": 0},
        fillcolor=_pale(colours), hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _pale(colours: Theme) -> str:
    return mixed(colours.accent, colours.paper, 0.82)


def _chance(sheet: Trade, place: Any, colours: Theme) -> go.Scatter:
    """What a head that knows nothing would give."""
    along = np.linspace(1 - DEVIATE_ENDS[1], DEVIATE_ENDS[1], 101) if sheet.kind == "detection-error" else np.linspace(0, 1, 101)
    up = 1 - along if sheet.kind == "detection-error" else np.full(101, sheet.chance)
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    return go.Scatter(x=place(along), y=place(up), mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _marked(x: Numbers, y: Numbers, words: str, colours: Theme) -> go.Scatter:
    marker = {"size": 13, "color": colours.other, "symbol": "diamond", "line": {"width": 1.5, "color": colours.paper}}
    text = f"the threshold: {html.escape(words)}"
    return go.Scatter(
        x=x, y=y, mode="markers", marker=marker, hovertext=[text], hoverinfo="text", cliponaxis=False, showlegend=False
    )


def _beside(text: str) -> dict[str, Any]:
    return {"text": html.escape(text), "font": {"size": 13}, "standoff": 8}


def reliability(sheet: Reliability, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip", showlegend=False))
    hover = [
        f"said {confidence:.2f}, right {shares((right, low, high))} of {int(count)}"
        for confidence, right, low, high, count in zip(
            sheet.confidence, sheet.right, sheet.low, sheet.high, sheet.counts, strict=True
        )
    ]
    bars = {"type": "data", "symmetric": False, "array": sheet.high - sheet.right, "arrayminus": sheet.right - sheet.low}
    sizes = 8 + 14 * np.sqrt(sheet.counts / max(float(sheet.counts.max(initial=1)), 1))
    figure.add_trace(
        go.Scatter(
            x=sheet.confidence, y=sheet.right, mode="markers",
            marker={"size": sizes, "color": colours.accent, "line": {"width": 1, "color": colours.paper}},
            error_y={**bars, "thickness": 1.2, "width": 4, "color": colours.muted}, hovertext=hover, hoverinfo="text",
            cliponaxis=False, showlegend=False,
        )
    )  # fmt: skip
    lay_out(figure, "" if bare else sheet.title, theme, RELIABILITY_HEIGHT_PX)
    axis = {**numbered(colours), "range": [-0.04, 1.06], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    figure.update_xaxes(**axis, title=titled("confidence that was said", "" if bare else sheet.stamp.line, colours))
    figure.update_yaxes(**axis, title=_beside("share that is right"))
    figure.update_layout(hovermode="closest", showlegend=False)
    if np.isfinite(sheet.error):
        _tell(figure, f"expected calibration error {sheet.error:.2f}", colours)
    else:
        _tell(figure, "too few examples to tell", colours)
    return finish(figure, sheet, bare)


def confused(sheet: Confusion, theme: str, *, bare: bool = False) -> go.Figure:
    """Rows are what examples show, with how many of them are named right; columns what was said."""
    colours, values = theme_of(theme), sheet.shares()
    rows, columns = (axis.ravel() for axis in np.indices(values.shape))
    stops = [list(stop) for stop in colours.sequential]
    names = [html.escape(shortened(text, 30)) for text in sheet.row_texts()]
    said = [html.escape(shortened(name, 22)) for name in sheet.column_names]
    hover = [
        [
            f"{html.escape(shows)} taken for {html.escape(named)}: {int(count)}"
            for named, count in zip(sheet.column_names, row, strict=True)
        ]
        for shows, row in zip(sheet.row_names, sheet.counts, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=np.where(np.isfinite(values), values, 0.0), zmin=0, zmax=1, colorscale=stops, xgap=2, ygap=2, showscale=False,
            hovertext=hover, hoverinfo="text",
        )
    )  # fmt: skip
    if values.size <= NUMBERED_CELLS:
        inks = [ink(float(np.nan_to_num(values[at])), (0.0, 1.0), colours.sequential) for at in zip(rows, columns, strict=True)]
        texts = [f"{int(count)}" for count in sheet.counts.ravel()]
        font = {"size": 14, "color": inks}
        figure.add_trace(
            go.Scatter(x=columns, y=rows, mode="text", text=texts, textfont=font, hoverinfo="skip", showlegend=False)
        )
    lay_out(figure, "" if bare else sheet.title, theme, confusion_height_px(len(values)))
    named = {
        "tickfont": {"size": 12, "color": colours.text},
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
    }
    figure.update_xaxes(
        **named, tickvals=list(range(len(said))), ticktext=said, title=titled("said", "" if bare else sheet.stamp.line, colours)
    )
    figure.update_yaxes(
        **named, tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], title=_beside("shows")
    )
    return finish(figure, sheet, bare)


def confusion_height_px(rows: int) -> int:
    """Height of a confusion matrix of ``rows`` rows."""
    return int(min(max(150 + 44 * rows, 260), 760))


def learning(sheet: Learning, theme: str, *, bare: bool = False) -> go.Figure:
    colours = theme_of(theme)
    counts = np.asarray(sheet.counts, np.float64)
    figure = go.Figure()
    if len(counts):
        figure.add_trace(
            _band(counts, np.clip(sheet.scores - sheet.spreads, 0, 1), np.clip(sheet.scores + sheet.spreads, 0, 1), colours)
        )
    hover = [
        f"{count} examples: {score:.2f} ± {spread:.2f}"
        for count, score, spread in zip(sheet.counts, sheet.scores, sheet.spreads, strict=True)
    ]
    line = {"color": colours.accent, "width": 2.4}
    figure.add_trace(
        go.Scatter(
            x=counts, y=sheet.scores, mode="lines+markers", line=line, marker={"size": 9, "color": colours.accent},
            hovertext=hover, hoverinfo="text", cliponaxis=False, showlegend=False,
        )
    )  # fmt: skip
    if sheet.predicted and len(counts):
        more, score = sheet.predicted
        figure.add_trace(
            go.Scatter(
                x=[counts[-1], more], y=[sheet.scores[-1], score], mode="lines+markers",
                line={**line, "width": 1.6, "dash": "dash"},
                marker={"size": [0, 11], "color": colours.paper, "line": {"width": 2, "color": colours.accent}},
                hovertext=["", f"expected of {more} examples: {score:.2f}"], hoverinfo="text", cliponaxis=False, showlegend=False,
            )
        )  # fmt: skip
    lay_out(figure, "" if bare else sheet.title, theme, LEARNING_HEIGHT_PX)
    below = titled("examples taught with", "" if bare else sheet.stamp.line, colours)
    figure.update_xaxes(**numbered(colours), title=below, rangemode="tozero", nticks=8)
    figure.update_yaxes(**numbered(colours), title=_beside("average precision"), range=sheet.ends(), tickformat=".2f")
    figure.update_layout(hovermode="closest", showlegend=False)
    return finish(figure, sheet, bare)
