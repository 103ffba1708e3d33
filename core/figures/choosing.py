"""Figures for choosing an encoder: speed against quality, and where two encoders rank pairs of clips differently."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.colours import Theme, shortened
from core.figures.frame import Numbers, lay_out, theme_of

SPEED_HEIGHT_PX = 440
RANKS_HEIGHT_PX = 520
_MOST_BINS, _LEAST_BINS = 40, 8
_PAIRS_PER_BIN = 16  # on average, so that a bin's colour is not chance


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
    times, shares = np.asarray(seconds, np.float64).reshape(-1, 3), np.asarray(quality, np.float64).reshape(-1, 3)
    if not len(names) == len(times) == len(shares):
        raise ValueError(f"seconds {times.shape} and quality {shares.shape} must have one row of three for each of {len(names)}")
    colours, order = theme_of(theme), [int(row) for row in np.argsort(times[:, 0], kind="stable")]
    figure = go.Figure()
    on_line = [row for row in order if names[row] in frontier]
    line = {"color": colours.line, "width": 2, "shape": "linear"}
    figure.add_trace(
        go.Scatter(x=times[on_line, 0], y=shares[on_line, 0], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    )
    figure.add_trace(_encoders([names[row] for row in order], times[order], shares[order], take, frontier, colours))
    lay_out(figure, title, theme, SPEED_HEIGHT_PX)
    under = "seconds of computing for a minute of video (log scale)"
    figure.update_xaxes(
        **_numbered(colours), type="log", dtick="D2", tickformat="~r", title=_title(under, stamp, colours), range=_decades(times)
    )
    figure.update_yaxes(
        **_numbered(colours),
        range=_from_to(shares),
        tickformat=".2f",
        title={"text": "finds the same action first", "standoff": 8},
    )
    figure.update_layout(hovermode="closest", showlegend=False)
    _tell(figure, _speed_in_words([names[row] for row in order], times[order], shares[order], take))
    return figure


def _encoders(
    names: Sequence[str], times: Numbers, shares: Numbers, take: str | None, frontier: Collection[str], colours: Theme
) -> go.Scatter:
    inks = [colours.accent if name == take else colours.text if name in frontier else colours.muted for name in names]
    bars = {"thickness": 1.2, "width": 4, "color": colours.muted, "symmetric": False, "type": "data"}
    hover = [
        f"{html.escape(name)}<br>finds the same action first: {share[0]:.2f} ({share[1]:.2f} to {share[2]:.2f})<br>"
        f"{_few(time[0])} s for a minute of video ({_few(time[1])} to {_few(time[2])})"
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


def _few(number: float) -> str:
    """With two digits, and no power of ten."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}" if number >= 0.995 else f"{number:.2g}"


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


def _numbered(colours: Theme) -> dict[str, Any]:
    return {
        "showgrid": True,
        "gridcolor": colours.line,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"size": 12, "color": colours.text},
    }


def _title(text: str, stamp: str, colours: Theme) -> dict[str, Any]:
    below = f"<br><span style='font-size:11px'>{html.escape(stamp)}</span>" if stamp else ""
    return {"text": html.escape(text) + below, "font": {"size": 13, "color": colours.text}, "standoff": 10}


def _beside(text: str) -> dict[str, Any]:
    return {"text": html.escape(text), "font": {"size": 13}, "standoff": 8}


def _tell(figure: go.Figure, alt: str) -> None:
    figure.update_layout(meta={**(figure.layout.meta or {}), "alt": alt})


def alt_of(figure: go.Figure) -> str:
    """The figure in words, for those who cannot see it; empty for a figure that has none."""
    return str((figure.layout.meta or {}).get("alt", ""))


def _speed_in_words(names: Sequence[str], times: Numbers, shares: Numbers, take: str | None) -> str:
    parts = [
        f"{name}: {share[0]:.2f} at {_few(time[0])} s a minute"
        for name, time, share in zip(names[:12], times, shares, strict=False)
    ]
    more = f", and {len(names) - 12} more" if len(names) > 12 else ""
    advised = f" Advised: {take}." if take else ""
    return f"Speed against quality of {len(names)} encoders, the quickest first. {'; '.join(parts)}{more}.{advised}"


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
    a, b = np.asarray(percentiles_a, np.float64), np.asarray(percentiles_b, np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"percentiles {a.shape} and {b.shape} must be two lists of one length")
    colours = theme_of(theme)
    figure = go.Figure(_density(a, b, colours))
    for kind, (pairs, colour) in enumerate(((alike_in_a, colours.accent), (alike_in_b, colours.other))):
        figure.add_trace(_marked(pairs, kind, colour, colours))
    lay_out(figure, title, theme, RANKS_HEIGHT_PX)
    plain = {**_numbered(colours), "showgrid": False, "range": [0, 100], "tickvals": [0, 25, 50, 75, 100]}
    figure.update_xaxes(**plain, title=_title(f"percentile in {names[0]}", stamp, colours), constrain="domain")
    figure.update_yaxes(**plain, title=_beside(f"percentile in {names[1]}"), scaleanchor="x", constrain="domain")
    figure.update_layout(hovermode="closest", showlegend=False)
    _tell(figure, _ranks_in_words(a, b, names))
    return figure


def _density(a: Numbers, b: Numbers, colours: Theme) -> go.Heatmap:
    bins = int(np.clip(np.sqrt(len(a) / _PAIRS_PER_BIN), _LEAST_BINS, _MOST_BINS))
    edges = np.linspace(0, 100, bins + 1)
    counts, _, _ = np.histogram2d(b, a, bins=[edges, edges])
    ratio = counts * (bins * bins / max(len(a), 1))
    middles = (edges[:-1] + edges[1:]) / 2
    return go.Heatmap(
        x=middles,
        y=middles,
        z=np.where(counts > 0, np.round(ratio, 3), np.nan).astype(np.float32),
        zmin=0,
        zmax=max(2.0, float(np.quantile(ratio, 0.98))),
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


def _ranks_in_words(a: Numbers, b: Numbers, names: tuple[str, str]) -> str:
    near = float(np.mean(np.abs(a - b) <= 25)) if len(a) else float("nan")
    told = f"Percentiles of {len(a):,} pairs of clips in {names[0]} (across) and in {names[1]} (up)"
    return f"{told}; for {near:.0%} of them the two lie within 25 of each other (44% by chance)." if len(a) else f"{told}."
