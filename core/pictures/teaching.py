"""A concept's trade-offs, calibration, confusion and learning curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from core.colours import Theme, ink, mixed, shortened
from core.pictures.canvas import colormap, colours_of, grid, named_axes, paper, plain, raise_title
from core.sheets import Confusion, Learning, Reliability, Trade
from core.sheets.teaching import DEVIATE_ENDS, DEVIATES, TRADES, deviate, shares

NUMBERED_CELLS = 200


def trade(sheet: Trade, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 7.4, 5.2)
    place, error = sheet.place, sheet.kind == "detection-error"
    if len(sheet.band_x):
        axes.fill_between(place(sheet.band_x), place(sheet.low), place(sheet.high), color=_pale(colours), linewidth=0)
    along = np.linspace(1 - DEVIATE_ENDS[1], DEVIATE_ENDS[1], 101) if error else np.linspace(0, 1, 101)
    chance = 1 - along if error else np.full(101, sheet.chance)
    axes.plot(place(along), place(chance), color=colours.muted, linewidth=0.9, linestyle=":")
    axes.plot(place(sheet.x), place(sheet.y), color=colours.accent, linewidth=2, drawstyle="steps-post" if error else "default")
    if sheet.mark:
        across, up = place(np.asarray(sheet.mark[:2]))
        axes.plot(across, up, "D", color=colours.other, markeredgecolor=colours.paper, markersize=9, clip_on=False)
    if error:
        ends = deviate(np.asarray(DEVIATE_ENDS))
        ticks, texts = deviate(np.asarray(DEVIATES)), [f"{100 * one:g} %" for one in DEVIATES]
        axes.set(xlim=ends, ylim=ends, xticks=ticks, yticks=ticks, xticklabels=texts, yticklabels=texts)
    else:
        axes.set(xlim=(-0.02, 1.04), ylim=(-0.02, 1.04))
    _tell(axes, f"{sheet.measure} {shares(sheet.area)}" if len(sheet.x) else "too few examples for a curve", colours)
    grid(axes, colours)
    named_axes(axes, colours, *TRADES[sheet.kind])
    return figure


def _pale(colours: Theme) -> str:
    return mixed(colours.accent, colours.paper, 0.82)


def _tell(axes: Any, text: str, colours: Theme) -> None:
    axes.text(1, 1.02, text, transform=axes.transAxes, ha="right", va="bottom", fontsize=9, color=colours.text)
    raise_title(axes, colours, 1)


def reliability(sheet: Reliability, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 6.6, 5.4)
    axes.plot([0, 1], [0, 1], color=colours.muted, linewidth=0.9, linestyle=":")
    spans = [sheet.right - sheet.low, sheet.high - sheet.right]
    axes.errorbar(sheet.confidence, sheet.right, yerr=spans, fmt="none", ecolor=colours.muted, elinewidth=0.9,
                  capsize=2.5)  # fmt: skip
    sizes = 30 + 160 * sheet.counts / max(float(sheet.counts.max(initial=1)), 1)
    axes.scatter(sheet.confidence, sheet.right, s=sizes, color=colours.accent, edgecolors=colours.paper, zorder=3, clip_on=False)
    known = np.isfinite(sheet.error)
    _tell(axes, f"expected calibration error {sheet.error:.2f}" if known else "too few examples to tell", colours)
    axes.set(xlim=(-0.04, 1.06), ylim=(-0.04, 1.06))
    grid(axes, colours)
    named_axes(axes, colours, "confidence that was said", "share that is right")
    return figure


def confusion(sheet: Confusion, theme: str) -> Figure:
    colours, values = colours_of(theme), sheet.shares()
    rows, columns = values.shape
    figure, axes = paper(sheet, colours, min(4.0 + 0.8 * columns, 14.0), min(2.2 + 0.5 * rows, 10.0))
    image = axes.imshow(np.nan_to_num(values), cmap=colormap(colours.sequential), aspect="auto", interpolation="nearest")
    image.set_clim(0, 1)
    if values.size <= NUMBERED_CELLS:
        for row, column in np.ndindex(rows, columns):
            colour = ink(float(np.nan_to_num(values[row, column])), (0.0, 1.0), colours.sequential)
            axes.text(column, row, f"{int(sheet.counts[row, column])}", ha="center", va="center", color=colour, fontsize=10)
    slant = {"rotation": 35, "ha": "right"} if sum(map(len, sheet.column_names)) > 70 else {}
    axes.set_xticks(range(columns), [plain(shortened(name, 22)) for name in sheet.column_names], **slant)
    axes.set_yticks(range(rows), [plain(shortened(text, 34)) for text in sheet.row_texts()])
    named_axes(axes, colours, "said", "shows")
    return figure


def learning(sheet: Learning, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 7.4, 4.4)
    ends = [np.clip(sheet.scores + sign * sheet.spreads, 0, 1) for sign in (-1, 1)]
    axes.fill_between(np.asarray(sheet.counts, np.float64), *ends, color=_pale(colours), linewidth=0)
    axes.plot(sheet.counts, sheet.scores, "o-", color=colours.accent, linewidth=2, markersize=6)
    if sheet.predicted and len(sheet.scores):
        more, score = sheet.predicted
        axes.plot([sheet.counts[-1], more], [sheet.scores[-1], score], "--", color=colours.accent, linewidth=1.4)
        axes.plot(more, score, "o", color=colours.paper, markeredgecolor=colours.accent, markeredgewidth=1.6, markersize=8)
    axes.set_ylim(*sheet.ends())
    axes.set_xlim(left=0)
    grid(axes, colours)
    named_axes(axes, colours, "examples taught with", "average precision")
    return figure
