"""Figures as PNG and SVG files without a browser (matplotlib): the same sheets, colours, scales and order as ``core.figures``.

Nothing else knows matplotlib. Its stamp stands in the picture, and once more in the file's own metadata.
"""

from typing import Any

from core import sheets
from core.pictures import choosing, heat, lines, places, teaching
from core.pictures.canvas import written
from core.pictures.heat import heatmap_png
from core.rasters import grey_png

FORMS = {"png": "image/png", "svg": "image/svg+xml"}
"""The kinds of files and their media types."""

_DRAWN_BY: dict[type[sheets.Sheet], Any] = {
    sheets.Heat: heat.table,
    sheets.Alignment: heat.alignment,
    sheets.SelfSimilarity: heat.self_similarity,
    sheets.Densities: lines.densities,
    sheets.Strip: lines.strip,
    sheets.Intervals: lines.intervals,
    sheets.Background: lines.background,
    sheets.Speed: choosing.speed,
    sheets.Ranks: choosing.ranks,
    sheets.Places: places.places,
    sheets.Trade: teaching.trade,
    sheets.Reliability: teaching.reliability,
    sheets.Confusion: teaching.confusion,
    sheets.Learning: teaching.learning,
}


def picture(sheet: sheets.Sheet, form: str = "png", *, theme: str = "light") -> bytes:
    """Any sheet as a file. In an SVG text stays text. Raises ValueError for an unknown form or theme."""
    if form not in FORMS:
        raise ValueError(f"form ({form!r}) must be one of {', '.join(FORMS)}")
    return written(_DRAWN_BY[type(sheet)](sheet, theme), sheet, form)


__all__ = ["FORMS", "grey_png", "heatmap_png", "picture"]
