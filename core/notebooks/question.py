"""What every kind of cell shares: reading a question that may come from somebody else, and pieces of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from core.clips import Clip, Progress
from core.errors import BadInput
from core.notebooks.wording import count as count_of
from core.queries import Query, parse
from core.workbench import Workbench

__all__ = ["Answer", "Question", "Report", "Stop", "count_of", "encoder_of", "film", "query_of", "table", "texts_of"]

Answer = dict[str, Any]
Question = Mapping[str, Any]
Report = Callable[[Progress], None]
Stop = Callable[[], bool]


def texts_of(question: Question, name: str, most: int) -> list[str]:
    """One text or a list of them. Raises BadInput for anything else: a notebook may come from somebody else."""
    found = question.get(name)
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not texts or len(texts) > most or not all(isinstance(text, str) for text in texts):
        raise BadInput(f"{name} ({str(found)[:40]}) must be 1 to {most} texts; pin the question again")
    return list(texts)


def query_of(text: str) -> Query:
    """Raises BadInput for a file: a notebook must not make this machine open what its writer chose."""
    query = parse(text)
    if any(leaf.kind == "file" for leaf in query.leaves()):
        raise BadInput("file: queries work on the command line only; add the clip to the library to keep it in a notebook")
    return query


def encoder_of(bench: Workbench, question: Question) -> str:
    """The one that is asked for, or the library's own. Raises UnknownName."""
    return bench.spec(str(question.get("encoder") or "") or None).name


def film(clip: Clip, start_seconds: float | None = None, end_seconds: float | None = None) -> Answer:
    """One entry of an answer's ``films``."""
    return {"clip": clip.clip_id, "start": start_seconds, "end": end_seconds}


EXACT_CELLS = 2_500


def table(values: np.ndarray) -> list[list[float | None]]:
    """Rounded: a heatmap of 250 clips is then 0.5 MB in the ledger rather than 1.2.

    Small tables keep six decimals, since their cells show two and 0.1050 and 0.10502 are not rounded alike.
    """
    digits = 6 if values.size <= EXACT_CELLS else 4
    return [[None if not np.isfinite(value) else round(float(value), digits) for value in row] for row in values]
