"""Where do two clips agree? Moment against moment, the path on which they meet, and both players along it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errands import Report, Work
from core.timelines import READING, Alignment, Timelines
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import player, time_sheets, time_work
from pages.parts.pin import pin
from pages.parts.sync import Heat, sync
from pages.parts.take_along import take_along
from pages.parts.time_asking import Span, TimeAsked, clip_and_span
from pages.parts.words import count, duration, plain, similarity

PLACE_PX = 640
SECONDS_A_WINDOW = 0.4  # of i3d-rgb on two cores without a GPU: docs/performance.md
_SURE = 0.05


def show(bench: Workbench, asked: TimeAsked) -> None:
    (a, span_a), (b, span_b) = (clip_and_span(text) for text in (asked.a, asked.b))
    clips = [bench.library.clip(name) for name in (a, b)]
    if asked.a == asked.b:
        st.info(
            "These are the same moments twice. Choose another clip, or another range of this one.", icon=":material/swap_horiz:"
        )
        return
    times = Timelines(bench)
    spans = (span_a, span_b)
    missing = sum(times.missing(clip.clip_id, asked.encoder, span) for clip, span in zip(clips, spans, strict=True))
    if missing:
        _offer(bench, asked, [(clip.clip_id, span) for clip, span in zip(clips, spans, strict=True)], missing)
        return
    with st.skeleton(height=PLACE_PX):
        found = benches.alignment((clips[0].clip_id, span_a), (clips[1].clip_id, span_b), asked.encoder)
    st.markdown(sentence(found))
    films = [player.film(bench, clip) for clip in clips]
    sync(
        films,
        key=f"time-agree-{asked.a}-{asked.b}-{asked.encoder}",
        path=found.path,
        heat=Heat.of(found.similarity, found.a.seconds, found.b.seconds),
        start=found.path[0][0],
    )
    st.caption(
        f"{plain(bench.spec(asked.encoder).title)}; {count(len(found.a.windows), 'moment')} of the first clip against "
        f"{count(len(found.b.windows), 'moment')} of the second, each clip's own mean taken away: 0 is its usual look. "
        "A click on the map plays both from there; along the line matching moments meet."
    )
    question = {"a": asked.a, "b": asked.b, "encoder": asked.encoder}
    name = f"{clips[0].name} along {clips[1].name}"
    take_along(lambda: time_sheets.agreeing(bench, asked, found), name=name, key="alignment", label="Take the map along")
    pin(bench, "alignment", question, title=f"{clips[0].name} along {clips[1].name}", key="alignment")


def _offer(bench: Workbench, asked: TimeAsked, wanted: list[tuple[str, Span | None]], missing: int) -> None:
    times = Timelines(bench)

    def read(clip_id: str, span: Span | None) -> Work:
        def work(report: Report, should_stop: Callable[[], bool]) -> None:
            times.timeline(clip_id, asked.encoder, span, progress=report, should_stop=should_stop)

        return work

    about = duration(missing * SECONDS_A_WINDOW)
    told = f"{count(missing, 'moment')} to read, about {about} without a GPU; they are kept after that."
    time_work.offer(bench, READING, "Find where they agree", told, time_work.in_turn(*(read(*one) for one in wanted)))


def sentence(found: Alignment) -> str:
    """What the path says, and whether it means anything."""
    first, last = found.path[0], found.path[-1]
    how = "the first happens within the second" if found.within else "laid along each other from end to end"
    told = (
        f"**{plain(found.a.clip.name)}** from {first[0]:.1f} to {last[0]:.1f} s goes with **{plain(found.b.clip.name)}** from "
        f"{first[1]:.1f} to {last[1]:.1f} s ({how}): similarity along the path **{similarity(found.score)}**, the second "
        f"{_speed(found.speed)}."
    )
    chance = found.chance
    if chance.p_value is None:
        return f"{told} The ranges are too short to tell whether chance would do as well; choose longer ones."
    usual = (
        f"shuffled, they reach {similarity(chance.mean)} ({similarity(chance.high)} at best of twenty; p {_p(chance.p_value)})"
    )
    if chance.p_value <= _SURE:
        return f"{told} That is more than chance: {usual}."
    return f"{told} **That is no more than chance finds**: {usual}. Read nothing into the path."


def _speed(speed: float) -> str:
    return "at about the same speed" if 0.95 < speed < 1.05 else f"at {speed:.2f} times the speed"


def _p(value: float) -> str:
    return f"{value:.2f}" if value > 0.01 else "at most 0.01"
