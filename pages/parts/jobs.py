"""Jobs as people see them: what runs, how fast, how long still, what became of those that ended."""

from __future__ import annotations

import time

import streamlit as st

from core.workbench import Job, Workbench
from pages.parts.frame import boundary, guarded
from pages.parts.state import key, session
from pages.parts.words import ago, count, duration, plain

LOOK_SECONDS = 1.0
ROWS_SHOWN = 500  # of refusals in one report; a longer table helps nobody, the command line has them all
TITLES = {"samples": "Making samples", "add": "Adding clips"}


def running(bench: Workbench) -> bool:
    """Draw what is under way, looking again every second; the page is drawn anew when the last job has ended."""
    active = bench.library.jobs(active_only=True)
    if active:
        st.fragment(_watch, run_every=LOOK_SECONDS)(bench, len(active))
    return bool(active)


def _watch(bench: Workbench, seen: int) -> None:
    with boundary():
        look(bench, seen)


def look(bench: Workbench, seen: int) -> None:
    """Inside a fragment: the jobs under way; the page is drawn anew when there are fewer than were ``seen``."""
    active = bench.library.jobs(active_only=True)
    if len(active) < seen:
        st.rerun()
    for job in reversed(active):
        _one(bench, job)


def _one(bench: Workbench, job: Job) -> None:
    with st.container(border=True, key=key("job", job.job_id)):
        told, stop = st.columns([5, 1], vertical_alignment="center")
        told.progress(job.done / job.total if job.total else 0.0, text=_progress_text(bench, job))
        stop.button(
            "Cancel",
            key=key("cancel", job.job_id),
            on_click=guarded(bench.library.cancel_job),
            args=(job.job_id,),
            width="stretch",
        )


def _progress_text(bench: Workbench, job: Job) -> str:
    title = TITLES.get(job.kind, "Working")
    if job.state == "queued":
        return f"{title}: {count(job.total, 'clip')} waiting"
    text = f"**{title}**: {job.done:,} of {job.total:,}"
    pace = pace_of(job, time.monotonic())
    if pace > 0:
        text += f" · {pace * 60:.0f} a minute · {duration((job.total - job.done) / pace)} left"
    if bench.current and bench.current.label:
        text += f" · {plain(bench.current.label[:60])}"
    return text


def pace_of(job: Job, now_seconds: float) -> float:
    """Clips a second since this session first saw the job; 0 as long as nothing is known. A pause before that does not count."""
    first_seconds, first_done = session().paces.setdefault(job.job_id, (now_seconds, job.done))
    passed = now_seconds - first_seconds
    return (job.done - first_done) / passed if passed > 0 else 0.0


def reports(bench: Workbench, most: int = 3) -> None:
    """What became of the last jobs that have ended: duplicates and refusals by name."""
    ended = [job for job in bench.library.jobs(limit=most + 5) if not job.active][:most]
    for job in ended:
        with st.expander(f"{summary(job)} · {ago(job.finished_at or job.created_at)}", icon=_icon(job)):
            _report(bench, job)


def summary(job: Job) -> str:
    """ "12 added, 3 duplicates, 2 refused"."""
    counts = job.counts
    parts = [f"{counts['added']:,} added"]
    if counts["duplicate"]:
        parts.append(count(counts["duplicate"], "duplicate"))
    if counts["refused"]:
        parts.append(f"{counts['refused']:,} refused")
    if counts["cancelled"]:
        parts.append(f"{counts['cancelled']:,} cancelled")
    return ", ".join(parts)


def _icon(job: Job) -> str:
    if job.state == "failed":
        return ":material/error:"
    return ":material/warning:" if job.counts["refused"] else ":material/check_circle:"


def _report(bench: Workbench, job: Job) -> None:
    if job.message:
        st.error(plain(job.message))
    st.caption(f"{count(job.windows, 'window')} embedded by {plain(job.encoder)}.")
    refused = bench.library.job_items(job.job_id, state="refused")
    if refused:
        rows = [{"file": item.name, "reason": item.reason, "what to know": item.message} for item in refused[:ROWS_SHOWN]]
        st.dataframe(rows, hide_index=True, alt="Refused files with their reasons")
        if len(refused) > ROWS_SHOWN:
            st.caption(f"The first {ROWS_SHOWN} of {len(refused):,} refused files.")
    duplicates = bench.library.job_items(job.job_id, state="duplicate")
    if duplicates:
        known = {clip.clip_id: clip.name for clip in bench.library.clips()}
        rows = [{"file": item.name, "already here as": known.get(item.clip_id or "", "")} for item in duplicates[:ROWS_SHOWN]]
        st.dataframe(rows, hide_index=True, alt="Files that the library already had")
    if not refused and not duplicates and not job.message:
        st.caption("Every file was taken in.")
