"""The sheet of paper: its size, ground and texts, and the way into a file."""

from __future__ import annotations

import io
import json
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

from core.colours import THEMES, Stops, Theme, stamp_lines
from core.sheets import Sheet

# Once, for all drawings: matplotlib reads these when it writes, and threads share them.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "motionbook"})

DPI = 150
STAMP_LETTERS = 120


def colours_of(theme: str) -> Theme:
    """Raises ValueError for an unknown theme."""
    if theme not in THEMES:
        raise ValueError(f"theme ({theme!r}) must be one of {', '.join(THEMES)}")
    return THEMES[theme]


def paper(sheet: Sheet, colours: Theme, width_inches: float, height_inches: float) -> tuple[Figure, Any]:
    """A figure with title and stamp, and its axes."""
    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI, facecolor=colours.paper, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(colours.paper)
    axes.set_title(plain(sheet.title), loc="left", fontsize=13, color=colours.text, fontweight="bold")
    figure.supxlabel(plain("\n".join(stamp_lines(sheet.stamp.line, STAMP_LETTERS))), fontsize=7.5, color=colours.muted)
    axes.tick_params(length=0, colors=colours.text, labelsize=9)
    axes.spines[:].set_visible(False)
    return figure, axes


def named_axes(axes: Any, colours: Theme, x: str, y: str = "") -> None:
    axes.set_xlabel(plain(x), color=colours.text, fontsize=10)
    axes.set_ylabel(plain(y), color=colours.text, fontsize=10)


def raise_title(axes: Any, colours: Theme, lines: int) -> None:
    """Room for a legend of ``lines`` lines between title and axes."""
    title = axes.get_title(loc="left")
    axes.set_title(title, loc="left", pad=10 + 15 * lines, fontsize=13, fontweight="bold", color=colours.text)


def grid(axes: Any, colours: Theme, which: str = "both") -> None:
    axes.grid(True, axis=which, color=colours.muted, alpha=0.25, linewidth=0.7)
    axes.set_axisbelow(True)


def plain(text: str) -> str:
    """matplotlib reads text between dollar signs as a formula; names are only names."""
    return text.replace("$", r"\$")


def colormap(stops: Stops) -> Colormap:
    made = LinearSegmentedColormap.from_list("motionbook", list(stops), N=511)
    missing: Colormap = made.with_extremes(bad=(0.5, 0.5, 0.5, 0.16))
    return missing


def bar_of_colours(figure: Figure, axes: Any, image: Any, colours: Theme, measure: str) -> None:
    bar = figure.colorbar(image, ax=axes, label=plain(measure), fraction=0.04, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.yaxis.label.set_color(colours.text)
    bar.ax.tick_params(colors=colours.text, length=0)


def written(figure: Figure, sheet: Sheet, form: str) -> bytes:
    """PNG or SVG with the stamp in its metadata: PNG texts Title, Description, Software and Comment (all fields as JSON), in SVG
    Dublin Core. The same sheet always gives the same bytes."""
    fields = sheet.stamp.fields()
    told: dict[str, Any] = {"Title": sheet.title or "Motionbook", "Description": sheet.alt}
    if form == "svg":
        stamp = [f"{name}: {text}" for name, text in fields.items()]
        told |= {"Creator": fields["software"], "Keywords": stamp, "Source": sheet.stamp.line, "Date": None}
    else:
        told |= {"Software": fields["software"], "Comment": json.dumps(fields, ensure_ascii=False)}
    target = io.BytesIO()
    figure.savefig(target, format=form, metadata=told)
    return target.getvalue()
