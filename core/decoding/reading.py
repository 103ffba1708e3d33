"""Windows of pixels out of a source, in one pass of decoding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from core.clips import Framing
from core.decoding.footage import Footage, Shown, first_shown
from core.decoding.pictures import Picture, Scaler
from core.decoding.schedule import Moments, Schedule
from core.decoding.source import Source
from core.errors import BadClip

JUMP_SECONDS = 8.0  # decoding on is cheaper than a jump below this: a jump decodes from the key frame before, often 2-10 s back

HOLD_SECONDS = 0.5  # headers and packets disagree by a few frames about the end of a clip; no action hides in that


def read_windows(source: Source, windows: Sequence[Moments], framing: Framing) -> Iterator[Picture]:
    """For each window of moments (T,) its frames (T, crop_px, crop_px, 3), in order; a freshly opened ``source``.

    A moment gets the frame shown then: the last that starts at or before it, the first frame for moments before the
    clip. When the frames end early the last one is held, but not for a window of which half the moments or more lie
    over HOLD_SECONDS behind it: that footage should be there and is not, BadClip("damaged").
    """
    footage, schedule, scaler = Footage(source), Schedule(windows), Scaler()
    shown, jumped_to = first_shown(source, footage), None
    while (moment := schedule.next_moment) is not None:
        if moment > shown.time_seconds + JUMP_SECONDS and moment != jumped_to:
            footage.jump(moment)
            jumped_to = moment
        following = footage.next_shown()
        if following is None:
            _check_end(source, shown, windows[schedule.first_incomplete :])
        until_seconds = math.inf if following is None else following.time_seconds
        if schedule.wants(until_seconds):
            schedule.fill(scaler.framed(shown.frame, framing), until_seconds)
            yield from schedule.complete()
        shown = following or shown


def _check_end(source: Source, last: Shown, windows: Sequence[Moments]) -> None:
    end_seconds = last.time_seconds + (source.length_seconds(last.frame) or source.step_seconds)
    for moments in windows:
        if np.count_nonzero(moments > end_seconds + HOLD_SECONDS) * 2 >= len(moments):
            raise BadClip(
                "damaged", f"frames end at {end_seconds:.2f} s, before the moment {moments.max():.2f} s; export the clip again"
            )
