"""Seconds from the first shown frame, out of whatever time stamps a file has. Pure arithmetic."""

from __future__ import annotations

BACKWARD_SECONDS = 1.0  # a stamp further back than this is a restarted clock, as in joined recordings; less is jitter
RATES_FPS = (1.0, 240.0)  # a nominal frame rate outside is a broken header


def nominal_step_seconds(rate_fps: float | None) -> float:
    """Seconds a frame lasts when nothing better is known: by ``rate_fps`` if it is credible, else 1/25."""
    if rate_fps is None or not RATES_FPS[0] <= rate_fps <= RATES_FPS[1]:
        return 1 / 25
    return 1 / rate_fps


class FrameClock:
    """Turns the stamps of frames in showing order into times that start at 0 and never run backward.

    A missing stamp counts on by the nominal step; a stamp more than BACKWARD_SECONDS back starts the file's clock
    anew, and the times go on from where they were.
    """

    def __init__(self, step_seconds: float) -> None:
        self._step_seconds = step_seconds
        self._shift_seconds: float | None = None
        self._previous_seconds: float | None = None

    def time(self, stamp_seconds: float | None) -> float:
        expected = 0.0 if self._previous_seconds is None else self._previous_seconds + self._step_seconds
        if stamp_seconds is None:
            now = expected
        else:
            if self._shift_seconds is None:
                self._shift_seconds = expected - stamp_seconds
            now = stamp_seconds + self._shift_seconds
            if self._previous_seconds is not None and now < self._previous_seconds - BACKWARD_SECONDS:
                self._shift_seconds += expected - now
                now = expected
        if self._previous_seconds is not None:
            now = max(now, self._previous_seconds)
        self._previous_seconds = now
        return now

    def stamp(self, seconds: float) -> float:
        """The file's own stamp for a time; for seeking."""
        return seconds - (self._shift_seconds or 0.0)

    def jump(self) -> None:
        """The next stamp may be anywhere: the position in the file was changed on purpose."""
        self._previous_seconds = None


class PacketSpan:
    """Real length of a clip from its packets, which come in decoding order; no header is believed.

    ``stamp`` is a packet's showing time, ``order`` its decoding time, all in seconds and possibly missing.
    """

    def __init__(self, step_seconds: float) -> None:
        self.packets = 0
        self.start_seconds: float | None = None
        self._step_seconds = step_seconds
        self._shift_seconds = 0.0
        self._order_seconds: float | None = None
        self._last_seconds: float | None = None
        self._last_length_seconds = 0.0

    def add(self, stamp: float | None, order: float | None, length: float | None) -> None:
        self.packets += 1
        if order is not None:
            if self._order_seconds is not None and order < self._order_seconds - BACKWARD_SECONDS:
                self._shift_seconds += self._order_seconds + self._step_seconds - order
            self._order_seconds = order
        if stamp is None:
            return
        shown = stamp + self._shift_seconds
        if self.start_seconds is None or (self._shift_seconds == 0 and shown < self.start_seconds):
            self.start_seconds = shown
        if self._last_seconds is None or shown >= self._last_seconds:
            self._last_seconds, self._last_length_seconds = shown, length or 0.0

    @property
    def reached_seconds(self) -> float:
        """From the earliest to the latest packet so far."""
        if self.start_seconds is None or self._last_seconds is None:
            return self.packets * self._step_seconds
        return self._last_seconds - self.start_seconds

    def duration_seconds(self, start_seconds: float | None = None) -> float:
        """From ``start_seconds`` (the first shown frame; else the earliest packet) to the end of the last frame."""
        start = self.start_seconds if start_seconds is None else start_seconds
        counted = self.packets * self._step_seconds
        if start is None or self._last_seconds is None or self._last_seconds <= start:
            return counted
        span = self._last_seconds - start
        typical = span / max(1, self.packets - 1)
        length = self._last_length_seconds
        return span + (length if 0 < length <= 10 else typical)
