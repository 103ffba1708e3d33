"""How does it repeat itself? One clip's motion against itself, picture by picture, and its cadence; or those of two clips."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import figures
from core.cadence import Cadence
from core.clips import Clip
from core.errands import Report, Work
from core.timelines import Repetition, Timelines
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import pieces, player, time_sheets, time_work
from pages.parts.state import key
from pages.parts.sync import sync
from pages.parts.take_along import take_along
from pages.parts.time_asking import Span, TimeAsked, clip_and_span
from pages.parts.words import count, plain

WATCHING = "Watching how clips move"
PLACE_PX = 420


def show(bench: Workbench, asked: TimeAsked) -> None:
    wanted = [(bench.library.clip(name), span) for name, span in map(clip_and_span, filter(None, (asked.a, asked.b)))]
    if not ready(bench, [(clip.clip_id, span) for clip, span in wanted]):
        return
    told = [benches.repetition(clip.clip_id, span) for clip, span in wanted]
    if len(told) == 2:
        st.markdown(f"**{against([clip for clip, _ in wanted], [one.cadence for one in told])}**")
    films = [player.film(bench, clip) for clip, _ in wanted]
    for number, (place, (clip, _), one) in enumerate(zip(st.columns(2), wanted, told, strict=False)):
        with place:
            _one(clip, one, number)
    sync(films, key=f"time-repeat-{asked.a}-{asked.b}", start=wanted[0][1][0] if wanted[0][1] else None)
    st.caption(
        "Counted on the motion between one picture and the next, with whoever moves kept in the middle: no network and no label "
        "plays a part. Of a walk or a run, a repetition is a step. docs/time.md has the counted clips that it was held against."
    )


def ready(bench: Workbench, wanted: list[tuple[str, Span | None]]) -> bool:
    """Whether all were watched; else a button that has them watched."""
    times = Timelines(bench)
    lacking = [(clip_id, span) for clip_id, span in dict.fromkeys(wanted) if not times.cadence_known(clip_id, span)]
    if not lacking:
        return True

    def watch(clip_id: str, span: Span | None) -> Work:
        def work(report: Report, should_stop: Callable[[], bool]) -> None:
            times.cadence(clip_id, span, progress=report, should_stop=should_stop)

        return work

    told = "About as long as they play, on a machine without a GPU. Of a long clip the first minute is watched."
    label = f"Count the rhythm of {count(len(lacking), 'clip')}"
    time_work.offer(bench, WATCHING, label, told, time_work.in_turn(*(watch(*one) for one in lacking)))
    return False


def _one(clip: Clip, found: Repetition, number: int) -> None:
    cadence = found.cadence
    st.markdown(f"**{plain(clip.name)}**" + (f" · {plain(clip.label)}" if clip.label else ""))
    if cadence.per_minute is None:
        st.html('<div class="mb-number">–</div>')
        st.caption(f"No cadence: {plain(cadence.reason)}.")
    else:
        st.html(f'<div class="mb-number">{cadence.per_minute:.0f}<span class="mb-small"> a minute</span></div>')
        moving = f"{cadence.moving_seconds:.1f} s of movement"
        st.caption(f"{cadence.low:.0f} to {cadence.high:.0f}; confidence {cadence.confidence:.2f} of 1; {moving}")
    if not found.similarity.size:
        return
    sheet = time_sheets.repeating(clip, found)
    figure, name = figures.of(sheet, pieces.theme(), bare=True), key("time", "self", number)
    st.plotly_chart(figure, theme=None, key=name, config={"displayModeBar": False}, alt=sheet.alt)
    take_along(sheet, name=f"{clip.name} against itself", key=f"self-{number}")


def against(clips: list[Clip], cadences: list[Cadence]) -> str:
    """ "running 172 a minute, jogging 156 a minute: 16 apart", or why that says nothing."""
    names = [clip.label or clip.name for clip in clips]
    if names[0] == names[1]:
        names = [clip.name for clip in clips]
    told = ", ".join(
        f"{plain(name)} {one.per_minute:.0f} a minute" if one.per_minute else f"{plain(name)}: no cadence"
        for name, one in zip(names, cadences, strict=True)
    )
    a, b = cadences
    if a.per_minute is None or b.per_minute is None or a.low is None or b.low is None or a.high is None or b.high is None:
        return told
    if max(a.low, b.low) <= min(a.high, b.high):
        return f"{told}: too close to tell apart"
    return f"{told}: {abs(a.per_minute - b.per_minute):.0f} apart"
