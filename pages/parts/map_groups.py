"""The clusters of what is on the map: names, what is in them, and the odd ones out. A click shows each on the map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.clustering import Cluster, Clusters
from core.mapping import Projection
from pages.parts import map_colour, map_state
from pages.parts.map_asking import GROUPINGS, MapAsked
from pages.parts.map_state import Numbers
from pages.parts.state import key
from pages.parts.words import count, plain, similarity

SHOWN = 30


def panel(asked: MapAsked, shown: Projection, found: Clusters | None) -> None:
    if found is None:
        return
    what = "moments" if asked.layout.of == "moments" else "clips"
    if not found.found:
        st.info(
            f"No clusters: {GROUPINGS[asked.grouping]} found no {what} that lie together more densely than the rest. Try "
            "k-means, in the settings above.",
            icon=":material/bubble_chart:",
        )
        return
    st.caption(_told(found, what))
    if found.why_unnamed:
        st.caption(f"Named by your labels alone: {plain(found.why_unnamed)}.")
    odd: dict[int, list[int]] = {}
    for one in found.odd:
        odd.setdefault(one.cluster, []).append(one.row)
    for cluster, name in zip(found.found[:SHOWN], found.names, strict=False):
        _row(found, cluster, name, odd.get(cluster.number, []), shown, what)
    if len(found.found) > SHOWN:
        st.caption(f"and {len(found.found) - SHOWN} smaller ones")
    if found.odd:
        rows = [one.row for one in found.odd]
        st.button(
            f"Show all {count(len(rows), 'odd one')}", icon=":material/psychology_alt:", key=key("map", "odd"),
            on_click=_choose, args=(map_colour.dots_of(found.points, rows, shown), None),
            help="Much less alike to their cluster than its others are",
        )  # fmt: skip


def _told(found: Clusters, what: str) -> str:
    outside = f", {found.outside:,} {what} are in none" if found.outside else ""
    told = f"{count(len(found.found), 'cluster')} by {GROUPINGS.get(found.method, found.method)}{outside}"
    return f"{told}. Silhouette {similarity(found.silhouette)}: above 0, {what} are nearer to their own cluster than to the next."


def _row(found: Clusters, cluster: Cluster, name: str, odd: list[int], shown: Projection, what: str) -> None:
    here = map_state.here()
    box, told, strange = st.columns([3, 7, 2], vertical_alignment="center", gap="medium")
    dots = map_colour.dots_of(found.points, np.flatnonzero(found.labels == cluster.number), shown)
    box.button(
        plain(name), key=key("map", "cluster", cluster.number), width="stretch", on_click=_choose, args=(dots, cluster.number),
        type="primary" if here.cluster == cluster.number else "secondary", help="Show it on the map",
    )  # fmt: skip
    parts = [f"{cluster.size:,} {what if cluster.size != 1 else what[:-1]} of {count(cluster.sources, 'source')}"]
    parts += [plain(cluster.called)] if cluster.called else []
    parts += [f"looks like {plain(cluster.looks_like)}"] if cluster.looks_like else []
    told.caption(" · ".join(parts))
    if odd:
        strange.button(
            f"{len(odd):,} odd", key=key("map", "odd", cluster.number), type="tertiary", on_click=_choose,
            args=(map_colour.dots_of(found.points, odd, shown), None), help="The odd ones out of it",
        )  # fmt: skip


def _choose(dots: Numbers, cluster: int | None) -> None:
    map_state.here().choose(dots, cluster)
