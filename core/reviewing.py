"""What somebody said about flags, as held-out scores: thresholds are then chosen from examples and footage that was watched.

A concept never saw the footage that it was let loose on, so its scores there are as good as held out, as long as the clip is none
of its examples'. Windows outside all flags count as other footage: nobody looked at each of them, but a threshold that rises
is right about them, and one that falls below the old one takes a missed action for a false alarm, never the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.held_out import HeldOut

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
_ROUNDING = 1e-6
PIECE_SECONDS = 10.0
"""Other footage is counted in pieces as long as the examples usually are, so that a share of them means something."""
Spans = Sequence[tuple[float, float]]


def reviewed(
    classes: Sequence[str],
    scores: Numbers,
    spans: Numbers,
    *,
    clip_id: str,
    source: str,
    accepted: Mapping[int, Spans],
    undecided: Spans = (),
) -> HeldOut:
    """The windows of one scanned clip with what was said about its flags.

    Args:
        classes: C names.
        scores, spans: (W, C) and (W, 2) seconds of the windows, in the order of time.
        accepted: of a class its accepted flags as (start, end) seconds; each is one example. Rejected ones need no mention.
        undecided: flags nobody has looked at; windows that touch one are left out, and those that only touch an accepted one.
    """
    targets, owners = np.zeros(scores.shape, bool), np.full(len(scores), -1)
    left_out, number = _touched(spans, undecided), 0
    for place, flags in accepted.items():
        for start, end in flags:
            inside = _inside(spans, start, end)
            left_out |= _touched(spans, [(start, end)]) & ~inside
            targets[inside, place] = True
            owners[inside & (owners < 0)] = number
            number += 1
    others = owners < 0
    owners[others] = number + (spans[others, 0] // PIECE_SECONDS).astype(int)
    whole = HeldOut(
        tuple(classes),
        np.asarray(scores, np.float64),
        targets,
        (source,) * len(scores),
        footage_of(spans),
        (clip_id,) * len(scores),
        np.asarray(spans, np.float64),
        owners,
    )
    return whole.rows(~left_out | targets.any(axis=1))


def footage_of(spans: Numbers) -> Numbers:
    """(W,) seconds that each window adds to those before it, so that overlapping ones add up to the footage."""
    if not len(spans):
        return np.zeros(0)
    seen = np.concatenate([[spans[0, 0]], np.maximum.accumulate(spans[:, 1])[:-1]])
    return np.asarray(np.maximum(spans[:, 1] - np.maximum(spans[:, 0], seen), 0.0))


def _inside(spans: Numbers, start: float, end: float) -> Mask:
    """The windows within a flag; of a flag shorter than a window the one in its middle."""
    found = np.asarray((spans[:, 0] >= start - _ROUNDING) & (spans[:, 1] <= end + _ROUNDING))
    if len(spans) and not found.any():
        found[np.abs(spans.mean(axis=1) - (start + end) / 2).argmin()] = True
    return found


def _touched(spans: Numbers, flags: Spans) -> Mask:
    found = np.zeros(len(spans), bool)
    for start, end in flags:
        found |= (spans[:, 0] < end) & (spans[:, 1] > start)
    return found


def joined(parts: Sequence[HeldOut]) -> HeldOut:
    """All of them as one; their classes must be the same. Raises ValueError."""
    if not parts or len({part.classes for part in parts}) != 1:
        raise ValueError("held-out scores that are joined must be at least one, all of the same classes")
    counts = np.cumsum([0, *(int(part.examples.max(initial=-1)) + 1 for part in parts)])
    return HeldOut(
        parts[0].classes,
        np.vstack([part.scores for part in parts]),
        np.vstack([part.targets for part in parts]),
        tuple(name for part in parts for name in part.sources),
        np.concatenate([part.seconds for part in parts]),
        tuple(name for part in parts for name in part.clip_ids),
        np.vstack([part.spans for part in parts]),
        np.concatenate([part.examples + first for part, first in zip(parts, counts, strict=False)]),
        all(part.by_source for part in parts),
    )
