"""The camera's last seconds against what somebody looks for: one piece that sends pictures and draws the answers.

The browser sends what it saw since it was answered last, never before that; the answer comes back as data of the piece, in a
run of this fragment alone, so that the rest of the page stands still. What happens in the browser is in live.js.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core import live as living
from core.errors import BadInput, MotionbookError
from core.live import Live
from core.queries import parse
from core.workbench import Workbench
from pages.parts import pieces
from pages.parts.asking import Asked
from pages.parts.frame import boundary
from pages.parts.state import key, session
from pages.parts.words import plain

PIECE = key("live", "piece")
PATIENCE_SECONDS = 1.0
"""For a score, in one run: while a run waits, nothing else that somebody does in this tab is answered. The browser asks again."""
MOST_LETTERS = living.MOST_BYTES * 4 // 3 + 8  # of a picture as base64 text
STYLE = """<style>
  /* The answers come twice a second: the sign that something runs would never stop, and nothing here is ever out of date. */
  [data-testid="stStatusWidget"] {visibility: hidden;}
  .st-key-live [data-stale="true"], .st-key-live {opacity: 1 !important;}
</style>"""

_piece = st.components.v2.component("motionbook_live", css=pieces.style("live"), js=pieces.script("live", ("heat", "camera")))


@dataclass(slots=True)
class Stream:
    """What one tab has going on: the stream that is scored, and what was answered last."""

    question: tuple[str, int]
    live: Live
    run: str = ""
    """The browser's own name of the stream: from one start of the camera to its end."""
    number: int = 0
    trouble: str = ""


def show(bench: Workbench, asked: Asked) -> None:
    """Camera, strip and leader. Raises what ``Live`` raises."""
    here = session()
    question = (asked.question, bench.library.revision)
    before: Stream | None = here.live
    if before is None or before.question != question:
        here.live = Stream(question, Live(bench, [parse(text) for text in asked.queries], asked.encoder))
        if before is not None:
            before.live.forget()
    st.html(STYLE)
    with st.container(key="live"):
        st.fragment(_draw)()
    st.caption(_rule())


def _draw() -> None:
    with boundary():
        stream: Stream = session().live
        _piece(key=PIECE, data=_data(stream), on_batch_change=_take)


def _rule() -> str:
    return plain(
        "The number is the cosine to the mean direction of what a row names, the library's mean taken away; 0 is as alike as "
        f"any two clips. A row stands out when at least {living.USUAL_PERCENT:.0f} % of the clips that are not what it names "
        "are less alike. The address of this page holds these settings."
    )


def _take() -> None:
    """Score what the browser sent. Runs before the fragment is drawn, which then tells the answer."""
    told, stream = st.session_state[PIECE].get("batch"), session().live
    if isinstance(told, dict) and stream is not None:
        answer(stream, told)


def answer(stream: Stream, told: dict[str, Any]) -> None:
    """Take what the browser sent into ``stream`` and score it; refusals are told in words. A browser can say what it likes."""
    run, number = str(told.get("run", ""))[:40], told.get("number")
    if run != stream.run:
        stream.live.forget()
    stream.run, stream.number = run, number if isinstance(number, int) else 0
    stream.trouble = ""
    try:
        if told.get("end"):
            stream.live.forget()
            return
        stream.live.push(*pictures(told))
        stream.live.score(PATIENCE_SECONDS)
    except MotionbookError as error:
        stream.trouble = str(error)[:1].upper() + str(error)[1:]
        stream.live.forget()


def pictures(told: dict[str, Any]) -> tuple[list[float], list[bytes]]:
    """Moments in seconds and JPEGs out of a message of the browser. Raises BadInput."""
    moments, texts = told.get("moments"), told.get("jpegs")
    if not isinstance(moments, list) or not isinstance(texts, list) or len(texts) > living.MOST_PICTURES:
        raise BadInput(f"pictures must be at most {living.MOST_PICTURES} with a moment each; reload the page")
    try:
        if any(len(text) > MOST_LETTERS for text in texts):
            raise BadInput(f"picture must be at most {living.MOST_BYTES:,} bytes; reload the page")
        return [float(moment) for moment in moments], [base64.b64decode(text, validate=True) for text in texts]
    except (TypeError, ValueError, binascii.Error) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("pictures must be JPEGs as base64 text, moments numbers; reload the page") from error


def _data(stream: Stream) -> dict[str, Any]:
    """What the piece is told: what to send, what to draw, and the answer to its last message."""
    live, theme = stream.live, pieces.theme()
    history = live.history
    return {
        "key": PIECE,
        "fps": live.fps,
        "shortSide": living.wanted_short_side_px(live.spec),
        "windowSeconds": live.window_seconds,
        "everySeconds": living.SCORE_SECONDS,
        "historySeconds": living.HISTORY_SECONDS,
        "most": living.MOST_PICTURES,
        "names": list(live.names),
        "ends": [round(end, 3) for end in live.scale_ends],
        "table": pieces.colour_table("diverging", theme),
        "colours": pieces.colours(theme),
        "answer": {
            "run": stream.run,
            "number": stream.number,
            "trouble": stream.trouble,
            "sentence": history[-1].sentence(live.names) if history else "",
            "scores": [_told(one) for one in history],
        },
    }


def _told(one: living.Scores) -> dict[str, Any]:
    return {
        "at": round(one.seconds, 3),
        "values": [round(value, 4) for value in one.values],
        "percents": [round(percent, 1) if math.isfinite(percent) else None for percent in one.percentiles],
        "leader": one.leader,
    }
