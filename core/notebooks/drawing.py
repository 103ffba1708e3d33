"""The figure of a cell, out of its answer's JSON: as a sheet, for the browser, and as a still picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core import figures, pictures
from core.clips import Provenance
from core.sheets import Heat, Sheet, Stamp

Answer = Mapping[str, Any]
BIG_LETTERS_PX = 20


def sheet(answer: Answer | None, *, title: str = "") -> Sheet | None:
    """None for an answer without a figure, or with one that this version does not know."""
    draw = (answer or {}).get("draw") or {}
    make = _FORMS.get(str(draw.get("form")))
    if make is None or answer is None:
        return None
    return make(draw, title, Stamp(provenance(answer), tuple((answer.get("counts") or {}).keys())))


def figure(answer: Answer | None, *, theme: str = "light") -> figures.go.Figure | None:
    """For the browser, without title and stamp, which stand beside it."""
    found = sheet(answer)
    return None if found is None else figures.of(found, theme, bare=True)


def enlarged(drawn: figures.go.Figure, height_px: int) -> figures.go.Figure:
    """The same for a wall: letters that are read from the last row."""
    drawn.update_layout(height=height_px, font={"size": BIG_LETTERS_PX}, hoverlabel={"font": {"size": BIG_LETTERS_PX}})
    drawn.update_xaxes(tickfont={"size": BIG_LETTERS_PX - 1})
    drawn.update_yaxes(tickfont={"size": BIG_LETTERS_PX - 1})
    drawn.update_traces(textfont={"size": BIG_LETTERS_PX + 2}, selector={"type": "scatter", "mode": "text"})
    return drawn


def picture(answer: Answer | None, *, title: str = "") -> bytes | None:
    """A PNG, for paper and for notebooks of Jupyter."""
    found = sheet(answer, title=title)
    if not isinstance(found, Heat):
        return None
    return pictures.heatmap_png(
        found.values,
        found.row_names,
        found.column_names,
        title=title,
        row_groups=found.row_groups,
        column_groups=found.column_groups,
        provenance=found.stamp.provenance,
        scale=found.scale,
    )


def provenance(answer: Answer | None) -> Provenance | None:
    """What an answer's numbers are of; None where it does not say so."""
    made_of = (answer or {}).get("made_of")
    return Provenance(**made_of) if made_of else None


def alt(answer: Answer | None) -> str:
    """The figure in words, for those who do not see it."""
    found = sheet(answer)
    return found.alt if found else ""


def _heat(draw: Answer, title: str, stamp: Stamp) -> Heat:
    groups = draw.get("groups")
    return Heat(
        values=_values(draw["values"]), row_names=draw["rows"], column_names=draw["columns"], row_groups=groups,
        column_groups=groups, scale=draw.get("scale", "diverging"), title=title, stamp=stamp,
    )  # fmt: skip


def _values(table: Sequence[Sequence[float | None]]) -> np.ndarray:
    return np.asarray([[np.nan if value is None else value for value in row] for row in table], np.float64)


_FORMS = {"heat": _heat}
