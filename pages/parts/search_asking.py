"""The search of the Search page: kept in the session, written into the address, changed by whatever is drawn around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import MotionbookError
from core.queries import Query
from core.searching import PARAMS, Search, read
from core.workbench import Workbench
from pages.parts.state import session
from pages.parts.words import plain

Signature = tuple[tuple[str, tuple[str, ...]], ...]
ID_DIGITS = 12


def current() -> Search:
    """The search as it stands. ``follow`` first."""
    found: Search = session().search
    return found


def follow(encoders: Sequence[str]) -> Search:
    """The search that a link asks for where one was followed, or else the one of before; complaints about a link are shown."""
    here, params = session(), _params()
    if here.search is None or (params and signature(params) != here.search_address):
        here.search, complaints = read(params, encoders)
        here.searches, here.unfolded = [], set()
        for complaint in complaints:
            st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")
    if here.search.encoder not in encoders:
        here.search = replace(here.search, encoder=encoders[0])
    return current()


def keep() -> None:
    """Write the search into the address."""
    here, params = session(), current().params()
    here.search_address = signature(params)
    if signature(_params()) != here.search_address:
        st.query_params.from_dict(params)


def _params() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in PARAMS if name in st.query_params}


def signature(params: Mapping[str, str | Sequence[str]]) -> Signature:
    """Query parameters in a form that can be compared."""
    told = {name: (values,) if isinstance(values, str) else tuple(values) for name, values in params.items()}
    return tuple(sorted((name, values) for name, values in told.items() if name in PARAMS and values))


def change(**changes: Any) -> None:
    """The search with some parts changed; the list begins anew. Raises BadQuery where that is no search."""
    here = session()
    here.search = replace(current(), **changes)
    here.unfolded = set()


def ask_for(query: Query) -> None:
    """One more thing to look for."""
    change(queries=(*current().queries, query))


def ask_instead(old: Query, new: Query) -> None:
    """``new`` wherever a query says ``old``."""
    change(queries=tuple(query.replaced(old, new) for query in current().queries))


def give_back(match: Query, *, liked: bool) -> None:
    """ "More like this" or "not this"; the same again takes it back. What was before can be had by ``undo``. Raises BadQuery."""
    now, here = current(), session()
    mine, other = (now.more, now.less) if liked else (now.less, now.more)
    mine = tuple(one for one in mine if one != match) if match in mine else (*mine, match)
    other = tuple(one for one in other if one != match)
    more, less = (mine, other) if liked else (other, mine)
    change(more=more, less=less)
    here.searches.append(now)


def undo() -> None:
    """The feedback before the last step; everything else stays as it is now."""
    before: Search = session().searches.pop()
    change(more=before.more, less=before.less)


def forget_feedback() -> None:
    now = current()
    change(more=(), less=())
    session().searches.append(now)


def shorter(query: Query) -> Query:
    """The same match by the beginning of its clip's id, as links have it."""
    return replace(query, value=query.value[:ID_DIGITS])


def title(bench: Workbench, query: Query) -> str:
    """What people read for a query: the name of its clip where it has one."""
    if query.kind not in ("clip", "take"):
        return {"text": f"“{query.value}”", "label": query.value}.get(query.kind, str(query))
    try:
        name = (bench.takes.get(query.value) if query.kind == "take" else bench.library.clip(query.value)).name
    except MotionbookError:
        name = f"{query.kind} {query.value[:ID_DIGITS]}"
    return f"{name} {query.span[0]:g}–{query.span[1]:g} s" if query.span else name
