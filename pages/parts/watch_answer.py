"""The flags of one scan: what it comes to in a sentence, filters, and the piece in which they are looked at and judged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.flags import Flag
from core.previewing import Previewer
from core.watching import Watcher
from core.workbench import Workbench
from pages.parts import bench as benches
from pages.parts import player, watch_take
from pages.parts.frame import boundary, guarded
from pages.parts.state import get, key, put
from pages.parts.sync import Film
from pages.parts.watch_asking import SORTS, VERDICTS, WatchAsked, beside, film_of, shown
from pages.parts.watch_controls import ONLY, SORT, SOURCE, SURE, VERDICT, keep, refill
from pages.parts.watch_player import Course, Event, Row, watching
from pages.parts.watch_state import here
from pages.parts.words import count, plain, similarity

LOOK_SECONDS = 1.0
MOST_ROWS = 150
"""Flags that are listed at once; of more the filters and the files tell."""
LEAD_SECONDS = 0.5
LONGEST_PREVIEW_SECONDS = 8.0
_FORMS = {".webm": "video/webm", ".ogg": "video/ogg", ".ogv": "video/ogg"}
_PLAYABLE = (".mp4", ".m4v", ".mov", *_FORMS)


def show(bench: Workbench, scan_id: int) -> None:
    """The flags of a scan that has ended or was stopped."""
    flags = Watcher(bench).flags(scan_id)
    looking = benches.previewer().want(_missing(benches.previewer(), _clips(bench), flags[:MOST_ROWS])) > 0
    st.fragment(_draw, run_every=LOOK_SECONDS if looking else None)(bench, scan_id, looking)


def _draw(bench: Workbench, scan_id: int, looking: bool) -> None:
    with boundary():
        _answer(bench, scan_id, looking)


def _answer(bench: Workbench, scan_id: int, looking: bool) -> None:
    now, clips = here(), _clips(bench)
    flags = _flags(bench, scan_id, clips)
    if not flags:
        st.info(
            "Nothing fired. Look elsewhere, give the concept more examples, or allow it more false alarms on the Teach page.",
            icon=":material/flag:",
        )
        st.page_link("pages/teach.py", label="Teach", icon=":material/school:")
        return
    refill()
    asked = _filters(flags, clips)
    listed = shown(flags, asked, {clip_id: clip.source for clip_id, clip in clips.items()})
    chosen = beside(listed, asked.flag, now.order)
    asked = keep(flag=chosen)
    now.order = tuple(flag.flag_id for flag in listed)
    _told(listed, flags)
    if listed:
        _piece(bench, scan_id, listed, chosen, clips)
    else:
        st.info("No flag passes these filters.", icon=":material/filter_alt_off:")
        st.button("Show all", key=key("watch", "unfilter"), on_click=_unfilter)
    watch_take.files(bench, listed)
    _calibrate(bench)
    if looking and not _missing(benches.previewer(), clips, listed[:MOST_ROWS]):
        st.rerun()


def _calibrate(bench: Workbench) -> None:
    """What the verdicts did to the thresholds. The first time takes seconds, so all else is drawn before."""
    now = here()
    line = st.container(key=key("watch", "calibrated"))
    while now.stale:
        concept = now.stale.pop()
        try:
            now.notes[concept] = Watcher(bench).recalibrate(concept).sentence
        except MotionbookError as error:
            now.notes[concept] = str(error)
    for concept, note in now.notes.items():
        line.caption(f"**{plain(concept)}**: {plain(note)} Scan again to see what it would flag now.")


def _flags(bench: Workbench, scan_id: int, clips: dict[str, Clip]) -> list[Flag]:
    """Films in the order in which they were added, files by name after them."""

    def place(flag: Flag) -> tuple[float, str, str]:
        clip = clips.get(flag.clip_id)
        return (clip.added_at, clip.name, flag.clip_id) if clip is not None else (math.inf, flag.path, flag.clip_id)

    return sorted(Watcher(bench).flags(scan_id), key=lambda flag: (place(flag), flag.start_seconds))


def _told(listed: Sequence[Flag], flags: Sequence[Flag]) -> None:
    """Always one line, so that nothing jumps."""
    verdicts = Counter(flag.verdict for flag in flags)
    parts = [
        f"**{count(len(listed), 'flag')}** shown of {len(flags):,}"
        if len(listed) < len(flags)
        else f"**{count(len(flags), 'flag')}**"
    ]
    parts += [
        f"{verdicts['accepted']:,} accepted",
        f"{count(verdicts['rejected'], 'false alarm')}",
        f"{verdicts['']:,} not looked at",
    ]
    if len(listed) > MOST_ROWS:
        parts.append(f"the first {MOST_ROWS} are listed; the files have all")
    st.markdown(" · ".join(parts))


# -- filters -------------------------------------------------------------------------------------------------------------


def _filters(flags: Sequence[Flag], clips: dict[str, Clip]) -> WatchAsked:
    """The chips of the verdict, and the rest behind a button."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Verdict", list(VERDICTS), format_func=VERDICTS.__getitem__, key=VERDICT, required=True, label_visibility="collapsed"
        )
        now = here().asked
        active = bool(now.only) + bool(now.sure) + bool(now.source) + (now.sort != "time")
        with st.popover(f"Filters ({active})" if active else "Filters", icon=":material/tune:", key=key("watch", "filters")):
            names = sorted({flag.concept for flag in flags})
            sources = sorted({clips[flag.clip_id].source for flag in flags if flag.clip_id in clips} - {""})
            _choice("Concept", ONLY, names)
            _choice("Source", SOURCE, sources)
            st.slider("At least so sure", 0, 100, step=5, format="%d %%", key=SURE)
            st.selectbox("Order", list(SORTS), format_func=SORTS.__getitem__, key=SORT)
    return keep(
        verdict=str(get(VERDICT) or "all"), only=get(ONLY) or "", sure=int(get(SURE) or 0), source=get(SOURCE) or "",
        sort=str(get(SORT) or "time"),
    )  # fmt: skip


