"""Figures for the browser: numbers in, Plotly Figure out. Nothing else knows Plotly.

All figures have a transparent ground and fixed heights, so that they sit on any page and nothing jumps. Show them in
Streamlit with ``theme=None``; its own theme would paint over the colours. Plotly reads names as pseudo-HTML, so every
name is escaped here, at the one door.
"""

import plotly.graph_objects as go

from core.colours import provenance_line
from core.figures.frame import CONFIG, cell_of, to_html
from core.figures.heat import heatmap, heatmap_height_px, mark_cell
from core.figures.strips import STRIP_HEIGHT_PX, background_strip, distribution

__all__ = [
    "CONFIG",
    "STRIP_HEIGHT_PX",
    "background_strip",
    "cell_of",
    "distribution",
    "go",
    "heatmap",
    "heatmap_height_px",
    "mark_cell",
    "provenance_line",
    "to_html",
]
