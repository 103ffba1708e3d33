"""What the dots are coloured by: names of groups, or a number for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.clips import Clip
from core.clustering import NO_CLUSTER, Clusters
from core.errors import MotionbookError
from core.mapping import Points, Projection
from core.queries import parse
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import map_state, words_mix
from pages.parts.frame import complain
from pages.parts.map_asking import MapAsked
from pages.parts.map_state import Numbers
from pages.parts.scatter import Groups, Values

NO_LABEL, NO_SOURCE, NONE = "no label", "unknown source", "in no cluster"


def colours(
    bench: Workbench, asked: MapAsked, shown: Projection, clips: Sequence[Clip], found: Clusters | None
) -> Groups | Values:
    """``clips`` are the owners of the dots, one for each. Complaints are shown, and the labels take their place."""
    if asked.colour == "source":
        return Groups.of([clip.source for clip in clips], NO_SOURCE)
    if asked.colour == "cluster" and found is not None:
        return of_clusters(found, shown)
    if asked.colour == "like" and asked.q and not words_mix.fetch_first(bench, [asked.q], asked.encoder):
        try:
            seen = benches.affinity(asked.q, asked.encoder, asked.layout.of)
        except MotionbookError as error:
            complain(error)
        else:
            values = np.append(seen.similarity, np.nan)[rows_of(seen.points, shown)]
            return Values(values, f"similarity to {parse(asked.q)}"[:80])
    if asked.colour == "like" and not asked.q:
        st.caption("Name something above to see how alike each dot is to it; until then labels are the colours.")
    return Groups.of([clip.label for clip in clips], NO_LABEL)


def clusters(asked: MapAsked) -> Clusters | None:
    """The clusters of what is here now; None where there are none, which is then told."""
    try:
        return benches.clusters(asked.encoder, asked.grouping, asked.k, asked.layout.of)
    except MotionbookError as error:
        complain(error)
        return None


def of_clusters(found: Clusters, shown: Projection) -> Groups:
    """The cluster of each dot; those in none, and those that are new, stand last."""
    names = (*found.names, NONE)
    numbers = np.append(np.where(found.labels == NO_CLUSTER, len(found.names), found.labels), len(found.names))
    return Groups(names, numbers[rows_of(found.points, shown)], (NONE,))


def rows_of(points: Points, shown: Projection) -> Numbers:
    """(N,) which row of ``points`` each dot of the map is; -1 for one that is not among them."""
    rows = {place: row for row, place in enumerate(zip(points.clip_ids, points.windows.tolist(), strict=True))}
    return np.asarray([rows.get(place, -1) for place in zip(shown.clip_ids, shown.windows.tolist(), strict=True)], np.intp)


def dots_of(points: Points, rows: Sequence[int] | Numbers, shown: Projection) -> Numbers:
    """The other way round: the dots of these rows."""
    wanted = np.zeros(len(points.clip_ids) + 1, bool)
    wanted[np.asarray(rows, np.intp)] = True
    return np.flatnonzero(wanted[rows_of(points, shown)])


def follow_wanted(found: Clusters | None, shown: Projection) -> None:
    """Choose the cluster that a link names, once."""
    state = map_state.here()
    number, state.wanted = state.wanted, None
    if number is None or found is None or number >= len(found.found):
        if number is not None:
            state.cluster = None
        return
    state.choose(dots_of(found.points, np.flatnonzero(found.labels == number), shown), number)
