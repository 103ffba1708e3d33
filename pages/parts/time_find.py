"""Where does it happen? A query over the time of one clip: a strip under the player, numbered peaks, and peaks as clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

import streamlit as st

from core import cutting
from core.clips import Clip, Progress
from core.strips import Peak, Strip
from core.timelines import READING, Timelines
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import player, time_sheets, time_work
from pages.parts.frame import guarded
from pages.parts.pin import pin
from pages.parts.state import get, key, session
from pages.parts.sync import sync
from pages.parts.take_along import take_along
from pages.parts.time_agree import SECONDS_A_WINDOW
from pages.parts.time_asking import TimeAsked, clip_and_span
from pages.parts.words import count, duration, plain, similarity

PLACE_PX = 480
CUTTING = "Cutting the peaks"


def show(bench: Workbench, asked: TimeAsked) -> None:
    clip = bench.library.clip(clip_and_span(asked.a)[0])
    if not asked.q:
        st.info("Choose what to look for above: a label, an action, or a query of your own.", icon=":material/arrow_upward:")
        return
    times = Timelines(bench)
    missing = times.strip_missing(clip.clip_id, asked.encoder)
    with st.skeleton(height=PLACE_PX):
        found = benches.strip(asked.q, clip.clip_id, asked.encoder, finer=not missing)
    st.markdown(sentence(found, clip, asked.q))
    film = player.film(bench, clip)
    sync([film], key=f"time-find-{asked.a}-{asked.q}-{asked.encoder}-{bool(missing)}", strip=found)
    if missing:
        _offer(bench, asked, clip, missing)
    st.caption(
        f"{plain(bench.spec(asked.encoder).title)}; {count(len(found.seconds), 'window')}, centred in the library: 0 is as alike "
        "as any two clips of it. Peaks are numbered from the most alike; a click on one goes there."
    )
    name = f"{asked.q} in {clip.name}"
    take_along(lambda: time_sheets.finding(bench, asked, clip, found), name=name, key="strip", label="Take the strip along")
    pin(
        bench,
        "strip",
        {"query": asked.q, "clip": asked.a, "encoder": asked.encoder},
        title=f"{asked.q} in {clip.name}",
        key="strip",
    )
    if found.peaks:
        _peaks(bench, asked, clip, found.peaks)


def sentence(found: Strip, clip: Clip, query: str) -> str:
    name, what = plain(clip.name), plain(query)
    note = " The query's clips are of this clip's own source, for want of others." if found.own_source else ""
    if not found.peaks:
        low, high = (similarity(float(value)) for value in (found.similarity.min(), found.similarity.max()))
        return f"Nowhere in **{name}** does {what} stand out: its similarity goes from {low} to {high}.{note}"
    best = found.peaks[0]
    return (
        f"In **{name}**, {what} is most alike from **{best.start_seconds:.1f} to {best.end_seconds:.1f} s** (similarity "
        f"{similarity(best.similarity)}); {count(len(found.peaks), 'peak')} in all.{note}"
    )


def _offer(bench: Workbench, asked: TimeAsked, clip: Clip, missing: int) -> None:
    def read(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        Timelines(bench).timeline_for_strip(clip.clip_id, asked.encoder, progress=report, should_stop=should_stop)

    about = duration(missing * SECONDS_A_WINDOW)
    told = f"This strip has the library's own windows. {missing:,} more between them take about {about} without a GPU."
    time_work.offer(bench, READING, "Look more finely", told, read)


def _peaks(bench: Workbench, asked: TimeAsked, clip: Clip, peaks: tuple[Peak, ...]) -> None:
    st.subheader("Peaks", anchor=False)
    rows = [
        {
            "number": number,
            "from": f"{peak.start_seconds:.1f} s",
            "to": f"{peak.end_seconds:.1f} s",
            "similarity": similarity(peak.similarity),
        }
        for number, peak in enumerate(peaks, 1)
    ]
    st.dataframe(rows, hide_index=True, alt=f"{count(len(peaks), 'peak')} of {asked.q} in {clip.name}")
    spans = [(peak.start_seconds, peak.end_seconds) for peak in peaks]
    left, middle, right = st.columns([3, 3, 3], vertical_alignment="bottom")
    with left:
        st.download_button(
            f"Take along as {count(len(peaks), 'MP4 file')}",
            data=lambda: cutting.zipped(bench, clip.clip_id, spans),
            file_name=f"{PurePath(clip.name).stem} peaks.zip",
            mime="application/zip",
            icon=":material/download:",
            key=key("time", "zip"),
            on_click="ignore",
            width="stretch",
        )
    label = key("time", "peak-label")
    usual = asked.q.removeprefix("label:") if asked.q.startswith("label:") else ""
    with middle:
        st.text_input("Label of the new clips", key=label, placeholder=usual or "none", max_chars=120)
    with right:
        st.button(
            f"Add {count(len(peaks), 'peak')} to the library",
            icon=":material/library_add:",
            key=key("time", "add-peaks"),
            on_click=guarded(_add),
            args=(bench, clip.clip_id, spans, (get(label) or usual).strip(), asked.encoder),
            width="stretch",
            help="Each becomes a clip of its own, of the same source, so that no statistic compares it with this one.",
        )


def _add(bench: Workbench, clip_id: str, spans: list[tuple[float, float]], label: str, encoder: str) -> None:
    cutting.add(bench, clip_id, spans, label, encoder)
    session().news = f"{count(len(spans), 'peak')} on the way into the library"
