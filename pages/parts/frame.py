"""What every screen has: title, navigation, one style, and a wall that turns errors into words and a next step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import LibraryLocked, MotionbookError, NotEnoughData, WeightsMissing
from pages.parts.state import session
from pages.parts.words import plain

PAGES = (
    ("app.py", "Home", ":material/home:"),
    ("pages/compare.py", "Compare", ":material/grid_on:"),
    ("pages/search.py", "Search", ":material/search:"),
    ("pages/map.py", "Map", ":material/scatter_plot:"),
    ("pages/time.py", "Time", ":material/timeline:"),
    ("pages/teach.py", "Teach", ":material/school:"),
    ("pages/watch.py", "Watch", ":material/flag:"),
    ("pages/live.py", "Live", ":material/videocam:"),
    ("pages/library.py", "Library", ":material/video_library:"),
    ("pages/models.py", "Models", ":material/model_training:"),
    ("pages/samples.py", "Samples", ":material/directions_run:"),
)

ICON = Path(__file__).with_name("icon.png")  # named icons would be fetched from a font server

STYLE = """<style>
  .stMainBlockContainer {max-width: 1240px; padding-top: 1.1rem; padding-bottom: 4rem;}
  /* Streamlit's own header lies over ours; only its buttons may take clicks. */
  header.stAppHeader {background: transparent;}
  header.stAppHeader, header.stAppHeader * {pointer-events: none;}
  header.stAppHeader button, header.stAppHeader button * {pointer-events: auto;}
  [data-testid="stSidebarCollapsedControl"], [data-testid="stExpandSidebarButton"] {display: none;}
  .st-key-navigation {border-bottom: 1px solid rgba(128,140,150,.28); padding-bottom: .35rem; padding-right: 2.5rem;}
  .st-key-navigation {gap: .1rem !important;}
  .st-key-navigation a {padding: .25rem .45rem;}
  .mb-brand {font-weight: 700; font-size: 1.1rem; letter-spacing: -.01em; padding: .2rem .4rem .2rem 0; white-space: nowrap;}
  .mb-brand span {color: #0D9488;}
  .mb-number {font-size: 3.2rem; font-weight: 680; line-height: 1.05; letter-spacing: -.02em;}
  .mb-small {font-size: 1.9rem;}
  [class*="st-key-card-"] img {width: 100%; aspect-ratio: 4 / 3; object-fit: cover; border-radius: .5rem;}
  [class*="st-key-player-"] video {width: 100%; aspect-ratio: 4 / 3; object-fit: contain; background: #000; border-radius: .5rem;}
  [class*="st-key-card-"] [data-testid="stCheckbox"], [class*="st-key-card-"] [data-testid="stCheckbox"] label,
  [class*="st-key-card-"] [data-testid="stCheckbox"] label > * {min-width: 0; max-width: 100%; overflow: hidden;}
  [class*="st-key-card-"] [data-testid="stCaptionContainer"] p,
  [class*="st-key-card-"] [data-testid="stCheckbox"] p {overflow: hidden; text-overflow: ellipsis; white-space: nowrap;}
  @media (min-width: 1380px) {.st-key-navigation {padding-right: 0; gap: 0 !important;}}
  @media (max-width: 640px) {
    .stMainBlockContainer {padding-left: 1rem; padding-right: 1rem;}
    .mb-number {font-size: 2.5rem;}
    [data-testid="stMetricValue"] {font-size: 1.6rem;}
    .st-key-navigation {gap: 0 !important; padding-right: 0;}
    .st-key-navigation a {padding-left: .4rem; padding-right: .4rem;}
    .st-key-navigation a > span:first-child:has([data-testid="stIconMaterial"]) {display: none;}
    .st-key-glance .textpoint {display: none;}
    .st-key-navigation > div:first-child {flex: 1 0 100%;}
  }
</style>"""


@contextmanager
def page(title: str) -> Iterator[None]:
    """Everything a screen draws goes inside."""
    name = "Motionbook" if title == "Home" else f"{title} · Motionbook"
    st.set_page_config(page_title=name, page_icon=str(ICON), layout="wide", initial_sidebar_state="collapsed")
    st.html(STYLE)
    _navigation()
    with boundary():
        _tell()
        yield


def _navigation() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="navigation"):
        st.html('<div class="mb-brand">Motion<span>book</span></div>', width="content")
        for path, label, icon in PAGES:
            st.page_link(path, label=label, icon=icon)


def _tell() -> None:
    """What the callbacks of the run before had to say."""
    here = session()
    if here.trouble:
        st.error(plain(here.trouble), icon=":material/error:")
    if here.news:
        st.toast(plain(here.news), icon=":material/check:")
    here.trouble = here.news = ""


@contextmanager
def boundary() -> Iterator[None]:
    """Errors of the core end here, in words. Anything else is a defect: it is logged whole and told briefly."""
    try:
        yield
    except MotionbookError as error:
        complain(error)
    except Exception as error:
        logging.getLogger("motionbook").exception("a screen failed")
        st.error(
            f"Something unexpected happened ({type(error).__name__}). The terminal has the details; reload the page to go on.",
            icon=":material/bug_report:",
        )


def complain(error: MotionbookError) -> None:
    """Message and next step, never a traceback."""
    if isinstance(error, NotEnoughData):
        st.info(_sentence(error), icon=":material/info:")
    else:
        st.error(_sentence(error), icon=":material/error:")
    if isinstance(error, LibraryLocked):
        st.caption("Close that program (or the other Motionbook), then reload this page.")
    if isinstance(error, WeightsMissing):
        st.caption("Run the command on the machine where Motionbook runs, then reload this page.")


def _sentence(error: MotionbookError) -> str:
    text = str(error)
    return plain(text[:1].upper() + text[1:])


def guarded(act: Callable[..., None]) -> Callable[..., None]:
    """A callback whose errors are told by the page that follows, since callbacks run before anything is drawn."""

    def safely(*arguments: Any, **named: Any) -> None:
        try:
            act(*arguments, **named)
        except MotionbookError as error:
            session().trouble = str(error)

    return safely


def heading(title: str, text: str = "") -> None:
    st.title(title, anchor=False)
    if text:
        st.caption(text)
