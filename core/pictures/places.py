"""The map of a library as a file."""

from __future__ import annotations

from matplotlib.figure import Figure

from core.colours import label_palette, shortened
from core.pictures.canvas import colours_of, named_axes, paper, plain
from core.sheets import Places
from core.sheets.places import OTHERS, UNGROUPED


def places(sheet: Places, theme: str) -> Figure:
    colours, inks = colours_of(theme), label_palette(theme)
    figure, axes = paper(sheet, colours, 9.2, 6.6)
    for number, (group, rows) in enumerate(sheet.shown()):
        grey = group in (OTHERS, UNGROUPED)
        axes.scatter(
            sheet.places[rows, 0], sheet.places[rows, 1], s=22, color=colours.muted if grey else inks[number % len(inks)],
            alpha=0.5 if grey else 0.9, linewidths=0, label=plain(shortened(group, 28)), rasterized=len(sheet.places) > 5000,
        )  # fmt: skip
    if len(sheet.places):
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8.5, labelcolor=colours.text)
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")
    named_axes(axes, colours, sheet.method)
    return figure
