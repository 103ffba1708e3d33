"""Numbers along a line: distributions, a strip over time, intervals, and marks among all pairs of a library."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from core.colours import curve_inks, mixed, shortened, signed
from core.pictures.canvas import colours_of, grid, named_axes, paper, plain, raise_title
from core.sheets import Background, Densities, Intervals, Strip

DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))


def densities(sheet: Densities, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 8.4, 4.4)
    inks = curve_inks(theme)
    top = max((float(curve.y.max()) for curve in sheet.curves if curve.y.size), default=1.0)
    for number, curve in enumerate(sheet.curves):
        ink, name = inks[number % len(inks)], plain(f"{shortened(curve.name, 50)}: {curve.made_of}")
        if curve.y.size:
            axes.plot(curve.x, curve.y, color=ink, linewidth=1.8, linestyle=DASHES[number % len(DASHES)], label=name)
            axes.fill_between(curve.x, curve.y, color=ink, alpha=0.14, linewidth=0)
        marks = np.full(len(curve.rug), -top * (0.08 + 0.1 * number))
        axes.plot(curve.rug, marks, "|", color=ink, markersize=6, markeredgewidth=0.6, label=None if curve.y.size else name)
        if curve.values.size:
            axes.vlines(float(np.median(curve.values)), 0, top, color=ink, linewidth=0.9, linestyle=":")
    axes.axhline(0, color=colours.muted, linewidth=0.6)
    axes.set_ylim(-top * (0.06 + 0.1 * len(sheet.curves)), 1.06 * top)
    axes.set_yticks([])
    if sheet.curves:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8.5, labelcolor=colours.text)
        raise_title(axes, colours, len(sheet.curves))
    named_axes(axes, colours, f"{sheet.measure} (dotted: medians)")
    return figure


def strip(sheet: Strip, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 10.0, 3.2)
    for peak in sheet.peaks:
        axes.axvspan(peak.start_seconds, peak.end_seconds, color=colours.accent, alpha=0.14, linewidth=0)
    axes.plot(
        sheet.seconds, sheet.similarity, color=colours.muted, linewidth=1.2, marker="o" if len(sheet.seconds) == 1 else None
    )
    axes.axhline(0, color=colours.muted, linewidth=0.6, alpha=0.5)
    if sheet.level is not None:
        axes.axhline(sheet.level, color=colours.muted, linewidth=0.8, linestyle="--", alpha=0.7)
    for number, peak in enumerate(sheet.peaks, 1):
        axes.plot(peak.peak_seconds, peak.similarity, "o", color=colours.accent, markersize=11)
        place = (peak.peak_seconds, peak.similarity)
        axes.annotate(str(number), place, ha="center", va="center_baseline", fontsize=7.5, color=colours.paper, fontweight="bold")
    axes.margins(x=0.01, y=0.16)
    grid(axes, colours, "y")
    named_axes(axes, colours, f"seconds of {shortened(sheet.clip, 50)}" if sheet.clip else "seconds", "similarity")
    return figure


def intervals(sheet: Intervals, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 8.4, 1.7 + 0.42 * max(len(sheet.rows), 1))
    for place, (_, value, low, high) in enumerate(sheet.rows):
        axes.plot(
            [low, high], [place, place], "|-", color=mixed(colours.accent, colours.paper, 0.35), linewidth=2.2, markersize=8
        )
        axes.plot(value, place, "o", color=colours.accent, markersize=7)
        told = sheet.told(value, low, high)
        axes.text(1.01, place, told, transform=axes.get_yaxis_transform(), va="center", fontsize=9, color=colours.text)
    if sheet.reference is not None:
        axes.axvline(sheet.reference, color=colours.muted, linewidth=0.9)
    axes.set_yticks(range(len(sheet.rows)), [plain(shortened(row[0], 34)) for row in sheet.rows])
    axes.set_ylim(max(len(sheet.rows), 1) - 0.5, -0.5)
    axes.margins(x=0.08)
    grid(axes, colours, "x")
    named_axes(axes, colours, sheet.measure)
    return figure


def background(sheet: Background, theme: str) -> Figure:
    colours = colours_of(theme)
    figure, axes = paper(sheet, colours, 9.0, 3.4)
    edges, shares = sheet.edges(), sheet.shares()
    top = max(float(shares.max()), 1e-9)
    axes.bar(edges[:-1], shares, np.diff(edges), align="edge", color=colours.muted, alpha=0.45, linewidth=0)
    far_right = edges[0] + 0.68 * (edges[-1] - edges[0])
    for number, (name, value) in enumerate(sorted(sheet.marks.items(), key=lambda mark: mark[1])):
        height, right = top * (1.75 - 0.17 * (number % 4)), value > far_right
        axes.vlines(value, 0, height, color=colours.accent, linewidth=1.6)
        text = plain(f"{shortened(name, 40)} {signed(value, 2)}")
        axes.annotate(
            text, (value, height), (-4 if right else 4, 0), textcoords="offset points", ha="right" if right else "left", va="top",
            fontsize=8.5, color=colours.text, bbox={"facecolor": colours.paper, "alpha": 0.8, "linewidth": 0, "pad": 1},
        )  # fmt: skip
    axes.set_ylim(0, 1.8 * top)
    axes.set_yticks([])
    axes.axhline(0, color=colours.muted, linewidth=0.8)
    named_axes(axes, colours, f"{sheet.measure} ({len(sheet.values):,} pairs)")
    return figure
