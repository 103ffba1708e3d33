"""The streams of an encoder with parts: how much each counts, and what each says alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from core.clips import Section
from core.comparing import Comparison
from core.searches import MOST_WEIGHT
from core.workbench import Workbench
from pages.parts.state import get, key, put
from pages.parts.words import plain, similarity

NAMES = {"rgb": "Scenery and looks", "flow": "Motion in the picture", "skeleton": "Movement of the body"}
SHORT = {"rgb": "scenery", "flow": "motion", "skeleton": "body movement"}
ALIKE, UNLIKE = 67.0, 33.0  # percentiles of the library's pairs: its upper and lower third
STEP = 0.05


def weights(bench: Workbench, encoder: str) -> tuple[tuple[str, float], ...]:
    """Draw a slider for each stream; the weights where they differ from the encoder's own. Nothing is embedded again."""
    sections = bench.sections(encoder)
    if len(sections) < 2:
        return ()
    with st.expander("What counts: weigh the streams", icon=":material/tune:"):
        return sliders(bench, encoder)


def sliders(bench: Workbench, encoder: str) -> tuple[tuple[str, float], ...]:
    """The same without a fold around it."""
    sections = bench.sections(encoder)
    if len(sections) < 2:
        return ()
    columns = st.columns([*[3] * len(sections), 1], vertical_alignment="bottom", gap="medium")
    for column, section in zip(columns, sections, strict=False):
        name = _key(encoder, section)
        if get(name) is None:
            put(name, section.weight)
        column.slider(NAMES[section.stream], 0.0, MOST_WEIGHT, step=STEP, key=name)
    columns[-1].button(
        "Reset", key=key("compare", "reset-weights"), on_click=put_weights, args=(bench, encoder, ()), width="stretch"
    )
    if not any(get(_key(encoder, section)) for section in sections):
        st.warning("All streams are at 0, so nothing would count. The encoder's own weights are used.", icon=":material/tune:")
        return ()
    st.caption("A similarity is the weighted mean of the streams' own. Moving a slider embeds nothing again.")
    chosen = tuple((section.stream, float(get(_key(encoder, section)))) for section in sections)
    return () if chosen == tuple((section.stream, section.weight) for section in sections) else chosen


def put_weights(bench: Workbench, encoder: str, chosen: Sequence[tuple[str, float]]) -> None:
    """Set the sliders: to ``chosen`` by stream, the others to the encoder's own weights."""
    wanted = dict(chosen)
    for section in bench.sections(encoder):
        put(_key(encoder, section), min(wanted.get(section.stream, section.weight), MOST_WEIGHT))


def _key(encoder: str, section: Section) -> str:
    return key("compare", "weight", encoder, section.stream)


def readings(alone: Sequence[tuple[Section, Comparison]], comparison: Comparison, row: int, column: int) -> None:
    """What each stream says alone about one pair of sides; ``comparison`` is the whole answer."""
    if len(alone) < 2:
        if len(comparison.sections) > 1:
            st.caption("Action names are known to the scenery stream alone, so only that stream counts in this comparison.")
        return
    st.subheader("Stream by stream", anchor=False)
    told = sentence(alone, row, column)
    if told:
        st.markdown(f"**{plain(told)}**")
    for box, (section, reading) in zip(st.columns(len(alone), gap="medium"), alone, strict=True):
        percent = reading.percentile[row, column]
        with box.container(border=True, key=key("stream", section.stream)):
            st.caption(NAMES[section.stream])
            st.html(f'<div class="mb-number mb-small">{similarity(reading.centred[row, column])}</div>')
            st.progress(0.0 if math.isnan(percent) else min(percent / 100, 1.0), text=_standing(percent))


def _standing(percent: float) -> str:
    return "no other pairs to hold it against" if math.isnan(percent) else f"above {percent:.0f}\u00a0% of all pairs"


def sentence(alone: Sequence[tuple[Section, Comparison]], row: int, column: int) -> str:
    """ "Alike in scenery, unlike in body movement."; nothing where no stream stands out."""
    percents = [(SHORT[section.stream], reading.percentile[row, column]) for section, reading in alone]
    alike = [name for name, percent in percents if percent >= ALIKE]
    unlike = [name for name, percent in percents if percent <= UNLIKE]
    if len(percents) in (len(alike), len(unlike)):
        return "Alike in every stream." if alike else "Unlike in every stream."
    parts = [f"alike in {' and '.join(alike)}"] * bool(alike) + [f"unlike in {' and '.join(unlike)}"] * bool(unlike)
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
