"""The kinds of cells that may have to embed windows anew: alignment, strip, and why; ``reasons`` has motion or scenery.

What they embed is kept with the library, so the same cell is quick the second time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.answers import number
from core.clips import Clip
from core.errors import BadInput
from core.explaining import Explainer
from core.notebooks.question import Answer, Question, Report, Stop, count_of, encoder_of, film, query_of, table
from core.queries import Query
from core.timelines import Alignment, Timeline, Timelines
from core.workbench import Workbench

MOST_MOMENTS = 160
"""Of each clip in the figure that is kept: more are no pixel on any screen, and a megabyte in the ledger."""


def ready(bench: Workbench, kind: str, question: Question) -> bool:
    """Whether the cell can be answered without embedding anything. Raises what asking raises."""
    times, encoder = Timelines(bench), encoder_of(bench, question)
    if kind == "alignment":
        sides = [_part(question, name) for name in ("a", "b")]
        return not any(times.missing(bench.library.clip(side.value).clip_id, encoder, side.span) for side in sides)
    if kind == "strip":
        return not times.strip_missing(bench.library.clip(_part(question, "clip").value).clip_id, encoder)
    a, b = _pair(bench, question)
    asked = Explainer(bench)
    look = asked.kept_scenery if kind == "scenery" else asked.kept_why
    return look(a.clip_id, b.clip_id, encoder) is not None


def alignment(bench: Workbench, question: Question, report: Report, should_stop: Stop) -> Answer:
    """Two clips, or ranges of clips, laid along each other."""
    times, encoder = Timelines(bench), encoder_of(bench, question)
    lines = []
    for name in ("a", "b"):
        side = _part(question, name)
        clip_id = bench.library.clip(side.value).clip_id
        lines.append(times.timeline(clip_id, encoder, side.span, progress=report, should_stop=should_stop))
    found = times.align(*lines)
    (a, b), name = (line.clip for line in lines), f"{lines[0].clip.name} along {lines[1].clip.name}"
    told = f"{name}: {_two(found.score)} on the way where their moments meet"
    if not 0.9 < found.speed < 1.1 and found.speed > 0:
        told += f"; the second is {_two(found.speed if found.speed > 1 else 1 / found.speed)} times as {_pace(found.speed)}"
    return {
        "sentence": f"{told}.",
        "headline": {"value": number(found.score), "of": name},
        "numbers": [{"name": name, "similarity": number(found.score), "speed": number(found.speed)}],
        "draw": _aligned(found, a, b),
        "films": [film(line.clip, *line.span) for line in lines],
        "made_of": bench.provenance(encoder).as_dict(),
    }


def _pace(speed: float) -> str:
    return "fast" if speed > 1 else "slow"


def _aligned(found: Alignment, a: Clip, b: Clip) -> Answer:
    rows, columns = _some(found.a), _some(found.b)
    return {
        "form": "alignment",
        "values": table(found.similarity[np.ix_(rows, columns)]),
        "row_seconds": [round(float(value), 3) for value in found.a.seconds[rows]],
        "column_seconds": [round(float(value), 3) for value in found.b.seconds[columns]],
        "path": [[round(first, 3), round(second, 3)] for first, second in found.path],
        "names": [a.name, b.name],
        "score": number(found.score),
    }


def _some(line: Timeline) -> np.ndarray:
    """Rows evenly taken."""
    count = len(line.windows)
    return np.unique(np.linspace(0, count - 1, min(count, MOST_MOMENTS)).round().astype(int))


def strip(bench: Workbench, question: Question, report: Report, should_stop: Stop) -> Answer:
    """A query against each moment of a long clip."""
    encoder, side = encoder_of(bench, question), _part(question, "clip")
    query, clip = query_of(str(question.get("query", ""))), bench.library.clip(side.value)
    found = Timelines(bench).strip(query, clip.clip_id, encoder, progress=report, should_stop=should_stop)
    peaks = [
        {"name": f"peak {place}", "similarity": number(peak.similarity), "seconds": round(peak.peak_seconds, 3),
         "start": round(peak.start_seconds, 3), "end": round(peak.end_seconds, 3)}
        for place, peak in enumerate(found.peaks, 1)
    ]  # fmt: skip
    if found.peaks:
        best = found.peaks[0]
        most = f"the highest at {best.peak_seconds:.1f} s, {_two(best.similarity)}"
        told = f"{query} in {clip.name}: {count_of(len(peaks), 'peak')}, {most}."
    else:
        told = f"{query} in {clip.name}: no moment stands out."
    draw = {
        "form": "strip",
        "seconds": [round(float(value), 3) for value in found.seconds],
        "similarity": [round(float(value), 4) for value in found.similarity],
        "peaks": peaks,
        "query": str(query),
        "clip": clip.name,
    }
    films = [film(clip, peak.start_seconds, peak.end_seconds) for peak in found.peaks[:3]] or [film(clip)]
    return {"sentence": told, "numbers": peaks, "draw": draw, "films": films, "made_of": bench.provenance(encoder).as_dict()}


def why(bench: Workbench, question: Question, report: Report, should_stop: Stop) -> Answer:
    """Which places and moments carry the similarity of two clips."""
    encoder, (a, b) = encoder_of(bench, question), _pair(bench, question)
    found = Explainer(bench).why(a.clip_id, b.clip_id, encoder, progress=report, should_stop=should_stop)
    return {
        "sentence": found.sentence,
        "headline": {"value": number(found.similarity), "of": f"{a.name} and {b.name}"},
        "numbers": [{"name": f"{a.name} × {b.name}", "similarity": number(found.similarity)}],
        "films": [film(half.clip, half.window.start_seconds, half.window.end_seconds) for half in (found.a, found.b)],
        "made_of": bench.provenance(encoder).as_dict(),
    }


def _pair(bench: Workbench, question: Mapping[str, Any]) -> tuple[Clip, Clip]:
    a, b = (bench.library.clip(_part(question, name).value) for name in ("a", "b"))
    return a, b


def _part(question: Question, name: str) -> Query:
    """A clip, or a range of one, in its written form or by its id alone."""
    text = str(question.get(name, ""))
    query = query_of(text if ":" in text else f"clip:{text}")
    if query.kind != "clip":
        raise BadInput(f"{name} ({text[:40]}) must be a clip; write for example clip:3fa9c1 or clip:3fa9c1@2.0-4.5")
    return query


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if math.isfinite(value) else "–"
