"""The controls of the Search page: what is looked for, as words, names, clips, or a clip of one's own."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.queries import Query, parse
from core.workbench import Workbench
from pages.parts import search_asking as asking
from pages.parts import typed, uploads, webcam
from pages.parts.bench import own_takes
from pages.parts.frame import guarded
from pages.parts.sides import clip_query
from pages.parts.state import get, key, put, session
from pages.parts.words import count, plain

QUERIES = key("search", "queries")
WORDS = ("somebody waves a hand", "lifting something heavy")


def line(bench: Workbench, clips: list[Clip]) -> None:
    """The one line in which everything is typed or chosen."""
    options = choices(clips) | typed.concepts(bench)
    queries = [str(query) for query in asking.current().queries]
    options |= {text: _title(bench, parse(text)) for text in queries if text not in options}
    put(QUERIES, queries)
    st.multiselect(
        "What are you looking for?",
        list(options),
        format_func=options.__getitem__,
        key=QUERIES,
        on_change=guarded(_asked),
        args=(clips,),
        placeholder="words of your own, a label, a clip, or an expression; several together are one search",
        select_all=False,
        accept_new_options=True,
        help=typed.HELP,
    )


def choices(clips: list[Clip]) -> dict[str, str]:
    labels = Counter(clip.label for clip in clips if clip.label)
    found = {str(Query("label", label)): f"{label} · {count(number, 'clip')}" for label, number in sorted(labels.items())}
    return found | {clip_query(clip): f"clip {clip.name}{f' · {clip.label}' if clip.label else ''}" for clip in clips}


def _title(bench: Workbench, query: Query) -> str:
    if query.kind in ("clip", "take"):
        return f"{'clip' if query.kind == 'clip' else 'take'} {asking.title(bench, query)}"
    return typed.title(query)


def _asked(clips: list[Clip]) -> None:
    """What was chosen and typed, as queries; what cannot be read is told and left out."""
    before = {str(query): query for query in asking.current().queries}
    labels = {f"label:{clip.label}": clip.label for clip in clips if clip.label}
    found, troubles = list[Query](), list[str]()
    for text in get(QUERIES) or []:
        try:
            found.append(before.get(text) or typed.read(text, labels))
        except MotionbookError as error:
            troubles.append(f"“{text[:60]}” was left out: {error}")
    asking.change(queries=tuple(found))
    session().trouble = " ".join(troubles)


def own_clip(bench: Workbench) -> None:
    """A clip of one's own to search with: a file, or a take with the camera. Neither comes into the library.

    The fold closes when a clip has come: what was found stands below it.
    """
    here = session()
    with st.expander(
        "Search with a clip of your own: drop a file, or use the camera",
        icon=":material/videocam:",
        key=key("search", "own-clip", here.uploads, here.recorded_take[: asking.ID_DIGITS]),
    ):
        left, right = st.columns(2, gap="medium")
        with left:
            name = key("search", "drop", here.uploads)
            st.file_uploader(
                "Drop a clip to search with", key=name, on_change=guarded(_dropped), args=(bench, name),
                help="It is looked at and thrown away when you leave; it does not come into the library.",
            )  # fmt: skip
        with right:
            take = webcam.recorder(bench, key="search-camera")
        if take is not None and take.take_id != here.recorded_take:
            here.recorded_take = take.take_id
            asking.ask_for(parse(take.query))
            st.rerun()
    _takes(bench)


def _takes(bench: Workbench) -> None:
    """The last take that is asked for can be kept, or thrown away at once."""
    taken = [query for query in asking.current().queries if query.kind == "take"]
    try:
        take = bench.takes.get(taken[-1].value) if taken else None
    except MotionbookError:  # gone, which the answer below says
        return
    if take is not None:
        with st.popover(f"Keep or throw away {plain(take.name[:40])}", icon=":material/save:", key=key("search", "take")):
            webcam.kept(bench, take)


def _dropped(bench: Workbench, name: str) -> None:
    upload = get(name)
    if upload is None:
        return
    session().uploads += 1  # an empty uploader, whatever comes of it
    try:
        take = bench.takes.take(bytes(upload.getbuffer()), upload.name)
    finally:
        uploads.forget([upload])
    own_takes(bench).add(take.take_id)
    asking.ask_for(parse(take.query))


def examples(bench: Workbench, clips: list[Clip]) -> None:
    """Nothing is asked yet: questions that one click asks, from this library's own names and words."""
    st.info(
        "Type what you are looking for, choose a label or a clip, or drop a clip of your own. For example:",
        icon=":material/search:",
    )
    labels = [label for label, _ in Counter(clip.label for clip in clips if clip.label).most_common(3)]
    asked = [(label, Query("label", label)) for label in labels]
    asked += [(f"“{words}”", Query("text", words)) for words in WORDS if bench.actions(asking.current().encoder)]
    asked += [(f"like {clip.name}", parse(clip_query(clip))) for clip in clips[:1]]
    with st.container(horizontal=True, key=key("search", "examples")):
        for number, (label, query) in enumerate(asked):
            st.button(plain(label), on_click=asking.ask_for, args=(query,), key=key("search", "example", number))
