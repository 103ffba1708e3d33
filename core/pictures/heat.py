"""Tables as colours: groups or clips, time against time, and one clip against itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import Normal, Stroke

from core.clips import Provenance
from core.colours import Stops, Theme, Ticks, ink, label_colours, limits, shortened, signed, ticks
from core.pictures.canvas import bar_of_colours, colormap, colours_of, named_axes, paper, plain, raise_title, written
from core.sheets import Alignment, Heat, SelfSimilarity, Stamp
from core.sheets.base import Numbers
from core.sheets.heat import time_limits

NUMBERED_CELLS = 200
MOST_TICKS = 40
_EDGE = 0.012  # the width of a strip of label colours, as a share of the axes
_TREE = 0.1  # the height of a tree, likewise


def heatmap_png(
    matrix: Numbers,
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
    sheet = Heat(
        values=matrix, row_names=row_names, column_names=column_names, row_groups=row_groups, column_groups=column_groups,
        scale=scale, measure=colorbar_title, digits=digits, title=title, stamp=Stamp(provenance),
    )  # fmt: skip
    return written(table(sheet, theme), sheet, "png")


def table(sheet: Heat, theme: str) -> Figure:
    """Cells with names; groups that stand scattered, as in a clustered order, get a legend of colours instead of ticks."""
    values, colours = sheet.values, colours_of(theme)
    figure, axes = paper(sheet, colours, *_inches(values.shape))
    stops, ends = _stops(sheet.scale, colours), limits(values, sheet.scale)
    image = axes.imshow(values, cmap=colormap(stops), aspect="auto", interpolation="nearest")
    image.set_clim(*ends)
    named = []
    for names, groups in ((sheet.row_names, sheet.row_groups), (sheet.column_names, sheet.column_groups)):
        found = ticks(names, groups, MOST_TICKS)
        scattered = groups is not None and len(names) > MOST_TICKS and len(found.borders) + 1 > len(set(groups))
        named.append(Ticks((), ()) if scattered else found)
        if groups is not None and len(names) > MOST_TICKS:
            _strip(axes, groups, label_colours(groups, theme), down=len(named) == 1)
            raise_title(axes, colours, 0)
            if scattered and len(named) == 2:
                _legend(axes, groups, theme, colours)
    _label(axes, named[0], named[1], colours)
    if sheet.tree is not None and len(sheet.tree):
        _tree(axes, sheet.tree, colours, 1.016 if sheet.column_groups is not None and len(values) > MOST_TICKS else 1.004)
    if values.size <= NUMBERED_CELLS:
        _write_numbers(axes, values, ends, stops, sheet.digits)
    bar_of_colours(figure, axes, image, colours, sheet.measure)
    return figure


def _inches(shape: tuple[int, ...]) -> tuple[float, float]:
    rows, columns = shape
    return min(max(3.2 + 0.75 * columns, 6.4), 10.5), min(max(2.0 + 0.5 * rows, 4.2), 9.5)


def _stops(scale: str, colours: Theme) -> Stops:
    return colours.diverging if scale == "diverging" else colours.sequential


def _strip(axes: Any, groups: Sequence[str], inks: dict[str, str], *, down: bool) -> None:
    """A thin band of label colours beside the rows or above the columns."""
    starts = [row for row in range(len(groups)) if row == 0 or groups[row] != groups[row - 1]]
    for start, end in zip(starts, [*starts[1:], len(groups)], strict=True):
        colour, length = inks[groups[start]], end - start
        if down:
            band = Rectangle((-_EDGE, start - 0.5), _EDGE * 0.8, length, transform=axes.get_yaxis_transform())
        else:
            band = Rectangle((start - 0.5, 1.002), length, _EDGE, transform=axes.get_xaxis_transform())
        band.set(facecolor=colour, linewidth=0, clip_on=False)
        axes.add_patch(band)


def _tree(axes: Any, brackets: Numbers, colours: Theme, bottom: float) -> None:
    """The dendrogram above the columns, a tenth of the axes high."""
    highest = float(brackets[-1, 1, 1]) or 1.0
    lines = [np.column_stack([bracket[:, 0], bottom + _TREE * bracket[:, 1] / highest]) for bracket in brackets]
    drawn = LineCollection(lines, colors=colours.muted, linewidths=0.6, transform=axes.get_xaxis_transform(), clip_on=False)
    axes.add_collection(drawn, autolim=False)
    raise_title(axes, colours, 4)


def _legend(axes: Any, groups: Sequence[str], theme: str, colours: Theme) -> None:
    inks = label_colours(groups, theme)
    names = sorted(set(groups))[:16]
    patches = [Patch(facecolor=inks[name], label=plain(shortened(name or "no label", 22))) for name in names]
    axes.legend(
        handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=min(len(names), 5), frameon=False, fontsize=8,
        labelcolor=colours.text,
    )  # fmt: skip


def _label(axes: Any, rows: Ticks, columns: Ticks, colours: Theme) -> None:
    long = any(len(text) > 9 for text in columns.texts) or len(columns.texts) > 10
    axes.set_xticks(
        columns.positions, [plain(text) for text in columns.texts], rotation=40 if long else 0, ha="right" if long else "center"
    )
    axes.set_yticks(rows.positions, [plain(text) for text in rows.texts])
    if long:
        for text in axes.get_xticklabels():
            text.set_rotation_mode("anchor")
    small = max(len(rows.texts), len(columns.texts)) > 20
    axes.tick_params(length=0, colors=colours.text, labelsize=7 if small else 10, pad=8 if rows.borders else 4)
    for place in rows.borders:
        axes.axhline(place, color=colours.muted, linewidth=0.5, alpha=0.5)
    for place in columns.borders:
        axes.axvline(place, color=colours.muted, linewidth=0.5, alpha=0.5)


def _write_numbers(axes: Any, values: Numbers, ends: tuple[float, float], stops: Stops, digits: int) -> None:
    for (row, column), value in np.ndenumerate(values):
        colour = ink(float(value), ends, stops) if np.isfinite(value) else "#808080"
        axes.text(column, row, signed(float(value), digits), ha="center", va="center", fontsize=9, color=colour)


def alignment(sheet: Alignment, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = _over_time(sheet, sheet.row_seconds, sheet.column_seconds, colours, (8.4, 6.4))
    if sheet.path:
        edge = [Stroke(linewidth=4.5, foreground=colours.paper), Normal()]
        across, down = [step[1] for step in sheet.path], [step[0] for step in sheet.path]
        axes.plot(across, down, color=colours.other, linewidth=2.2, path_effects=edge)
    names = [shortened(name, 40) for name in sheet.names]
    named_axes(axes, colours, f"seconds of {names[1]}", f"seconds of {names[0]}")
    return figure


def self_similarity(sheet: SelfSimilarity, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = _over_time(sheet, sheet.seconds, sheet.seconds, colours, (7.4, 6.6))
    axes.set_aspect("equal")
    edge = [Stroke(linewidth=3.2, foreground=colours.paper), Normal()]
    for a, b in sheet.period_lines():
        for x, y in (((a[0], b[0]), (a[1], b[1])), ((a[1], b[1]), (a[0], b[0]))):
            axes.plot(x, y, color=colours.text, linewidth=1.2, linestyle=(0, (3, 2)), path_effects=edge)
    told = "" if sheet.period is None else f" (dashed: one period of {sheet.period:.2f} s away)"
    named_axes(axes, colours, f"seconds{told}", "seconds")
    return figure


def _over_time(
    sheet: Alignment | SelfSimilarity, rows: Numbers, columns: Numbers, colours: Theme, size: tuple[float, float]
) -> tuple[Figure, Any]:
    """Cells at their seconds: windows need not be evenly far apart."""
    figure, axes = paper(sheet, colours, *size)
    if sheet.values.size:
        cells, colourmap = np.ma.masked_invalid(sheet.values), colormap(_stops(sheet.scale, colours))
        mesh = axes.pcolormesh(_edges(columns), _edges(rows), cells, cmap=colourmap, rasterized=True)
        mesh.set_clim(*time_limits(sheet.values, sheet.scale))
        bar_of_colours(figure, axes, mesh, colours, "similarity")
        axes.set_xlim(_edges(columns)[[0, -1]])
        axes.set_ylim(_edges(rows)[[-1, 0]])
    return figure, axes


def _edges(seconds: Numbers) -> Numbers:
    """(W + 1,) half way between neighbours."""
    steps = np.diff(seconds) if len(seconds) > 1 else np.ones(1)
    middles = (seconds[:-1] + seconds[1:]) / 2
    return np.concatenate([[seconds[0] - steps[0] / 2], middles, [seconds[-1] + steps[-1] / 2]])
