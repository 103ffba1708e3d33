"""The controls of the Compare page: which groups, by which encoder. What they ask stands in the address."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.clips import Clip
from core.errors import BadQuery, MotionbookError, UnknownName
from core.queries import Query, parse
from core.workbench import EncoderSpec, Workbench
from pages.parts import streams, typed
from pages.parts.asking import MOST_SIDES, ORDERS, PARAMS, VIEWS, Asked, read, signature
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.words import count, plain

SIDES, ENCODER, VIEW, CELL, WITHIN, PAIR, ORDER = (
    key("compare", name) for name in ("sides", "encoder", "view", "cell", "in", "pair", "order")
)
ID_DIGITS = 12
FIRST_CHOICE = ("running", "jogging")


def ask(bench: Workbench) -> Asked:
    """Draw the controls; the question they make together with the address."""
    specs = {spec.name: spec for spec in bench.encoders()}
    clips = bench.library.clips()
    _follow_address(bench, clips, list(specs))
    sides, encoder = st.columns([5, 3], vertical_alignment="bottom")
    options = _options(bench, clips, get(ENCODER))
    chosen = _chosen(bench, options, get(SIDES) or [], get(ENCODER))
    options |= {text: typed.title(parse(text)) for text in chosen if text not in options}
    put(SIDES, chosen)
    sides.multiselect(
        f"Compare, up to {MOST_SIDES}",
        list(options),
        format_func=options.__getitem__,
        key=SIDES,
        max_selections=MOST_SIDES,
        on_change=_forget_cell,
        placeholder="labels, clips, action names, or words of your own",
        select_all=False,
        accept_new_options=True,
        help=typed.HELP,
    )
    encoder.selectbox("Encoder", list(specs), key=ENCODER, format_func=lambda name: specs[name].title, on_change=_forget_cell)
    offer_missing(bench, clips, specs[get(ENCODER)])
    weights = streams.weights(bench, get(ENCODER))
    view, before = get(VIEW) or VIEWS[0], session().asked
    order = get(ORDER) or (before.order if before else ORDERS[0])  # a widget that is not drawn forgets
    return Asked(tuple(get(SIDES)), get(ENCODER), view, get(CELL), weights, _known_sides(get(WITHIN)), get(PAIR), order)


def _known_sides(within: tuple[int, int] | None) -> tuple[int, int] | None:
    return within if within and max(within) < len(get(SIDES)) else None


def _chosen(bench: Workbench, options: dict[str, str], wanted: list[str], encoder: str) -> list[str]:
    """What was picked or typed, each in its one written form; complaints about the rest are shown."""
    kept: list[str] = []
    for text in wanted:
        if text in options:
            kept.append(text)
            continue
        try:
            query = typed.read(text, options)
            if str(query) not in options and any(leaf.kind == "action" and query.simple for leaf in query.leaves()):
                continue  # another encoder's action name
            kept.append(str(query) if str(query) in options else typed.checked(bench, query, encoder))
        except MotionbookError as error:
            st.warning(plain(str(error)[:1].upper() + str(error)[1:]), icon=":material/edit_off:")
    return list(dict.fromkeys(kept))[:MOST_SIDES]


def keep(asked: Asked) -> None:
    """Write the question into the address and the session."""
    here = session()
    here.asked = asked
    params = asked.params()
    here.address = signature({name: [value] if isinstance(value, str) else value for name, value in params.items()})
    if signature(_params()) != here.address:
        st.query_params.from_dict(params)


def _params() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in PARAMS if name in st.query_params}


def _follow_address(bench: Workbench, clips: list[Clip], encoders: list[str]) -> None:
    """Fill the controls from a link that was followed, from what was asked before, or with a good first question."""
    here, params = session(), _params()
    followed = bool(params) and signature(params) != here.address
    if not followed and here.asked is not None and get(SIDES) is not None:
        return
    asked, complaints = read(params, encoders) if followed or here.asked is None else (here.asked, [])
    put(ENCODER, asked.encoder if asked.encoder in encoders else encoders[0])
    known = []
    for text in asked.queries:
        try:
            query = parse(text)
            special = query.kind in typed.KINDS or query.span
            known.append(str(query) if special else _exact(bench, query, clips, get(ENCODER)))
        except MotionbookError as error:
            complaints.append(str(error))
    put(SIDES, known or ([] if params.get("q") else _first_question(clips)))
    put(VIEW, asked.view)
    put(CELL, asked.cell)
    put(WITHIN, asked.within)
    put(PAIR, asked.pair)
    put(ORDER, asked.order)
    streams.put_weights(bench, get(ENCODER), asked.weights)
    for complaint in complaints:
        st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")


def _exact(bench: Workbench, query: Query, clips: list[Clip], encoder: str) -> str:
    """The query as it stands among the options. Raises UnknownName and the like, which name what is near."""
    if query.kind == "clip":
        return clip_query(bench.library.clip(query.value))
    if query.kind == "action":
        for name in bench.actions(encoder):
            if name.casefold() == query.value.casefold():
                return f"action:{name}"
    elif any(clip.label == query.value for clip in clips):
        return str(query)
    if not clips:
        raise UnknownName(f"{query} must name something in this library, which is empty; add clips first")
    bench.compare([query], encoder)  # raises, and knows the names that are near
    raise BadQuery(f"{query} is not to be compared here")


def clip_query(clip: Clip) -> str:
    return f"clip:{clip.clip_id[:ID_DIGITS]}"


def _first_question(clips: list[Clip]) -> list[str]:
    labels = [label for label, _ in Counter(clip.label for clip in clips if clip.label).most_common()]
    chosen = [label for label in FIRST_CHOICE if label in labels]
    return [f"label:{label}" for label in (chosen if len(chosen) == len(FIRST_CHOICE) else labels[:2])]


def _options(bench: Workbench, clips: list[Clip], encoder: str) -> dict[str, str]:
    """Query -> what people read: labels first, then concepts, clips and action names."""
    labels = Counter(clip.label for clip in clips if clip.label)
    found = {f"label:{label}": f"{label} · {count(number, 'clip')}" for label, number in sorted(labels.items())}
    found |= typed.concepts(bench)
    found |= {clip_query(clip): f"clip {clip.name}{f' · {clip.label}' if clip.label else ''}" for clip in clips}
    return found | {f"action:{name}": f"action name “{name}”" for name in bench.actions(encoder)}


def _forget_cell() -> None:
    for name in (CELL, WITHIN, PAIR):
        put(name, None)


def offer_missing(bench: Workbench, clips: list[Clip], spec: EncoderSpec) -> None:
    """A button for the clips that this encoder has not seen."""
    embedded = bench.embedded_clips(spec.name)
    lacking = len(clips) - embedded
    if lacking <= 0 or bench.library.jobs(active_only=True):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{plain(spec.title)} has not seen {count(lacking, 'clip')} of {len(clips):,} yet.", width="content")
        st.button(
            f"Embed the missing {count(lacking, 'clip')}", key=key("embed"), on_click=guarded(_embed), args=(bench, spec.name)
        )


def _embed(bench: Workbench, encoder: str) -> None:
    bench.enqueue(bench.missing(encoder), encoder)
