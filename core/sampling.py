"""Which moments of a clip the encoder sees. Pure arithmetic on seconds; nothing here reads a file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Window

_EPSILON_SECONDS = 1e-6  # container clocks are no finer than this; below it two moments are the same


def _drop(_duration_seconds: float, starts: list[float], _window_seconds: float) -> list[float]:
    """Leave out what does not fill a window."""
    return starts


def _shift(duration_seconds: float, starts: list[float], window_seconds: float) -> list[float]:
    """Add one more window that ends with the clip, when more than a tenth of a window would go unseen."""
    unseen_seconds = duration_seconds - (starts[-1] + window_seconds)
    return [*starts, duration_seconds - window_seconds] if unseen_seconds > 0.1 * window_seconds else starts


def _spread(duration_seconds: float, starts: list[float], window_seconds: float) -> list[float]:
    """Keep the number of windows and move them evenly over the whole clip; a single one goes to the middle."""
    room_seconds = duration_seconds - window_seconds
    if len(starts) == 1:
        return [room_seconds / 2]
    return [float(start) for start in np.linspace(0, room_seconds, len(starts))]


TAIL_POLICIES: dict[str, Callable[[float, list[float], float], list[float]]] = {
    "drop": _drop,
    "shift": _shift,
    "spread": _spread,
}
"""What happens to the end of a clip that the last whole stride does not reach."""

SHORT_RULES = ("stretch", "loop", "hold")
"""How a clip shorter than a window fills it: its own span sampled more densely, played again, or its last frame held."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a clip becomes windows, and a window becomes moments.

    Args:
        window_seconds: length of a window.
        stride_seconds: seconds between window starts.
        tail: one of TAIL_POLICIES.
        short: one of SHORT_RULES, for clips shorter than ``window_seconds``.
    """

    window_seconds: float
    stride_seconds: float
    tail: str = "shift"
    short: str = "stretch"

    def __post_init__(self) -> None:
        if not (0 < self.window_seconds < math.inf and 0 < self.stride_seconds < math.inf):
            raise ValueError(f"window and stride ({self.window_seconds}, {self.stride_seconds}) must be positive seconds")
        if self.tail not in TAIL_POLICIES:
            raise ValueError(f"tail ({self.tail!r}) must be one of {', '.join(TAIL_POLICIES)}")
        if self.short not in SHORT_RULES:
            raise ValueError(f"short ({self.short!r}) must be one of {', '.join(SHORT_RULES)}")


def windows(duration_seconds: float, sampling: Sampling) -> tuple[Window, ...]:
    """The windows of a clip, in time order; always at least one.

    A clip shorter than a window gives the single window ``[0, duration_seconds)``: what fills it is ``sampling.short``.
    Raises ValueError when ``duration_seconds`` is not positive and finite.
    """
    if not 0 < duration_seconds < math.inf:
        raise ValueError(f"duration_seconds ({duration_seconds}) must be positive and finite")
    length = sampling.window_seconds
    if duration_seconds <= length + _EPSILON_SECONDS:
        return (Window(0.0, duration_seconds),)
    count = 1 + math.floor((duration_seconds - length) / sampling.stride_seconds + 1e-9)
    starts = TAIL_POLICIES[sampling.tail](duration_seconds, [index * sampling.stride_seconds for index in range(count)], length)
    return tuple(Window(max(start, 0.0), min(start + length, duration_seconds)) for start in starts)


def frame_times(window: Window, frames: int, sampling: Sampling) -> NDArray[np.float64]:
    """The ``(frames,)`` moments, in seconds of the clip, that stand for ``window``: the middles of equal slots.

    Middles rather than edges: the moment is then never on the border between two frames, where a rounding of the
    container's clock would decide which one is seen.
    """
    if frames < 1:
        raise ValueError(f"frames ({frames}) must be at least 1")
    slots = (np.arange(frames, dtype=np.float64) + 0.5) / frames
    span = window.end_seconds - window.start_seconds
    if sampling.short == "stretch" or span >= sampling.window_seconds - _EPSILON_SECONDS:
        return window.start_seconds + slots * span
    moments = slots * sampling.window_seconds
    if sampling.short == "loop":
        return window.start_seconds + np.mod(moments, span)
    return window.start_seconds + np.minimum(moments, span - _EPSILON_SECONDS)
