"""A cell's question asked of the library: JSON in, JSON out.

An answer holds ``sentence``, ``at`` (seconds since 1970), ``revision`` of the library, and where they apply:

* ``made_of``: the provenance of its numbers;
* ``headline``: the one number that is shown large, ``{"value", "of"}``;
* ``numbers``: rows with a ``name`` each, what the CSV holds;
* ``counts``: how many clips and sources each query had;
* ``draw``: what its figure is drawn from (core.notebooks.drawing);
* ``films``: the clips to play, ``{"clip", "start", "end"}`` each, by id, with seconds or null.

A question that cannot be answered gives ``error`` and ``reason`` in place of all that: an error of one cell stays in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.answers import evidence, number
from core.comparing import Comparison, Matrix, Side
from core.errors import BadInput, MotionbookError
from core.evidence import evidence as evidence_of
from core.notebooks import reasons, slow, wording
from core.notebooks.question import Answer, Question, Report, Stop, encoder_of, film, query_of, table, texts_of
from core.searching import PARAMS, Found, Results, Search, Searcher, read
from core.workbench import Workbench

MOST_QUERIES = 16
MOST_FILMS = 24
"""Of a search; its numbers are all there."""
MOST_TEXTS = 300
SLACK_SECONDS = 0.05  # a picture or two: nobody sees that they are missing
MOST_CLIPS = 24
"""In one cell: more belong on the Library page."""


def ask(
    bench: Workbench,
    kind: str,
    question: Question,
    *,
    report: Report = lambda _: None,
    should_stop: Stop = lambda: False,
) -> Answer:
    """The answer of today's library. Raises Cancelled alone; whatever else goes wrong is in the answer."""
    asked_at = {"at": time.time(), "revision": bench.library.revision}
    try:
        found = _asker(kind)(bench, question, report, should_stop)
    except MotionbookError as error:
        if error.reason == "cancelled":
            raise
        return {"error": str(error), "reason": error.reason, **asked_at}
    return {**found, **asked_at}


def _comparison(bench: Workbench, question: Question, _report: Report, _should_stop: Stop) -> Answer:
    encoder, comparison = _compared(bench, question)
    row, column = 0, min(1, len(comparison.sides) - 1)
    return {
        **compared(comparison),
        "films": _typical(bench, comparison, row, column),
        "made_of": bench.provenance(encoder).as_dict(),
    }


def compared(comparison: Comparison) -> Answer:
    """The answer that a comparison gives, but for what only the library knows."""
    row, column = 0, min(1, len(comparison.sides) - 1)
    names = [wording.title_of(side) for side in comparison.sides]
    found = evidence(evidence_of(comparison, row, column))
    return {
        "sentence": found["sentence"],
        "headline": {
            "value": number(comparison.centred[row, column]),
            "of": " and ".join(dict.fromkeys((names[row], names[column]))),
            "interval": found["interval"],
        },
        "evidence": {name: found[name] for name in _TOLD},
        "numbers": _pairs(comparison, names),
        "counts": _counts(comparison.sides),
        "draw": {"form": "heat", "rows": names, "columns": names, "values": table(comparison.centred)},
    }


_TOLD = ("interval", "p_value", "smallest_p", "effect", "auc", "within", "sources", "verdict", "lacks")


def _compared(bench: Workbench, question: Question) -> tuple[str, Comparison]:
    queries = [query_of(text) for text in texts_of(question, "queries", MOST_QUERIES)]
    encoder = encoder_of(bench, question)
    weights = question.get("weights") or {}
    if not isinstance(weights, dict) or not all(isinstance(value, int | float) for value in weights.values()):
        raise BadInput("weights must be numbers by the name of a stream; pin the comparison again")
    return encoder, bench.compare(queries, encoder, weights=weights)


