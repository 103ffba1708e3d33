"""Pieces for a page of one's own: Plotly's script, once, and figures as JSON."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs


def plotly_script() -> str:
    """The whole library, 4.8 MB of JavaScript without a reference to any network."""
    return str(get_plotlyjs())


def as_json(figure: go.Figure) -> str:
    """``{"data", "layout"}``, safe inside a ``<script>`` element: no name can end it."""
    return str(figure.to_json(engine="orjson")).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
