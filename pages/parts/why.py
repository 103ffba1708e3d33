"""Below the players of Compare: why are these two clips alike, and is it motion or scenery?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core import rasters
from core.clips import Clip
from core.errands import STOPPED
from core.errors import MotionbookError
from core.explained import Half, Why
from core.explaining import SCENERY, WHY, Explainer
from core.surviving import TOLD, Scenery, percent
from core.workbench import Workbench
from pages.parts import models_errand, pin, player
from pages.parts.asking import Asked
from pages.parts.frame import guarded
from pages.parts.state import key, session
from pages.parts.sync import Mark, Overlay, sync
from pages.parts.words import duration, plain, similarity

CARRIES, AGAINST = "#14C8B4", "#F28E2B"
"""Teal and orange: a pair that people with any colour vision tell apart, and both stand out of a film."""
_CELLS_PX = 160  # of the longer side of a veil: it is smooth, and the browser enlarges it
_PATIENCE_SECONDS = 0.7  # a window, where nobody has timed one on this machine


def shown(bench: Workbench) -> list[Clip]:
    """The two clips that the players above show; fewer where a side is an action, or a clip is gone."""
    try:
        return [bench.library.clip(beginning) for beginning in session().shown or ()]
    except MotionbookError:
        return []


def panel(bench: Workbench, clips: Sequence[Clip], asked: Asked) -> None:
    """Two questions about a pair of clips; what was asked before is answered at once."""
    if len(clips) != 2 or clips[0].clip_id == clips[1].clip_id:
        return
    explainer, weights = Explainer(bench), dict(asked.weights)
    ids = (clips[0].clip_id, clips[1].clip_id, asked.encoder)
    try:
        why = explainer.kept_why(*ids, weights=weights)
        scenery = explainer.kept_scenery(*ids, weights=weights)
    except MotionbookError:  # one of them is not embedded by this encoder, which the page says elsewhere
        return
    with st.container(border=True, key=key("why")):
        st.subheader("Why are these two alike?", anchor=False)
        if why is not None:
            _told_why(bench, why)
            _pin_why(bench, why, asked)
        if scenery is not None:
            _told_scenery(bench, scenery, asked)
        _offer(bench, explainer, ids, weights, why is None, scenery is None)


# -- asking --------------------------------------------------------------------------------------------------------------


def _offer(
    bench: Workbench, explainer: Explainer, ids: tuple[str, str, str], weights: Mapping[str, float], why: bool, scenery: bool
) -> None:
    """A button for each question that is open, with what it costs; or how far the one under way is."""
    if not (why or scenery):
        return
    state = bench.errands.state
    if state is not None and not state.ended:
        if state.title in (WHY, SCENERY):
            models_errand.running(bench)
        else:  # whoever began that shows how far it is
            st.caption("It can be asked as soon as what is being worked out now is done.")
        return
    if state is not None and state.title in (WHY, SCENERY) and state.error:
        stopped = state.error == STOPPED
        told = "Stopped. Ask again to go on." if stopped else plain(state.error[:1].upper() + state.error[1:])
        (st.info if stopped else st.error)(told, icon=":material/info:" if stopped else ":material/error:")
    pace = explainer.seconds_a_pass(ids[2])
    columns = st.columns(2, gap="medium")
    if why:
        with columns[0]:
            _button("What carries it?", ":material/center_focus_strong:", "why", explainer.start_why, ids, weights)
            st.caption(
                f"Hides the clips piece by piece and watches the similarity fall. {_cost(explainer.passes_of_why(), pace)}"
            )
    if scenery:
        with columns[1 if why else 0]:
            _button("Motion or scenery?", ":material/landscape:", "scenery", explainer.start_scenery, ids, weights)
            passes = explainer.passes_of_scenery(*ids)
            st.caption(f"Takes motion, actor and scene away in turn and says what is left. {_cost(passes, pace)}")


def _button(label: str, icon: str, name: str, start: object, ids: tuple[str, str, str], weights: Mapping[str, float]) -> None:
    st.button(label, icon=icon, key=key("why", name), on_click=guarded(start), args=(*ids, weights))  # type: ignore[arg-type]


def _cost(passes: int, pace: float | None) -> str:
    seconds = passes * (pace or _PATIENCE_SECONDS)
    return f"About {duration(max(seconds, 1.0))} here: {passes} looks at windows."


# -- why alike -----------------------------------------------------------------------------------------------------------


def _told_why(bench: Workbench, why: Why) -> None:
    st.markdown(f"**{plain(why.sentence)}**")
    halves = (why.a, why.b)
    films = [player.film(bench, half.clip, "") for half in halves]
    veils = [
        Overlay(place, half.window.start_seconds - 0.05, half.window.end_seconds + 0.05, veil(half, why.largest), _alt(half))
        for place, half in enumerate(halves)
    ]
    marks = [
        Mark(place, half.window.start_seconds, half.window.end_seconds, "the part that was hidden piece by piece")
        for place, half in enumerate(halves)
    ]
    window = why.a.window
    sync(
        films, key=key("why", "films", *(half.clip.clip_id[:8] for half in halves)), overlay_pngs=veils, marks=marks,
        path=_meeting(why), start=(window.start_seconds + window.end_seconds) / 2,
    )  # fmt: skip
    st.html(legend(why.largest))
    for column, half in zip(st.columns(2), halves, strict=True):
        column.html(moments(half))
    st.caption(
        f"Measured on the two windows that match best ({_span(why.a)} and {_span(why.b)}), each against the whole other clip. "
        "A place that is hidden takes its colour from how far the similarity falls, or grows, without it; "
        "what stays clear at the sides the encoder does not see. The films run so that the two windows meet. "
        f"{plain(why.encoder)}, similarity {similarity(why.similarity)}, {why.passes} looks."
    )


def _pin_why(bench: Workbench, why: Why, asked: Asked) -> None:
    if not asked.weights:  # a cell asks with the encoder's own weights
        a, b = why.a.clip, why.b.clip
        question = {"a": a.clip_id, "b": b.clip_id, "encoder": asked.encoder}
        pin.pin(bench, "why", question, title=f"Why {a.name} and {b.name} are alike", key="why")


def _meeting(why: Why) -> list[tuple[float, float]]:
    """A path on which both windows begin and end together, whole films at their ends."""
    spans = [
        (0.0, half.window.start_seconds, half.window.end_seconds, max(half.clip.info.duration_seconds, half.window.end_seconds))
        for half in (why.a, why.b)
    ]
    knots = list(zip(*spans, strict=True))
    return [knot for place, knot in enumerate(knots) if place == 0 or min(np.subtract(knot, knots[place - 1])) > 0.01]


def veil(half: Half, largest: float) -> bytes:
    """A PNG with alpha as wide as the film is: what carries the similarity, and what speaks against it, in colour."""
    info = half.clip.info
    scale = _CELLS_PX / max(info.width_px, info.height_px)
    width, height = max(2, round(info.width_px * scale)), max(2, round(info.height_px * scale))
    x0, y0, x1, y1 = half.view
    across, down = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    rows, columns = half.places.shape
    wide = np.stack([np.interp(across, x0 + (np.arange(columns) + 0.5) / columns * (x1 - x0), row) for row in half.places])
    full = np.stack([np.interp(down, y0 + (np.arange(rows) + 0.5) / rows * (y1 - y0), column) for column in wide.T], axis=1)
    outside = (down < y0)[:, None] | (down > y1)[:, None] | (across < x0)[None] | (across > x1)[None]
    return rasters.veil_png(np.where(outside, np.nan, full), largest, AGAINST, CARRIES)


def legend(largest: float) -> str:
    """The two colours and the end of their scale."""
    end = similarity(largest)
    steps = f"linear-gradient(90deg, {AGAINST}, transparent 50%, {CARRIES})"
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center;font-size:0.875rem;opacity:.9">'
        f"<span>speaks against it (−{end})</span>"
        f'<span style="flex:0 1 160px;height:10px;min-width:80px;border-radius:5px;background:{steps}"></span>'
        f"<span>carries the similarity (+{end})</span></div>"
    )


def moments(half: Half) -> str:
    """Bars for the slices of the window's time; each says its number."""
    most = float(np.abs(half.moments).max()) or 1.0
    length = (half.window.end_seconds - half.window.start_seconds) / len(half.moments)
    bars = []
    for place, value in enumerate(half.moments):
        at = half.window.start_seconds + (place + 0.5) * length
        colour, tall = (CARRIES if value >= 0 else AGAINST), max(2, round(32 * abs(float(value)) / most))
        bars.append(
            f'<div title="{at:.1f} s: {similarity(float(value))}" style="flex:1;height:{tall}px;background:{colour};'
            'border-radius:2px 2px 0 0"></div>'
        )
    start, end = half.window.start_seconds, half.window.end_seconds
    best = int(np.argmax(half.moments))
    base = "display:flex;gap:2px;align-items:flex-end;height:34px;border-bottom:1px solid rgba(128,128,128,.4)"
    spoken = f"Moments of {plain(half.clip.name)}: most at {start + (best + 0.5) * length:.1f} seconds"
    return (
        f'<div role="img" aria-label="{spoken}" style="font-size:0.8rem">'
        f'<div style="{base}">{"".join(bars)}</div><div style="display:flex;justify-content:space-between;opacity:.75">'
        f"<span>{start:.1f} s</span><span>moments that carry it (up to {similarity(most)})</span>"
        f"<span>{end:.1f} s</span></div></div>"
    )


