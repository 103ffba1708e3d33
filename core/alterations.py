"""What a window would look like if something in it were different: the questions "why?" and "motion or scenery?" in pictures.

An alteration takes the frames that a network would see and gives others of the same shape: all frames the same, in another
order, or with a region hidden. Regions are shares of the *film's* picture, so that one region means the same place to networks
that frame a picture differently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Framing
from core.errors import BadInput

Frames = NDArray[np.uint8]
Box = tuple[float, float, float, float]

KINDS = {
    "none": "as filmed",
    "frozen": "every frame is the middle one: no motion is left",
    "shuffled": "the frames in an order drawn once for all: motion without direction or rhythm",
    "reversed": "the film runs backwards",
    "hidden": "a region, for a part of the time, is filled with the window's mean colour",
    "actor-hidden": "what moves on its own is painted over by what stands behind it",
    "scene-hidden": "all that does not move is filled with the window's mean colour",
    "mirrored": "left and right change places",
    "brighter": "as a camera with more light would show it (gamma 0.6)",
    "darker": "as a camera with less light would show it (gamma 1.8)",
    "tilted-left": "the camera hangs askew: turned by 8 degrees anticlockwise",
    "tilted-right": "the camera hangs askew: turned by 8 degrees clockwise",
    "closer": "the camera stands nearer: the middle four fifths fill the picture",
}
GAMMAS = {"brighter": 0.6, "darker": 1.8}
"""Exponents of the shares of full light; within the 0.5 to 2 that are usual for augmentation."""
TILTS = {"tilted-left": 8.0, "tilted-right": -8.0}
"""Degrees anticlockwise; a camera that hangs further askew is put right by whoever looks at it."""
CLOSER = 1.25
WHOLE_PICTURE: Box = (0.0, 0.0, 1.0, 1.0)
WHOLE_TIME = (0.0, 1.0)
_SHUFFLE_SEED = 0  # any will do; a fixed one makes the answer the same each time


@dataclass(frozen=True, slots=True)
class Alteration:
    """One change of a window.

    Args:
        kind: one of KINDS.
        region: x0, y0, x1, y1 as shares of the film's width and height; where "hidden" hides.
        span: start and end as shares of the window's time; when "hidden" hides.
    """

    kind: str = "none"
    region: Box = WHOLE_PICTURE
    span: tuple[float, float] = WHOLE_TIME

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"alteration ({self.kind[:40]!r}) must be one of {', '.join(KINDS)}; choose one of these")
        x0, y0, x1, y1 = self.region
        ends = ((x0, x1), (y0, y1), self.span)
        if not all(math.isfinite(low) and math.isfinite(high) and 0 <= low < high <= 1 for low, high in ends):
            raise BadInput(f"region and span ({self.region}, {self.span}) must be shares from 0 to 1, each growing; correct them")


AS_FILMED = Alteration()


def alter(frames: Frames, alteration: Alteration, *, place: Box = WHOLE_PICTURE) -> Frames:
    """``frames`` (T, H, W, 3) of one window as ``alteration`` has them; the same array where nothing changes.

    ``place`` is what of the film's picture the frames show, as ``shown`` tells it; beyond 0 to 1 where black was added.
    """
    if alteration.kind == "frozen":
        return np.broadcast_to(frames[len(frames) // 2], frames.shape).copy()
    if alteration.kind == "shuffled":
        return frames[np.random.default_rng(_SHUFFLE_SEED).permutation(len(frames))]
    if alteration.kind == "reversed":
        return frames[::-1].copy()
    if alteration.kind == "hidden":
        return _hidden(frames, alteration, place)
    if alteration.kind in ("actor-hidden", "scene-hidden"):
        from core.motion import masking  # OpenCV takes a moment to import, and only these two need it

        return masking.without_actor(frames) if alteration.kind == "actor-hidden" else masking.without_scene(frames)
    return _retaken(frames, alteration.kind)


def _retaken(frames: Frames, kind: str) -> Frames:
    """As another camera might have shown the same: in other light, askew, nearer, mirrored."""
    if kind == "mirrored":
        return frames[:, :, ::-1].copy()
    if kind in GAMMAS:
        light = np.round(255 * (np.arange(256) / 255) ** GAMMAS[kind]).astype(np.uint8)
        return light[frames]
    if kind in TILTS or kind == "closer":
        from core.motion import turning  # OpenCV takes a moment to import

        return turning.turned(frames, TILTS.get(kind, 0.0), CLOSER if kind == "closer" else 1.0)
    return frames


def _hidden(frames: Frames, alteration: Alteration, place: Box) -> Frames:
    count, height, width = frames.shape[:3]
    times = slice(round(alteration.span[0] * count), round(alteration.span[1] * count))
    x0, y0, x1, y1 = alteration.region
    columns = _pixels(x0, x1, place[0], place[2], width)
    rows = _pixels(y0, y1, place[1], place[3], height)
    changed = frames.copy()
    changed[times, rows, columns] = frames.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    return changed


def _pixels(low: float, high: float, first: float, last: float, size_px: int) -> slice:
    """Pixels of a side that shows the film from share ``first`` to ``last``, for its shares from ``low`` to ``high``."""
    start, stop = ((share - first) / (last - first) * size_px for share in (low, high))
    return slice(min(max(round(start), 0), size_px), min(max(round(stop), 0), size_px))


def shown(framing: Framing, width_px: int, height_px: int) -> Box:
    """What of a picture of this size a network's square shows: x0, y0, x1, y1 in shares of the picture.

    Within 0 to 1 where the picture is cropped; beyond it where black is added ("pad").
    """
    if framing.mode == "whole":
        return WHOLE_PICTURE
    if framing.mode == "pad":
        across, down = (max(width_px, height_px) / side for side in (width_px, height_px))
    else:
        scale = framing.short_side_px / min(width_px, height_px)
        across, down = (framing.crop_px / (scale * side) for side in (width_px, height_px))
    return (0.5 - across / 2, 0.5 - down / 2, 0.5 + across / 2, 0.5 + down / 2)
