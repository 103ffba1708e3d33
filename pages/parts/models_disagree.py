"""Where two encoders disagree about the library: how far, and the pairs of clips that show it."""

from __future__ import annotations

import math

import streamlit as st

from core import figures, sheets
from core.disagreeing import Disagreement, RankedPair
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import heat, player
from pages.parts.state import get, key, put
from pages.parts.take_along import take_along
from pages.parts.words import count, plain

FIRST, SECOND, PAIR = key("disagree", "a"), key("disagree", "b"), key("disagree", "pair")


def panel(bench: Workbench) -> None:
    names = [spec.name for spec in bench.encoders() if bench.library.count_embedded(bench.fingerprint(spec.name))]
    if len(names) < 2:
        st.info(
            "Two encoders must have seen the library before they can disagree. Under Choose, embed it with a second one.",
            icon=":material/compare_arrows:",
        )
        return
    for name, others in ((FIRST, names), (SECOND, names[1:] + names[:1])):
        if get(name) not in names:
            put(name, others[0])
    left, right = st.columns(2)
    left.selectbox("One encoder", names, key=FIRST)
    right.selectbox("The other", names, key=SECOND)
    if get(FIRST) == get(SECOND):
        st.info("Choose two different encoders: each agrees with itself.", icon=":material/compare_arrows:")
        return
    with st.skeleton(height=420):
        found = benches.disagreement(get(FIRST), get(SECOND))
    _numbers(found)
    _pairs(bench, found)


def _numbers(found: Disagreement) -> None:
    st.markdown(f"**{plain(found.sentence)}**")
    shared = found.overlap
    with st.grid(3, min_column_width=180, gap="small", key=key("disagree", "numbers")):
        st.metric(
            "Shared neighbours", "–" if math.isnan(shared.share) else f"{100 * shared.share:.0f} %", border=True,
            help=f"Of a clip's {shared.k} nearest in one encoder, the share that is among its {shared.k} nearest in the other.",
        )  # fmt: skip
        st.metric(
            "Rank correlation",
            _decimal(found.spearman),
            border=True,
            help="Spearman's, over pairs of clips of different sources.",
        )
        st.metric(
            "CKA", _decimal(found.cka), border=True,
            help="Linear centred kernel alignment: 1 where a rotation turns one space into the other, 0 for unrelated ones.",
        )  # fmt: skip


def _decimal(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def _pairs(bench: Workbench, found: Disagreement) -> None:
    """The pairs that the two rank most differently: in the picture, in a list, and playing."""
    sides = (found.alike_in_a, found.alike_in_b)
    chart, films = st.columns([1, 1], gap="large")
    with chart:
        _chart(found)
    with films:
        kinds = [number for number in (0, 1) if sides[number]]
        if not kinds:
            st.caption("They rank every pair the same way.")
            return
        options = [(kind, place) for kind in kinds for place in range(len(sides[kind]))]
        if get(PAIR) not in options:
            put(PAIR, options[0])
        st.selectbox(
            "Pairs they rank most differently",
            options,
            key=PAIR,
            format_func=lambda one: _name(found, one[0], sides[one[0]][one[1]]),
        )
        kind, place = get(PAIR)
        _play(bench, found, sides[kind][place])


def _name(found: Disagreement, kind: int, pair: RankedPair) -> str:
    names = (found.a, found.b)
    return f"Alike in {names[kind]}, not in {names[1 - kind]}: {_label(pair.first.label)} and {_label(pair.second.label)}"


def _label(label: str) -> str:
    return label or "no label"


def _chart(found: Disagreement) -> None:
    marked = [
        [(pair.percentile_a, pair.percentile_b, f"{pair.first.name}\n{pair.second.name}") for pair in side]
        for side in (found.alike_in_a, found.alike_in_b)
    ]
    sheet = sheets.Ranks(
        percentiles_a=found.percentiles_a, percentiles_b=found.percentiles_b, names=(found.a, found.b), alike_in_a=marked[0],
        alike_in_b=marked[1], title=f"{found.a} against {found.b}",
        stamp=sheets.Stamp(note=f"{count(found.pairs, 'pair')} of {count(found.clips, 'clip')}"),
    )  # fmt: skip
    figure = figures.of(sheet, heat.theme(), bare=True)
    name = key("disagree", "chart", found.a, found.b)
    st.plotly_chart(
        figure, theme=None, key=name, on_select=lambda: _clicked(name), selection_mode="points",
        config={"displayModeBar": False}, alt=sheet.alt,
    )  # fmt: skip
    st.caption(
        f"Green: pairs that only {plain(found.a)} finds alike. Orange: pairs that only {plain(found.b)} finds alike. "
        f"A click on one plays it. {plain(sheet.stamp.line)}."
    )
    take_along(sheet, name=f"{found.a} against {found.b}", key="disagree")


def _clicked(name: str) -> None:
    cell = figures.cell_of(get(name))
    if cell is not None:
        put(PAIR, cell)


def _play(bench: Workbench, found: Disagreement, pair: RankedPair) -> None:
    for place, clip, side in zip(st.columns(2), (pair.first, pair.second), ("left", "right"), strict=True):
        with place:
            player.play(bench, clip, place=side)
            player.facts(clip)
    st.markdown(
        f"{plain(found.a)} finds them more alike than **{pair.percentile_a:.0f} %** of all pairs, "
        f"{plain(found.b)} than **{pair.percentile_b:.0f} %**."
    )
    if pair.same_label is not None:
        st.caption(f"They have {'the same label' if pair.same_label else 'different labels'}.")
