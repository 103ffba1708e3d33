"""How well a concept was understood: what its threshold promises, why this head, and the figures behind both."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import promises
from core.calibrating import check
from core.concepts import HEADS, Concept
from core.errors import MotionbookError
from core.held_out import HeldOut
from core.operating import alarm_rate, material, recall
from core.promises import Target
from core.statistics import Interval
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import teach_altered, teach_figures, teach_state, teach_work
from pages.parts import teach_asking as asking
from pages.parts.frame import complain, guarded
from pages.parts.state import key
from pages.parts.teach_controls import HEAD_NAMES
from pages.parts.words import count, plain


def show(bench: Workbench, concept: Concept) -> None:
    try:
        held_out = benches.held_out(concept)
    except MotionbookError as error:
        complain(error)
        return
    if len(concept.classes) == 1:
        _one(concept, held_out)
    else:
        _several(concept, held_out)
    _other_target(bench, concept, held_out)
    _heads(concept)
    teach_figures.show(bench, concept, held_out)
    teach_altered.show(bench, concept)


def _one(concept: Concept, held_out: HeldOut) -> None:
    """What is to be expected of the threshold: its sentence, and the three numbers behind it."""
    told = concept.thresholds[0].sentence or "Its threshold was never calibrated."
    st.markdown(f"**{plain(told)}**")
    if not len(held_out):
        st.caption("Nothing could be left out, so nothing can be promised. Add negatives, and examples of a second source.")
        return
    of, value = material(held_out, 0), concept.thresholds[0].value
    found, fired = int((of.positives >= value).sum()), int((of.negatives >= value).sum())
    rate, known = alarm_rate(of, value), of.hours > 0
    span = f"{promises.rate(rate.low)} to {promises.rate(rate.high)}" if known else "no other footage"
    sources = count(len(set(of.negative_sources.tolist())), "source")
    with st.container(horizontal=True, gap="large", key=key("teach", "numbers")):
        for title, told, below, meaning in (
            (
                "Found",
                f"{found} of {len(of.positives)}",
                _share(recall(of, value)),
                "Examples that fire while their source is left out, and the 95 % interval of their share.",
            ),
            (
                "False alarms an hour",
                promises.rate(rate.value) if known else "–",
                span,
                f"With its 95 % interval, from {promises.footage(of.hours)} of other footage.",
            ),
            ("Other examples that fire", f"{fired} of {len(of.negatives)}", f"of {sources}", "At the same threshold."),
        ):
            st.metric(title, told, delta=below, delta_color="off", delta_arrow="off", help=meaning, width="content")
    kept = concept.thresholds[0]
    if kept.target:
        _check(held_out, Target(kept.target, kept.wanted))


def _check(held_out: HeldOut, target: Target) -> None:
    """Whether sources that had no part in choosing the threshold bear it out."""
    found = check(held_out, 0, target)
    st.caption(plain(found.sentence))


def _share(of: Interval) -> str:
    return f"{promises.percent(of.low)} to {promises.percent(of.high)}" if of.value == of.value else "nothing is known"


def _several(concept: Concept, held_out: HeldOut) -> None:
    rows = []
    for number, (name, threshold) in enumerate(zip(concept.classes, concept.thresholds, strict=True)):
        row = {"class": name}
        if len(held_out):
            of = material(held_out, number)
            found, rate = int((of.positives >= threshold.value).sum()), alarm_rate(of, threshold.value)
            row |= {
                "found": f"{found} of {len(of.positives)}",
                "false alarms an hour": f"{promises.rate(rate.value)} ({promises.rate(rate.low)} to {promises.rate(rate.high)})",
            }
        rows.append(row | {"in words": threshold.sentence})
    st.dataframe(rows, hide_index=True, alt="What each class's threshold promises")


def _other_target(bench: Workbench, concept: Concept, held_out: HeldOut) -> None:
    """Where another target is chosen than the threshold was made for: the way to take it, without teaching anew."""
    draft, kept = teach_state.draft(), asking.opened(concept)
    if not len(held_out) or draft.target_text == kept.target_text:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=key("teach", "retarget")):
        wanted = Target.parse(draft.target_text).told if draft.target else "what can be told"
        st.caption(f"Its threshold was not made for {plain(wanted)} yet.", width="content")
        st.button(
            "Set the threshold", icon=":material/tune:", key=key("teach", "set-threshold"), on_click=guarded(teach_work.retarget),
            args=(bench, concept, held_out, draft.target_text),
        )  # fmt: skip


def _heads(concept: Concept) -> None:
    """All heads on the same left-out sources; the one that was taken is marked."""
    st.subheader("Why this head", anchor=False)
    if concept.chosen:
        st.markdown(plain(concept.chosen))
    trial = benches.trials().get(concept)
    if trial is not None:
        rows = [
            {
                "": "✓" if one.kind == concept.head.kind else "",
                "head": HEAD_NAMES[one.kind],
                "average precision": one.average_precision,
                "95 % interval": f"{one.interval.low:.2f} to {one.interval.high:.2f}",
                "area under ROC": one.auc,
            }
            for one in trial.heads
        ]
    else:
        notes = dict(concept.notes)
        rows = [
            {
                "": "✓" if kind == concept.head.kind else "",
                "head": HEAD_NAMES[kind],
                "average precision": notes[f"average precision of {kind}"],
            }
            for kind in HEADS
            if f"average precision of {kind}" in notes
        ]
    if rows:
        config: dict[str, Any] = {
            name: st.column_config.NumberColumn(format="%.2f") for name in ("average precision", "area under ROC")
        }
        config[""] = st.column_config.TextColumn(width=40)
        st.dataframe(rows, hide_index=True, column_config=config, alt="Every head on sources left out")
