"""The figure of a cell, out of its answer's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core import figures
from core.clips import Provenance


def figure(answer: Mapping[str, Any] | None, *, theme: str = "light", clickable: bool = False) -> figures.go.Figure | None:
    """None for an answer without a figure, or with one that this version does not know."""
    draw = (answer or {}).get("draw") or {}
    make = _FORMS.get(str(draw.get("form")))
    return make(answer, draw, theme, clickable) if make and answer else None


def _heat(answer: Mapping[str, Any], draw: Mapping[str, Any], theme: str, clickable: bool) -> figures.go.Figure:
    groups = draw.get("groups")
    values = np.asarray([[np.nan if value is None else value for value in row] for row in draw["values"]], np.float64)
    return figures.heatmap(
        values,
        draw["rows"],
        draw["columns"],
        row_groups=groups,
        column_groups=groups,
        provenance=provenance(answer),
        theme=theme,
        clickable=clickable,
        scale=draw.get("scale", "diverging"),
    )


_FORMS = {"heat": _heat}


BIG_LETTERS_PX = 20


def enlarged(drawn: figures.go.Figure, height_px: int) -> figures.go.Figure:
    """The same for a wall: letters that are read from the last row."""
    drawn.update_layout(height=height_px, font={"size": BIG_LETTERS_PX}, hoverlabel={"font": {"size": BIG_LETTERS_PX}})
    drawn.update_xaxes(tickfont={"size": BIG_LETTERS_PX - 1})
    drawn.update_yaxes(tickfont={"size": BIG_LETTERS_PX - 1})
    drawn.update_traces(textfont={"size": BIG_LETTERS_PX + 2}, selector={"type": "scatter", "mode": "text"})
    return drawn


def provenance(answer: Mapping[str, Any] | None) -> Provenance | None:
    """What an answer's numbers are of; None where it does not say so."""
    made_of = (answer or {}).get("made_of")
    return Provenance(**made_of) if made_of else None


def alt(answer: Mapping[str, Any] | None) -> str:
    """What the figure shows, for those who do not see it."""
    draw, sentence = (answer or {}).get("draw") or {}, str((answer or {}).get("sentence", ""))
    rows = ", ".join(str(name) for name in (draw.get("rows") or ())[:8])
    return f"Heatmap of the similarities between {rows}. {sentence}" if rows else sentence
