"""The figure of a cell, out of its answer's JSON: as a sheet, for the browser, and as a still picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from core import figures
from core.clips import Provenance
from core.sheets import Alignment, Heat, Intervals, Sheet, Stamp, Strip
from core.strips import Peak

Answer = Mapping[str, Any]
BIG_LETTERS_PX, SMALL_LETTERS_PX = 20, 12
NAME_ROOM = 0.4  # of a figure's height is for its names, one below another


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
    """The same for a wall: letters that are read from the last row, as large as the number of names lets them be."""
    names = max(len(drawn.layout.yaxis.tickvals or ()), len(drawn.layout.xaxis.tickvals or ()), 1)
    letters = int(min(max(NAME_ROOM * height_px / names, SMALL_LETTERS_PX), BIG_LETTERS_PX))
    drawn.update_layout(height=height_px, font={"size": letters}, hoverlabel={"font": {"size": BIG_LETTERS_PX}})
    drawn.update_xaxes(tickfont={"size": letters - 1})
    drawn.update_yaxes(tickfont={"size": letters - 1})
    drawn.update_traces(textfont={"size": letters + 2}, selector={"type": "scatter", "mode": "text"})
    return drawn


def picture(answer: Answer | None, *, title: str = "") -> bytes | None:
    """A PNG, for paper and for notebooks of Jupyter."""
    from core import pictures  # matplotlib takes a second to import; the screens draw with Plotly

    found = sheet(answer, title=title)
    return None if found is None else pictures.picture(found)


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


def _alignment(draw: Answer, title: str, stamp: Stamp) -> Alignment:
    first, second = draw["names"]
    return Alignment(
        values=_values(draw["values"]), row_seconds=np.asarray(draw["row_seconds"]),
        column_seconds=np.asarray(draw["column_seconds"]), path=[(a, b) for a, b in draw["path"]], names=(first, second),
        score=draw.get("score"), title=title, stamp=stamp,
    )  # fmt: skip


def _strip(draw: Answer, title: str, stamp: Stamp) -> Strip:
    peaks = [Peak(one["start"], one["end"], one["seconds"], one["similarity"]) for one in draw["peaks"]]
    return Strip(
        seconds=np.asarray(draw["seconds"]), similarity=np.asarray(draw["similarity"]), peaks=peaks, query=draw["query"],
        clip=draw["clip"], title=title, stamp=stamp,
    )  # fmt: skip


def _bars(draw: Answer, title: str, stamp: Stamp) -> Intervals:
    rows = [(str(name), np.nan if value is None else value, np.nan, np.nan) for name, value in draw["rows"]]
    return Intervals(rows=rows, measure=draw.get("measure", "similarity"), reference=0.0, title=title, stamp=stamp)


_FORMS: Mapping[str, Callable[[Answer, str, Stamp], Sheet]] = {
    "heat": _heat,
    "alignment": _alignment,
    "strip": _strip,
    "bars": _bars,
}
