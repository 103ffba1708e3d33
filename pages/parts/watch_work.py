"""Dry runs and scans as people see them: begun, how far they are, stopped, gone on with, and what each came to."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import streamlit as st

from core.errors import MotionbookError
from core.teaching import Teacher
from core.watching import DryRun, Scan, Watch, Watcher
from core.workbench import Workbench
from pages.parts import watch_rules
from pages.parts.frame import boundary, guarded
from pages.parts.state import get, key, put, session
from pages.parts.watch_state import here
from pages.parts.words import count, plain

LOOK_SECONDS = 1.0
MOST_SCANS = 30
CHOSEN = key("watch", "scan")
REFUSALS_SHOWN = 50
_looks = itertools.count()
"""A number for each look; see ``models_errand``."""


def begin(bench: Workbench, names: tuple[str, ...], place: str, clip_ids: Sequence[str], folder: str) -> None:
    """A dry run over stored clips, or a scan of a folder or file, in the background; the page goes to it."""
    watcher, watch, told = Watcher(bench), Watch(names), ", ".join(names)
    if place == "folder":
        path = Path(folder).expanduser()
        scan_id = watcher.begin(f"{told} in {path.name or path}", watch, paths=[path])
    else:
        scan_id = watcher.begin(f"{told} in {count(len(clip_ids), 'clip')}", watch, clips=clip_ids)
    go_to(scan_id)


def go_to(scan_id: int) -> None:
    now = here()
    now.asked = replace(now.asked, scan=scan_id, flag=0)
    now.done, now.order = [], ()
    put(CHOSEN, scan_id)


def chosen(bench: Workbench, wanted: int) -> Scan | None:
    """The scan that is looked at, the newest unless another was asked for; the way to the others, and how far it is."""
    under_way = len(Watcher(bench).scans(active_only=True))  # read first: what ends from here on is looked for again
    scans = Watcher(bench).scans(limit=MOST_SCANS)
    if not scans:
        return None
    by_id = {scan.scan_id: scan for scan in scans}
    if wanted and wanted not in by_id:
        try:
            by_id[wanted] = Watcher(bench).scan(wanted)
        except MotionbookError:
            st.warning("The scan of this link is not in this library any more; the newest is shown.", icon=":material/link_off:")
    if get(CHOSEN) not in by_id:
        put(CHOSEN, wanted if wanted in by_id else scans[0].scan_id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=key("watch", "scans")):
        st.selectbox(
            "Scan that is shown",
            list(by_id),
            key=CHOSEN,
            format_func=lambda scan_id: _title(by_id[scan_id]),
            on_change=_changed,
            width="stretch",
            label_visibility="collapsed",
        )
        scan = by_id[int(get(CHOSEN))]
        if scan.state in ("cancelled", "failed"):
            st.button(
                "Go on", icon=":material/play_arrow:", key=key("watch", "resume"), type="primary",
                on_click=guarded(Watcher(bench).resume), args=(scan.scan_id,),
            )  # fmt: skip
        st.button(
            "Forget", icon=":material/delete:", key=key("watch", "forget"), disabled=scan.active, on_click=guarded(_forget),
            args=(bench, scan.scan_id), help="This scan and its flags; the clips stay",
        )  # fmt: skip
    _running(bench, under_way)
    return scan


def _changed() -> None:
    go_to(int(get(CHOSEN)))


def _forget(bench: Workbench, scan_id: int) -> None:
    Watcher(bench).forget(scan_id)
    go_to(0)
    session().news = "Scan forgotten"


def _title(scan: Scan) -> str:
    """Nothing that changes while it stands in a picker: the browser names what was chosen by it."""
    return f"{scan.scan_id}: {scan.title}, {datetime.fromtimestamp(scan.created_at).astimezone():%d %b %H:%M}"


# -- how far they are ----------------------------------------------------------------------------------------------------


def _running(bench: Workbench, under_way: int) -> None:
    """All scans under way; the page is drawn anew when one has ended, be it while the page was drawn."""
    if under_way:
        st.fragment(_look, run_every=LOOK_SECONDS)(bench, under_way, next(_looks))


def _look(bench: Workbench, seen: int, number: int) -> None:
    with boundary():
        active = Watcher(bench).scans(active_only=True)
        if len(active) < seen:
            st.rerun()
        for scan in reversed(active):
            with st.container(border=True, key=key("watch", "look", scan.scan_id, number)):
                told, stop = st.columns([5, 1], vertical_alignment="center")
                progress = Watcher(bench).progress(scan.scan_id)
                share = progress.done / progress.total if progress.total else 0.0
                told.progress(min(share, 1.0), text=_progress_text(scan, progress.done, progress.total, progress.label))
                stop.button(
                    "Cancel", key=key("watch", "cancel", scan.scan_id, number), width="stretch",
                    on_click=guarded(Watcher(bench).cancel), args=(scan.scan_id,),
                )  # fmt: skip


def _progress_text(scan: Scan, done: int, total: int, label: str) -> str:
    text = f"**{plain(scan.title)}**: " + (f"{100 * done // total} %" if total else "waiting")
    passed = time.time() - scan.created_at
    if done and total and passed > 5:
        text += f" · {count(scan.flags, 'flag')} so far"
    return text + (f" · {plain(label[:60])}" if label else "")


# -- what it came to -----------------------------------------------------------------------------------------------------


def told(bench: Workbench, scan: Scan) -> None:
    """The sentence above the flags, and what could not be looked at."""
    if scan.message:
        st.error(plain(scan.message), icon=":material/error:")
    if scan.state == "cancelled":
        st.info(
            f"Stopped after {scan.done:,} of {scan.total:,}. What it found stays; it can go on from there.",
            icon=":material/pause_circle:",
        )
    if scan.done and not scan.active:
        told_, rule = st.columns([5, 2], vertical_alignment="center", gap="small")
        told_.markdown(f"**{plain(sentence(bench, scan))}**")
        rule.button(
            "Make a rule of it", icon=":material/rule:", key=key("watch", "to-rule"), on_click=watch_rules.prefill,
            args=(concepts_of(scan)[0], here().asked, here().folder), width="stretch",
        )  # fmt: skip
    refused = Watcher(bench).refused(scan.scan_id)
    if refused:
        with st.expander(f"{count(len(refused), 'file')} could not be looked at", icon=":material/warning:"):
            rows = [{"file": one.name, "reason": one.reason, "what to know": one.message} for one in refused[:REFUSALS_SHOWN]]
            st.dataframe(rows, hide_index=True, alt="Files that could not be scanned")


def sentence(bench: Workbench, scan: Scan) -> str:
    """ "Would have fired 14 times in 3.2 hours of footage ..."; of files, whose length is not kept, how many there were."""
    items = [item for item in Watcher(bench).items(scan.scan_id) if item.state == "done"]
    clips = [clip for clip in bench.library.clips(deleted=None) if clip.clip_id in {item.clip_id for item in items}]
    if len(clips) < len({(item.clip_id, item.path) for item in items}):
        return f"Fires {count(scan.flags, 'time')} in {count(len(items), 'file')}."
    flags = Watcher(bench).flags(scan.scan_id)
    taught = {example.clip_id for concept in Teacher(bench).all() if _is_of(concept.name, scan) for example in concept.examples}
    added = [clip.added_at for clip in clips]
    return DryRun(
        tuple(flags),
        len(clips),
        sum(clip.info.duration_seconds for clip in clips),
        (max(added) - min(added)) / 86_400 if added else 0.0,
        taught=sum(flag.clip_id in taught for flag in flags),
    ).sentence


def concepts_of(scan: Scan) -> tuple[str, ...]:
    """What a scan looked for."""
    return tuple(str(name) for name in scan.settings.get("concepts", ()))


def _is_of(concept: str, scan: Scan) -> bool:
    return any(name == concept or name.startswith(f"{concept}/") for name in concepts_of(scan))
