"""The controls of the Live page: what to look for, by which encoder. What they ask stands in the address."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.live import MOST_QUERIES, quicker
from core.queries import parse
from core.workbench import Workbench
from pages.parts import typed
from pages.parts.asking import Asked, read, signature
from pages.parts.sides import clip_query, offer_missing
from pages.parts.state import get, key, put, session
from pages.parts.words import count, plain

QUERIES, ENCODER = (key("live", name) for name in ("queries", "encoder"))
PARAMS = ("q", "encoder")
FIRST = 3
"""Labels to look for until somebody chooses."""


def ask(bench: Workbench) -> Asked:
    """Draw the controls; the question they make together with the address: its queries and its encoder."""
    specs = {spec.name: spec for spec in bench.encoders()}
    clips = bench.library.clips()
    _follow_address(bench, clips, list(specs))
    left, right = st.columns([5, 3], vertical_alignment="bottom")
    options = _options(bench, clips)
    chosen = _chosen(bench, options, get(QUERIES) or [])
    options |= {text: typed.title(parse(text)) for text in chosen if text not in options}
    put(QUERIES, chosen)
    left.multiselect(
        f"Look for, up to {MOST_QUERIES}",
        list(options),
        format_func=options.__getitem__,
        key=QUERIES,
        max_selections=MOST_QUERIES,
        placeholder="labels, clips, action names, or words of your own",
        select_all=False,
        accept_new_options=True,
        help=typed.HELP,
    )
    right.selectbox("Encoder", list(specs), key=ENCODER, format_func=lambda name: specs[name].title)
    offer_missing(bench, clips, specs[get(ENCODER)])
    _offer_quicker(bench)
    asked = Asked(tuple(get(QUERIES)), get(ENCODER))
    _keep(asked)
    return asked


def _offer_quicker(bench: Workbench) -> None:
    found = quicker(bench, get(ENCODER))
    if found is None:
        return
    spec, why = found
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"This encoder is slow for a live picture. {plain(why)}.", width="content")
        st.button(f"Use {plain(spec.title)}", key=key("live", "quicker"), on_click=put, args=(ENCODER, spec.name))


def _options(bench: Workbench, clips: list[Clip]) -> dict[str, str]:
    """Query -> what people read: labels first, then concepts, clips and action names."""
    labels = Counter(clip.label for clip in clips if clip.label)
    found = {f"label:{label}": f"{label} · {count(number, 'clip')}" for label, number in sorted(labels.items())}
    found |= typed.concepts(bench)
    found |= {clip_query(clip): f"clip {clip.name}{f' · {clip.label}' if clip.label else ''}" for clip in clips}
    return found | {f"action:{name}": f"action name “{name}”" for name in bench.actions(get(ENCODER))}


def _chosen(bench: Workbench, options: dict[str, str], wanted: list[str]) -> list[str]:
    """What was picked or typed, each in its one written form; complaints about the rest are shown."""
    kept: list[str] = []
    for text in wanted:
        try:
            query = typed.read(text, options)
            if text in options or str(query) in options:
                kept.append(text if text in options else str(query))
            else:
                kept.append(typed.checked(bench, query, get(ENCODER)))
        except MotionbookError as error:
            st.warning(plain(str(error)[:1].upper() + str(error)[1:]), icon=":material/edit_off:")
    return list(dict.fromkeys(kept))[:MOST_QUERIES]


def _follow_address(bench: Workbench, clips: list[Clip], encoders: list[str]) -> None:
    """Fill the controls from a link that was followed, from what was asked before, or with a good first question."""
    here, params = session(), _params()
    followed = bool(params) and signature(params) != here.live_address
    if not followed and here.live_asked is not None and get(QUERIES) is not None and get(ENCODER) in encoders:
        return
    asked, complaints = read(params, encoders) if followed or here.live_asked is None else (here.live_asked, [])
    encoder = asked.encoder if asked.encoder in encoders else encoders[0]
    if not params.get("encoder") and here.live_asked is None and (found := quicker(bench, encoder)):
        encoder = found[0].name
    put(ENCODER, encoder)
    put(QUERIES, list(asked.queries) or ([] if params.get("q") or here.live_asked else _first_question(clips)))
    for complaint in complaints:
        st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")


def _first_question(clips: list[Clip]) -> list[str]:
    labels = Counter(clip.label for clip in clips if clip.label)
    return [f"label:{label}" for label, _ in labels.most_common(FIRST)]


def _keep(asked: Asked) -> None:
    """Write the question into the address and the session."""
    here, params = session(), asked.params()
    here.live_asked = asked
    here.live_address = signature({name: [value] if isinstance(value, str) else value for name, value in params.items()})
    if signature(_params()) != here.live_address:
        st.query_params.from_dict(params)


def _params() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in PARAMS if name in st.query_params}
