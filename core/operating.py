"""How one class behaves at every threshold: which examples it finds, how often it fires on other footage, and how sure both are.

The units are those that somebody watches for. An example is *found* when any of its windows fires. On other footage windows
that fire and overlap or adjoin are one *alarm*, as flags are merged (``core.flagging``), and alarms are counted per hour. All
scores are held out: the head that gave them never saw the source. Sources, never windows, are drawn anew for intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.held_out import HeldOut
from core.statistics import DRAWS, LEVEL, Interval, share_over_sources

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
Names = NDArray[np.str_]

_TOUCH = 1e-6  # seconds; ends and starts of adjoining windows differ by rounding
_HOUR = 3600.0
NOTHING = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the examples of one class (P), the other examples (E) and their windows (W) scored while they were held out.

    Args:
        positives, positive_sources: (P,) the best window of each example that shows the class.
        negatives, negative_sources: (E,) the same of all other examples, also those that show another class.
        scores, steps, seconds, sources: (W,) of the other examples' windows; ``steps`` add up, over the windows that score at
            least as much as a threshold, to the number of alarms there.
    """

    positives: Numbers
    positive_sources: Names
    negatives: Numbers
    negative_sources: Names
    scores: Numbers
    steps: Whole
    seconds: Numbers
    sources: Names

    @property
    def hours(self) -> float:
        return float(self.seconds.sum()) / _HOUR

    @property
    def all_sources(self) -> list[str]:
        return sorted({*self.positive_sources.tolist(), *self.negative_sources.tolist()})

    def only(self, source: str, *, left_out: bool = False) -> Material:
        """What comes from ``source``, or all but that."""
        kept = [(names == source) != left_out for names in (self.positive_sources, self.negative_sources, self.sources)]
        own, other, windows = kept
        return Material(
            self.positives[own],
            self.positive_sources[own],
            self.negatives[other],
            self.negative_sources[other],
            self.scores[windows],
            self.steps[windows],
            self.seconds[windows],
            self.sources[windows],
        )

    def alarms(self, threshold: float) -> int:
        return int(self.steps[self.scores >= threshold].sum())


def material(held_out: HeldOut, number: int = 0, *, gap_seconds: float = 0.0) -> Material:
    """Of the class ``number``. Alarms that are ``gap_seconds`` apart or nearer are one."""
    own = held_out.targets[:, number]
    positive, negative = (held_out.rows(rows) for rows in (own, ~own))
    best, others = positive.by_example(), negative.by_example()
    scores = negative.scores[:, number]
    return Material(
        best.scores[:, number],
        _names(best.sources),
        others.scores[:, number],
        _names(others.sources),
        scores,
        alarm_steps(scores, negative.spans, negative.clip_ids, gap_seconds),
        np.asarray(negative.seconds, np.float64),
        _names(negative.sources),
    )


def _names(sources: Sequence[str]) -> Names:
    return np.asarray(sources, dtype=np.str_)


def alarm_steps(scores: Numbers, spans: Numbers, clips: Sequence[str], gap_seconds: float = 0.0) -> Whole:
    """(W,) by how much each window changes the number of alarms when a falling threshold reaches it.

    1 for a window that touches none above it, 0 for one that widens an alarm, -1 for one that joins two. ``spans`` are (W, 2)
    seconds in the ``clips``. Summed over all windows at or above a threshold they give the alarms exactly, for every threshold.
    """
    steps, names = np.zeros(len(scores), np.int64), np.asarray(clips, dtype=np.str_)
    for clip in np.unique(names):
        rows = np.flatnonzero(names == clip)
        rows = rows[np.argsort(spans[rows, 0], kind="stable")]
        steps[rows] = _steps_of_clip(scores[rows], spans[rows], gap_seconds + _TOUCH)
    return steps


def _steps_of_clip(scores: Numbers, spans: Numbers, reach: float) -> Whole:
    """Windows in the order of their starts; alarms are sets of windows that are joined as they come (union-find)."""
    owner = np.full(len(scores), -1)

    def root(row: int) -> int:
        while owner[row] != row:
            owner[row] = owner[owner[row]]
            row = int(owner[row])
        return row

    steps, latest = np.ones(len(scores), np.int64), np.maximum.accumulate(spans[:, 1])
    for row in np.argsort(-scores, kind="stable").tolist():
        owner[row] = row
        first = int(np.searchsorted(latest, spans[row, 0] - reach))
        last = int(np.searchsorted(spans[:, 0], spans[row, 1] + reach, side="right"))
        near = [at for at in range(first, last) if at != row and owner[at] >= 0 and spans[at, 1] >= spans[row, 0] - reach]
        touched = {root(at) for at in near}
        for other in touched:
            owner[other] = row
        steps[row] = 1 - len(touched)
    return steps


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """L thresholds, falling, and what fires at each: (L,) examples found, alarms, other examples that fire.

    The first is above every score; the others are the scores themselves. ``worst_alarms`` and ``worst_fired`` are those of the
    one source that has most of them.
    """

    scores: Numbers
    found: Whole
    alarms: Whole
    fired: Whole
    worst_alarms: Whole
    worst_fired: Whole


