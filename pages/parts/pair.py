"""The two clips behind a cell, side by side."""

from __future__ import annotations

import streamlit as st

from core.clips import Clip
from core.comparing import Comparison, Side
from core.errors import MotionbookError
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import overlays, player, time_beside
from pages.parts.asking import Asked
from pages.parts.heat import Table
from pages.parts.meaning import title
from pages.parts.sides import ID_DIGITS
from pages.parts.state import key, session
from pages.parts.sync import Film, sync
from pages.parts.words import plain, similarity

FEWEST_WINDOWS = 4
NO_CLIP = "An action name has no clip of its own: it is a direction that the encoder's classifier learned from other videos."
NO_CLIP_OF_WORDS = (
    "Words have no clip of their own: they are a direction, mixed from action names that the encoder's classifier learned from "
    "other videos."
)


def players(bench: Workbench, comparison: Comparison, table: Table, asked: Asked, cell: tuple[int, int]) -> None:
    """For clips these two; for groups the pair that is most typical of the cell, and pickers for any other."""
    a, b = (comparison.sides[table.sides[number]] for number in cell)
    typical = bench.typical_pair(a, b) or (0, 0)
    overlay = overlays.choose()
    chosen: list[Clip | None] = []
    for place, name, row, side, best in zip(st.columns(2), ("left", "right"), cell, (a, b), typical, strict=True):
        with place:
            chosen.append(table.clips[row] or _choice(side, best, f"{name}.{cell[0]}.{cell[1]}"))
    clips = [clip for clip in chosen if clip is not None]
    session().shown = (clips[0].clip_id[:ID_DIGITS], clips[-1].clip_id[:ID_DIGITS]) if clips else None
    films = [
        player.film(bench, clip, overlay)
        if clip
        else Film(None, "", title(side), 0, 0, NO_CLIP_OF_WORDS if side.is_words else NO_CLIP)
        for clip, side in zip(chosen, (a, b), strict=True)
    ]
    with st.container(key="players"):
        sync(films, key=key("pair"), path=_path(asked, clips), aligned=False, play=True)
    for place, clip in zip(st.columns(2), chosen, strict=True):
        with place:
            if clip:
                player.about(clip)
                player.more_like(clip, asked.encoder)
    overlays.offer(bench, overlay, clips)
    _number(bench, a, chosen[0], b, chosen[1])
    time_beside.below(bench, clips)


def _path(asked: Asked, clips: list[Clip]) -> tuple[tuple[float, float], ...]:
    """Along which the two can be aligned, where both have enough windows for it to mean something."""
    if len(clips) < 2 or clips[0] is clips[1]:
        return ()
    try:
        found = benches.moments(asked.encoder, asked.weights, clips[0].clip_id, clips[1].clip_id)
    except MotionbookError:  # of a clip that is not embedded there is no path, and the films play without one
        return ()
    return found.path if min(found.similarity.shape) >= FEWEST_WINDOWS else ()


def _number(bench: Workbench, a: Side, left: Clip | None, b: Side, right: Clip | None) -> None:
    """What the encoder says of these two alone."""
    rows = [side.clips.index(clip) if clip else 0 for side, clip in ((a, left), (b, right))]
    value, counts = bench.pair(a, rows[0], b, rows[1])
    if left is None and right is None:
        return
    told = f"These two alone: **{similarity(value)}**"
    st.markdown(told if counts else f"{told}. They are of one source, so they do not count in the number above.")


def _choice(side: Side, best: int, place: str) -> Clip | None:
    clips = side.clips
    if not clips:
        return None
    return st.selectbox(
        f"Clip of {plain(title(side))}",
        clips,
        index=min(best, len(clips) - 1),
        format_func=lambda clip: clip.name,
        key=key("clip", place, *(clip.clip_id[:6] for clip in clips[:2]), len(clips)),
    )
