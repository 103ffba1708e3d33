"""How examples come in: picked clips, a label, any clip or expression, and suggestions for what does not show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.clips import Clip
from core.concepts import NONE
from core.errors import BadQuery, MotionbookError
from core.queries import parse
from pages.parts import teach_asking as asking
from pages.parts import teach_state
from pages.parts.frame import guarded
from pages.parts.search_controls import choices
from pages.parts.state import get, key, put, session
from pages.parts.teach_state import here
from pages.parts.words import count, plain

CLASS = key("teach", "new-class")


def show(clips: Sequence[Clip], name: str) -> None:
    """One line of ways; always there, so that nothing jumps."""
    side = "none" if name == NONE else "shows"
    picked = [clip.clip_id for clip in clips if clip.clip_id in session().picked]
    field = key("teach", "add", side)
    known = choices(list(clips))
    st.multiselect(
        "Add clips that do not show it" if name == NONE else "Add clips that show it", list(known), key=field,
        format_func=lambda text: known.get(text, text), accept_new_options=True, select_all=False,
        placeholder="add a label, a clip, or an expression", label_visibility="collapsed",
        on_change=guarded(_typed), args=(list(clips), field, name),
        help="Such as `label:walking AND source:anna`, `label:running - source:bob`, `clip:3fa9c1@2.0-4.5`.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key("teach", "ways", side)):
        st.button(
            f"Add {count(len(picked), 'picked clip')}",
            icon=":material/add:",
            key=key("teach", "add-picked", side),
            disabled=not picked,
            on_click=_add,
            args=([(clip_id, None) for clip_id in picked], name, "adding the picked clips"),
        )
        if name == NONE:
            _suggest(clips)
        else:
            _another_class()


def _typed(clips: list[Clip], field: str, name: str) -> None:
    """What was chosen or typed; what cannot be read is told and left out."""
    labels = {clip.label for clip in clips if clip.label}
    taken, troubles = list[asking.Taken](), list[str]()
    for text in get(field) or []:
        try:
            taken += asking.expand(parse(f"label:{text}" if text in labels else text), clips)
        except BadQuery as error:
            troubles.append(f"“{text[:60]}” was left out: {error}")
        except MotionbookError as error:
            troubles.append(str(error))
    put(field, [])
    session().trouble = " ".join(troubles)
    if taken:
        _add(taken, name, "adding examples")


def _add(taken: Sequence[asking.Taken], name: str, told: str, origin: str = "taught") -> None:
    draft = teach_state.draft()
    new = draft.added(taken, name, origin)
    if not new.name and not new.classes and name != NONE:
        new = replace(new, name=draft.name)
    teach_state.change(told, new)


def _suggest(clips: Sequence[Clip]) -> None:
    found = asking.spread(teach_state.draft(), clips)
    st.button(
        f"Suggest {len(found)}" if found else "Suggest",
        icon=":material/auto_awesome:",
        key=key("teach", "suggest"),
        disabled=not found,
        on_click=_add,
        args=(found, NONE, "adding suggestions"),
        help="Clips of other labels, each label and source in turn. Look through them: what does show it moves over with M.",
    )


def _another_class() -> None:
    with st.popover("Another class", icon=":material/library_add:", key=key("teach", "class-menu")):
        st.caption("A concept of several classes tells them apart in one go, such as the actions of a place of work.")
        st.text_input("Name of the class", key=CLASS, max_chars=asking.NAME_LENGTH)
        st.button("Add the class", key=key("teach", "class-add"), on_click=guarded(_add_class))
        names = teach_state.draft().classes
        if names:
            group = here().group
            st.button(
                f"Take {plain(group)} out", icon=":material/delete:", key=key("teach", "class-remove"),
                on_click=guarded(_remove_class), args=(group,),
            )  # fmt: skip


def _add_class() -> None:
    name, draft = asking.named(str(get(CLASS) or "")), teach_state.draft()
    put(CLASS, "")
    if not name:
        raise BadQuery("class () must have a name; type one")
    if name in draft.names:
        raise BadQuery(f"class ({name}) must be another than those that are there; type another name")
    if not draft.classes:  # what was taught so far becomes the first class
        first = draft.name or "first class"
        if name == first:
            raise BadQuery(f"class ({name}) must be another than the concept's own; type another name")
        examples = tuple(replace(one, name=first) if one.name == asking.SHOWS else one for one in draft.examples)
        draft = replace(draft, examples=examples, classes=(first,))
    teach_state.change(f"adding the class {name}", replace(draft, classes=(*draft.classes, name)))
    here().group, here().versions = name, here().versions + 1


def _remove_class(name: str) -> None:
    draft = teach_state.draft()
    kept = tuple(one for one in draft.classes if one != name)
    examples = tuple(one for one in draft.examples if one.name != name)
    if len(kept) == 1:
        examples = tuple(replace(one, name=asking.SHOWS) if one.name == kept[0] else one for one in examples)
        draft, kept = replace(draft, name=draft.name or kept[0]), ()
    teach_state.change(f"taking {name} out", replace(draft, examples=examples, classes=kept))
    here().group, here().versions = "", here().versions + 1