def _pairs(comparison: Comparison, names: Sequence[str]) -> list[Answer]:
    return [
        {
            "name": f"{names[row]} × {names[column]}" if row != column else f"within {names[row]}",
            "a": str(comparison.sides[row].query),
            "b": str(comparison.sides[column].query),
            "similarity": number(comparison.centred[row, column]),
            "percentile": number(comparison.percentile[row, column]),
            "raw": number(comparison.raw[row, column]),
            "pairs": int(comparison.pairs[row, column]),
        }
        for row in range(len(names))
        for column in range(row, len(names))
    ]


def _counts(sides: Sequence[Side]) -> dict[str, dict[str, int]]:
    return {str(side.query): {"clips": len(side.clips), "sources": len(set(side.sources))} for side in sides if side.clips}


def _typical(bench: Workbench, comparison: Comparison, row: int, column: int) -> list[Answer]:
    """The pair of clips that shows a cell best."""
    sides = comparison.sides[row], comparison.sides[column]
    rows = bench.typical_pair(*sides)
    if rows is None:
        return [film(side.clips[0]) for side in dict.fromkeys(sides) if side.clips]
    return [film(side.clips[at]) for side, at in zip(sides, rows, strict=True) if side.clips]


def _heat(bench: Workbench, question: Question, _report: Report, _should_stop: Stop) -> Answer:
    """Group x group or clip x clip, of some queries or of the whole library."""
    by = "clip" if question.get("by") in ("clip", "clips") else "label"
    if question.get("queries"):
        encoder, comparison = _compared(bench, question)
        made = _heat_of_sides(bench, comparison, by)
    else:
        encoder = encoder_of(bench, question)
        made = _heat_of_library(bench.matrix(by, encoder), by)
    return {**made, "made_of": bench.provenance(encoder).as_dict()}


def _heat_of_sides(bench: Workbench, comparison: Comparison, by: str) -> Answer:
    names = [wording.title_of(side) for side in comparison.sides]
    counts = {"counts": _counts(comparison.sides)}
    if by == "label":
        draw = {"form": "heat", "rows": names, "columns": names, "values": table(comparison.centred)}
        return {"sentence": f"{wording.first_up(wording.listed(names))} against each other.", "draw": draw, **counts}
    found = bench.clip_table(comparison)
    groups = [names[side] for side in found.sides]
    clip_names = list(found.names)
    draw = {"form": "heat", "rows": clip_names, "columns": clip_names, "groups": groups, "values": table(found.similarity)}
    told = f"{wording.count(len(clip_names), 'clip')} of {wording.listed(names)}, each against each."
    return {"sentence": wording.first_up(told), "draw": draw, **counts}


def _heat_of_library(matrix: Matrix, by: str) -> Answer:
    names = list(matrix.names)
    draw: Answer = {"form": "heat", "rows": names, "columns": names, "values": table(matrix.similarity)}
    if by == "clip":
        return {
            "sentence": f"All {wording.count(len(names), 'clip')} of this library, each against each.",
            "draw": {**draw, "groups": list(matrix.labels)},
        }
    told = _most_alike(names, matrix.similarity)
    return {"sentence": f"All {wording.count(len(names), 'label')} of this library against each other.{told}", "draw": draw}


def _most_alike(names: Sequence[str], values: np.ndarray) -> str:
    """The most alike and the least alike pair of different names, in a sentence."""
    apart = np.where(np.triu(np.ones_like(values, dtype=bool), k=1), values, np.nan)
    if not np.isfinite(apart).any():
        return ""
    most, least = (divmod(int(find(apart)), len(names)) for find in (np.nanargmax, np.nanargmin))
    said = [f"{names[row]} and {names[column]} ({wording.number(float(apart[row, column]))})" for row, column in (most, least)]
    return f" Most alike are {said[0]}, least alike {said[1]}." if most != least else ""


def _search(bench: Workbench, question: Question, _report: Report, _should_stop: Stop) -> Answer:
    """The moments that are most like a query, as the Search page finds them."""
    asked = search_of(question)
    return searched(Searcher(bench).find(replace(asked, encoder=encoder_of(bench, question))))


