"""Heatmaps as PNG without a browser (matplotlib's Agg canvas): the same colours, scale and order as ``core.figures``."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.clips import Provenance
from core.colours import THEMES, Stops, Theme, Ticks, ink, limits, provenance_line, signed, ticks
from core.rasters import grey_png

__all__ = ["grey_png", "heatmap_png"]

NUMBERED_CELLS = 200
MOST_TICKS = 40
DPI = 150


def heatmap_png(
    matrix: NDArray[np.floating],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    title: str = "",
    colorbar_title: str = "similarity",
    row_groups: Sequence[str] | None = None,
    column_groups: Sequence[str] | None = None,
    provenance: Provenance | None = None,
    theme: str = "light",
    scale: str = "diverging",
    digits: int = 2,
) -> bytes:
    """The PNG of a table of similarities; arguments as for ``core.figures.heatmap``."""
    values = np.asarray(matrix, dtype=np.float64)
    if values.shape != (len(row_names), len(column_names)):
        raise ValueError(f"matrix {values.shape} must have one row per row name and one column per column name")
    colours = THEMES[theme]
    figure = Figure(figsize=_inches(values.shape), dpi=DPI, facecolor=colours.paper, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(colours.paper)
    stops = colours.diverging if scale == "diverging" else colours.sequential
    image = axes.imshow(values, cmap=_colormap(stops), aspect="auto", interpolation="nearest")
    image.set_clim(*limits(values, scale))
    _label(axes, ticks(row_names, row_groups, MOST_TICKS), ticks(column_names, column_groups, MOST_TICKS), colours)
    if values.size <= NUMBERED_CELLS:
        _write_numbers(axes, values, limits(values, scale), stops, digits)
    bar = figure.colorbar(image, ax=axes, label=_plain(colorbar_title), fraction=0.04, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.yaxis.label.set_color(colours.text)
    bar.ax.tick_params(colors=colours.text, length=0)
    axes.set_title(_plain(title), loc="left", fontsize=13, color=colours.text, fontweight="bold")
    figure.supxlabel(_plain(provenance_line(provenance)), fontsize=7.5, color=colours.muted)
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()


def _plain(text: str) -> str:
    """matplotlib reads text between dollar signs as a formula; names are only names."""
    return text.replace("$", r"\$")


def _inches(shape: tuple[int, ...]) -> tuple[float, float]:
    rows, columns = shape
    return min(max(3.2 + 0.75 * columns, 6.4), 10.5), min(max(2.0 + 0.5 * rows, 4.2), 9.5)


def _colormap(stops: Stops) -> Colormap:
    colormap = LinearSegmentedColormap.from_list("motionbook", list(stops), N=511)
    missing: Colormap = colormap.with_extremes(bad=(0.5, 0.5, 0.5, 0.16))
    return missing


def _label(axes: Any, rows: Ticks, columns: Ticks, colours: Theme) -> None:
    long = any(len(text) > 9 for text in columns.texts) or len(columns.texts) > 10
    axes.set_xticks(
        columns.positions, [_plain(text) for text in columns.texts], rotation=40 if long else 0, ha="right" if long else "center"
    )
    axes.set_yticks(rows.positions, [_plain(text) for text in rows.texts])
    if long:
        for text in axes.get_xticklabels():
            text.set_rotation_mode("anchor")
    small = max(len(rows.texts), len(columns.texts)) > 20
    axes.tick_params(length=0, colors=colours.text, labelsize=7 if small else 10)
    axes.spines[:].set_visible(False)
    for place in rows.borders:
        axes.axhline(place, color=colours.muted, linewidth=0.5, alpha=0.5)
    for place in columns.borders:
        axes.axvline(place, color=colours.muted, linewidth=0.5, alpha=0.5)


def _write_numbers(axes: Any, values: NDArray[np.float64], ends: tuple[float, float], stops: Stops, digits: int) -> None:
    for (row, column), value in np.ndenumerate(values):
        colour = ink(float(value), ends, stops) if np.isfinite(value) else "#808080"
        axes.text(column, row, signed(float(value), digits), ha="center", va="center", fontsize=9, color=colour)