def levels(of: Material) -> Levels:
    """At every score that an example or a window has, and above them all. Of no example there is none.

    Alarms are the most that there are at this or any higher threshold: where a threshold falls two alarms can grow into one, and
    such a fall must not pass for a better threshold.
    """
    scores = np.unique(np.concatenate([of.positives, of.negatives, of.scores]))[::-1]
    scores = np.concatenate([np.nextafter(scores[:1], np.inf), scores])
    worst_alarms, worst_fired = np.zeros(len(scores), np.int64), np.zeros(len(scores), np.int64)
    for name in np.unique(of.sources):
        own = of.sources == name
        worst_alarms = np.maximum(worst_alarms, _alarms(of.scores[own], of.steps[own], scores))
        worst_fired = np.maximum(worst_fired, _at_least(of.negatives[of.negative_sources == name], scores))
    alarms = _alarms(of.scores, of.steps, scores)
    found, fired = _at_least(of.positives, scores), _at_least(of.negatives, scores)
    return Levels(scores, found, alarms, fired, worst_alarms, worst_fired)


def _alarms(scores: Numbers, steps: Whole, thresholds: Numbers) -> Whole:
    order = np.argsort(-scores, kind="stable")
    totals = np.concatenate([[0], np.cumsum(steps[order])])
    reached = totals[np.searchsorted(-scores[order], -thresholds, side="right")]
    return np.asarray(np.maximum.accumulate(reached), np.int64)


def _at_least(values: Numbers, thresholds: Numbers) -> Whole:
    return np.asarray(len(values) - np.searchsorted(np.sort(values), thresholds, side="left"), np.int64)


# -- how sure -----------------------------------------------------------------------------------------------------------


def garwood(count: int, exposure: float) -> Interval:
    """Events per unit of ``exposure`` with Garwood's (1936) exact 95 % interval for a Poisson count.

    None seen in 0.25 hours still allows up to 3.69 / 0.25 = 14.8 an hour. Of no exposure nothing is known: 0 to infinity.
    """
    tail = (1 - LEVEL) / 2
    if exposure <= 0:
        return Interval(float("nan"), 0.0, float("inf"))
    low = float(special.gammaincinv(count, tail)) if count else 0.0
    high = float(special.gammaincinv(count + 1, 1 - tail))
    return Interval(count / exposure, low / exposure, high / exposure)


def rate_over_sources(alarms: Whole, hours: Numbers) -> Interval:
    """Alarms an hour of S sources (S,) each; at either end the wider of Garwood's interval and of whole sources drawn anew.

    Garwood takes alarms for independent; those of one camera are not.
    """
    exact = garwood(int(alarms.sum()), float(hours.sum()))
    if len(hours) < 2 or not alarms.any():
        return exact
    drawn = np.random.default_rng(0).multinomial(len(hours), np.full(len(hours), 1 / len(hours)), size=DRAWS)
    spent = drawn @ hours
    rates = (drawn @ alarms)[spent > 0] / spent[spent > 0]
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(exact.value, min(exact.low, float(low)), max(exact.high, float(high)))


def alarms_by_source(of: Material, threshold: float) -> tuple[Names, Whole, Numbers]:
    """(S,) sources of other footage, how many alarms each gives and how many hours of it there are."""
    names, where = np.unique(of.sources, return_inverse=True)
    alarms = np.bincount(where, weights=np.where(of.scores >= threshold, of.steps, 0), minlength=len(names))
    return names, alarms.astype(np.int64), np.bincount(where, weights=of.seconds, minlength=len(names)) / _HOUR


def alarm_rate(of: Material, threshold: float) -> Interval:
    """False alarms an hour at ``threshold``."""
    _, alarms, hours = alarms_by_source(of, threshold)
    return rate_over_sources(alarms, hours)


def share(hits: Mask, sources: Sequence[str]) -> Interval:
    """A share of examples over sources; nothing is known of no examples."""
    return share_over_sources(hits, sources) if len(hits) else NOTHING


def recall(of: Material, threshold: float) -> Interval:
    return share(of.positives >= threshold, of.positive_sources.tolist())


def flags_right(of: Material, threshold: float) -> tuple[Mask, list[str]]:
    """(F,) of all that fires whether it is an example (True) or an alarm, and the sources."""
    names, alarms, _ = alarms_by_source(of, threshold)
    found = of.positive_sources[of.positives >= threshold].tolist()
    false = np.repeat(names, alarms).tolist()
    return np.asarray([True] * len(found) + [False] * len(false), bool), found + false


def precision(of: Material, threshold: float) -> Interval:
    """Examples found against examples found and alarms, in footage that is mixed as the examples are."""
    return share(*flags_right(of, threshold))


def turns(held_out: HeldOut) -> HeldOut:
    """The same, with what can be left out in turn as its sources: its clips, where it has one source only."""
    return held_out if held_out.by_source else replace(held_out, sources=held_out.clip_ids)
