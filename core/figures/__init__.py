"""Figures for the browser: numbers in, Plotly Figure out. Nothing else knows Plotly.

All figures have a transparent ground and fixed heights, so that they sit on any page and nothing jumps. Show them in
Streamlit with ``theme=None``; its own theme would paint over the colours. Plotly reads names as pseudo-HTML, so every
name is escaped here, at the one door.
"""

from typing import Any

import plotly.graph_objects as go

from core import sheets
from core.colours import provenance_line
from core.figures.choosing import RANKS_HEIGHT_PX, SPEED_HEIGHT_PX, pace, rank_agreement, ranked, speed_quality
from core.figures.frame import CONFIG, alt_of, cell_of, to_html
from core.figures.heat import heat, heatmap, heatmap_height_px, mark_cell
from core.figures.places import PLACES_HEIGHT_PX, places
from core.figures.strips import (
    DENSITIES_HEIGHT_PX,
    STRIP_HEIGHT_PX,
    TIME_STRIP_HEIGHT_PX,
    among_all,
    background_strip,
    intervals,
    intervals_height_px,
    over_time,
    overlaid,
    similarity_strip,
    whiskers,
)
from core.figures.teaching import (
    LEARNING_HEIGHT_PX,
    RELIABILITY_HEIGHT_PX,
    TRADE_HEIGHT_PX,
    confused,
    confusion_height_px,
    learning,
    reliability,
    trade,
)
from core.figures.times import TIMES_HEIGHT_PX, aligned, alignment, repeated, self_similarity

_DRAWN_BY: dict[type[sheets.Sheet], Any] = {
    sheets.Heat: heat,
    sheets.Alignment: aligned,
    sheets.SelfSimilarity: repeated,
    sheets.Densities: overlaid,
    sheets.Strip: over_time,
    sheets.Intervals: whiskers,
    sheets.Background: among_all,
    sheets.Speed: pace,
    sheets.Ranks: ranked,
    sheets.Places: places,
    sheets.Trade: trade,
    sheets.Reliability: reliability,
    sheets.Confusion: confused,
    sheets.Learning: learning,
}


def of(sheet: sheets.Sheet, theme: str = "light", *, bare: bool = False) -> go.Figure:
    """Any sheet for the browser. ``bare`` leaves out title and stamp, for pages that have both beside the figure."""
    figure: go.Figure = _DRAWN_BY[type(sheet)](sheet, theme, bare=bare)
    return figure


__all__ = [
    "CONFIG",
    "DENSITIES_HEIGHT_PX",
    "LEARNING_HEIGHT_PX",
    "PLACES_HEIGHT_PX",
    "RANKS_HEIGHT_PX",
    "RELIABILITY_HEIGHT_PX",
    "SPEED_HEIGHT_PX",
    "STRIP_HEIGHT_PX",
    "TIMES_HEIGHT_PX",
    "TIME_STRIP_HEIGHT_PX",
    "TRADE_HEIGHT_PX",
    "alignment",
    "alt_of",
    "background_strip",
    "cell_of",
    "confusion_height_px",
    "go",
    "heatmap",
    "heatmap_height_px",
    "intervals",
    "intervals_height_px",
    "mark_cell",
    "of",
    "provenance_line",
    "rank_agreement",
    "self_similarity",
    "similarity_strip",
    "speed_quality",
    "to_html",
]
