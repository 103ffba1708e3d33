"""Filters of a search and how its list is made, behind one fold; what is on stands as chips that take it off again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st

from core.clips import Clip
from core.filtering import Filters
from core.queries import Query
from core.searching import Search
from core.workbench import EncoderSpec, Workbench
from pages.parts import search_asking as asking
from pages.parts import streams
from pages.parts.choosing import NO_LABEL, NO_SOURCE
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.words import duration, plain

OWN = {"mark": "mark", "show": "show", "hide": "hide"}
KINDS = {"all": None, "filmed": False, "drawn": True}
MOMENTS = {False: "the best", True: "all"}
CHIP_LETTERS = 40


def controls(bench: Workbench, clips: Sequence[Clip], specs: Mapping[str, EncoderSpec]) -> None:
    """The fold, and the chips below it."""
    search = asking.current()
    with st.expander("Filters, and how to list what is found", icon=":material/filter_list:"):
        _which_clips(clips, search.filters)
        _how(specs, search)
        _weights(bench, search)
    _chips(bench, asking.current())


def _which_clips(clips: Sequence[Clip], filters: Filters) -> None:
    label, source, kind = st.columns([3, 3, 2])
    _many(label, "Label", "labels", sorted({clip.label for clip in clips} | set(filters.labels)), filters.labels, NO_LABEL)
    _many(source, "Source", "sources", sorted({clip.source for clip in clips} | set(filters.sources)), filters.sources, NO_SOURCE)
    drawn = next(name for name, value in KINDS.items() if value == filters.synthetic)
    put(_key("kind"), drawn)
    kind.segmented_control("Filmed or drawn", list(KINDS), key=_key("kind"), required=True, on_change=guarded(_kind))
    after, before, shortest, longest = st.columns(4)
    _day(after, "Added from", "added_after", filters.added_after)
    _day(before, "Added up to", "added_before", None if filters.added_before is None else filters.added_before - 1)
    _seconds(shortest, "Clip at least, seconds", "shortest_seconds", filters.shortest_seconds)
    _seconds(longest, "Clip at most, seconds", "longest_seconds", filters.longest_seconds)


def _how(specs: Mapping[str, EncoderSpec], search: Search) -> None:
    encoder, moments, own, fold = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    put(_key("encoder"), search.encoder)
    encoder.selectbox(
        "Encoder", list(specs), key=_key("encoder"), format_func=lambda name: specs[name].title, on_change=guarded(_encoder)
    )
    _choice(moments, "Moments of a clip", "moments", MOMENTS, search.moments)
    _choice(own, "Of the query's own source", "own", OWN, search.own)
    put(_key("fold"), search.fold)
    fold.toggle("Fold near copies", key=_key("fold"), on_change=guarded(_changed), args=("fold",))


def _weights(bench: Workbench, search: Search) -> None:
    """The sliders of the streams, as Compare has them; none for an encoder without parts."""
    if len(bench.sections(search.encoder)) < 2:
        if search.weights:
            asking.change(weights=())
        return
    mark = (search.encoder, search.weights)
    if get(_key("weighed")) != mark:  # a link was followed, or another encoder chosen
        streams.put_weights(bench, search.encoder, search.weights)
    chosen = streams.sliders(bench, search.encoder)
    if dict(chosen) != dict(search.weights):
        asking.change(weights=chosen)
    put(_key("weighed"), (search.encoder, asking.current().weights))


def _key(name: str) -> str:
    return key("search", name)


def _many(place: Any, title: str, name: str, names: list[str], chosen: Sequence[str], nothing: str) -> None:
    put(_key(name), list(chosen))
    place.multiselect(
        title, names, key=_key(name), format_func=lambda one: one or nothing, on_change=guarded(_filtered), args=(name,),
        placeholder="all", select_all=False,
    )  # fmt: skip


def _day(place: Any, title: str, name: str, moment: float | None) -> None:
    put(_key(name), None if moment is None else datetime.fromtimestamp(moment, UTC).date())
    place.date_input(
        title,
        value=None,
        key=_key(name),
        min_value=date(1970, 1, 1),
        format="YYYY-MM-DD",
        on_change=guarded(_filtered),
        args=(name,),
    )


def _seconds(place: Any, title: str, name: str, value: float | None) -> None:
    put(_key(name), value)
    place.number_input(
        title, min_value=0.0, max_value=1e6, step=0.5, value=None, key=_key(name), placeholder="any",
        on_change=guarded(_filtered), args=(name,),
    )  # fmt: skip


def _choice(place: Any, title: str, name: str, choices: Mapping[Any, str], chosen: Any) -> None:
    put(_key(name), chosen)
    place.segmented_control(
        title, list(choices), key=_key(name), format_func=choices.__getitem__, required=True, on_change=guarded(_changed),
        args=(name,),
    )  # fmt: skip


def _filtered(name: str) -> None:
    value = get(_key(name))
    if isinstance(value, date):  # days are whole, in UTC as links write them; the last one counts
        day = value + timedelta(days=name == "added_before")
        value = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    asking.change(filters=replace(asking.current().filters, **{name: tuple(value) if isinstance(value, list) else value}))


def _kind() -> None:
    asking.change(filters=replace(asking.current().filters, synthetic=KINDS[get(_key("kind")) or "all"]))


def _encoder() -> None:
    asking.change(encoder=get(_key("encoder")), weights=())


def _changed(name: str) -> None:
    asking.change(**{name: get(_key(name))})


# -- chips ---------------------------------------------------------------------------------------------------------------


def _chips(bench: Workbench, search: Search) -> None:
    """What narrows the list and what was given back; a click takes it off."""
    told = [*_filter_chips(search.filters), *_feedback_chips(bench, search)]
    if not told and not session().searches:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=key("search", "chips")):
        for number, (text, icon, act, given) in enumerate(told):
            st.button(plain(_short(text)), icon=icon, icon_position="left", on_click=guarded(act), args=given,
                      key=key("search", "chip", number), help="Take it off")  # fmt: skip
        if session().searches:
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=guarded(asking.undo), key=key("search", "undo"))
        if search.more or search.less:
            st.button("Clear feedback", type="tertiary", on_click=guarded(asking.forget_feedback), key=key("search", "forget"))
        if search.filters:
            st.button("Clear filters", type="tertiary", on_click=guarded(_clear), key=key("search", "clear"))


def _short(text: str) -> str:
    return text if len(text) <= CHIP_LETTERS else f"{text[: CHIP_LETTERS - 1]}…"


def _filter_chips(filters: Filters) -> list[tuple[str, str, Any, tuple[Any, ...]]]:
    def chip(text: str, **changes: Any) -> tuple[str, str, Any, tuple[Any, ...]]:
        return text, ":material/close:", _refilter, (changes,)

    told = []
    for name, chosen, what, nothing in (
        ("labels", filters.labels, "label", NO_LABEL),
        ("sources", filters.sources, "source", NO_SOURCE),
    ):
        told += [chip(f"{what}: {one or nothing}", **{name: tuple(all_ for all_ in chosen if all_ != one)}) for one in chosen]
    if filters.added_after is not None:
        told.append(chip(f"added from {_written(filters.added_after)}", added_after=None))
    if filters.added_before is not None:
        told.append(chip(f"added up to {_written(filters.added_before - 1)}", added_before=None))
    if filters.shortest_seconds is not None:
        told.append(chip(f"at least {duration(filters.shortest_seconds)}", shortest_seconds=None))
    if filters.longest_seconds is not None:
        told.append(chip(f"at most {duration(filters.longest_seconds)}", longest_seconds=None))
    if filters.synthetic is not None:
        told.append(chip("drawn" if filters.synthetic else "filmed", synthetic=None))
    return told


def _feedback_chips(bench: Workbench, search: Search) -> list[tuple[str, str, Any, tuple[Any, ...]]]:
    def chip(query: Query, liked: bool) -> tuple[str, str, Any, tuple[Any, ...]]:
        words = "more like" if liked else "not"
        return (
            f"{words} {asking.title(bench, query)}",
            ":material/add:" if liked else ":material/remove:",
            _take_back,
            (query, liked),
        )

    return [chip(query, True) for query in search.more] + [chip(query, False) for query in search.less]


def _take_back(query: Query, liked: bool) -> None:
    asking.give_back(query, liked=liked)


def _refilter(changes: Mapping[str, Any]) -> None:
    asking.change(filters=replace(asking.current().filters, **changes))


def _clear() -> None:
    asking.change(filters=Filters())


def _written(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
