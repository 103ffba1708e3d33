"""A clip that plays, and the lines below it."""

from __future__ import annotations

import streamlit as st

from core.clips import Clip
from core.errors import MotionbookError
from core.workbench import Workbench
from pages.parts.state import session
from pages.parts.sync import Film
from pages.parts.words import duration, plain, size

MOST_BYTES = 400 * 2**20
"""Streamlit holds a playing file in memory; larger ones would cost the machine more than they show."""
_NEVER_SECONDS = 10**6
"""Past every clip's end, and another number each time: Streamlit starts an element that it has drawn before (the same clip
on the other side, or after a move on the page) only once, and stays on its first picture from then on."""
_FORMATS = {"webm": "video/webm", "matroska,webm": "video/webm", "ogg": "video/ogg"}


def play(bench: Workbench, clip: Clip, *, place: str, overlay: str = "") -> None:
    """The clip in a loop without sound, with ``overlay`` drawn over it where somebody had that drawn.

    ``place`` keeps the keys of two players on one page apart.
    """
    with st.container(key=f"player-{place}"):
        shown = film(bench, clip, overlay)
        if shown.path is None:
            st.warning(plain(shown.sorry), icon=":material/videocam_off:")
            return
        here = session()
        here.films += 1
        st.video(
            str(shown.path), format=shown.form, loop=True, autoplay=True, muted=True, end_time=_NEVER_SECONDS + here.films,
            alt=f"{clip.name}, {clip.label or 'no label'}",
        )  # fmt: skip


def film(bench: Workbench, clip: Clip, overlay: str = "") -> Film:
    """The clip for ``sync.sync``, with ``overlay`` where that was drawn; a sentence in its place where it cannot be played."""

    def sorry(text: str) -> Film:
        return Film(None, "", clip.name, clip.info.duration_seconds, clip.info.fps, text)

    try:
        path = (bench.overlays.path(clip.clip_id, overlay) if overlay else None) or bench.playable(clip.clip_id)
        length = path.stat().st_size
    except (MotionbookError, OSError) as error:
        return sorry(f"This clip cannot be played here: {error}")
    if length > MOST_BYTES:
        return sorry(f"This clip ({size(length)}) is too large to play in a page. Its file is {path}.")
    native = path == bench.library.media_path(clip.clip_id)
    form = _FORMATS.get(clip.info.container, "video/mp4") if native else "video/mp4"
    return Film(path, form, clip.name, clip.info.duration_seconds, clip.info.fps)


def facts(clip: Clip) -> None:
    """Name, label, source and size, in two lines."""
    st.markdown(f"**{plain(clip.name)}**")
    about(clip)


def about(clip: Clip) -> None:
    """Label, source and size, in one line."""
    parts = [plain(clip.label) if clip.label else "no label", plain(clip.source) if clip.source else "unknown source"]
    parts.append(duration(clip.info.duration_seconds))
    parts.append(f"{clip.info.width_px} × {clip.info.height_px}")
    if clip.synthetic:
        parts.append("synthetic")
    st.caption(" · ".join(parts))


def more_like(clip: Clip, encoder: str = "") -> None:
    """The way to the clips that look like this one."""
    asked = {"q": f"clip:{clip.clip_id[:12]}"} | ({"encoder": encoder} if encoder else {})
    st.page_link("pages/search.py", label="More like this", icon=":material/search:", query_params=asked)
