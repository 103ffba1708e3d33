"""What the pieces drawn by our own scripts share: their files, the addresses of what they show, colours and levels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit import runtime

from core.colours import THEMES

HERE = Path(__file__).parent
PNG = "image/png"


def theme() -> str:
    """ "light" or "dark", as the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def script(name: str) -> str:
    """The text of ``name``.js, with what all pieces share in front."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("heat.js", f"{name}.js"))


def style(name: str) -> str:
    return (HERE / f"{name}.css").read_text(encoding="utf-8")


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


def colour_table(theme: str, scale: str) -> str:
    """256 colours as hex digits: 0 stands for no value, 1 to 255 run from low to high."""
    stops = THEMES[theme].diverging if scale == "diverging" else THEMES[theme].sequential
    places = [place for place, _ in stops]
    channels = [[int(colour[at : at + 2], 16) for _, colour in stops] for at in (1, 3, 5)]
    along = np.linspace(0, 1, 255)
    table = np.stack([np.interp(along, places, channel) for channel in channels], axis=1).round().astype(np.uint8)
    return "808080" + table.tobytes().hex()


def grey_png(values: NDArray[np.floating], low: float, high: float) -> bytes:
    """A table (R, C) as an 8-bit grey PNG: 0 where there is no value, 1 to 255 from ``low`` to ``high``."""
    table = np.asarray(values, dtype=np.float64)
    known = np.isfinite(table)
    share = (np.where(known, table, low) - low) / ((high - low) or 1.0)
    levels = np.where(known, 1 + np.clip(share * 254, 0, 254).round(), 0).astype(np.uint8)
    rows = np.hstack([np.zeros((len(levels), 1), np.uint8), levels]).tobytes()
    head = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
