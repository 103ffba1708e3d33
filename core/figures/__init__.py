"""Figures for the browser: numbers in, Plotly Figure out. Nothing else knows Plotly.

All figures have a transparent ground and fixed heights, so that they sit on any page and nothing jumps. Show them in
Streamlit with ``theme=None``; its own theme would paint over the colours. Plotly reads names as pseudo-HTML, so every
name is escaped here, at the one door.
"""

import plotly.graph_objects as go

from core.colours import provenance_line
from core.figures.choosing import RANKS_HEIGHT_PX, SPEED_HEIGHT_PX, alt_of, rank_agreement, speed_quality
from core.figures.frame import CONFIG, cell_of, to_html
from core.figures.heat import heatmap, heatmap_height_px, mark_cell
from core.figures.strips import STRIP_HEIGHT_PX, background_strip, distribution

__all__ = [
    "CONFIG",
    "RANKS_HEIGHT_PX",
    "SPEED_HEIGHT_PX",
    "STRIP_HEIGHT_PX",
    "alt_of",
    "background_strip",
    "cell_of",
    "distribution",
    "go",
    "heatmap",
    "heatmap_height_px",
    "mark_cell",
    "provenance_line",
    "rank_agreement",
    "speed_quality",
    "to_html",
]
