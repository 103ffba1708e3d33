"""What a figure says, before anybody draws it: its numbers, names and stamp, its words, and its table.

One sheet serves all: ``core.figures.of`` draws it for the browser, ``core.pictures.picture`` as PNG or SVG, ``core.exporting``
writes its table, and ``sheet.alt`` tells it to those who cannot see it.
"""

from core.sheets.base import UNSTAMPED, Sheet, Stamp
from core.sheets.choosing import Ranks, Speed
from core.sheets.heat import Alignment, Heat, SelfSimilarity
from core.sheets.lines import Background, Curve, Densities, Intervals, PeakLike, Strip, densities
from core.sheets.places import Places
from core.sheets.teaching import Confusion, Learning, Reliability, Trade

__all__ = [
    "UNSTAMPED",
    "Alignment",
    "Background",
    "Confusion",
    "Curve",
    "Densities",
    "Heat",
    "Intervals",
    "Learning",
    "PeakLike",
    "Places",
    "Ranks",
    "Reliability",
    "SelfSimilarity",
    "Sheet",
    "Speed",
    "Stamp",
    "Strip",
    "Trade",
    "densities",
]