def search_of(question: Question) -> Search:
    """The search that a cell asks: its written form, or ``query`` and ``count`` of a cell from before there was one.

    Raises BadInput, also for what a link would only complain about: a cell must answer what was pinned, or say why it cannot.
    """
    if "query" in question:
        (text,) = texts_of(question, "query", 1)
        most = question.get("count", 6)
        if not isinstance(most, int) or not 1 <= most <= MOST_FILMS:
            raise BadInput(f"count ({str(most)[:20]}) must be from 1 to {MOST_FILMS}; choose one of these")
        return Search((query_of(text),), str(question.get("encoder") or ""), top=most)
    written = {name: texts_of(question, name, MOST_TEXTS) for name in PARAMS if question.get(name)}
    search, complaints = read(written)
    if complaints:
        raise BadInput(complaints[0])
    return search


def searched(found: Results) -> Answer:
    """The answer that a search gives."""
    moments = found.search.moments
    return {
        "sentence": found.sentence,
        "numbers": [_number_of(one, moments=moments) for match in found.matches for one in (match, *match.folded)],
        "films": [_moment(one) for one in found.matches[:MOST_FILMS]],
        "made_of": found.provenance.as_dict(),
    }


def _moment(one: Found) -> Answer:
    """The part of its clip that was found; a window that is all of it is the clip."""
    whole = one.start_seconds <= 0 and one.end_seconds >= one.clip.info.duration_seconds - SLACK_SECONDS
    return film(one.clip) if whole else film(one.clip, round(one.start_seconds, 3), round(one.end_seconds, 3))


def _number_of(one: Found, *, moments: bool) -> Answer:
    """Of several moments of one clip each has a name of its own, so that it can be told what changed."""
    return {
        "name": f"{one.clip.name} from {one.start_seconds:.1f} to {one.end_seconds:.1f} s" if moments else one.clip.name,
        "clip": one.clip.clip_id,
        "label": one.clip.label,
        "source": one.clip.source,
        "start": round(one.start_seconds, 3),
        "end": round(one.end_seconds, 3),
        "similarity": round(one.similarity, 6),
        "percentile": number(one.percentile),
        "raw": round(one.raw, 6),
    }


def _clips(bench: Workbench, question: Question, _report: Report, _should_stop: Stop) -> Answer:
    found = [bench.library.clip(text.removeprefix("clip:")) for text in texts_of(question, "clips", MOST_CLIPS)]
    labels = sorted({clip.label for clip in found if clip.label})
    told = f"{wording.count(len(found), 'clip')}{f' of {wording.listed(labels)}' if labels else ''}."
    rows = [
        {"name": clip.name, "clip": clip.clip_id, "label": clip.label, "source": clip.source,
         "seconds": round(clip.info.duration_seconds, 3)}
        for clip in found
    ]  # fmt: skip
    return {"sentence": told, "numbers": rows, "films": [film(clip) for clip in found]}


def _text(_bench: Workbench, _question: Question, _report: Report, _should_stop: Stop) -> Answer:
    return {"sentence": ""}


Asker = Callable[[Workbench, Question, Report, Stop], Answer]
ASKERS: dict[str, Asker] = {
    "comparison": _comparison,
    "heat": _heat,
    "search": _search,
    "clips": _clips,
    "alignment": slow.alignment,
    "strip": slow.strip,
    "scenery": reasons.scenery,
    "why": slow.why,
    "text": _text,
}
KIND_NAMES = {
    "comparison": "Comparison",
    "heat": "Heatmap",
    "search": "Search",
    "clips": "Clips",
    "alignment": "Alignment",
    "strip": "Moments",
    "scenery": "Motion or scenery",
    "why": "Why alike",
    "text": "Text",
}


def _asker(kind: str) -> Asker:
    if kind not in ASKERS:
        raise BadInput(f"cell kind ({kind[:40]!r}) must be one of {', '.join(ASKERS)}; it may be of a newer Motionbook")
    return ASKERS[kind]
