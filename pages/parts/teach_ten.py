"""Ask me ten: the clips whose label would help most, answered by keys, then taught."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.asking import Question, Questions
from core.clips import Clip
from core.concepts import NONE, Concept
from core.workbench import Workbench
from pages.parts import player, teach_state, teach_work
from pages.parts.frame import guarded
from pages.parts.state import key
from pages.parts.sync import sync
from pages.parts.teach_asking import SHOWS
from pages.parts.teach_state import SKIPPED, Round, here
from pages.parts.words import count, plain

MOST_CLASSES = 9  # keys 1 to 9


def show(bench: Workbench, concept: Concept, clips: dict[str, Clip]) -> None:
    asked = here().asked
    if asked is None or asked.concept != concept.name:
        _offer(bench, concept)
        return
    left, right = st.columns([7, 5], gap="large")
    question: Question = asked.questions[asked.at]
    with left.container(key=key("teach", "question")):
        clip = clips.get(question.clip_id)
        if clip is None:
            st.info("This clip is not in the library any more; skip it.")
        else:
            film = player.film(bench, clip)
            sync([film], key=f"teach-question-{asked.at}-{question.clip_id[:12]}", loop=question.span, play=True)
    with right:
        _answers(asked, question, concept, clip)
        _done(bench, asked)


def _offer(bench: Workbench, concept: Concept) -> None:
    with st.container(border=True, key=key("teach", "ask-offer")):
        st.markdown("**Ten questions that help most**")
        st.caption(
            "Half of them are the best scores, where a “no” is what it confuses; half are where it is least sure. "
            "Answer with Y, N and S; then it is taught again with the answers."
        )
        if len(concept.classes) > 1:
            state = here()
            at = concept.classes.index(state.group) if state.group in concept.classes else 0
            field = key("teach", "ask-class", state.versions)
            state.group = st.selectbox("About", concept.classes, index=at, key=field, width=260)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Ask me ten",
                type="primary",
                icon=":material/quiz:",
                key=key("teach", "ask"),
                on_click=guarded(_ask),
                args=(bench, concept, False),
            )
            st.button(
                "Show its look-alikes", icon=":material/group:", key=key("teach", "alike"), on_click=guarded(_ask),
                args=(bench, concept, True), help="The highest scores among clips of other labels: most likely negatives.",
            )  # fmt: skip


def _ask(bench: Workbench, concept: Concept, look_alikes: bool) -> None:
    questions = Questions(bench)
    name = here().group if here().group in concept.classes else ""
    found = questions.look_alikes(concept, name=name) if look_alikes else questions.next(concept, name=name)
    here().asked = Round(concept.name, concept.made_at, tuple(found)) if found else None


def _answers(asked: Round, question: Question, concept: Concept, clip: Clip | None) -> None:
    given = dict(asked.answers)
    name = question.name or concept.classes[0]
    several = len(concept.classes) > 1
    st.caption(f"{asked.at + 1} of {len(asked.questions)} · {_counts(asked)}")
    st.subheader("What does this show?" if several else f"Does this show {plain(name)}?", anchor=False)
    if clip is not None:
        span = f"{question.span[0]:.1f} to {question.span[1]:.1f} s"
        st.caption(f"{plain(clip.name)} · {span} · {plain(clip.label or 'no label')} · {plain(clip.source or 'unknown source')}")
    choices = (
        [(one, one, str(place)) for place, one in enumerate(concept.classes[:MOST_CLASSES], 1)]
        if several
        else [("Yes", SHOWS, "Y")]
    )
    choices += [("None of them" if several else "No", NONE, "N"), ("Skip", SKIPPED, "S")]
    with st.container(horizontal=True, gap="small", key=key("teach", "answers")):
        for label, answer, shortcut in choices:
            st.button(
                plain(label), shortcut=shortcut, key=key("teach", "answer", shortcut), on_click=_answer, args=(answer,),
                type="primary" if given.get(asked.at) == answer else "secondary",
            )  # fmt: skip
    with st.container(horizontal=True, gap="small", key=key("teach", "turn")):
        st.button(
            "Back", shortcut="Left", key=key("teach", "left"), type="tertiary", disabled=asked.at == 0, on_click=_go, args=(-1,)
        )
        st.button(
            "On", shortcut="Right", key=key("teach", "right"), type="tertiary", disabled=asked.at + 1 == len(asked.questions),
            on_click=_go, args=(1,),
        )  # fmt: skip
        st.button(
            "Undo the last answer", shortcut="U", key=key("teach", "unanswer"), type="tertiary", disabled=not asked.answers,
            on_click=_unanswer,
        )  # fmt: skip
    st.caption(plain(question.why))


def _counts(asked: Round) -> str:
    told = [answer for _, answer in asked.answers]
    no, skipped = told.count(NONE), told.count(SKIPPED)
    return f"{len(told) - no - skipped} yes, {no} no, {skipped} skipped"


def _answer(answer: str) -> None:
    """The answer, and on to the next question without one."""
    asked = here().asked
    if asked is None:
        return
    answers = (*(one for one in asked.answers if one[0] != asked.at), (asked.at, answer))
    known = {number for number, _ in answers}
    ahead = [number for number in (*range(asked.at + 1, len(asked.questions)), *range(asked.at)) if number not in known]
    here().asked = replace(asked, answers=answers, at=ahead[0] if ahead else asked.at)


def _unanswer() -> None:
    asked = here().asked
    if asked is not None and asked.answers:
        here().asked = replace(asked, answers=asked.answers[:-1], at=asked.answers[-1][0])


def _go(step: int) -> None:
    asked = here().asked
    if asked is not None:
        here().asked = replace(asked, at=min(max(asked.at + step, 0), len(asked.questions) - 1))


def _done(bench: Workbench, asked: Round) -> None:
    useful = [one for one in asked.answers if one[1] != SKIPPED]
    with st.container(horizontal=True, gap="small", key=key("teach", "ask-done")):
        st.button(
            f"Teach it again with {count(len(useful), 'answer')}",
            type="primary",
            icon=":material/school:",
            key=key("teach", "ask-teach"),
            disabled=not useful or teach_work.busy(bench),
            on_click=guarded(_teach),
            args=(bench,),
        )
        st.button("Stop asking", key=key("teach", "ask-stop"), type="tertiary", on_click=_stop)
    if len(asked.answers) == len(asked.questions):
        st.success("All of them are answered.", icon=":material/check_circle:")


def _stop() -> None:
    here().asked = None


def _teach(bench: Workbench) -> None:
    """The answers as examples, and the concept taught anew with them. Raises BadInput; the answers stay then."""
    asked = here().asked
    if asked is None:
        return
    draft = teach_state.draft()
    for number, answer in asked.answers:
        question: Question = asked.questions[number]
        if answer != SKIPPED:
            draft = draft.added([(question.clip_id, question.span)], answer, "asked")
    teach_work.begin(bench, draft)
    teach_state.change("adding the answers", draft)
