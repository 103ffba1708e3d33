"""Two clips, window against window: the third depth of a comparison, and the path along which they match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.clips import Clip
from core.comparing import Comparison
from core.errors import NotEnoughData
from core.similarity import Similarities
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import depths, heat, overlays, player, time_beside
from pages.parts.asking import Asked
from pages.parts.canvas import Choice
from pages.parts.sides import ID_DIGITS
from pages.parts.state import key, session
from pages.parts.sync import Event, Heat, sync
from pages.parts.words import plain, similarity


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Windows of ``pair[0]`` (rows) against windows of ``pair[1]``; ``sides`` are those that the two clips belong to."""

    pair: tuple[Clip, Clip]
    sides: tuple[int, int]
    row_seconds: NDArray[np.float64]
    column_seconds: NDArray[np.float64]
    similarity: Similarities
    path: tuple[tuple[float, float], ...]
    told: str
    """What was compared and whether it could be aligned, in a sentence."""

    @property
    def names(self) -> list[str]:
        return [f"{moment:.2f} s" for moment in self.row_seconds]

    @property
    def column_names(self) -> list[str]:
        return [f"{moment:.2f} s" for moment in self.column_seconds]

    def sides_of(self, cell: tuple[int, int]) -> tuple[int, int]:  # noqa: ARG002 (every window is of the same two clips)
        return self.sides


def find(bench: Workbench, comparison: Comparison, asked: Asked) -> Moments:
    """The windows of the two clips that ``asked`` names, or of a typical pair. Raises NotEnoughData."""
    numbers = asked.within or (0, min(1, len(comparison.sides) - 1))
    named = [_named(comparison, start, number) for start, number in zip(asked.pair or (), numbers, strict=False)]
    first, second = named if len(named) == 2 and all(named) else _typical(bench, comparison, numbers)
    (a, side_a), (b, side_b) = first, second
    found = benches.moments(asked.encoder, asked.weights, a.clip_id, b.clip_id)
    lost = "The link does not name two clips of these groups, so a typical pair is shown. " if named and not all(named) else ""
    return Moments(
        (a, b), (side_a, side_b), found.row_seconds, found.column_seconds, found.similarity, found.path, lost + found.told
    )


def _typical(bench: Workbench, comparison: Comparison, numbers: tuple[int, int]) -> tuple[tuple[Clip, int], tuple[Clip, int]]:
    with_clips = [number for number, side in enumerate(comparison.sides) if side.clips]
    if not with_clips:
        raise NotEnoughData("moments need two clips, and action names and words have none; choose labels or clips above")
    first, second = (number if comparison.sides[number].clips else with_clips[0] for number in numbers)
    a, b = comparison.sides[first], comparison.sides[second]
    row, column = bench.typical_pair(a, b) or (0, 0)
    return (a.clips[row], first), (b.clips[column], second)


def _named(comparison: Comparison, start: str, likely: int) -> tuple[Clip, int] | None:
    """The clip whose id begins so, and its side: the likely one, where it is in several."""
    for number in (likely, *range(len(comparison.sides))):
        for clip in comparison.sides[number].clips:
            if clip.clip_id.startswith(start):
                return clip, number
    return None


def chart(bench: Workbench, comparison: Comparison, found: Moments, asked: Asked, cell: tuple[int, int]) -> None:
    """The heatmap of moments beside the two films: they follow it, and it follows them."""
    depths.controls(comparison, asked, found.pair)
    session().shown = (found.pair[0].clip_id[:ID_DIGITS], found.pair[1].clip_id[:ID_DIGITS])
    overlay = overlays.choose()
    drawn = Heat.of(found.similarity, found.row_seconds, found.column_seconds)
    with st.container(key="heat-moments"):
        sync(
            [player.film(bench, clip, overlay) for clip in found.pair],
            key=key("moments"), path=found.path, beside=True, start=float(found.row_seconds[cell[0]]),
            heat=Heat(drawn.values, drawn.low, drawn.high, drawn.row_seconds, drawn.column_seconds, chosen=cell),
            on_event=lambda event: _happened(event, asked),
        )  # fmt: skip
    for place, clip in zip(st.columns(2), found.pair, strict=True):
        with place:
            player.about(clip)
    overlays.offer(bench, overlay, found.pair)
    first, second = found.names[cell[0]], found.column_names[cell[1]]
    st.markdown(f"{first} of the first and {second} of the second: **{similarity(float(found.similarity[cell]))}**")
    st.caption(plain(found.told))
    time_beside.below(bench, found.pair)
    heat.pickers(found.names, found.column_names, cell)


def _happened(event: Event, asked: Asked) -> None:
    if event.kind == "out":
        depths.to_clips(asked.within)
    elif event.kind == "cell":
        depths.chosen(Choice("cell", event.row, event.column))


def first_cell(found: Moments) -> tuple[int, int]:
    """Where the two are most alike."""
    row, column = np.unravel_index(int(np.argmax(found.similarity)), found.similarity.shape)
    return int(row), int(column)
