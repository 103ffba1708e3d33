"""The controls of the Time page: which question, which clips or ranges of them, by which encoder. They stand in the address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.workbench import Workbench
from pages.parts import typed
from pages.parts.state import get, key, put, session
from pages.parts.time_asking import ID_DIGITS, QUESTIONS, Span, TimeAsked, clip_and_span, known_params, range_query, read
from pages.parts.words import duration, plain

ASK, QUERY, ENCODER = (key("time", name) for name in ("ask", "query", "encoder"))
CLIPS = {place: key("time", place) for place in ("a", "b")}
_TITLES = {"a": "First clip", "b": "Second clip"}
_STEP_SECONDS = 0.1


def ask(bench: Workbench) -> TimeAsked:
    """Draw the controls; the question they make together with the address."""
    clips = {clip.clip_id[:ID_DIGITS]: clip for clip in bench.library.clips()}
    _follow_address(bench, clips)
    question = st.segmented_control(
        "Question", list(QUESTIONS), format_func=QUESTIONS.__getitem__, key=ASK, label_visibility="collapsed", required=True
    )
    asked = replace(TimeAsked(), ask=question or "agree")
    if asked.ask == "find":
        asked = _ask_find(bench, clips, asked)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            a = _range(clips, "a")
        with right:
            b = _range(clips, "b", optional=asked.ask == "repeat")
        asked = replace(asked, a=a, b=b)
        if asked.ask == "agree":
            asked = replace(asked, encoder=_encoder(bench))
    _keep(asked)
    return asked


def _ask_find(bench: Workbench, clips: dict[str, Clip], asked: TimeAsked) -> TimeAsked:
    left, middle, right = st.columns([4, 4, 3], gap="medium")
    with left:
        a = _picker(clips, "a", "In this clip")
    with middle:
        labels = sorted({clip.label for clip in clips.values() if clip.label})
        options = [f"label:{label}" for label in labels] + [*typed.concepts(bench)]
        options += [f"action:{name}" for name in bench.actions(get(ENCODER))]
        if get(QUERY) and get(QUERY) not in options:
            options.insert(0, get(QUERY))
        st.selectbox(
            "Look for", options, index=None, key=QUERY, accept_new_options=True,
            placeholder="a label, an action, or a query such as clip:3fa9c1@2.0-4.5",
        )  # fmt: skip
    with right:
        encoder = _encoder(bench)
    return replace(asked, a=range_query(a, None) if a else "", q=get(QUERY) or "", encoder=encoder)


def _encoder(bench: Workbench) -> str:
    specs = {spec.name: spec for spec in bench.encoders()}
    if get(ENCODER) not in specs:
        put(ENCODER, next(iter(specs)))
    st.selectbox("Encoder", list(specs), key=ENCODER, format_func=lambda name: specs[name].title)
    return str(get(ENCODER))


def _picker(clips: dict[str, Clip], place: str, title: str, *, optional: bool = False) -> str:
    options = (["", *clips]) if optional else list(clips)
    if get(CLIPS[place]) not in options:
        put(CLIPS[place], options[0])
    st.selectbox(title, options, key=CLIPS[place], format_func=lambda name: _told(clips, name))
    return str(get(CLIPS[place]))


def _told(clips: dict[str, Clip], name: str) -> str:
    if not name:
        return "none"
    clip = clips[name]
    return " · ".join([clip.name, *([clip.label] if clip.label else []), duration(clip.info.duration_seconds)])


def _range(clips: dict[str, Clip], place: str, *, optional: bool = False) -> str:
    """A clip and the seconds of it, in its written form."""
    name = _picker(clips, place, _TITLES[place], optional=optional)
    if not name:
        return ""
    end = clips[name].info.duration_seconds
    slider = _slider(place, name)
    if end < 2 * _STEP_SECONDS:
        return range_query(name, None)
    low, high = get(slider) or (0.0, end)
    put(slider, (min(low, end - _STEP_SECONDS), min(high, end)))
    chosen: Span = st.slider(
        f"Seconds of the {_TITLES[place].lower()}", 0.0, end, key=slider, step=_STEP_SECONDS, format="%.1f s"
    )
    whole = chosen[0] <= 0.0 and chosen[1] >= end - _STEP_SECONDS
    return range_query(name, None if whole else (round(chosen[0], 2), round(chosen[1], 2)))


def _slider(place: str, name: str) -> str:
    return key("time", place, "range", name)


def _follow_address(bench: Workbench, clips: dict[str, Clip]) -> None:
    """Fill the controls from a link that was followed, from what was asked before, or with the first two clips."""
    here, params = session(), known_params({name: st.query_params[name] for name in st.query_params})
    followed = bool(params) and params != here.times_address
    if not followed and here.times is not None and get(ASK) is not None:
        return
    asked, complaints = read(params) if followed or here.times is None else (here.times, [])
    put(ASK, asked.ask)
    put(QUERY, asked.q or None)
    put(ENCODER, asked.encoder)
    names = list(clips)
    for place, text, usual in (("a", asked.a, 0), ("b", asked.b, min(1, len(names) - 1))):
        try:
            put(
                CLIPS[place],
                _from_text(bench, place, text) if text else ("" if asked.ask == "repeat" and place == "b" else names[usual]),
            )
        except MotionbookError as error:
            complaints.append(str(error))
    for complaint in complaints:
        st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")


def _from_text(bench: Workbench, place: str, text: str) -> str:
    value, span = clip_and_span(text)
    name = bench.library.clip(value).clip_id[:ID_DIGITS]
    put(_slider(place, name), span)
    return name


def _keep(asked: TimeAsked) -> None:
    """Write the question into the address and the session."""
    here = session()
    here.times, here.times_address = asked, asked.params()
    if known_params({name: st.query_params[name] for name in st.query_params}) != here.times_address:
        st.query_params.from_dict(here.times_address)
