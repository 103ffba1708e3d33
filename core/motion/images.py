"""What is picture in padded frames, and dark pictures made light. Pure functions on frames (T, H, W, 3) uint8 RGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]

DARK = 60
"""A window of a mean brightness (0-255) below this is dark: of 180 clips by day one is below 59, all by night are below 35."""
SMALLEST_PX = 16  # a night scene may be black to a few pixels; less than this is no picture to look for motion in


def picture_area(frames: Frames) -> tuple[int, int, int, int]:
    """Half-open bounds (top, bottom, left, right) of what is left when outer rows and columns that are 0 throughout go.

    "Pad" framing draws such borders, and so does many a film. A window in which too little is left keeps its whole
    picture: it is dark rather than framed.
    """
    seen = frames.max(axis=0).max(axis=-1) > 0
    rows, columns = np.flatnonzero(seen.max(axis=1)), np.flatnonzero(seen.max(axis=0))
    if min(len(rows), len(columns)) == 0:
        return 0, frames.shape[1], 0, frames.shape[2]
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    if min(bottom - top, right - left) < SMALLEST_PX:
        return 0, frames.shape[1], 0, frames.shape[2]
    return top, bottom, left, right


def lit(frames: Frames) -> Frames:
    """Dark frames (T, H, W, 3) with the gamma that brings their mean brightness to DARK; others as they are.

    One curve for the whole window, so that nothing flickers, and none at all at the border between dark and light, so that
    nothing jumps there. Pass the picture without its padding: borders are no night.
    """
    brightness = float(frames.mean()) if frames.size else DARK
    if brightness >= DARK:
        return frames
    gamma = np.log(DARK / 255) / np.log(max(brightness, 1.0) / 255)
    curve = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return np.asarray(curve[frames], np.uint8)
