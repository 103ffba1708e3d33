"""What a concept is called, by which encoder it is taught, what its threshold is made for, and the button that teaches it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from core.clips import Clip
from core.concepts import HEADS, NONE, Concept
from core.errors import MotionbookError
from core.teaching import Teacher
from core.workbench import Workbench
from pages.parts import sides, teach_list, teach_state, teach_work
from pages.parts import teach_asking as asking
from pages.parts.frame import guarded
from pages.parts.state import get, key
from pages.parts.teach_asking import AUTO, SHOWS, TARGETS, USUAL, VIEWS, Draft
from pages.parts.teach_state import here
from pages.parts.words import count, plain

HEAD_NAMES = {
    AUTO: "the best of them",
    "prototype": "prototype",
    "knn": "nearest neighbours",
    "ridge": "ridge probe",
    "logistic": "logistic probe",
    "svm": "linear SVM",
}
TARGET_HELP = {
    "": "One false alarm an hour where there is footage enough to tell; otherwise what tells the examples best apart.",
    "false-alarms": "It fires falsely at most so many times in an hour of footage.",
    "precision": "Of all it flags, at least this share is right.",
    "conformal": "At most this share of clips that do not show it fires, whatever the scores look like.",
}


def kept(bench: Workbench) -> Concept | None:
    """The kept concept that the draft began as, if it is still there."""
    name = teach_state.draft().concept
    if not name:
        return None
    try:
        return Teacher(bench).get(name)
    except MotionbookError:
        teach_state.set_field(concept="")
        return None


def head(bench: Workbench, concept: Concept | None) -> None:
    """The way back, what can be done with a kept concept, and undo: one line."""
    state = here()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key("teach", "head")):
        st.button(
            "All concepts", icon=":material/arrow_back:", type="tertiary", key=key("teach", "back"), on_click=teach_state.leave
        )
        if concept is not None:
            st.markdown(f"**{plain(concept.name)}**", width="content")
        st.space("stretch")
        told = state.steps[-1][0] if state.steps else ""
        st.button(
            f"Undo: {plain(told)}" if told else "Undo", icon=":material/undo:", type="tertiary", key=key("teach", "undo"),
            disabled=not told, on_click=teach_state.undo,
        )  # fmt: skip
        if concept is not None:
            with st.popover("More", key=key("teach", "menu")):
                teach_list.menu(bench, concept)


def fields(bench: Workbench, clips: Sequence[Clip]) -> None:
    """Name, encoder and words."""
    draft = teach_state.draft()
    specs = {spec.name: spec for spec in bench.encoders()}
    name, encoder, words = st.columns([4, 4, 4], gap="medium")
    _text(name, "Name", "name", draft.name, asking.NAME_LENGTH, "such as fight")
    field = key("teach", "encoder", here().versions)
    names = list(specs)
    encoder.selectbox(
        "Encoder", names, index=names.index(draft.encoder) if draft.encoder in specs else 0, key=field,
        format_func=lambda one: specs[one].title, on_change=_set, args=("encoder", field),
        help="A concept lives in the space of one encoder; with another it is taught again.",
    )  # fmt: skip
    _text(words, "Words, if they help", "words", draft.words, asking.WORDS_LENGTH, "such as two people fight")
    chosen = draft.encoder or names[0]
    sides.offer_missing(bench, list(clips), specs[chosen])


def _text(place: Any, title: str, name: str, value: str, most: int, example: str) -> None:
    field = key("teach", name, here().versions)
    place.text_input(title, value=value, key=field, max_chars=most, placeholder=example, on_change=_set, args=(name, field))


def _set(name: str, field: str) -> None:
    value = get(field)
    if isinstance(value, str):
        value = asking.named(value) if name == "name" else value.strip()
    if value is not None:
        teach_state.set_field(**{name: value})


def teach(bench: Workbench, concept: Concept | None) -> None:
    """The target, the head and the button; what is missing stands beside it."""
    draft = teach_state.draft()
    with st.container(border=True, key=key("teach", "bar")):
        kind, number, middle, right = st.columns([45, 18, 20, 17], vertical_alignment="bottom", gap="small")
        _target(draft, kind, number)
        field = key("teach", "kind", here().versions)
        kinds = [AUTO, *HEADS]
        middle.selectbox(
            "Head",
            kinds,
            index=kinds.index(draft.head),
            key=field,
            format_func=HEAD_NAMES.__getitem__,
            on_change=_set,
            args=("head", field),
            help="What decides: all five are tried with each source left out in turn, and the best is taken.",
        )
        missing, again = lacks(draft), concept is not None and concept.name == draft.name
        right.button(
            "Teach it again" if again else "Teach it", type="primary", icon=":material/school:", width="stretch",
            key=key("teach", "teach"), disabled=bool(missing) or teach_work.busy(bench), on_click=guarded(teach_work.begin),
            args=(bench, draft),
        )  # fmt: skip
        st.caption(plain(missing) if missing else _told(draft, {one.name for one in Teacher(bench).all()}))
    teach_work.progress(bench)


def _target(draft: Draft, kind: Any, number: Any) -> None:
    """A target that people understand; the number belongs to it."""
    field = key("teach", "target", here().versions)
    kind.segmented_control(
        "Made for",
        list(TARGETS),
        default=draft.target,
        key=field,
        format_func=TARGETS.__getitem__,
        required=True,
        wrap=True,
        on_change=_set_target,
        args=(field,),
        help="\n".join(f"* **{TARGETS[one]}**: {TARGET_HELP[one]}" for one in TARGETS),
    )
    hourly = draft.target in ("", "false-alarms")
    titles = {"": "at most, an hour", "false-alarms": "at most, an hour", "precision": "at least, %", "conformal": "at most, %"}
    field = key("teach", "wanted", draft.target, here().versions)
    number.number_input(
        titles[draft.target], min_value=0.01 if hourly else 0.1, max_value=3600.0 if hourly else 99.9,
        disabled=not draft.target,
        value=(draft.wanted or 1.0) if hourly else round(100 * draft.wanted, 1), step=1.0, format="%g", key=field,
        on_change=_set_wanted, args=(field, hourly),
    )  # fmt: skip


def _set_target(field: str) -> None:
    kind = get(field)
    if kind in TARGETS:
        teach_state.set_field(target=kind, wanted=USUAL[kind])


def _set_wanted(field: str, hourly: bool) -> None:
    value = get(field)
    if value is not None:
        teach_state.set_field(wanted=float(value) if hourly else round(float(value) / 100, 4))


def lacks(draft: Draft) -> str:
    """What must be there before anything can be taught; "" when nothing is missing."""
    if not draft.name:
        return "Give it a name."
    empty = [name for name in draft.names if not draft.of(name)]
    if not empty or (empty == [SHOWS] and draft.words):
        return ""
    return "Add clips that show it, or words." if empty == [SHOWS] else f"Add clips that show {empty[0]}, or take that class out."


def _told(draft: Draft, known: Collection[str]) -> str:
    """What would be taught, and what is doubtful about it."""
    positives, negatives = draft.positives, draft.of(NONE)
    verb = "shows" if len(positives) == 1 else "show"
    told = f"{count(len(positives), 'example')} that {verb} it, {len(negatives) or 'none'} that do not"
    if draft.name in known and draft.concept != draft.name:
        return f"{told}. There is a concept of this name already: teaching takes its place."
    if not negatives and not draft.classes:
        return f"{told}. Without negatives nothing can be said of false alarms: add some that are easily mistaken for it."
    return f"{told}. All heads are tried on sources that they were not taught with."


def views(concept: Concept | None) -> str:
    """Which part of the page is looked at; without a kept concept there are only the examples."""
    state, draft = here(), teach_state.draft()
    if concept is None:
        state.view = "examples"
        return state.view
    field = key("teach", "view")
    if get(field) != state.view:
        st.session_state[field] = state.view
    st.segmented_control(
        "Part", list(VIEWS), key=field, required=True, label_visibility="collapsed", on_change=_set_view, args=(field,),
        format_func=lambda one: f"{VIEWS[one]} · {len(draft.examples)}" if one == "examples" else VIEWS[one],
    )  # fmt: skip
    return state.view


def _set_view(field: str) -> None:
    state, value = here(), get(field)
    if value in VIEWS:
        state.view = value


def warn_stale(bench: Workbench, concept: Concept) -> None:
    """A concept that its encoder has outgrown says so, and what to press."""
    why = Teacher(bench).stale(concept)
    if not why:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=key("teach", "stale")):
        st.warning(plain(why[:1].upper() + why[1:]), icon=":material/update:", width="stretch")
        st.button(
            "Teach it again now", key=key("teach", "again"), disabled=teach_work.busy(bench), on_click=guarded(teach_work.begin),
            args=(bench, asking.opened(concept)),
        )  # fmt: skip


def unchanged(concept: Concept | None) -> bool:
    """Whether the draft is the kept concept as it is."""
    return concept is not None and teach_state.draft() == asking.opened(concept)
