"""The two clips behind a cell, side by side."""

from __future__ import annotations

import streamlit as st

from core.clips import Clip
from core.comparing import Comparison, Side
from core.workbench import Workbench
from pages.parts import overlays, player
from pages.parts.heat import Table
from pages.parts.meaning import title
from pages.parts.state import key
from pages.parts.words import plain, similarity


def players(bench: Workbench, comparison: Comparison, table: Table, cell: tuple[int, int]) -> None:
    """For clips these two; for groups the pair that is most typical of the cell, and pickers for any other."""
    a, b = (comparison.sides[table.sides[number]] for number in cell)
    typical = bench.typical_pair(a, b) or (0, 0)
    overlay = overlays.choose()
    chosen: list[Clip | None] = []
    for place, name, row, side, best in zip(st.columns(2), ("left", "right"), cell, (a, b), typical, strict=True):
        with place:
            clip = table.clips[row] or _choice(side, best, f"{name}.{cell[0]}.{cell[1]}")
            chosen.append(clip)
            if clip is None:
                _no_clip(side)
            else:
                player.play(bench, clip, place=name, overlay=overlay)
                player.facts(clip)
    overlays.offer(bench, overlay, [clip for clip in chosen if clip is not None])
    _number(bench, a, chosen[0], b, chosen[1])


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


def _no_clip(side: Side) -> None:
    st.markdown(f"**{plain(title(side))}**")
    st.caption(
        "An action name has no clip of its own: it is a direction that the encoder's classifier learned from other videos."
    )
