"""Would altered copies of the examples help, as another camera or other light might show them? Tried before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.augmenting import Augmenter
from core.clips import Progress
from core.concepts import Concept
from core.errands import STOPPED
from core.teaching import lesson_of
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import teach_state, teach_work
from pages.parts.frame import guarded
from pages.parts.state import key
from pages.parts.words import plain

TRYING = "Trying altered copies of"


def show(bench: Workbench, concept: Concept) -> None:
    st.subheader("Other cameras, other light", anchor=False)
    if concept.augment:
        st.caption(f"It learnt from altered copies as well: {plain(', '.join(concept.augment))}.")
    found = benches.trials().altered(concept)
    if found is None:
        _offer(bench, concept)
        return
    st.markdown(plain(found.sentence))
    if found.names:
        st.button(
            f"Teach it with {plain(' and '.join(found.names))}", icon=":material/school:", key=key("teach", "with-altered"),
            disabled=teach_work.busy(bench), on_click=guarded(_teach), args=(bench, found.names),
        )  # fmt: skip


def _offer(bench: Workbench, concept: Concept) -> None:
    state, title = bench.errands.state, f"{TRYING} {concept.name}"
    if state is not None and state.ended and state.title == title and state.error:
        stopped = state.error == STOPPED
        told = "Stopped; what was embedded so far is kept." if stopped else plain(state.error[:1].upper() + state.error[1:])
        (st.info if stopped else st.error)(told)
    st.caption(
        "Mirrored, brighter and darker, tilted, closer, faster and slower copies of the examples are embedded, and taken only "
        "where it does better on sources left out. That takes a while once; the copies are kept."
    )
    st.button(
        "Try altered copies",
        icon=":material/flip:",
        key=key("teach", "altered"),
        disabled=teach_work.busy(bench),
        on_click=guarded(_begin),
        args=(bench, concept, title),
    )


def _begin(bench: Workbench, concept: Concept, title: str) -> None:
    trials, lesson = benches.trials(), replace(lesson_of(concept), augment=())

    def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        trials.put_altered(concept, Augmenter(bench).choose(lesson, progress=report, should_stop=should_stop))

    bench.errands.start(title, work)


def _teach(bench: Workbench, names: tuple[str, ...]) -> None:
    draft = replace(teach_state.draft(), augment=names)
    teach_work.begin(bench, draft)
    teach_state.change("learning from altered copies", draft)
