"""Which encoder should this library use? Speed on this machine, quality on its own labels, and what follows from both."""

from __future__ import annotations

import math

import streamlit as st

from core import figures, sheets
from core.adviser import Adviser, Verdict
from core.choosing import Candidate, duration
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import heat, jobs, nothing
from pages.parts.frame import guarded
from pages.parts.state import get, key, put, session
from pages.parts.take_along import take_along
from pages.parts.words import count, plain

WHICH, TARGET = key("choose", "which"), key("choose", "target")


def panel(bench: Workbench) -> None:
    if not bench.library.clips():
        nothing.tell("Encoders are compared on clips of your own, and there are none yet.", icon=":material/query_stats:")
        return
    _failures(bench)
    with st.skeleton(height=160):
        verdict = benches.verdict()
    _sentence(bench, verdict)
    _measure(bench, verdict)
    _chart(verdict)
    _table(verdict)
    _use(bench, verdict)
    jobs.running(bench)


def _failures(bench: Workbench) -> None:
    """What the last comparison could not measure."""
    state = bench.errands.state
    if state is not None and state.ended and state.error and state.title == "Comparing encoders":
        st.warning(plain(state.error), icon=":material/timer_off:")


def _sentence(bench: Workbench, verdict: Verdict) -> None:
    with st.container(border=True, key=key("advice")):
        st.subheader("Which encoder should this library use?", anchor=False)
        judged = [one for one in verdict.candidates if one.exam is not None]
        partly = verdict.advice.take and len(judged) < len(verdict.candidates)
        st.markdown(("Of those measured so far: " if partly else "") + f"**{plain(verdict.advice.sentence)}**")
        if verdict.advice.notes:
            st.caption(plain(" ".join(verdict.advice.notes)))
        st.caption(
            f"In use now: {plain(bench.default)}. The exam: each of {count(verdict.exam_clips, 'labelled clip')} looks for its "
            "action among the clips of other sources."
        )


def _measure(bench: Workbench, verdict: Verdict) -> None:
    names = [one.encoder for one in verdict.candidates]
    st.multiselect("Encoders to measure", names, key=WHICH, placeholder="all that are ready")
    busy = bench.errands.state is not None and not bench.errands.state.ended
    st.button(
        "Measure speed and quality", type="primary", icon=":material/speed:", disabled=busy, key=key("choose", "measure"),
        on_click=guarded(_start), args=(bench,),
    )  # fmt: skip
    st.caption(
        "Each encoder embeds a sample of the labelled clips and is timed on a few of them: a minute or two for a quick one, "
        "longer for a large one. It can be cancelled; what was measured is kept, and embeddings stay in the library."
    )


def _start(bench: Workbench) -> None:
    Adviser(bench).start(tuple(get(WHICH) or ()))


def _known(verdict: Verdict) -> list[Candidate]:
    return [one for one in verdict.candidates if one.exam is not None and one.speed is not None]


def _chart(verdict: Verdict) -> None:
    known = _known(verdict)
    if not known:
        return
    times, shares = [], []
    for one in known:
        assert one.exam is not None and one.speed is not None  # _known() looked
        pace, found = one.speed.seconds_per_minute, one.exam.found_first
        times.append((pace.median, pace.low, pace.high))
        shares.append((found.value, found.low, found.high))
    sheet = sheets.Speed(
        names=[one.encoder for one in known], seconds=times, quality=shares, take=verdict.advice.take,
        frontier=verdict.advice.frontier, title="Speed against quality", stamp=sheets.Stamp(note=verdict.stamp),
    )  # fmt: skip
    figure = figures.of(sheet, heat.theme(), bare=True)
    st.plotly_chart(figure, theme=None, key=key("choose", "chart"), config={"displayModeBar": False}, alt=sheet.alt)
    st.caption(plain(sheet.stamp.line))
    take_along(sheet, name="speed against quality", key="choose")


def _table(verdict: Verdict) -> None:
    rows = [_row(one) for one in verdict.candidates]
    with st.expander("All numbers", icon=":material/table:"):
        st.dataframe(rows, hide_index=True, alt="Quality and speed of every ready encoder")
        st.caption(
            "Action found first: the share of clips whose nearest clip of another source has their label, with its 95 % interval."
        )


def _row(one: Candidate) -> dict[str, object]:
    found = one.exam.found_first if one.exam is not None else None
    precision = one.exam.mean_average_precision.value if one.exam is not None else math.nan
    return {
        "encoder": one.encoder,
        "action found first": f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})" if found else "–",
        "mean average precision": "–" if math.isnan(precision) else f"{precision:.2f}",
        "for a minute of video": duration(one.seconds_per_minute) if one.speed is not None else "–",
        "computed by": one.speed.engine if one.speed is not None else "–",
        "clips it lacks": one.missing,
    }


def _use(bench: Workbench, verdict: Verdict) -> None:
    """Take an encoder: embed what it lacks while the present one goes on serving, and make it the default."""
    names = [one.encoder for one in verdict.candidates]
    if not names:
        return
    if get(TARGET) not in names:
        put(TARGET, verdict.advice.take or names[0])
    st.subheader("Take it up", anchor=False)
    st.selectbox("Encoder", names, key=TARGET)
    chosen = next(one for one in verdict.candidates if one.encoder == get(TARGET))
    name, busy = chosen.encoder, bool(bench.library.jobs(active_only=True))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            f"Embed the library with {plain(name)}", icon=":material/sync:", disabled=not chosen.missing or busy,
            key=key("choose", "embed"), on_click=guarded(_embed), args=(bench, name),
        )  # fmt: skip
        st.button(
            f"Use {plain(name)} from now on", icon=":material/check:", key=key("choose", "use"),
            disabled=bench.serving.overruled or name == bench.serving.adding, on_click=guarded(_adopt), args=(bench, name),
        )  # fmt: skip
    st.caption(_situation(bench, chosen))


def _situation(bench: Workbench, chosen: Candidate) -> str:
    serving = bench.serving
    told = "It has seen every clip of the library."
    if chosen.missing:
        told = (
            f"It has not seen {count(chosen.missing, 'clip')} yet. Embedding them is a job that survives a restart; "
            f"{plain(bench.default)} goes on answering until it is done."
        )
    if serving.overruled:
        told += f" MOTIONBOOK_ENCODER is set to {plain(bench.settings.encoder)} and decides; unset it to let the library choose."
    elif serving.answering != serving.adding:
        told += f" {plain(serving.adding)} takes over from {plain(serving.answering)} when its job is done."
    elif chosen.encoder == bench.default:
        told += " It is in use."
    return told


def _embed(bench: Workbench, name: str) -> None:
    bench.enqueue(bench.missing(name), name)


def _adopt(bench: Workbench, name: str) -> None:
    waits = bench.use(name) is not None and bench.default != name
    session().news = (
        f"{name} takes over when it has seen every clip" if waits else f"{name} is this library's encoder from now on"
    )
