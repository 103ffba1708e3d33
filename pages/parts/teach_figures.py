"""The figures behind a concept's numbers, one at a time; each can be taken along."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import curves, figures, sheets
from core.clips import Progress
from core.concepts import Concept
from core.errands import STOPPED
from core.held_out import HeldOut
from core.learning_curve import learning_curve
from core.teaching import lesson_of
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import pieces, teach_work
from pages.parts.frame import guarded
from pages.parts.state import get, key
from pages.parts.take_along import take_along
from pages.parts.teach_state import here
from pages.parts.words import plain

FIGURES = {
    "precision": "Precision and recall",
    "errors": "Misses and false alarms",
    "reliability": "Confidence",
    "confusion": "Confusion",
    "learning": "Learning curve",
}
TELLS = {
    "precision": "As the threshold falls more is found, and less of it is right. The band holds 95 % of draws of whole sources.",
    "errors": "The detection-error trade-off: of the examples what is missed, of all else what fires. Down and left is better.",
    "reliability": "What a confidence is worth: of the examples at each, how many were right. On the line it means what it says.",
    "confusion": "What each example is taken for while its source is left out; recall stands beside each row.",
    "learning": "How good it is with fewer of its examples, and what more of them would give.",
}
LEARNING = "Learning curve of"


def show(bench: Workbench, concept: Concept, held_out: HeldOut) -> None:
    st.subheader("Behind the numbers", anchor=False)
    if not len(held_out):
        st.caption("There is nothing to draw until something can be left out: add negatives, and examples of a second source.")
        return
    kind, number = _chosen(concept)
    st.caption(TELLS[kind])
    if kind == "learning":
        _learning(bench, concept)
        return
    _draw(_sheet(bench, concept, held_out, kind, number), f"{concept.name} {kind}")


def _chosen(concept: Concept) -> tuple[str, int]:
    """Which figure, and of which class."""
    several = len(concept.classes) > 1
    field, usual = key("teach", "figure"), "confusion" if several else "precision"
    if get(field) not in FIGURES:
        st.session_state[field] = here().figure or usual
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=key("teach", "figures")):
        kind = st.segmented_control(
            "Figure", list(FIGURES), format_func=FIGURES.__getitem__, key=field, required=True, label_visibility="collapsed"
        )
        number = 0
        if several and kind not in ("confusion", "learning"):
            number = st.selectbox(
                "Class", range(len(concept.classes)), format_func=concept.classes.__getitem__, key=key("teach", "figure-class"),
                label_visibility="collapsed", width=240,
            )  # fmt: skip
    here().figure = kind or usual
    return here().figure, int(number or 0)


def _sheet(bench: Workbench, concept: Concept, held_out: HeldOut, kind: str, number: int) -> sheets.Sheet:
    value, name = concept.thresholds[number].value, concept.classes[number]
    stamp = _stamp(bench, concept)
    if kind == "precision":
        return curves.precision_recall(held_out, number, threshold=value, title=f"{name}: precision and recall", stamp=stamp)
    if kind == "errors":
        return curves.detection_error(held_out, number, threshold=value, title=f"{name}: misses and false alarms", stamp=stamp)
    if kind == "reliability":
        return curves.reliability(held_out, number, title=f"{name}: what a confidence is worth", stamp=stamp)
    return curves.confusion_of(held_out, concept, stamp=stamp)


def _stamp(bench: Workbench, concept: Concept) -> sheets.Stamp:
    return sheets.Stamp(bench.provenance(concept.encoder), (f"concept:{concept.name}",), concept.chosen)


def _draw(sheet: sheets.Sheet, name: str) -> None:
    figure = figures.of(sheet, pieces.theme(), bare=True)
    st.plotly_chart(figure, theme=None, key=key("teach", "chart"), config={"displayModeBar": False}, alt=sheet.alt)
    take_along(sheet, name=name, key="teach", label="Take the figure along")


def _learning(bench: Workbench, concept: Concept) -> None:
    """The learning curve takes a while, so somebody asks for it; it is kept as long as the app runs."""
    found = benches.trials().curve(concept)
    if found is not None:
        st.markdown(f"**{plain(found.sentence)}**")
        sheet = curves.learning(
            found.counts, found.scores, found.spreads, found.predicted, found.sentence, title=f"{concept.name}: learning curve",
            stamp=_stamp(bench, concept),
        )  # fmt: skip
        _draw(sheet, f"{concept.name} learning curve")
        return
    state, title = bench.errands.state, f"{LEARNING} {concept.name}"
    if state is not None and state.ended and state.title == title and state.error:
        stopped = state.error == STOPPED
        told = "Stopped." if stopped else plain(state.error[:1].upper() + state.error[1:])
        (st.info if stopped else st.error)(told)
    st.button(
        "Reckon the learning curve", icon=":material/trending_up:", key=key("teach", "learning"), disabled=teach_work.busy(bench),
        on_click=guarded(_begin), args=(bench, concept, title),
    )  # fmt: skip


def _begin(bench: Workbench, concept: Concept, title: str) -> None:
    trials = benches.trials()

    def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        trials.put_curve(concept, learning_curve(bench, lesson_of(concept), report, should_stop))

    bench.errands.start(title, work)
