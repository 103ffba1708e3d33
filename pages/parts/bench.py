"""The one workbench of this process, and the answers that are kept: the only caches of the screens."""

from __future__ import annotations

import atexit

import streamlit as st

from core.comparing import Comparison
from core.queries import parse
from core.settings import Settings
from core.workbench import Workbench


@st.cache_resource(show_spinner="Opening the library …", on_release=Workbench.close)
def workbench() -> Workbench:
    """Open once, shared by all sessions; jobs of earlier processes go on. Raises LibraryLocked and BadSetting."""
    bench = Workbench(Settings.from_environment())
    bench.work_in_background()
    atexit.register(bench.close)
    return bench


@st.cache_resource(show_spinner=False, max_entries=32)
def _answer(_bench: Workbench, library_now: tuple[str, int], encoder: str, queries: tuple[str, ...]) -> Comparison:  # noqa: ARG001 (part of the key)
    return _bench.compare([parse(text) for text in queries], encoder)


def answer(encoder: str, queries: tuple[str, ...]) -> Comparison:
    """The comparison of ``queries`` in the library as it is now. Raises what ``Workbench.compare`` raises."""
    bench = workbench()
    return _answer(bench, (str(bench.settings.home), bench.library.revision), encoder, queries)
