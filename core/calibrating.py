"""Thresholds from targets that somebody understands, and confidences that mean what they say.

All three rules count one event more than was seen. Where n are as likely as the next to be the highest, the next exceeds the k-th
highest of them with a chance of k / (n + 1), so a threshold above which k - 1 fired in H hours must expect k in the next H. It is
the same correction for hours (``false-alarms``), flags (``precision``) and clips (``conformal``, Vovk, Gammerman & Shafer 2005,
section 4.1), and it says when there is too little to promise anything: with 4 negatives no p-value is below 1/5.

Clips of one source are alike, so that the next source can bring several events at once: where one source has more than one of
them, as many as the worst source has are added instead of one. On simulated and on real clips that keeps what one event more
does not (benchmarks/statistics.py --parts thresholds, benchmarks/thresholds.py, docs/teach.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.concepts import Scale
from core.errors import NotEnoughData
from core.held_out import HeldOut
from core.operating import (
    Levels,
    Material,
    alarm_rate,
    flags_right,
    levels,
    material,
    precision,
    rate_over_sources,
    recall,
    share,
    turns,
)
from core.promises import TARGETS, VERDICTS, Check, Operating, Target, needed_negatives

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

__all__ = [
    "TARGETS",
    "VERDICTS",
    "Check",
    "Operating",
    "Target",
    "check",
    "choose",
    "conformal_p",
    "held_out_confidence",
    "needed_negatives",
    "platt",
    "threshold",
]

_STEPS, _HALVINGS, _FLAT = 100, 40, 1e-10  # Newton's; a dozen are enough where the scores are sane
_ROUNDING = 1e-9
_NONE = np.zeros(0, bool)


def platt(scores: Numbers, targets: NDArray[np.bool_]) -> Scale:
    """Platt's (1999) calibration of (N,) scores, by Newton's method as Lin, Lin & Weng (2007) have it.

    Targets are smoothed to (P + 1) / (P + 2) and 1 / (Q + 2) for P positives and Q negatives, so that few examples that all lie
    on their own side do not give certainty. Without either kind nothing is known: 0.5 for every score. A slope below 0 (a head
    that is worse than chance) is not used: every score gets the share of positives.
    """
    positives, count = int(targets.sum()), len(targets)
    if positives in (0, count):
        return Scale(0.0, 0.0)
    high, low = (positives + 1) / (positives + 2), 1 / (count - positives + 2)
    wanted = np.where(targets, high, low)
    spread = float(np.std(scores))
    flat = Scale(0.0, float(np.log((positives + 1) / (count - positives + 1))))
    if spread < _ROUNDING:
        return flat
    middle = float(np.mean(scores))
    slope, offset = _newton((np.asarray(scores, np.float64) - middle) / spread, wanted, flat.offset)
    return flat if slope <= 0 else Scale(slope / spread, offset - slope * middle / spread)


def _newton(scores: Numbers, wanted: Numbers, offset: float) -> tuple[float, float]:
    """The slope and offset that make ``wanted`` (N,) most likely; a step is halved until it helps."""
    columns, at = np.stack([scores, np.ones(len(scores))], axis=1), np.asarray([0.0, offset])

    def loss(point: Numbers) -> float:
        linear = columns @ point
        return float(np.sum(np.logaddexp(0.0, linear) - wanted * linear))

    now = loss(at)
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-np.clip(columns @ at, -500, 500)))
        slope = columns.T @ (shares - wanted)
        if np.abs(slope).max() < _FLAT * len(scores):
            break
        bend = (columns * (shares * (1 - shares))[:, None]).T @ columns + 1e-12 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        for _ in range(_HALVINGS):
            if (then := loss(at - step)) < now:
                break
            step = step / 2
        else:
            break
        at, now = at - step, then
    return float(at[0]), float(at[1])


def conformal_p(scores: Numbers, negatives: Numbers) -> Numbers:
    """(M,) p-values of ``scores`` (M,): (1 + how many of the N ``negatives`` score at least as much) / (N + 1).

    A clip that is as any negative gets p <= a with a chance of at most a, whatever the scores look like (super-uniform), as long
    as it and the negatives could change places: negatives of one camera say nothing about another.
    """
    above = len(negatives) - np.searchsorted(np.sort(negatives), scores, side="left")
    return np.asarray((1.0 + above) / (len(negatives) + 1.0))


def threshold(held_out: HeldOut, number: int, target: Target, *, gap_seconds: float = 0.0) -> Operating:
    """The lowest threshold of the class ``number`` that may be expected to keep ``target``, and how it behaves.

    Where the examples are too few for the target it is the strictest that they can tell, and ``needs`` says what is missing.
    It lies halfway between the lowest score that fires and the highest that does not. Raises NotEnoughData without any example.
    """
    of = material(held_out, number, gap_seconds=gap_seconds)
    value, possible = choose(of, target)
    return Operating(
        value=value,
        target=target,
        name=held_out.classes[number],
        recall=recall(of, value),
        precision=precision(of, value),
        false_alarms_per_hour=alarm_rate(of, value),
        found=int((of.positives >= value).sum()),
        positives=len(of.positives),
        alarms=of.alarms(value),
        fired=int((of.negatives >= value).sum()),
        negatives=len(of.negatives),
        negative_hours=of.hours,
        sources=len(set(of.negative_sources.tolist())),
        reach=_reach(of, target),
        possible=possible,
        by_source=held_out.by_source,
    )


def check(held_out: HeldOut, number: int, target: Target, *, gap_seconds: float = 0.0) -> Check:
    """Is ``target`` kept? Each source in turn meets a threshold that was chosen from the others.

    The heads behind the others' scores have seen the source that is left out here, as every other; only choosing is nested.
    """
    of = material(turns(held_out), number, gap_seconds=gap_seconds)
    names = of.all_sources if len(of.all_sources) > 1 else []
    parts: list[tuple[Mask, Mask, Mask]] = [(_NONE, _NONE, _NONE)]
    alarms, hours, promised = [0], [0.0], 0
    for name in names:
        value, possible = choose(of.only(name, left_out=True), target)
        own = of.only(name)
        parts.append((own.positives >= value, own.negatives >= value, flags_right(own, value)[0]))
        alarms.append(own.alarms(value))
        hours.append(own.hours)
        promised += possible
    found, fired, right = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    owners = [np.repeat(names, [len(part[kind]) for part in parts[1:]]).tolist() for kind in range(3)]
    rate = rate_over_sources(np.asarray(alarms[1:], np.int64), np.asarray(hours[1:], np.float64))
    spoken = {"false-alarms": rate, "precision": share(right, owners[2]), "conformal": share(fired, owners[1])}
    return Check(
        target=target,
        name=held_out.classes[number],
        kept=spoken[target.kind],
        recall=share(found, owners[0]),
        found=int(found.sum()),
        positives=len(found),
        alarms=sum(alarms),
        fired=int(fired.sum()),
        negatives=len(fired),
        hours=sum(hours),
        rounds=len(names),
        promised=promised,
        by_source=held_out.by_source,
    )


def held_out_confidence(held_out: HeldOut, number: int) -> Numbers:
    """(N,) what each row's confidence is when its source is kept out of Platt's calibration; NaN of a single source."""
    held_out = turns(held_out)
    scores, targets, names = held_out.scores[:, number], held_out.targets[:, number], np.asarray(held_out.sources, np.str_)
    found = np.full(len(names), np.nan)
    for name in np.unique(names):
        own = names == name
        if not own.all():
            found[own] = platt(scores[~own], targets[~own]).confidence(scores[own])
    return found


def choose(of: Material, target: Target) -> tuple[float, bool]:
    """The threshold, and whether ``target`` may be expected of it. Raises NotEnoughData."""
    at = levels(of)
    if not len(at.scores):
        raise NotEnoughData("a threshold needs examples that were held out; teach with positives and negatives of two sources")
    good = _good(at, of, target)
    fits = good if good.any() else _strictest(at, target)
    return _below(at.scores, int(np.flatnonzero(fits)[-1])), bool(good.any())


def _good(at: Levels, of: Material, target: Target) -> NDArray[np.bool_]:
    """(L,) where one event more than was seen, or the worst source once more, still keeps the target."""
    if target.kind == "false-alarms":
        return np.asarray(at.alarms + np.maximum(at.worst_alarms, 1) <= target.wanted * of.hours + _ROUNDING)
    if target.kind == "conformal":
        return np.asarray(at.fired + np.maximum(at.worst_fired, 1) <= target.wanted * (len(of.negatives) + 1) + _ROUNDING)
    return np.asarray((len(of.negatives) > 0) & (_expected_precision(at) >= target.wanted - _ROUNDING))


def _reach(of: Material, target: Target) -> float:
    if target.kind == "precision":
        return float(_expected_precision(levels(of)).max())
    if target.kind == "conformal":
        return 1 / (len(of.negatives) + 1)
    return 1 / of.hours if of.hours > 0 else float("inf")


def _strictest(at: Levels, target: Target) -> NDArray[np.bool_]:
    if target.kind == "precision":
        expected = _expected_precision(at)
        return np.asarray(expected >= expected.max() - _ROUNDING)
    return np.asarray(at.fired == 0)


def _expected_precision(at: Levels) -> Numbers:
    return np.asarray(at.found / (at.found + at.alarms + np.maximum(at.worst_alarms, 1)))


def _below(scores: Numbers, place: int) -> float:
    """Halfway from the score that still fires to the next lower one; of the lowest a little below it."""
    lowest = float(scores[place])
    if place == 0:  # above all of them
        return lowest
    if place + 1 < len(scores):
        return (lowest + float(scores[place + 1])) / 2
    return lowest - 1e-6 * (1 + abs(lowest))
