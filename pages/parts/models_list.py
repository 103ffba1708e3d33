"""Which encoders are shown: filters kept in the address, a line that sums up, and all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.workbench import Workbench
from pages.parts.models_words import STATES, STREAMS, Model, accuracy, short, weights
from pages.parts.words import plain

CARDS, TABLE = "Cards", "Table"


def models(bench: Workbench) -> list[Model]:
    """Every encoder there is, with the state of its weights."""
    return [Model(bench.spec(status.name), status) for status in bench.shelf.statuses()]


def summary(bench: Workbench, found: Sequence[Model]) -> None:
    ready = sum(model.status.ready for model in found)
    st.markdown(f"**{ready} of {len(found)} encoders are ready.** The default is {plain(bench.spec().title)}.")
    st.caption(f"Weights are kept in {plain(str(bench.shelf.cache / 'weights'))}.")
    for problem in bench.encoder_problems:
        st.warning(f"An encoder of your own cannot be used. {plain(str(problem))}", icon=":material/rule:")


def filters(found: Sequence[Model]) -> tuple[list[Model], bool]:
    """Draw the controls; the encoders that pass them, and whether they are wanted as a table."""
    text, group, stream, only, view = st.columns([3, 3, 2, 1.7, 2.1], vertical_alignment="bottom")
    wanted = text.text_input("Name or paper contains", key="has", bind="query-params", type="search", placeholder="anything")
    groups = list(dict.fromkeys(model.group for model in found))
    chosen = group.selectbox("Family", groups, index=None, key="family", bind="query-params", placeholder="all")
    sees = stream.selectbox(
        "Sees", list(STREAMS), index=None, key="stream", bind="query-params", placeholder="all", format_func=STREAMS.__getitem__
    )
    form = view.segmented_control(
        "Shown as", (CARDS, TABLE), default=CARDS, required=True, key="as", bind="query-params", label_visibility="collapsed"
    )
    ready = only.toggle("Ready only", key="ready", bind="query-params")
    shown = [
        model
        for model in found
        if (wanted or "").casefold() in f"{model.spec.name} {model.spec.title} {model.spec.paper}".casefold()
        and chosen in (None, model.group)
        and sees in (None, model.spec.stream)
        and (model.status.ready or not ready)
    ]
    return shown, form == TABLE


def table(shown: Sequence[Model]) -> None:
    """All facts side by side; a click on a column's name sorts by it."""
    rows = [
        {
            "encoder": model.spec.name,
            "state": STATES[model.status.state],
            "family": model.group,
            "sees": STREAMS[model.spec.stream],
            "frames": model.spec.frames,
            "window, s": round(model.spec.sampling.window_seconds, 2),
            "D": model.spec.dimension,
            "top-1": accuracy(model.spec),
            "stated by": model.spec.top1_source or "–",
            "weights": weights(model.status),
            "licence": short(model.status.licence),
            "source": model.status.source,
            "paper": model.spec.paper,
        }
        for model in shown
    ]
    st.dataframe(rows, hide_index=True, height=min(36 * len(rows) + 40, 620), alt="All encoders with their facts")
