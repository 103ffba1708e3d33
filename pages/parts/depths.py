"""How deep a comparison is looked into: groups, the clips of two groups, the windows of two clips; and the ways between them."""

from __future__ import annotations

import streamlit as st

from core.clips import Clip
from core.comparing import Comparison
from pages.parts.asking import ORDERS, VIEWS, Asked
from pages.parts.canvas import Choice
from pages.parts.meaning import title
from pages.parts.sides import CELL, ID_DIGITS, ORDER, PAIR, VIEW, WITHIN
from pages.parts.state import get, key, put, session
from pages.parts.words import plain

VIEW_NAMES = {"groups": "Groups", "clips": "Clips", "windows": "Moments"}
ORDER_NAMES = {"labels": "By label", "clustered": "Alike together"}
MOST_LETTERS = 28


def controls(comparison: Comparison, asked: Asked, pair: tuple[Clip, Clip] | None = None) -> None:
    """The depth, the order of clips, and the way back up."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Depth", VIEWS, key=VIEW, format_func=VIEW_NAMES.__getitem__, on_change=_by_hand, required=True,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
        if asked.view == "clips":
            put(ORDER, asked.order)
            st.segmented_control(
                "Order", ORDERS, key=ORDER, format_func=ORDER_NAMES.__getitem__, on_change=put, args=(CELL, None), required=True,
                label_visibility="collapsed", width="content",
            )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="crumbs"):
        _crumbs(comparison, asked, pair)


def _crumbs(comparison: Comparison, asked: Asked, pair: tuple[Clip, Clip] | None) -> None:
    if asked.view == "groups":
        st.caption("All groups", width="content")
        return
    st.button("All groups", key=key("crumb", "groups"), type="tertiary", on_click=to_groups, args=(asked,))
    st.caption("›", width="content")
    clips = f"Clips of {_sides(comparison, asked)}"
    if asked.view == "clips":
        st.caption(plain(clips), width="content")
        return
    st.button(plain(clips), key=key("crumb", "clips"), type="tertiary", on_click=to_clips, args=(asked.within,))
    st.caption("›", width="content")
    if pair:
        st.caption(plain(f"{_short(pair[0].name)} and {_short(pair[1].name)}"), width="content")


def _sides(comparison: Comparison, asked: Asked) -> str:
    if asked.within is None:
        return "all groups"
    return " and ".join(_short(title(comparison.sides[number])) for number in dict.fromkeys(asked.within))


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS]}…"


def _by_hand() -> None:
    """Another depth without a cell to look into: all clips, or the windows of the two that play."""
    put(CELL, None)
    if get(VIEW) == "windows":
        put(PAIR, session().shown)
    elif get(VIEW) == "clips":
        put(WITHIN, None)


def to_groups(asked: Asked) -> None:
    put(VIEW, "groups")
    put(CELL, asked.within)


def to_clips(within: tuple[int, int] | None) -> None:
    """Into a cell of groups, or back up from windows."""
    put(VIEW, "clips")
    put(WITHIN, within)
    put(CELL, None)


def to_windows(a: Clip, b: Clip) -> None:
    put(VIEW, "windows")
    put(PAIR, (a.clip_id[:ID_DIGITS], b.clip_id[:ID_DIGITS]))
    put(CELL, None)


def chosen(choice: Choice) -> None:
    put(CELL, (choice.row, choice.column))
