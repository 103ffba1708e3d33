"""Below the map: clusters, labels that may be wrong, films that are there twice, splits that leak. Each reckons when opened."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.clustering import Clusters
from core.workbench import Workbench
from pages.parts import map_colour, map_doubts, map_groups, map_state
from pages.parts.frame import boundary
from pages.parts.map_asking import MapAsked
from pages.parts.map_view import Drawn
from pages.parts.state import get, key

FOLDS = {name: key("map", "fold", name) for name in ("clusters", "labels", "duplicates", "leaks")}


def clusters_wanted(asked: MapAsked) -> Clusters | None:
    """The clusters, where something on the page needs them."""
    needed = asked.colour == "cluster" or get(FOLDS["clusters"]) or map_state.here().wanted is not None
    return map_colour.clusters(asked) if needed else None


def show(bench: Workbench, drawn: Drawn, found: Clusters | None) -> None:
    asked = drawn.asked

    def groups() -> None:
        map_groups.panel(asked, drawn.shown, found if found is not None else map_colour.clusters(asked))

    _fold("clusters", "Clusters and the odd ones out", ":material/bubble_chart:", groups, opened=asked.colour == "cluster")
    _fold("labels", "Labels that may be wrong", ":material/label_important:", lambda: map_doubts.labels(bench, asked))
    _fold("duplicates", "Nearly the same film twice", ":material/content_copy:", lambda: map_doubts.duplicates(asked))
    _fold("leaks", "Does a split leak?", ":material/leak_add:", lambda: map_doubts.leaks(asked, drawn.clips))


def _fold(name: str, title: str, icon: str, draw: Callable[[], None], *, opened: bool = False) -> None:
    box = st.expander(title, icon=icon, expanded=opened, key=FOLDS[name], on_change="rerun")
    if box.open:
        with box, boundary():
            draw()
