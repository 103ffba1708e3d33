"""How alike everything on a map is to one query: a number for each clip, or for each moment of the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import NotEnoughData
from core.mapping import Points, points
from core.mixing import Understood
from core.queries import Query
from core.similarity import MIN_NORM, Similarities
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, eq=False)
class Affinity:
    """``similarity`` (N,) are centred cosines of ``points`` to the query's prototype (the mean of its rows, made unit)."""

    points: Points
    similarity: Similarities
    understood: tuple[Understood, ...] = ()


def affinity(bench: Workbench, query: Query, encoder: str | None = None, *, of: str = "clips") -> Affinity:
    """Every clip, or every moment, against ``query``, in the space in which the query is asked (words: in the RGB stream).

    Raises what ``Workbench.sides`` raises, and NotEnoughData for a query whose rows cancel out.
    """
    (side,), collection, _ = bench.sides([query], encoder)
    mean = side.centred.astype(np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < MIN_NORM:
        raise NotEnoughData(f"{str(query)[:60]} has no direction of its own in this library; ask for something else")
    weights = tuple((section.stream, section.weight) for section in collection.sections)
    here = points(bench, encoder, of=of, weights=weights if len(weights) > 1 else ())
    return Affinity(here, np.clip(here.rows.astype(np.float64) @ (mean / length), -1.0, 1.0), side.understood)
