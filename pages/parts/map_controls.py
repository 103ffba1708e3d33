"""The controls of the Map page: by which encoder, laid out how, coloured by what. They stand in the address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.errors import MotionbookError
from core.mapping import METHODS, NAMES, OF, Layout
from core.workbench import Workbench
from pages.parts import map_state, typed
from pages.parts.map_asking import COLOURS, GROUPINGS, LAYOUT_FIELDS, MOST_CLUSTERS, MapAsked, known_params, read
from pages.parts.state import get, key, put, session
from pages.parts.words import plain

ENCODER, COLOUR, GROUPING, K, QUERY = (key("map", name) for name in ("encoder", "colour", "grouping", "k", "query"))
LAYOUT = {name: key("map", name) for name in LAYOUT_FIELDS}


def ask(bench: Workbench) -> MapAsked:
    """Draw the controls; the view they make together with the address."""
    specs = {spec.name: spec for spec in bench.encoders()}
    _follow_address(list(specs))
    encoder, of, method, colour = st.columns([4, 3, 4, 4], vertical_alignment="bottom", gap="medium")
    encoder.selectbox("Encoder", list(specs), key=ENCODER, format_func=lambda name: specs[name].title)
    of.segmented_control(
        "A dot for each", OF, format_func={"clips": "clip", "moments": "moment"}.get, key=LAYOUT["of"], required=True
    )
    method.segmented_control("Laid out by", METHODS, format_func=NAMES.get, key=LAYOUT["method"], required=True)
    colour.selectbox("Colour", list(COLOURS), key=COLOUR, format_func=COLOURS.__getitem__)
    _settings()
    asked = MapAsked(str(get(ENCODER)), _layout(), str(get(COLOUR)), str(get(GROUPING) or "hdbscan"), int(get(K) or 0))
    return replace(asked, q=_query(bench, asked.encoder) if asked.colour == "like" else _kept_query())


def _layout() -> Layout:
    usual = Layout()
    return Layout(**{name: _or(get(widget), getattr(usual, name)) for name, widget in LAYOUT.items()})


def _or(value: object, usual: object) -> object:
    return usual if value is None else value


def _settings() -> None:
    """What only some look at: seed and numbers of the layout, and how clusters are found."""
    method = get(LAYOUT["method"])
    with st.expander("Settings of the map and its clusters", icon=":material/tune:"):
        boxes = st.columns(5, vertical_alignment="bottom", gap="medium")
        boxes[0].number_input(
            "Seed",
            0,
            2**32 - 1,
            step=1,
            key=LAYOUT["seed"],
            disabled=method == "pca",
            help="Another number, another map of the same",
        )
        if method == "tsne":
            boxes[1].number_input(
                "Perplexity", 2.0, 200.0, step=5.0, key=LAYOUT["perplexity"], help="About how many neighbours each dot minds"
            )
        else:
            boxes[1].number_input(
                "Neighbours", 2, 200, step=5, key=LAYOUT["neighbours"], disabled=method == "pca",
                help="More shows the large shapes, fewer the small ones",
            )  # fmt: skip
            boxes[2].number_input(
                "Least distance", 0.0, 0.99, step=0.05, key=LAYOUT["min_dist"], disabled=method == "pca",
                help="How near to each other alike dots may lie",
            )  # fmt: skip
        boxes[3].segmented_control("Clusters by", list(GROUPINGS), format_func=GROUPINGS.get, key=GROUPING, required=True)
        boxes[4].number_input(
            "How many (0: what suits)", 0, MOST_CLUSTERS, step=1, key=K, disabled=get(GROUPING) != "kmeans", help="Of k-means"
        )
        st.caption(
            "Clusters are found among the embeddings themselves, not among the dots: a map tears apart and pushes together."
        )


def _query(bench: Workbench, encoder: str) -> str:
    """What dots are compared with: an expression, a label or words."""
    labels = sorted({f"label:{clip.label}" for clip in bench.library.clips() if clip.label})
    options = [*labels, *typed.concepts(bench), *(f"action:{name}" for name in bench.actions(encoder))]
    if get(QUERY) and get(QUERY) not in options:
        options.insert(0, get(QUERY))
    text = st.selectbox(
        "Similar to", options, index=None, key=QUERY, accept_new_options=True, help=typed.HELP,
        placeholder="a label, an action, words of your own, or an expression such as label:running - label:walking",
    )  # fmt: skip
    if not text:
        return ""
    try:
        return str(typed.read(text, dict.fromkeys(options, "")))
    except MotionbookError as error:
        st.warning(plain(str(error)[:1].upper() + str(error)[1:]), icon=":material/edit_off:")
        return ""


def _kept_query() -> str:
    before = session().map_asked
    return before.q if before is not None else ""


def _follow_address(encoders: list[str]) -> None:
    """Fill the controls from a link that was followed, from what was asked before, or with what is usual."""
    here, params = session(), known_params({name: st.query_params[name] for name in st.query_params})
    followed = bool(params) and params != here.map_address
    if not followed and here.map_asked is not None and get(ENCODER) in encoders and get(COLOUR) is not None:
        _usual(here.map_asked)
        return
    asked, complaints = read(params, encoders) if followed or here.map_asked is None else (here.map_asked, [])
    put(ENCODER, asked.encoder if asked.encoder in encoders else encoders[0])
    put(COLOUR, asked.colour)
    put(QUERY, asked.q or None)
    put(GROUPING, asked.grouping)
    put(K, asked.k)
    for name, widget in LAYOUT.items():
        put(widget, getattr(asked.layout, name))
    if followed:
        map_state.here().follow_cluster(asked.cluster)
    for complaint in complaints:
        st.warning(plain(complaint[:1].upper() + complaint[1:]), icon=":material/link_off:")


def _usual(asked: MapAsked) -> None:
    """A widget that was not drawn in the run before has forgotten its value."""
    for name, widget in LAYOUT.items():
        if get(widget) is None:
            put(widget, getattr(asked.layout, name))
    for widget, value in ((GROUPING, asked.grouping), (K, asked.k), (QUERY, asked.q or None)):
        if get(widget) is None:
            put(widget, value)


def keep(asked: MapAsked) -> None:
    """Write the view into the address and the session."""
    here, asked = session(), replace(asked, cluster=map_state.here().cluster)
    here.map_asked, here.map_address = asked, asked.params()
    if known_params({name: st.query_params[name] for name in st.query_params}) != here.map_address:
        st.query_params.from_dict(here.map_address)
