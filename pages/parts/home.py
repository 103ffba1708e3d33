"""The pieces of the Home page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import figures, sheets
from core.clips import Clip
from core.errors import NotEnoughData
from core.workbench import Workbench
from pages.parts import heat, jobs
from pages.parts.frame import boundary, guarded
from pages.parts.jobs import LOOK_SECONDS
from pages.parts.sides import FIRST_CHOICE, offer_missing
from pages.parts.state import key
from pages.parts.take_along import take_along
from pages.parts.words import ago, count, film, plain

PEOPLE = 5
ENOUGH_SOURCES = 3  # on each side: fewer pairs make a number that the next clip overturns
MOST_LABELS = 16  # a glance; more belong on the Compare page


def welcome(bench: Workbench) -> None:
    """The first start: one thing to do."""
    st.title("How alike are two actions?", anchor=False)
    st.markdown(
        "Motionbook compares what people do in video. Give it clips and labels; it tells how alike *running* and *jogging* are, "
        "against all other pairs, and shows the clips behind every number."
    )
    st.button(
        "Make sample clips",
        type="primary",
        icon=":material/directions_run:",
        on_click=guarded(_make),
        args=(bench,),
        key=key("make"),
    )
    st.caption(
        f"{PEOPLE} invented people walk, jog, run, jump, wave, squat, box and climb: short synthetic films, drawn here in about "
        "two minutes. Nothing is downloaded."
    )
    st.page_link("pages/library.py", label="Or add clips of your own", icon=":material/video_library:")


def _make(bench: Workbench) -> None:
    bench.enqueue_samples(PEOPLE)


def live(bench: Workbench) -> None:
    """What the library holds and what can be done with it by now, kept up to date while clips come in."""
    active = len(bench.library.jobs(active_only=True))
    st.fragment(_live, run_every=LOOK_SECONDS if active else None)(bench, active)


def how_to_begin() -> None:
    """The first words about the notebook, while there is none."""
    st.caption("Your notebook begins with the first pin: compare two actions, then press **Pin to notebook**.")


def working(bench: Workbench) -> None:
    """Clips that are coming in, above a notebook."""
    jobs.running(bench)


def below(bench: Workbench, *, empty: bool) -> None:
    """What the library holds, below the notebook; above all else where the notebook has no cells yet."""
    if empty:
        st.info(
            "This notebook is empty. Compare two actions, then press **Pin to notebook**; or add a text above.",
            icon=":material/keep:",
        )
    clips = bench.library.clips()
    if not clips:
        st.page_link("pages/library.py", label="The library is empty: add clips", icon=":material/video_library:")
        return
    st.subheader("The library", anchor=False)
    holdings(bench, clips)
    offer_missing(bench, clips, bench.spec())
    next_step(clips, more_to_come=bool(bench.library.jobs(active_only=True)))
    glance(bench)
    last_comparisons(bench)


def _live(bench: Workbench, seen: int) -> None:
    with boundary():
        clips = bench.library.clips()
        if clips:
            holdings(bench, clips)
            offer_missing(bench, clips, bench.spec())
        next_step(clips, more_to_come=seen > 0)
        jobs.look(bench, seen)


def holdings(bench: Workbench, clips: Sequence[Clip]) -> None:
    labels, sources = {clip.label for clip in clips if clip.label}, {clip.split_source for clip in clips}
    spec = bench.spec()
    with st.grid(4, min_column_width=140, gap="small", key=key("holdings")):
        st.metric("Clips", f"{len(clips):,}", border=True)
        st.metric("Labels", f"{len(labels):,}", border=True)
        st.metric(
            "Sources", f"{len(sources):,}", border=True, help="Recordings, cameras or people. Comparisons never cross them."
        )
        st.metric("Film", film(sum(clip.info.duration_seconds for clip in clips)), border=True)
    synthetic = sum(clip.synthetic for clip in clips)
    told = f"Encoder: {plain(spec.title)}."
    if synthetic:
        told += f" {count(synthetic, 'clip')} of these {'is' if synthetic == 1 else 'are'} synthetic."
    st.caption(told)


def next_step(clips: Sequence[Clip], *, more_to_come: bool) -> None:
    """One button: the comparison that is worth a look now. While clips come in it waits for enough of them to mean something."""
    labels = sorted({clip.label for clip in clips if clip.label})
    if len(labels) < 2:
        if clips:
            st.page_link("pages/library.py", label="Label some clips to compare them", icon=":material/label:")
        return
    pair = FIRST_CHOICE if set(FIRST_CHOICE) <= set(labels) else tuple(labels[:2])
    if more_to_come and min(len({clip.split_source for clip in clips if clip.label == label}) for label in pair) < ENOUGH_SOURCES:
        return
    if st.button(f"Compare {plain(pair[0])} with {plain(pair[1])}", type="primary", icon=":material/grid_on:", key=key("first")):
        st.switch_page("pages/compare.py", query_params={"q": [f"label:{label}" for label in pair]})


def glance(bench: Workbench) -> None:
    """Every label against every other; a click opens the comparison. Not while clips come in: it would be full of gaps."""
    if bench.library.jobs(active_only=True):
        return
    if not 2 <= len({clip.label for clip in bench.library.clips() if clip.label}) <= MOST_LABELS:
        return
    try:
        matrix = bench.matrix("label")
    except NotEnoughData:
        return
    st.subheader("All labels at a glance", anchor=False)
    sheet = sheets.Heat(
        values=matrix.similarity, row_names=matrix.names, column_names=matrix.names, title="All labels",
        stamp=sheets.Stamp(bench.provenance()),
    )  # fmt: skip
    figure = figures.of(sheet, heat.theme(), bare=True)
    chart = st.container(key="glance").plotly_chart(
        figure, theme=None, key=key("glance", *matrix.names), on_select="rerun", selection_mode="points",
        config={"displayModeBar": False}, alt=sheet.alt,
    )  # fmt: skip
    take_along(sheet, name="all labels", key="glance")
    cell = figures.cell_of(chart)
    if cell is not None and max(cell) < len(matrix.names):
        names = list(dict.fromkeys((matrix.names[cell[0]], matrix.names[cell[1]])))
        st.switch_page("pages/compare.py", query_params={"q": [f"label:{name}" for name in names]})


def last_comparisons(bench: Workbench, most: int = 6) -> None:
    """Each is a link to the Compare page with its settings."""
    found = bench.library.recent_comparisons(most)
    if not found:
        return
    st.subheader("Last comparisons", anchor=False)
    with st.grid("auto", min_column_width=300, gap="small", key=key("last")):
        for one in found:
            with st.container(border=True, key=key("kept", one.comparison_id)):
                params = {"q": list(one.payload.get("queries", [])), "encoder": str(one.payload.get("encoder", ""))}
                st.page_link("pages/compare.py", label=plain(one.title[:120]), icon=":material/grid_on:", query_params=params)
                st.caption(f"{plain(str(one.payload.get('sentence', '')))} {plain(params['encoder'])}, {ago(one.created_at)}.")
