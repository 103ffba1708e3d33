"""Strips: where numbers fall among all pairs of a library, and two distributions laid over each other."""

from __future__ import annotations

import html
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.clips import Provenance
from core.colours import Theme, shortened, signed
from core.figures.frame import Numbers, finite, lay_out, plain_axes, theme_of

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
    colours = theme_of(theme)
    values = finite(background)
    figure = go.Figure()
    if values.size:
        figure.add_trace(_bars(values, "all pairs", colours.muted, _edges(values, *marks.values()), 0.45))
        figure.update_yaxes(range=[0, 1.7 * max(figure.data[0].y)])  # the names are written above the bars
    _mark(figure, {name: value for name, value in marks.items() if np.isfinite(value)}, colours)
    lay_out(figure, title, theme, STRIP_HEIGHT_PX)
    plain_axes(figure, axis_title, provenance, colours)
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
    colours = theme_of(theme)
    parts = (finite(between), finite(within))
    figure = go.Figure()
    edges = _edges(*parts) if any(part.size for part in parts) else np.linspace(-1, 1, 3)
    for part, name, colour in zip(parts, names, (colours.other, colours.accent), strict=True):
        figure.add_trace(_bars(part, f"{html.escape(name)} ({part.size:,} pairs)", colour, edges, 0.55))
    lay_out(figure, title, theme, STRIP_HEIGHT_PX + 40)
    plain_axes(figure, axis_title, provenance, colours)
    figure.update_layout(showlegend=True, margin_t=76, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return figure


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
