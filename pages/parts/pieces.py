"""What the pieces drawn by our own scripts share: their files, the addresses of what they show, colours and levels."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit import runtime

from core import rasters
from core.colours import THEMES

HERE = Path(__file__).parent
PNG = "image/png"
INLINE_BYTES = 48_000


def theme() -> str:
    """ "light" or "dark", as the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def script(name: str, shared: Sequence[str] = ("heat", "heatmap")) -> str:
    """The text of ``name``.js, with the scripts it shares with other pieces in front."""
    return "\n".join((HERE / f"{file}.js").read_text(encoding="utf-8") for file in (*shared, name))


def style(name: str, shared: Sequence[str] = ("canvas",)) -> str:
    """The text of ``name``.css, with the styles it shares with other pieces in front."""
    files = dict.fromkeys((*shared, name))
    return "\n".join((HERE / f"{file}.css").read_text(encoding="utf-8") for file in files)


def served(content: Path | bytes, form: str, place: str) -> str:
    """The address of a file or of bytes, served in ranges to this session's browser until a run no longer asks for it.

    ``place`` is unique on the page. Raises OSError and the like where the file is gone.
    """
    if not runtime.exists():
        return ""
    given = content if isinstance(content, bytes) else str(content)
    url = runtime.get_instance().media_file_mgr.add(given, form, f"motionbook.{place}")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{url}" if base else url


def offered(content: Path | bytes | None, form: str, place: str) -> str:
    """The address as ``served`` gives it; "" for nothing, and for a file that is gone."""
    if content is None:
        return ""
    try:
        return served(content, form, place)
    except Exception:  # the file went away, or cannot be read: Streamlit has an error of its own for each
        return ""


def inlined(content: bytes, form: str, place: str, most_bytes: int = INLINE_BYTES) -> str:
    """The address of some bytes: themselves where they are few, which needs no request; else served as films are."""
    if len(content) <= most_bytes:
        return f"data:{form};base64,{base64.b64encode(content).decode('ascii')}"
    return served(content, form, place)


def colour_table(scale: str, theme: str) -> str:
    """256 colours as hex digits: 0 stands for no value, 1 to 255 run from low to high."""
    colours = THEMES[theme]
    return "808080" + rasters.palette(colours.diverging if scale == "diverging" else colours.sequential).tobytes().hex()


def colours(theme: str) -> dict[str, str]:
    """What our scripts paint with."""
    found = THEMES[theme]
    return {"text": found.text, "muted": found.muted, "paper": found.paper, "accent": found.accent, "other": found.other}