def _choice(title: str, name: str, values: Sequence[str]) -> None:
    if get(name) not in ("", *values):
        put(name, "")
    st.selectbox(title, ["", *values], format_func=lambda value: value or "any", key=name)


def _unfilter() -> None:
    for name, value in ((VERDICT, "all"), (ONLY, ""), (SURE, 0), (SOURCE, "")):
        put(name, value)


# -- the piece -----------------------------------------------------------------------------------------------------------


def _piece(bench: Workbench, scan_id: int, listed: Sequence[Flag], chosen: int, clips: dict[str, Clip]) -> None:
    now = here()
    at = next(place for place, flag in enumerate(listed) if flag.flag_id == chosen)
    first = max(0, min(at - MOST_ROWS // 2, len(listed) - MOST_ROWS))
    listed = listed[first : first + MOST_ROWS]
    flag = next(one for one in listed if one.flag_id == chosen)
    per_film = Counter(film_of(one) for one in listed)
    watching(
        _film(bench, flag, clips),
        film_of(flag),
        [_row(bench, one, clips, per_film[film_of(one)]) for one in listed],
        key="watch",
        courses=_courses(bench, scan_id, flag),
        chosen=chosen,
        done=now.done,
        handled=now.handled,
        on_event=lambda event: guarded(_act)(bench, scan_id, event),
    )


def _film(bench: Workbench, flag: Flag, clips: dict[str, Clip]) -> Film:
    clip = clips.get(flag.clip_id)
    if clip is not None:
        return player.film(bench, clip)
    if flag.clip_id:
        return Film(None, "", "a clip that was deleted", flag.end_seconds, 25.0, "This clip was deleted. Restore it to see it.")
    path = Path(flag.path)
    try:
        fits = path.stat().st_size <= player.MOST_BYTES
    except OSError:
        return Film(None, "", path.name, flag.end_seconds, 25.0, f"{path.name} is not where it was.")
    if not fits or path.suffix.lower() not in _PLAYABLE:
        return Film(None, "", path.name, flag.end_seconds, 25.0, f"{path.name} is too large, or no browser plays it.")
    return Film(path, _FORMS.get(path.suffix.lower(), "video/mp4"), path.name, flag.end_seconds, 25.0)


def _courses(bench: Workbench, scan_id: int, flag: Flag) -> list[Course]:
    """The flag's own concept first: its curve is filled."""
    found = Watcher(bench).courses(scan_id, flag.clip_id, flag.path)
    own = sorted(found, key=lambda course: course.name != flag.concept)
    return [Course(plain_name(one.name), one.middles, one.scores, one.similarity, one.confidence, one.threshold) for one in own]


def plain_name(name: str) -> str:
    return " ".join(name.split())


def _row(bench: Workbench, flag: Flag, clips: dict[str, Clip], of_film: int) -> Row:
    clip, previewer = clips.get(flag.clip_id), benches.previewer()
    row = Row(
        flag.flag_id,
        film_of(flag),
        clip.name if clip is not None else Path(flag.path).name or "a clip that was deleted",
        " · ".join([*_where(clip, flag), count(of_film, "flag")]),
        flag.concept,
        flag.start_seconds,
        flag.end_seconds,
        f"{100 * flag.confidence:.0f} % sure · {similarity(flag.similarity)}",
        flag.verdict,
    )
    if clip is None:
        return row
    start, end = preview_span(flag)
    try:
        made, poster = previewer.get(clip, start, end), bench.thumbnail(clip.clip_id)
    except (MotionbookError, OSError):  # a damaged picture is no reason to show no flags at all
        return row
    if made is None:
        return replace(row, poster=poster)
    return replace(
        row, poster=poster, film=made.content, form=made.form, film_start=made.start_seconds, film_end=made.end_seconds
    )


def _where(clip: Clip | None, flag: Flag) -> list[str]:
    if clip is None:
        return [str(Path(flag.path).parent)] if flag.path else []
    return [clip.label or "no label", clip.source or "unknown source"]


def preview_span(flag: Flag) -> tuple[float, float]:
    """What the small film shows: the flag, of a long one what is around its peak."""
    if flag.end_seconds - flag.start_seconds <= LONGEST_PREVIEW_SECONDS:
        return round(flag.start_seconds, 2), round(flag.end_seconds, 2)
    half = LONGEST_PREVIEW_SECONDS / 2
    start = min(max(flag.peak_seconds - half, flag.start_seconds), flag.end_seconds - LONGEST_PREVIEW_SECONDS)
    return round(start, 2), round(start + LONGEST_PREVIEW_SECONDS, 2)


def _missing(previewer: Previewer, clips: dict[str, Clip], flags: Sequence[Flag]) -> list[tuple[str, float, float]]:
    spans = [(clips[flag.clip_id], *preview_span(flag)) for flag in flags if flag.clip_id in clips]
    return [
        (clip.clip_id, start, end)
        for clip, start, end in spans
        if previewer.get(clip, start, end) is None and not previewer.failure(clip, start, end)
    ]


def _clips(bench: Workbench) -> dict[str, Clip]:
    return {clip.clip_id: clip for clip in bench.library.clips()}


def _act(bench: Workbench, scan_id: int, event: Event) -> None:
    """Keep what was decided, in order, each step once."""
    now = here()
    before = {flag.flag_id: flag for flag in Watcher(bench).flags(scan_id)}
    for step in event.steps:
        flag = before.get(step.flag_id)
        if step.serial <= now.handled or flag is None:
            continue
        if step.undo and now.done:
            now.done.pop()
        elif not step.undo:
            now.done.append((flag.flag_id, step.verdict, flag.verdict))
        Watcher(bench).decide(flag.flag_id, step.verdict)
        before[flag.flag_id] = replace(flag, verdict=step.verdict)
        now.stale.add(flag.concept.partition("/")[0])
    now.handled = max(now.handled, event.serial)
    if event.flag_id:
        now.asked = replace(now.asked, flag=event.flag_id)
