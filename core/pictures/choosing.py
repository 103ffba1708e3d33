"""Speed against quality, and where two encoders rank pairs of clips differently."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from core.colours import shortened
from core.pictures.canvas import bar_of_colours, colormap, colours_of, grid, named_axes, paper, plain, raise_title
from core.sheets import Ranks, Speed
from core.sheets.choosing import few


def speed(sheet: Speed, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 8.4, 5.4)
    order = sheet.order()
    line = [row for row in order if sheet.names[row] in sheet.frontier]
    axes.plot(sheet.seconds[line, 0], sheet.quality[line, 0], color=colours.muted, alpha=0.4, linewidth=1.5)
    for row in order:
        name, time, share = sheet.names[row], sheet.seconds[row], sheet.quality[row]
        front = name in sheet.frontier
        ink = colours.accent if name == sheet.take else colours.text if front else colours.muted
        spans = [[[time[0] - time[1]], [time[2] - time[0]]], [[share[0] - share[1]], [share[2] - share[0]]]]
        axes.errorbar(time[0], share[0], xerr=spans[0], yerr=spans[1], fmt="o", color=ink, ecolor=colours.muted, elinewidth=0.9,
                      capsize=2.5, markersize=8 if name == sheet.take else 6)  # fmt: skip
        axes.annotate(
            plain(shortened(name)), (time[0], share[0]), (-6, 5) if front else (6, -5), textcoords="offset points", color=ink,
            ha="right" if front else "left", va="bottom" if front else "top", fontsize=9,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: few(value))
    axes.xaxis.set_minor_formatter(lambda value, _: few(value) if f"{value:.0e}"[0] in "25" else "")
    axes.tick_params(which="minor", length=0, colors=colours.text, labelsize=9)
    axes.margins(x=0.18, y=0.1)
    grid(axes, colours)
    named_axes(axes, colours, "seconds of computing for a minute of video (log scale)", "finds the same action first")
    return figure


def ranks(sheet: Ranks, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 7.4, 6.6)
    edges, ratio = sheet.density()
    mesh = axes.pcolormesh(edges, edges, np.ma.masked_invalid(ratio), cmap=colormap(colours.sequential), rasterized=True)
    mesh.set_clim(0, sheet.highest())
    for pairs, ink, name in (
        (sheet.alike_in_a, colours.accent, sheet.names[0]),
        (sheet.alike_in_b, colours.other, sheet.names[1]),
    ):
        if pairs:
            label = plain(f"only {shortened(name, 24)} finds alike")
            axes.plot([pair[0] for pair in pairs], [pair[1] for pair in pairs], "o", color=ink, markeredgecolor=colours.paper,
                      markersize=8, label=label, clip_on=False)  # fmt: skip
    if sheet.alike_in_a or sheet.alike_in_b:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, fontsize=8.5, labelcolor=colours.text)
        raise_title(axes, colours, 1)
    bar_of_colours(figure, axes, mesh, colours, "pairs, against chance (1 = as many)")
    axes.set(xlim=(0, 100), ylim=(0, 100), xticks=(0, 25, 50, 75, 100), yticks=(0, 25, 50, 75, 100), aspect="equal")
    named_axes(axes, colours, f"percentile in {sheet.names[0]}", f"percentile in {sheet.names[1]}")
    return figure
