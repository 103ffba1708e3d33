"""How sure is the answer? One sentence above the figures, the intervals drawn, the statistics and what they mean, the methods."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core import figures, sheets
from core.resampling import Estimate
from core.verdicts import Evidence, Findings, Reading, p_text
from pages.parts import heat
from pages.parts.state import key
from pages.parts.take_along import take_along
from pages.parts.words import count, plain, similarity

HELP = {
    "gap": "Mean similarity within the sides minus that between them. 0: clips of one side are no more alike than clips of both.",
    "p": "Share of the ways to deal the sources out to the two sides that give at least this gap. Small: hardly chance.",
    "smallest": "With so few sources no p can be smaller than this, however different the sides are.",
    "auc": "The chance that two clips of one side are more alike than two of different sides. 0.5 is a coin, 1 is always.",
    "energy": "Distance of the two clouds of clips: 0 when they lie alike. It sees spread and shape too, not the middle only.",
    "silhouette": "From -1 to 1: how much nearer a clip lies to its own side than to the other. Around 0 the sides overlap.",
    "z": "How many standard deviations of the library's background the similarity lies above its mean.",
}


def sentence(found: Evidence) -> str:
    """The sentence as Markdown that nothing in a name can break, its verdict in bold."""
    mark = ": " if ": " in found.sentence else "; "
    judged, _, rest = found.sentence.partition(mark)
    return f"**{plain(judged)}{mark.strip()}** {plain(rest)}" if rest else f"**{plain(judged)}**"


def section(findings: Findings, row: int, column: int, stamp: Callable[[], sheets.Stamp]) -> None:
    """Intervals and statistics of one pair of sides, and what is lacking."""
    found = findings.of(row, column)
    st.subheader("How sure is this?", anchor=False)
    left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
    with left:
        _intervals(found, stamp)
    with right:
        _numbers(found)
    if found.lacks:
        st.info("\n".join(f"- {plain(text)}" for text in found.lacks), icon=":material/group_add:")
    if findings.overall:
        st.markdown(plain(findings.overall.sentence))
    _methods(found)


def _intervals(found: Evidence, stamp: Callable[[], sheets.Stamp]) -> None:
    sheet = _sheet(found)
    figure = figures.of(sheet, heat.theme(), bare=True)
    figure.update_layout(margin_r=135)  # room for the numbers
    st.plotly_chart(figure, theme=None, key=key("intervals"), config={"displayModeBar": False}, alt=sheet.alt)
    take_along(lambda: replace(_sheet(found), stamp=stamp()), name="how sure", key="intervals", label="Take the intervals along")


def _sheet(found: Evidence) -> sheets.Intervals:
    rows = [_line(name, reading.centred, reading.interval) for name, reading in _readings(found)]
    if math.isfinite(found.effect):
        rows.append(_line("gap", found.effect, found.effect_interval))
    names = " and ".join(dict.fromkeys(party.name for party in found.parties))
    return sheets.Intervals(
        rows=rows, reference=0.0, measure="similarity, with 95 % intervals over sources", title=f"How sure: {names}"
    )


def _readings(found: Evidence) -> list[tuple[str, Reading]]:
    if found.first == found.second:
        return [(f"within {found.parties[0].name}", found.between)]
    inside = [
        (f"within {party.name}", reading)
        for party, reading in zip(found.parties, found.within, strict=True)
        if math.isfinite(reading.centred) and not party.direction
    ]
    return [("between", found.between), *inside]


def _line(name: str, value: float, interval: Estimate | None) -> tuple[str, float, float, float]:
    return (name, value, interval.low, interval.high) if interval else (name, value, math.nan, math.nan)


def _numbers(found: Evidence) -> None:
    several = f"; {p_text(found.p_corrected)} by Holm for {found.tests} pairs" if found.tests > 1 and found.test else ""
    cells = [
        ("Gap", similarity(found.effect), HELP["gap"]),
        ("p", p_text(found.p_value), f"{HELP['p']} {_exchange(found)}{several}"),
        ("Smallest p", p_text(found.smallest_p) if found.test else "–", HELP["smallest"]),
        ("ROC AUC", similarity(found.auc), f"Same against different. {HELP['auc']}"),
        ("Energy", similarity(found.energy), f"Energy distance. {HELP['energy']}"),
        ("Silhouette", similarity(found.silhouette), HELP["silhouette"]),
    ]
    if not found.test and not math.isfinite(found.auc):
        cells = [("z", similarity(found.between.z), HELP["z"]), ("Percentile", _percent(found), "Share of the background below.")]
    with st.container(horizontal=True, gap="medium", key=key("statistics")):
        for label, value, told in cells:
            st.metric(label, value, help=told, width=130)
    if math.isfinite(found.auc):
        st.caption(f"z in the background {similarity(found.between.z)}, percentile {_percent(found)}.")
    if found.left_out:
        st.caption(f"The last three are of an even part of the clips; {count(found.left_out, 'clip')} left out.")


def _percent(found: Evidence) -> str:
    return f"{found.between.percentile:.0f}" if math.isfinite(found.between.percentile) else "–"


def _exchange(found: Evidence) -> str:
    if not found.test:
        return "No sources can be exchanged here."
    ways = f"all {found.test.arrangements:,} ways" if found.test.exact else f"{found.test.arrangements:,} ways by chance"
    return f"Exchanged: {found.exchanged}; {ways}."


def _methods(found: Evidence) -> None:
    with st.expander("How these numbers are reckoned", icon=":material/function:"):
        st.markdown(
            "The unit is the **source** (person, recording), never the clip: clips of one person resemble each other "
            "whatever is done. No mean ever holds a pair of clips of one source. With unit vectors $x$ of side $A$ and $y$ of "
            "side $B$, after the library's mean clip was taken away:"
        )
        st.latex(r"\text{between}=\overline{\langle x, y\rangle}\qquad \text{within}_A=\overline{\langle x, x'\rangle}\qquad "
                 r"\text{gap}=\tfrac12(\text{within}_A+\text{within}_B)-\text{between}=\tfrac12\,\mathrm{MMD}^2_u")  # fmt: skip
        st.markdown(
            "**Interval.** Each source is left out in turn (delete-one jackknife, by kind $s$ of source: on one side only, or on "
            "both). The jackknife counts the second-order part $Q$ of such means twice; a share $f$ of it is taken off:"
        )
        st.latex(r"v=\sum_s \frac{k_s-1}{k_s}\sum_{i\in s}\bigl(\hat\theta_{-i}-\bar\theta_s\bigr)^2-f\,Q,\qquad "
                 r"\hat\theta\pm t_{0.975,\,\nu}\sqrt v")  # fmt: skip
        st.markdown(
            "with Satterthwaite's degrees of freedom. Simulated coverage stands in docs/statistics.md, with the bootstraps "
            "that were tried and not taken. **Test.** Whole sources are exchanged between the sides; a source on both sides "
            "has its two halves swapped. The gap is reckoned for every arrangement:"
        )
        st.latex(
            r"p=\frac{\#\{\text{gap}_\pi\ge\text{gap}\}}{\#\pi}\quad\text{or, of }m\text{ random ones,}\quad p=\frac{b+1}{m+1}"
        )
        st.markdown("**Energy distance**, **silhouette** and **AUC**, over pairs of different sources:")
        st.latex(r"E=2\,\overline{\lVert x-y\rVert}-\overline{\lVert x-x'\rVert}-\overline{\lVert y-y'\rVert},\qquad "
                 r"s=\frac{b-a}{\max(a,b)},\qquad \mathrm{AUC}=P(\text{same}>\text{different})")  # fmt: skip
        st.caption(
            "Efron & Stein 1981 (jackknife variance); Szekely & Rizzo 2013, 2014 (energy distance, U-centring); Gretton et al. "
            "2012 (MMD); Phipson & Smyth 2010 (p by chance); Holm 1979; Rousseeuw 1987 (silhouette); Hanley & McNeil 1982 (AUC)."
        )
        if found.exchanged:
            st.caption(f"Here were exchanged: {plain(found.exchanged)}.")
