"""The concepts of this library, each with what can be done with it, and the ways to a new one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.clips import Clip
from core.concepts import NONE, Concept
from core.errors import BadInput, MotionbookError
from core.teaching import Teacher
from core.workbench import Workbench
from pages.parts import teach_asking as asking
from pages.parts import teach_files, teach_state
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.teach_asking import SHOWS, Draft
from pages.parts.teach_state import here
from pages.parts.words import ago, count, plain

LABELS, WORDS = (key("teach", "new", name) for name in ("labels", "words"))
PICTURE_PX = 84


def show(bench: Workbench, clips: Sequence[Clip]) -> None:
    concepts = Teacher(bench).all()
    _back_again(bench)
    if concepts:
        st.subheader(count(len(concepts), "concept"), anchor=False)
        for concept in concepts:
            _row(bench, concept, {clip.clip_id: clip for clip in clips})
    else:
        st.info(
            "Nothing is taught yet. Choose a handful of clips that show an action and a few that do not: six of each, from "
            "different people or cameras, is a good beginning.",
            icon=":material/school:",
        )
    st.subheader("Teach something new", anchor=False)
    _new(clips)
    teach_files.bring_in(bench)


def _back_again(bench: Workbench) -> None:
    """What was left unfinished, and what was forgotten: both can be had back."""
    state = here()
    if state.aside is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=key("teach", "aside")):
            name = plain(state.aside.name) or "A concept without a name"
            st.markdown(f"**{name}** is not taught yet: {_counts(state.aside)}.", width="stretch")
            st.button("Go on with it", type="primary", key=key("teach", "go-on"), on_click=_go_on)
            st.button("Throw away", key=key("teach", "throw"), on_click=_throw_away)
    if state.forgotten:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{plain(state.forgotten)} is forgotten.", width="content")
            st.button(
                "Undo",
                icon=":material/undo:",
                type="tertiary",
                key=key("teach", "restore"),
                on_click=guarded(_restore),
                args=(bench,),
            )


def _go_on() -> None:
    state = here()
    if state.aside is not None:
        aside, state.aside = state.aside, None
        teach_state.begin(aside)


def _throw_away() -> None:
    here().aside = None


def _restore(bench: Workbench) -> None:
    state = here()
    name, state.forgotten = state.forgotten, ""
    Teacher(bench).restore(name)
    session().news = f"{name} is back"


def _counts(draft: Draft) -> str:
    none = len(draft.of(NONE))
    return f"{count(len(draft.positives), 'positive')}, {count(none, 'negative')}"


def _row(bench: Workbench, concept: Concept, clips: dict[str, Clip]) -> None:
    teacher, name = Teacher(bench), concept.name
    with st.container(border=True, key=key("teach", "concept", concept.concept_id)):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            _picture(bench, concept, clips)
            told = st.container(width="stretch", gap="xxsmall")
            acts = st.container(width="content", horizontal=True, gap="small")
        told.markdown(f"**{plain(name)}**")
        told.caption(_about(bench, concept))
        why = teacher.stale(concept)
        if why:
            told.warning(plain(why[:1].upper() + why[1:]), icon=":material/update:")
        with acts:
            st.button(
                "Open", type="primary", key=key("teach", "open", concept.concept_id), on_click=guarded(_open), args=(bench, name)
            )
            with st.popover("More", key=key("teach", "more", concept.concept_id)):
                menu(bench, concept)


def menu(bench: Workbench, concept: Concept) -> None:
    """What can be done with a kept concept, wherever it is shown."""
    query = f"concept:{concept.name}"
    st.page_link(
        "pages/search.py", label="Search for it", icon=":material/search:", query_params={"q": query, "encoder": concept.encoder}
    )
    st.page_link("pages/watch.py", label="Watch for it", icon=":material/flag:", query_params={"concept": concept.name})
    with st.form(key=key("teach", "rename", concept.concept_id), border=False):
        name = key("teach", "name-of", concept.concept_id)
        st.text_input("Name", value=concept.name, key=name, max_chars=asking.NAME_LENGTH)
        st.form_submit_button("Rename", on_click=guarded(_rename), args=(bench, concept.name, name))
    teach_files.take_along(bench, concept)
    st.button(
        "Forget it", icon=":material/delete:", key=key("teach", "forget", concept.concept_id), on_click=guarded(_forget),
        args=(bench, concept.name),
    )  # fmt: skip


def _picture(bench: Workbench, concept: Concept, clips: dict[str, Clip]) -> None:
    shown = next((one.clip_id for one in concept.examples if one.name != NONE and one.clip_id in clips), "")
    if not shown:
        return
    try:
        st.image(str(bench.thumbnail(shown)), width=PICTURE_PX, alt=f"A picture of {clips[shown].name}")
    except (MotionbookError, OSError):  # a damaged picture is no reason to hide a concept
        return


def _about(bench: Workbench, concept: Concept) -> str:
    draft = asking.opened(concept)
    parts = [_counts(draft)] if concept.examples else []
    if len(concept.classes) > 1:
        parts.insert(0, ", ".join(plain(name) for name in concept.classes))
    if concept.words:
        parts.append(f"words “{plain(concept.words)}”")
    parts += [plain(bench.spec(concept.encoder).title if _known(bench, concept) else concept.encoder)]
    parts.append(f"taught {ago(concept.made_at)}")
    told = concept.thresholds[0].sentence if len(concept.thresholds) == 1 else ""
    return " · ".join(parts) + (f". {plain(told)}" if told else "")


def _known(bench: Workbench, concept: Concept) -> bool:
    return concept.encoder in {spec.name for spec in bench.encoders()}


def _open(bench: Workbench, name: str) -> None:
    teach_state.begin(asking.opened(Teacher(bench).get(name)), "quality")


def _rename(bench: Workbench, old: str, field: str) -> None:
    new = asking.named(str(get(field) or ""))
    if not new:
        raise BadInput("name () must be given; type a name")
    if new == old:
        return
    Teacher(bench).rename(old, new)
    state = here()
    if state.draft is not None and state.draft.concept == old:
        state.draft = asking.opened(Teacher(bench).get(new))
    session().news = f"{old} is called {new} now"


def _forget(bench: Workbench, name: str) -> None:
    state = here()
    Teacher(bench).forget(name)
    state.forgotten = name
    if state.draft is not None and state.draft.concept == name:
        state.draft = None


# -- a new one -----------------------------------------------------------------------------------------------------------


def _new(clips: Sequence[Clip]) -> None:
    """From labels, from what is picked, from words, or from nothing: each leads to the same screen."""
    picked = [clip.clip_id for clip in clips if clip.clip_id in session().picked]
    left, middle, right = st.columns(3, gap="medium")
    with left.container(border=True, height="stretch", key=key("teach", "from-labels")):
        st.markdown("**From labels**")
        st.caption("The clips of a label show it. Several labels become one concept that tells them apart.")
        labels = sorted({clip.label for clip in clips if clip.label})
        st.multiselect(
            "Labels",
            labels,
            key=LABELS,
            label_visibility="collapsed",
            placeholder="choose labels" if labels else "no clip has one",
            select_all=False,
            disabled=not labels,
        )
        st.button("Begin", key=key("teach", "labels"), disabled=not get(LABELS), on_click=_from_labels, args=(list(clips),))
    with middle.container(border=True, height="stretch", key=key("teach", "from-picks")):
        st.markdown("**From picked clips**")
        st.caption("Pick clips in the Library, on Search or on the Map; the pick stays as you go from page to page.")
        st.button(
            f"Begin with {count(len(picked), 'picked clip')}", key=key("teach", "picked"), disabled=not picked,
            on_click=_from_clips, args=(picked,),
        )  # fmt: skip
        st.page_link("pages/search.py", label="Find some", icon=":material/search:")
    with right.container(border=True, height="stretch", key=key("teach", "from-words")):
        st.markdown("**From words, or from nothing**")
        st.caption("Words alone make a rough concept that examples improve.")
        st.text_input(
            "Words", key=WORDS, label_visibility="collapsed", placeholder="somebody climbs a fence", max_chars=asking.WORDS_LENGTH
        )
        st.button("Begin", key=key("teach", "words"), on_click=_from_words)


def _from_labels(clips: list[Clip]) -> None:
    labels = list(get(LABELS) or [])
    put(LABELS, [])
    several = len(labels) > 1
    draft = Draft(name="" if several else labels[0], classes=tuple(labels) if several else ())
    for label in labels:
        draft = draft.added([(clip.clip_id, None) for clip in clips if clip.label == label], label if several else SHOWS)
    teach_state.begin(draft)


def _from_clips(clip_ids: list[str]) -> None:
    teach_state.begin(Draft().added([(clip_id, None) for clip_id in clip_ids], SHOWS))


def _from_words() -> None:
    words = str(get(WORDS) or "").strip()
    put(WORDS, "")
    teach_state.begin(Draft(name=asking.named(words), words=words))
