"""Teaching as an errand: how far it is, a way to stop it, what became of it, and what it found while sources were left out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.clips import Progress
from core.concepts import Concept
from core.errands import STOPPED
from core.errors import MotionbookError
from core.held_out import HeldOut
from core.teaching import Lesson, Teacher, calibrated
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import models_errand, teach_state
from pages.parts import teach_asking as asking
from pages.parts.state import session
from pages.parts.teach_asking import Draft
from pages.parts.teach_state import here
from pages.parts.words import plain

TEACHING = "Teaching"


def busy(bench: Workbench) -> bool:
    state = bench.errands.state
    return state is not None and not state.ended


def lesson(draft: Draft) -> Lesson:
    """Raises BadInput, which says what is missing."""
    return Lesson(
        draft.name, draft.taught, draft.encoder, draft.classes, draft.words, draft.head, draft.augment, draft.target_text
    )  # fmt: skip


def begin(bench: Workbench, draft: Draft) -> None:
    """Teach and keep, as an errand; what was found out is remembered. Raises BadInput while another is under way."""
    wanted, trials = lesson(draft), benches.trials()

    def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        teacher = Teacher(bench)
        trial = teacher.try_out(wanted, progress=report, should_stop=should_stop)
        teacher.keep(trial.concept)
        trials.put(trial)

    bench.errands.start(f"{TEACHING} {draft.name}", work)
    here().waiting = draft.name


def progress(bench: Workbench) -> None:
    """How far it is, or what became of it; a concept that is taught is opened."""
    state, page = bench.errands.state, here()
    if busy(bench):
        models_errand.running(bench)
        return
    name, page.waiting = page.waiting, ""
    if not name or state is None or state.title != f"{TEACHING} {name}":
        return
    if state.error == STOPPED:
        st.info("Stopped. Nothing was changed.", icon=":material/pause_circle:")
    elif state.error:
        st.error(plain(state.error[:1].upper() + state.error[1:]), icon=":material/error:")
    elif page.draft is not None and page.draft.name == name:
        _arrived(bench, name)


def _arrived(bench: Workbench, name: str) -> None:
    try:
        concept = Teacher(bench).get(name)
    except MotionbookError as error:
        st.error(plain(str(error)))
        return
    teach_state.begin(asking.opened(concept), "quality")
    session().news = f"{name} is taught"
    st.rerun()


def retarget(bench: Workbench, concept: Concept, held_out: HeldOut, target: str) -> None:
    """Another threshold for the same head."""
    thresholds = [calibrated(held_out, number, target)[1] for number in range(len(concept.classes))]
    Teacher(bench).keep(concept.with_thresholds(thresholds))
    session().news = "The threshold is set"
