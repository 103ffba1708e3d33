"""What the Teach page is busy with: it lasts from page to page, can be taken back, and stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.teaching import Teacher
from core.workbench import Workbench
from pages.parts import teach_asking as asking
from pages.parts.state import session
from pages.parts.teach_asking import PARAMS, VIEWS, Draft
from pages.parts.words import plain

Signature = tuple[tuple[str, tuple[str, ...]], ...]
MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Round:
    """Ten questions and what was answered so far: for a question's number the name of a class, NONE, or SKIPPED."""

    concept: str
    made_at: float
    questions: tuple[Any, ...]
    answers: tuple[tuple[int, str], ...] = ()
    at: int = 0


SKIPPED = "\0skipped"


@dataclass(slots=True)
class Teaching:
    """``draft`` is None while the list of concepts is shown."""

    draft: Draft | None = None
    view: str = "examples"
    aside: Draft | None = None
    """What was left unfinished when somebody went back to the list."""
    steps: list[tuple[str, Draft]] = field(default_factory=list)
    """What was done to the draft, in words, and the draft before it: what undo goes back to."""
    address: Signature | None = None
    shown: dict[str, int] = field(default_factory=dict)
    """How many cards each grid shows, by the name of its class."""
    figure: str = ""
    """The figure that is shown; "" for the usual one."""
    group: str = ""
    """The class whose positives are shown, of several."""
    asked: Round | None = None
    fine: set[tuple[str, str, str]] = field(default_factory=set)
    """Doubtful examples that somebody looked at and found right."""
    changed: bool = False
    """Something was changed inside a grid's fragment, and the page around it does not know yet."""
    waiting: str = ""
    """The concept that is being taught for this tab."""
    forgotten: str = ""
    """The concept that was forgotten last, for its undo."""
    uploads: int = 0
    versions: int = 0
    """Counts fields that were filled from outside: a new number is a widget that reads its value anew."""


def here() -> Teaching:
    state = session()
    if state.teach is None:
        state.teach = Teaching()
    found: Teaching = state.teach
    return found


def draft() -> Draft:
    """The draft under work. Only where there is one."""
    found = here().draft
    assert found is not None, "the page shows the list while there is no draft"
    return found


def change(told: str, new: Draft) -> None:
    """Take a changed draft; ``told`` says what was done, for its undo."""
    state = here()
    if state.draft is not None and new != state.draft:
        state.steps = [*state.steps, (told, state.draft)][-MOST_STEPS:]
    state.draft = new


def set_field(**fields: Any) -> None:
    """Change a field of the draft that its own widget can change back: no step of undo."""
    here().draft = replace(draft(), **fields)


def undo() -> None:
    state = here()
    if state.steps:
        _, state.draft = state.steps.pop()
        state.versions += 1


def begin(new: Draft, view: str = "examples") -> None:
    """Work on this draft from now on."""
    state = here()
    state.draft, state.view, state.steps, state.asked, state.group = new, view, [], None, ""
    state.shown = {}
    state.versions += 1


def leave() -> None:
    """Back to the list; what was not taught yet is kept aside."""
    state = here()
    unfinished = (
        state.draft is not None and bool(state.draft.examples or state.draft.words) and (not state.draft.concept or state.steps)
    )
    if unfinished:
        state.aside = state.draft
    state.draft, state.view, state.steps, state.asked = None, "examples", [], None


def follow(bench: Workbench, clips: Sequence[Clip], encoders: Sequence[str]) -> None:
    """Take what a link asks for, where one was followed; complaints about it are shown."""
    state, params = here(), _params()
    if not params or signature(params) == state.address:
        return
    kept, complaints = None, list[str]()
    name = (params.get("concept") or [""])[0]
    if name:
        try:
            kept = asking.opened(Teacher(bench).get(name))
        except MotionbookError as error:
            complaints.append(str(error))
    if kept is None and set(params) <= {"concept", "view"}:
        state.draft = None
    else:
        new, troubles = asking.read(params, clips, encoders, kept)
        complaints += troubles
        begin(new)
    view = (params.get("view") or ["examples"])[0]
    state.view = view if view in VIEWS else "examples"
    for complaint in complaints:
        st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")


def keep(unchanged: bool) -> None:
    """Write the state into the address; of a kept concept as it is its name alone."""
    state = here()
    if state.draft is None:
        told: dict[str, str | list[str]] = {}
    elif unchanged:
        told = {"concept": state.draft.concept} | ({"view": state.view} if state.view != "examples" else {})
    else:
        told = state.draft.params(state.view)
    state.address = signature(told)
    if signature(_params()) != state.address:
        st.query_params.from_dict(told)


def _params() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in PARAMS if name in st.query_params}


def signature(params: Mapping[str, str | Sequence[str]]) -> Signature:
    """Query parameters in a form that can be compared."""
    told = {name: (values,) if isinstance(values, str) else tuple(values) for name, values in params.items()}
    return tuple(sorted((name, values) for name, values in told.items() if name in PARAMS and values))
