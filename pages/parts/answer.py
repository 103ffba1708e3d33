"""The answer of the Compare page: the number with its meaning, where it stands, the table, and files to take along."""

from __future__ import annotations

import math

import streamlit as st

from core import figures, sheets
from core.comparing import Comparison
from core.verdicts import Findings, p_text
from core.workbench import Workbench
from pages.parts import distribution, evidence, heat, meaning
from pages.parts.asking import Asked
from pages.parts.moments import Moments
from pages.parts.state import key, session
from pages.parts.take_along import take_along
from pages.parts.words import plain, similarity


def number(bench: Workbench, comparison: Comparison, found: Findings, row: int, column: int) -> None:
    """The number of one pair of sides, how sure it is in one sentence, and where it stands."""
    spread = bench.spread(comparison.sides[row], comparison.sides[column])
    with st.container(border=True, key=key("answer")):
        big, told = st.columns([1, 4], vertical_alignment="center")
        big.html(f'<div class="mb-number">{similarity(comparison.centred[row, column])}</div>')
        with told:
            st.subheader(plain(meaning.pair_title(comparison, row, column)), anchor=False)
            st.markdown(evidence.sentence(found.of(row, column)))
            standing = f"{meaning.standing(comparison, row, column)} {meaning.within(comparison, row, column)}"
            st.markdown(plain(standing))
            caution = "" if found.of(row, column).lacks else meaning.caution(comparison, row, column)
            st.caption(plain(meaning.evidence(comparison, row, column, spread)) + (f" {plain(caution)}" if caution else ""))


def strip(bench: Workbench, comparison: Comparison, row: int, column: int, asked: Asked) -> None:
    """Where the number falls among all pairs of the library."""
    if any(comparison.sides[side].is_action for side in (row, column)) or not comparison.background.size:
        return
    cells = {(row, column): meaning.pair_title(comparison, row, column)}
    cells |= {(side, side): meaning.pair_title(comparison, side, side) for side in (row, column)}
    marks = {name: float(comparison.centred[cell]) for cell, name in cells.items() if math.isfinite(comparison.centred[cell])}
    st.subheader("Among all pairs of this library", anchor=False)
    sheet = sheets.Background(values=comparison.background, marks=marks)
    figure = figures.of(sheet, heat.theme(), bare=True)
    st.plotly_chart(figure, theme=None, key=key("strip"), config={"displayModeBar": False}, alt=sheet.alt)
    take_along(
        lambda: distribution.among_all(bench, comparison, marks, asked), name="among all pairs", key="strip",
        label="Take this figure along",
    )  # fmt: skip


def table(bench: Workbench, comparison: Comparison, found: Findings, depth: heat.Table | Moments, asked: Asked) -> None:
    """Every number, the files, and what the numbers are of."""
    provenance = bench.provenance(asked.encoder)
    with st.expander("All numbers", icon=":material/table:"):
        rows = [_row(comparison, found, a, b) for a in range(len(comparison.sides)) for b in range(a, len(comparison.sides))]
        st.dataframe(rows, hide_index=True, alt="Similarity, percentile, raw cosine and number of pairs for all pairs of groups")
        st.caption(
            "Similarity is the cosine after the library's mean clip was taken away: 0 is as alike as any two clips here. "
            "The raw cosine of the network is high for everything on video. The percentile is the share of all pairs below."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Numbers as CSV", lambda: bench.table_csv(comparison), "comparison.csv", "text/csv",
            icon=":material/download:", key=key("csv"), on_click="ignore",
        )  # fmt: skip
        take_along(
            lambda: distribution.heatmap(bench, comparison, depth, asked),
            name="heatmap",
            key="heat",
            label="Take the heatmap along",
        )
    st.caption(
        f"{plain(figures.provenance_line(provenance))}. The address of this page holds these settings: copy it to share them."
    )


def _row(comparison: Comparison, found: Findings, a: int, b: int) -> dict[str, object]:
    cell, one = (a, b), found.of(a, b)
    ends = one.between.interval
    percent = comparison.percentile[cell]
    return {
        "between": meaning.pair_title(comparison, a, b),
        "similarity": similarity(comparison.centred[cell]),
        "95 %": f"{similarity(ends.low)} to {similarity(ends.high)}" if ends else "–",
        "gap": similarity(one.effect),
        "p": p_text(one.p_value),
        "p (Holm)": p_text(one.p_corrected),
        "percentile": f"{percent:.0f}" if math.isfinite(percent) else "–",
        "raw cosine": similarity(comparison.raw[cell]),
        "pairs": int(comparison.pairs[cell]),
    }


def remember(bench: Workbench, comparison: Comparison, asked: Asked) -> None:
    """Keep a distinct question once, and not while clips still come in: its numbers would be of half a library."""
    here = session()
    if len(asked.queries) < 2 or asked.question in here.remembered or bench.library.jobs(active_only=True):
        return
    here.remembered.add(asked.question)
    if any(one.payload.get("question") == asked.question for one in bench.library.recent_comparisons(50)):
        return
    title = ", ".join(meaning.title(side) for side in comparison.sides)
    payload = {"question": asked.question, "queries": list(asked.queries), "encoder": asked.encoder}
    bench.library.remember_comparison(title, {**payload, "sentence": meaning.sentence(comparison, 0, 1)})
