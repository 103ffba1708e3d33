"""A take with the camera: recorded and looked at in the browser, handed over by a click, a query from then on.

The film never leaves the browser before "Use this take" and never this machine. It comes as base64 text in one message of the
page, so its size is bounded on both sides. What the camera's script does is in webcam.js; asking for a camera in camera.js.
"""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.errors import BadClip, BadInput, MotionbookError, UnknownName
from core.takes import Take
from core.workbench import Workbench
from pages.parts import pieces
from pages.parts.bench import own_takes
from pages.parts.frame import guarded
from pages.parts.state import Recorded, get, put, session
from pages.parts.state import key as widget_key
from pages.parts.words import duration, plain, size

LEAST_SECONDS, MOST_SECONDS, SECONDS = 2, 15, 5
"""An action shows in two seconds; five hold two windows of most encoders."""
BITS_PER_SECOND = 2_500_000
"""What 640 x 480 at 30 frames a second needs to look clean; 15 s are 4.7 MB, a quarter of what a message may hold."""
ROOM = 0.8
"""Of the largest message the take may fill this much: other widgets travel along."""
FORMS = {"video/webm": ("webm", 0, b"\x1a\x45\xdf\xa3"), "video/mp4": ("mp4", 4, b"ftyp")}
"""What browsers record: suffix, and the bytes that every such file has at that place."""
FILMS = {".webm": "video/webm", ".mp4": "video/mp4"}
NOTE = (
    "The camera is asked for only when you press the button. Nothing leaves this machine; a take is thrown away when you leave "
    "unless you keep it."
)

_piece = st.components.v2.component(
    "motionbook_webcam", css=pieces.style("webcam", ()), js=pieces.script("webcam", ("heat", "camera"))
)


@dataclass(frozen=True, slots=True)
class Handed:
    """What the browser handed over: ``number`` names the take there, so that it is taken once."""

    number: str
    suffix: str
    content: bytes


def most_bytes() -> int:
    """The largest take that fits in a message of the page, in bytes of video."""
    return int(ROOM * 1e6 * int(st.get_option("server.maxWidgetStateSize")) * 3 / 4)


def recorder(bench: Workbench, *, key: str) -> Take | None:
    """Draw the recorder; the take that is in use, from the run after the click on "Use this take" until it is thrown away.

    ``key`` is unique on the page. Refusals are told in the piece, where the take can be recorded anew.
    """
    here = _recorded(key)
    taken = _taken(bench, here)
    data = {
        "key": key,
        "least": LEAST_SECONDS,
        "most": MOST_SECONDS,
        "seconds": SECONDS,
        "bits": BITS_PER_SECOND,
        "bytes": most_bytes(),
        "note": NOTE,
        "handled": here.handled,
        "trouble": here.trouble,
        "taken": None if taken is None else {"id": taken.take_id, "url": _film(bench, taken, f"{key}.take")},
    }
    _piece(key=key, data=data, on_take_change=lambda: _take_over(bench, here, st.session_state[key].get("take")))
    return taken


def kept(bench: Workbench, take: Take) -> None:
    """What becomes of a take: it goes with the tab, into the library with a label, or away at once."""
    here = session()
    with st.container(border=True, key=widget_key("take", "kept")):
        if take.take_id in here.kept:
            st.markdown(f"**{plain(take.name)}** is being added to the library. The Library page shows it when it is there.")
            return
        info = take.info
        st.markdown(f"**{plain(take.name)}** is not in the library. Keep it with a label, or it goes when you leave.")
        st.caption(f"{duration(info.duration_seconds)} · {info.width_px} × {info.height_px} · {info.fps:.0f} frames a second")
        label, source = st.columns(2)
        clips = bench.library.clips()
        _chooser(label, "Label", {clip.label for clip in clips}, _place(take, "label"), "what it shows")
        _chooser(source, "Source", {clip.source for clip in clips}, _place(take, "source"), "who, or which camera")
        given = (bench, take)
        with st.container(horizontal=True):
            st.button("Keep it in the library", type="primary", icon=":material/save:", on_click=guarded(_keep), args=given,
                      key=_place(take, "keep"))  # fmt: skip
            st.button("Throw away", icon=":material/delete:", on_click=guarded(throw_away), args=given,
                      key=_place(take, "away"))  # fmt: skip


