"""Matrices as small PNG files: one byte a cell, 0 for "no value" and 1 to 255 from low to high.

A matrix of similarities is mostly noise in its last bits: what an encoder can win beyond its entropy is the
right filter of rows and the right strategy of deflate. Measured on 1,000 x 1,000 cells (``benchmarks/figures.py``): on noisy
similarities 0.82 MB here, 0.84 MB by Pillow, 0.85 MB by OpenCV; on smooth ones 0.30, 0.32 and 0.48 MB; on noise with holes 0.69,
0.95 and 0.95 MB. So these forty lines of the PNG specification (W3C, third edition, sections 5, 9 and 11) replace both.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LEVELS = 254
"""Steps between low and high: byte 1 is low, byte 255 is high."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE = 0, 3  # colour types
_DENSER = 1.3  # exponent of a veil's density: small numbers leave the picture below them clear
_CLEAR = b"\x80\x80\x80"  # what stands under full transparency

Stops = tuple[tuple[float, str], ...]


def quantised(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """(R, C) bytes: 0 where ``values`` are not finite, else 1 to 255 linearly from ``low`` to ``high``, clipped at both ends.

    A value between the ends is off by at most ``quantisation(low, high)``. Raises ValueError unless low < high, both finite.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"values {table.shape} must be a table with at least one cell")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low and high ({low}, {high}) must be finite and rise; take them from core.colours.limits")
    known = np.isfinite(table)
    place = (np.clip(np.where(known, table, low), low, high) - low) / (high - low)
    return np.where(known, np.rint(place * LEVELS) + 1, 0).astype(np.uint8)


def restored(cells: NDArray[np.uint8], low: float, high: float) -> NDArray[np.float64]:
    """The values that ``quantised`` bytes stand for; NaN for 0. The browser computes the same when the mouse rests on a cell."""
    values = low + (cells.astype(np.float64) - 1) * ((high - low) / LEVELS)
    return np.where(cells == 0, np.nan, values)


def quantisation(low: float, high: float) -> float:
    """The largest error of a value between ``low`` and ``high``: half a step, 0.004 for similarities from -1 to 1."""
    return (high - low) / LEVELS / 2


def grey_png(values: NDArray[np.floating], low: float, high: float, *, texts: Mapping[str, str] | None = None) -> bytes:
    """An 8-bit grey PNG of a table (R, C), a pixel a cell: 0 is no value (NaN), 1 to 255 run from ``low`` to ``high``.

    Values beyond the ends are clipped to them; between them the error is at most (high - low) / 508. Raises ValueError as
    ``quantised`` does.
    """
    return _png(quantised(values, low, high), _GREY, texts or {}, b"")


def coloured_png(
    values: NDArray[np.floating], low: float, high: float, stops: Stops, *, texts: Mapping[str, str] | None = None
) -> bytes:
    """The same picture with a palette: no value is clear, the rest runs through the colours of ``stops`` (place, "#rrggbb").

    No two levels have one colour (see ``palette``), so that whoever reads a pixel knows its value.
    """
    chunks = _chunk(b"PLTE", _CLEAR + palette(stops).tobytes()) + _chunk(b"tRNS", b"\x00")
    return _png(quantised(values, low, high), _PALETTE, texts or {}, chunks)


def veil_png(values: NDArray[np.floating], largest: float, below: str, above: str) -> bytes:
    """A picture to be laid over another: numbers below 0 in one colour ("#rrggbb"), above 0 in the other, 0 and NaN clear.

    The farther from 0, the denser, up to ``largest`` either way. Raises ValueError as ``quantised`` does.
    """
    places = np.linspace(-1, 1, LEVELS + 1)
    colours = [bytes.fromhex((below if place < 0 else above)[1:]) for place in places]
    dense = np.rint(255 * np.abs(places) ** _DENSER).astype(np.uint8)
    chunks = _chunk(b"PLTE", _CLEAR + b"".join(colours)) + _chunk(b"tRNS", b"\x00" + dense.tobytes())
    return _png(quantised(values, -largest, largest), _PALETTE, {}, chunks)


def palette(stops: Stops) -> NDArray[np.uint8]:
    """(255, 3) colours from the lowest level to the highest; where rounding makes two alike, the later gets more blue."""
    places = np.linspace(0, 1, LEVELS + 1)
    channels = [[int(colour[at : at + 2], 16) for _, colour in stops] for at in (1, 3, 5)]
    ends = [stop for stop, _ in stops]
    colours = np.rint(np.stack([np.interp(places, ends, channel) for channel in channels], axis=1)).astype(np.uint8)
    seen = {_CLEAR}
    for row in colours:
        while row.tobytes() in seen:
            row[2] = (int(row[2]) + 1) % 256
        seen.add(row.tobytes())
    return colours


def _png(cells: NDArray[np.uint8], colour_type: int, texts: Mapping[str, str], before: bytes) -> bytes:
    rows, columns = cells.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour_type, 0, 0, 0)
    told = b"".join(text_chunk(key, text) for key, text in texts.items())
    return (
        _SIGNATURE + _chunk(b"IHDR", header) + before + told + _chunk(b"IDAT", _deflated(_filtered(cells))) + _chunk(b"IEND", b"")
    )


def _filtered(cells: NDArray[np.uint8]) -> bytes:
    """Rows as they are, as steps from the left, or as steps from above: whichever has the lowest entropy."""
    beside, above = cells.copy(), cells.copy()
    beside[:, 1:] -= cells[:, :-1]
    above[1:] -= cells[:-1]
    number, best = min(enumerate((cells, beside, above)), key=lambda pair: _entropy(pair[1]))
    return np.concatenate([np.full((len(best), 1), number, np.uint8), best], axis=1).tobytes()


def _entropy(cells: NDArray[np.uint8]) -> float:
    shares = np.bincount(cells.ravel(), minlength=256) / cells.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def _deflated(raw: bytes) -> bytes:
    """Matches help smooth pictures and harm noise: both ways are tried."""
    ways = []
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY):
        packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9, strategy)
        ways.append(packer.compress(raw) + packer.flush())
    return min(ways, key=len)


def text_chunk(key: str, text: str) -> bytes:
    """An iTXt chunk: text of any script under an ASCII ``key`` of at most 79 letters."""
    return _chunk(b"iTXt", key.encode("ascii")[:79] + b"\x00\x00\x00\x00\x00" + text.encode())


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