def _span(half: Half) -> str:
    return f"{half.window.start_seconds:.1f} to {half.window.end_seconds:.1f} s"


def _alt(half: Half) -> str:
    return f"What carries the similarity in {half.clip.name}: most of it {half.where}"


# -- motion or scenery ---------------------------------------------------------------------------------------------------


def _told_scenery(bench: Workbench, found: Scenery, asked: Asked) -> None:
    st.markdown(f"**{plain(found.sentence)}**")
    st.html(bars(found))
    still = found.survivals[0].chance
    others = f" Pairs of those come out at {similarity(still)} frozen; that is taken away from what survives." if still else ""
    st.caption(
        "Frozen: every frame the middle one. What moves is found by optical flow, so somebody who moves one arm keeps his body. "
        f"Both clips are altered alike, up to three windows each, and centred on {found.references} other clips that were "
        f"altered likewise.{others}"
    )
    if not asked.weights:
        question = {"a": found.a.clip_id, "b": found.b.clip_id, "encoder": asked.encoder}
        pin.pin(bench, "scenery", question, title=f"Motion or scenery? {found.a.name} and {found.b.name}", key="scenery")


def bars(found: Scenery) -> str:
    """A row for each alteration: what it is, a bar, the similarity and the share that survives."""
    largest = max(found.similarity, *(one.similarity for one in found.survivals), 0.1)
    rows = [_row("as filmed", found.similarity, "", largest)]
    rows += [_row(TOLD[one.kind], one.similarity, percent(one.survives), largest) for one in found.survivals]
    rows += [
        _row(f"{one.stream} stream alone, as filmed", one.similarity, "", max(largest, one.similarity)) for one in found.streams
    ]
    return (
        '<table style="width:100%;border-collapse:collapse;font-size:0.9rem"><thead><tr style="text-align:left;opacity:.7">'
        '<th style="font-weight:500">both clips</th><th></th><th style="font-weight:500;text-align:right">similarity</th>'
        f'<th style="font-weight:500;text-align:right">survives</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _row(what: str, value: float, survives: str, largest: float) -> str:
    share = 0.0 if math.isnan(value) else min(max(value / largest, 0.0), 1.0)
    bar = f'<div style="height:10px;border-radius:5px;width:{100 * share:.0f}%;min-width:2px;background:{CARRIES}"></div>'
    return (
        f'<tr><td style="padding:3px 8px 3px 0">{what}</td><td style="width:32%;min-width:56px">{bar}</td>'
        f'<td style="text-align:right;font-variant-numeric:tabular-nums">{similarity(value)}</td>'
        f'<td style="text-align:right;padding-left:8px;white-space:nowrap">{survives}</td></tr>'
    )