def throw_away(bench: Workbench, take: Take) -> None:
    """The take is gone, for every recorder of this tab."""
    for here in session().recorded.values():
        if here.take_id == take.take_id:
            here.take_id = ""
    bench.takes.discard(take.take_id)
    session().news = "The take was thrown away"


def _film(bench: Workbench, take: Take, place: str) -> str:
    """Where the browser finds the take to play; "" where it cannot be played."""
    try:
        path = bench.takes.playable(take.take_id)
        return pieces.served(path, FILMS.get(path.suffix, "video/mp4"), place)
    except Exception:  # thrown away meanwhile, or a copy that cannot be made: the take stays usable without its picture
        return ""


def _recorded(key: str) -> Recorded:
    return session().recorded.setdefault(key, Recorded())


def _taken(bench: Workbench, here: Recorded) -> Take | None:
    try:
        return bench.takes.get(here.take_id) if here.take_id else None
    except UnknownName:  # thrown away elsewhere
        here.take_id = ""
        return None


def _take_over(bench: Workbench, here: Recorded, told: Any) -> None:
    """Hand what the browser says to the bench; trouble is told in the piece."""
    number = _number(told)
    if not number or number == here.handled:
        return
    here.handled, here.trouble = number, ""
    try:
        handed = _handed(told)
        take = bench.takes.take(handed.content, f"webcam take {time.strftime('%H:%M')}.{handed.suffix}")
    except MotionbookError as error:
        here.trouble = f"This take cannot be used: {error}"
        return
    here.take_id = take.take_id
    own_takes(bench).add(take.take_id)


def _number(told: Any) -> str:
    number = told.get("id") if isinstance(told, dict) else None
    return number if isinstance(number, str) and number.isascii() and number.isalnum() and len(number) <= 32 else ""


def _handed(told: dict[str, Any]) -> Handed:
    """The take out of a browser's message, none of which is believed. Raises BadClip and BadInput."""
    form, text, counted = told.get("form"), told.get("content"), told.get("bytes")
    if not isinstance(form, str) or form not in FORMS:
        forms = ", ".join(FORMS)
        raise BadClip("unsupported-container", f"form ({str(form)[:40]}) must be one of {forms}; record the take again")
    if not isinstance(text, str):
        raise BadInput(f"content ({type(text).__name__}) must be base64 text; record the take again")
    most = most_bytes()
    if len(text) > (most + 2) // 3 * 4:
        told_size, limit = size(len(text) * 3 // 4), size(most)
        raise BadClip("too-large", f"the take ({told_size}) must be at most {limit}; record a shorter one")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("content must be base64 text, whole; record the take again") from error
    if len(content) != counted:
        raise BadClip("damaged", f"the take ({len(content)} of {str(counted)[:20]} bytes) must arrive whole; use it again")
    suffix, offset, mark = FORMS[form]
    if content[offset : offset + len(mark)] != mark:
        raise BadClip("not-a-video", f"the take must be the {suffix} file it says it is; record it again")
    return Handed(_number(told), suffix, content)


def _place(take: Take, what: str) -> str:
    return widget_key("take", take.take_id, what)


def _chooser(place: Any, title: str, names: set[str], name: str, hint: str) -> None:
    place.selectbox(
        title, sorted(names - {""}), index=None, key=name, accept_new_options=True, placeholder=f"choose or type: {hint}"
    )


def _keep(bench: Workbench, take: Take) -> None:
    label, source = (get(_place(take, what)) or "" for what in ("label", "source"))
    if not label:
        session().trouble = "Choose or type a label first; then press Keep it in the library."
        return
    bench.takes.keep(take.take_id, label, source)
    session().kept.add(take.take_id)
    session().news = f"The take is being added to the library as {label}"
    for what in ("label", "source"):
        put(_place(take, what), None)
