"""Figures for choosing an encoder: speed against quality, and where two encoders rank pairs of clips differently."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.colours import Theme, shortened
from core.figures.frame import Numbers, finish, lay_out, numbered, theme_of, titled
from core.sheets import Ranks, Speed, Stamp
from core.sheets.choosing import few

SPEED_HEIGHT_PX = 440
RANKS_HEIGHT_PX = 520


def speed_quality(
    names: Sequence[str],
    seconds: Numbers,
    quality: Numbers,
    *,
    take: str | None = None,
    frontier: Collection[str] = (),
    title: str = "",
    stamp: str = "",
    theme: str = "light",
) -> go.Figure:
    """Encoders as points: quicker to the left, better to the top, with bars for how sure both are. ``alt_of`` puts it in words.

    Args:
        names: N encoders.
        seconds: (N, 3) seconds of computing for a minute of video: median, lowest, highest.
        quality: (N, 3) share of clips that find their action first: value and the ends of its interval.
        take: the one that is advised; drawn in the accent.
        frontier: those that no other one beats in both; joined by a line.
        stamp: what the numbers are of.

    Raises ValueError when shapes do not fit together.
    """
    sheet = Speed(
        names=names, seconds=seconds, quality=quality, take=take, frontier=frontier, title=title, stamp=Stamp(note=stamp)
    )
    return pace(sheet, theme)


def pace(sheet: Speed, theme: str, *, bare: bool = False) -> go.Figure:
    """The same from a sheet; ``bare`` leaves title and stamp to the page."""
    order, colours = sheet.order(), theme_of(theme)
    names, times, shares = [sheet.names[row] for row in order], sheet.seconds[order], sheet.quality[order]
    figure = go.Figure()
    on_line = [place for place, name in enumerate(names) if name in sheet.frontier]
    line = {"color": colours.line, "width": 2, "shape": "linear"}
    figure.add_trace(
        go.Scatter(x=times[on_line, 0], y=shares[on_line, 0], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    )
    figure.add_trace(_encoders(names, times, shares, sheet.take, sheet.frontier, colours))
    lay_out(figure, "" if bare else sheet.title, theme, SPEED_HEIGHT_PX)
    below = titled("seconds of computing for a minute of video (log scale)", "" if bare else sheet.stamp.line, colours)
    figure.update_xaxes(**numbered(colours), type="log", dtick="D2", tickformat="~r", title=below, range=_decades(times))
    figure.update_yaxes(
        **numbered(colours),
        range=_from_to(shares),
        tickformat=".2f",
        title=_beside("finds the same action first"),
    )
    figure.update_layout(hovermode="closest", showlegend=False)
    return finish(figure, sheet, bare)


def _encoders(
    names: Sequence[str], times: Numbers, shares: Numbers, take: str | None, frontier: Collection[str], colours: Theme
) -> go.Scatter:
    inks = [colours.accent if name == take else colours.text if name in frontier else colours.muted for name in names]
    bars = {"thickness": 1.2, "width": 4, "color": colours.muted, "symmetric": False, "type": "data"}
    hover = [
        f"{html.escape(name)}<br>finds the same action first: {share[0]:.2f} ({share[1]:.2f} to {share[2]:.2f})<br>"
        f"{few(time[0])} s for a minute of video ({few(time[1])} to {few(time[2])})"
        for name, time, share in zip(names, times, shares, strict=True)
    ]
    return go.Scatter(
        x=times[:, 0],
        y=shares[:, 0],
        mode="markers+text",
        text=[html.escape(shortened(name)) for name in names],
        # nobody is better and quicker than those on the frontier, so there is room for their names; bars stand up and across
        textposition=["top left" if name in frontier else "bottom right" for name in names],
        textfont={"size": 12, "color": inks},
        marker={"size": [14 if name == take else 10 for name in names], "color": inks, "line": {"width": 0}},
        error_x={**bars, "array": times[:, 2] - times[:, 0], "arrayminus": times[:, 0] - times[:, 1]},
        error_y={**bars, "array": shares[:, 2] - shares[:, 0], "arrayminus": shares[:, 0] - shares[:, 1]},
        hovertext=hover,
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )


def _decades(times: Numbers) -> list[float]:
    """The ends of the axis as powers of ten, with room for names."""
    known = times[np.isfinite(times) & (times > 0)]
    if known.size == 0:
        return [-1.0, 2.0]
    low, high = np.log10(known.min()), np.log10(known.max())
    room = 0.3 + 0.15 * (high - low)
    return [float(low - room), float(high + room)]


def _from_to(shares: Numbers) -> list[float]:
    known = shares[np.isfinite(shares)]
    low = float(known.min()) if known.size else 0.0
    return [max(low - 0.08, -0.04), 1.04]


def _beside(text: str) -> dict[str, Any]:
    return {"text": html.escape(text), "font": {"size": 13}, "standoff": 8}


def rank_agreement(
    percentiles_a: Numbers,
    percentiles_b: Numbers,
    names: tuple[str, str],
    *,
    alike_in_a: Sequence[tuple[float, float, str]] = (),
    alike_in_b: Sequence[tuple[float, float, str]] = (),
    title: str = "",
    stamp: str = "",
    theme: str = "light",
) -> go.Figure:
    """Where pairs of clips stand in two encoders: on the rising diagonal the two agree, in the corners beside it they do not.

    A cell's colour says how many pairs fall there, against as many as if the encoders had nothing to do with each other.

    Args:
        percentiles_a, percentiles_b: (P,) places of the same pairs, 0 to 100.
        names: of the two encoders.
        alike_in_a, alike_in_b: pairs to mark, each with both percentiles and a text to hover; ``cell_of`` answers
            (0, number) or (1, number) for a click on one.
        stamp: what the numbers are of.

    Raises ValueError when the two have unlike lengths.
    """
    sheet = Ranks(
        percentiles_a=percentiles_a, percentiles_b=percentiles_b, names=names, alike_in_a=alike_in_a, alike_in_b=alike_in_b,
        title=title, stamp=Stamp(note=stamp),
    )  # fmt: skip
    return ranked(sheet, theme)


def ranked(sheet: Ranks, theme: str, *, bare: bool = False) -> go.Figure:
    """The same from a sheet; ``bare`` leaves title and stamp to the page."""
    colours = theme_of(theme)
    figure = go.Figure(_density(sheet, colours))
    for kind, (pairs, colour) in enumerate(((sheet.alike_in_a, colours.accent), (sheet.alike_in_b, colours.other))):
        figure.add_trace(_marked(pairs, kind, colour, colours))
    lay_out(figure, "" if bare else sheet.title, theme, RANKS_HEIGHT_PX)
    plain = {**numbered(colours), "showgrid": False, "range": [0, 100], "tickvals": [0, 25, 50, 75, 100]}
    below = titled(f"percentile in {sheet.names[0]}", "" if bare else sheet.stamp.line, colours)
    figure.update_xaxes(**plain, title=below, constrain="domain")
    figure.update_yaxes(**plain, title=_beside(f"percentile in {sheet.names[1]}"), scaleanchor="x", constrain="domain")
    figure.update_layout(hovermode="closest", showlegend=False)
    return finish(figure, sheet, bare)


def _density(sheet: Ranks, colours: Theme) -> go.Heatmap:
    edges, ratio = sheet.density()
    middles = (edges[:-1] + edges[1:]) / 2
    return go.Heatmap(
        x=middles,
        y=middles,
        z=np.round(ratio, 3).astype(np.float32),
        zmin=0,
        zmax=sheet.highest(),
        colorscale=[list(stop) for stop in colours.sequential],
        colorbar={
            "title": {"text": "pairs, against chance", "side": "top", "font": {"size": 12}},
            "orientation": "h", "thickness": 8, "len": 0.45, "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom",
            "outlinewidth": 0, "ticksuffix": "x", "nticks": 4, "tickfont": {"size": 11},
        },
        hovertemplate="around %{x:.0f} and %{y:.0f}: %{z:.1f}x as many pairs as by chance<extra></extra>",
        hoverongaps=False,
    )  # fmt: skip


def _marked(pairs: Sequence[tuple[float, float, str]], kind: int, colour: str, colours: Theme) -> go.Scatter:
    return go.Scatter(
        x=[pair[0] for pair in pairs],
        y=[pair[1] for pair in pairs],
        mode="markers",
        customdata=[[kind, number] for number in range(len(pairs))],
        marker={"size": 11, "color": colour, "line": {"width": 1.5, "color": colours.paper}},
        hovertext=[html.escape(pair[2]).replace("\n", "<br>") for pair in pairs],
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )
