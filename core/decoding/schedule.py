"""Which wanted moment is filled by which frame, and which window is complete. Pure bookkeeping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.float64]
Picture = NDArray[np.uint8]

EPSILON_SECONDS = 1e-6  # below the resolution of container clocks: a moment this close before a frame means the frame


class Schedule:
    """Windows, each an array (T,) of moments in seconds, to be filled by pictures that come in time order.

    A picture is kept once however many windows want it, and dropped when the last of them is complete.
    """

    def __init__(self, windows: Sequence[Moments]) -> None:
        lengths = [len(moments) for moments in windows]
        flat = np.concatenate(windows) if windows else np.empty(0)
        order = np.argsort(flat, kind="stable")
        self._moments: list[float] = flat[order].tolist()
        self._windows: list[int] = np.repeat(np.arange(len(windows)), lengths)[order].tolist()
        slots = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self._slots: list[int] = slots[order].tolist()
        self._missing = dict(enumerate(lengths))
        self._lengths = lengths
        self._filled: dict[int, dict[int, Picture]] = {}
        self._position = 0
        self._next_window = 0

    @property
    def next_moment(self) -> float | None:
        """The earliest moment without a picture; None when all have one."""
        return self._moments[self._position] if self._position < len(self._moments) else None

    @property
    def first_incomplete(self) -> int:
        """Index of the first window that has not been given out."""
        return self._next_window

    def wants(self, before_seconds: float) -> bool:
        """Whether a moment before this time is still open."""
        moment = self.next_moment
        return moment is not None and moment < before_seconds - EPSILON_SECONDS

    def fill(self, picture: Picture, before_seconds: float) -> None:
        """Give ``picture`` to all open moments before this time."""
        while self.wants(before_seconds):
            window = self._windows[self._position]
            self._filled.setdefault(window, {})[self._slots[self._position]] = picture
            self._missing[window] -= 1
            self._position += 1

    def complete(self) -> Iterator[Picture]:
        """Windows (T, H, W, 3) that are complete and whose turn it is, each given out once."""
        while self._next_window < len(self._lengths) and self._missing[self._next_window] == 0:
            pictures = self._filled.pop(self._next_window)
            yield np.stack([pictures[slot] for slot in range(self._lengths[self._next_window])])
            self._next_window += 1


def passes(windows: Sequence[Moments]) -> Iterator[Sequence[Moments]]:
    """``windows`` cut into runs whose starts do not go back: one pass of decoding each, and little kept in memory."""
    begin = 0
    for index in range(1, len(windows)):
        if windows[index].min() < windows[index - 1].min():
            yield windows[begin:index]
            begin = index
    if len(windows):
        yield windows[begin:]
