"""The listed flags as files: a table, JSON, WebVTT, a cut list for FFmpeg, and the clips themselves. Made only when wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core import cutlists
from core.flags import Flag
from core.workbench import Workbench
from pages.parts.state import key
from pages.parts.watch_asking import film_of
from pages.parts.words import count

TITLES = {
    "csv": "Table (CSV)",
    "json": "JSON",
    "vtt": "Subtitles (WebVTT)",
    "ffconcat": "Cut list for FFmpeg",
}


def files(bench: Workbench, flags: Sequence[Flag]) -> None:
    """One button that opens a menu of files of the flags, in their order."""
    if not flags:
        return
    several = len({film_of(flag) for flag in flags}) > 1
    with st.popover(f"Take {count(len(flags), 'flag')} along", icon=":material/download:", key=key("watch", "take")):
        st.caption("Of the flags that are listed; filters choose. Files with one clock are a ZIP of one for each film.")
        with st.container(gap="small"):
            for form, title in TITLES.items():
                zipped = several and form in cutlists.FILM_BY_FILM
                st.download_button(
                    title, lambda form=form: cutlists.exported(bench, flags, form, _about(flags)).content,
                    f"flags.{form}.zip" if zipped else f"flags.{form}", "application/zip" if zipped else cutlists.FORMS[form][0],
                    key=key("watch", "take", form), on_click="ignore", width="stretch",
                )  # fmt: skip
            st.download_button(
                "Clips of the flags (ZIP of MP4)", lambda: _clips(bench, flags), "flags.zip", "application/zip",
                key=key("watch", "take", "clips"), on_click="ignore", width="stretch", disabled=len(flags) > cutlists.MOST_CLIPS,
                help=f"Cut anew, a second or two each; {cutlists.MOST_CLIPS} at a time",
            )  # fmt: skip


def _about(flags: Sequence[Flag]) -> dict[str, str]:
    return {"concepts": ", ".join(sorted({flag.concept for flag in flags}))}


def _clips(bench: Workbench, flags: Sequence[Flag]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "flags.zip"
        cutlists.zip_clips(bench, flags, path)
        return path.read_bytes()
