"""Which head is best on sources that it never saw, and how sure that is. Arrays alone.

Every source is left out in turn, a head is learnt from the others, and the windows of that source are scored: the same splits for
all kinds of heads. An example is as good as its best window, for a scan finds it when any window fires. The measure is average
precision, the mean over classes; whole sources are drawn anew for its interval. A handful of examples hardly tells heads apart:
of those within one standard deviation of the draws from the best, the first of PREFERENCE is taken ("one standard
error rule": Hastie, Tibshirani & Friedman 2009, section 7.10, here with the standard error of the paired difference).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.concepts import HEADS
from core.heads import Flat, fit, flatten
from core.held_out import HeldOut
from core.statistics import LEVEL, MOST_FOLDS, Interval

PREFERENCE = ("ridge", "prototype", "knn", "logistic", "svm")
"""Ridge, then the plainest first. With six examples of 19 actions ridge does better on other sources than the prototype, by 0.03
of average precision (docs/teach.md), which six examples alone cannot tell: taking the plainest of equals cost just that."""
DRAWS = 1000  # of whole sources; the ends of the interval are settled to a hundredth, which is all that is told
FEW_FOLDS = 5
MANY_ROWS = 800
"""Windows from which on the sources are dealt into FEW_FOLDS: a fit takes as long as the cube of their number."""

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """W windows of E examples, placed in a concept's space.

    Args:
        rows: (W, D).
        examples: (W,) which example each is of.
        spans, seconds: (W, 2) start and end, and (W,) the footage that a window adds to its example.
        aside: (W,) rows that are learnt from and never scored: altered copies, words.
        classes: C names.
        targets: (E, C) which classes the examples show.
        sources, clip_ids: E of them.
    """

    rows: Floats
    examples: Rows
    spans: Numbers
    seconds: Numbers
    aside: Mask
    classes: tuple[str, ...]
    targets: Mask
    sources: tuple[str, ...]
    clip_ids: tuple[str, ...]

    @property
    def shown(self) -> Mask:
        """(W, C)."""
        return self.targets[self.examples]

    @property
    def weights(self) -> Numbers:
        """(W,): every example counts 1, however long it is and however often it was altered."""
        return np.asarray(1.0 / np.bincount(self.examples, minlength=len(self.sources))[self.examples])


@dataclass(frozen=True, slots=True, eq=False)
class Splits:
    """``tests`` are masks (W,) of the windows that are left out together; none where nothing can be left out."""

    tests: tuple[Mask, ...]
    by_source: bool


@dataclass(frozen=True, slots=True)
class HeadScore:
    """How a kind of head did on sources left out: means over classes, of examples (an example is as good as its best window)."""

    kind: str
    average_precision: float
    interval: Interval
    auc: float


def splits(windows: Windows) -> Splits:
    """By source where each class, and what is none of it, has two; otherwise clip by clip, and what cannot be learnt is left."""
    for by_source, names in ((True, windows.sources), (False, windows.clip_ids)):
        groups = _dealt(windows, names)
        good = [test for test in groups if _learnable(windows, test)]
        if len(good) == len(groups) > 1 or (not by_source and _tells(windows, good)):
            return Splits(tuple(good), by_source)
    return Splits((), False)


def _tells(windows: Windows, tests: Sequence[Mask]) -> bool:
    """Whether something of each class, and of what is not in it, is left out: otherwise there is no score to judge by."""
    shown = windows.shown[np.logical_or.reduce(tests) & ~windows.aside] if tests else windows.shown[:0]
    return bool(len(shown) and shown.any(axis=0).all() and (~shown).any(axis=0).all())


def _dealt(windows: Windows, names: Sequence[str]) -> list[Mask]:
    """Windows by the name of their example; more names than folds are dealt out, the largest first."""
    held = np.asarray([name != "" for name in names])[windows.examples] & ~windows.aside
    owner = np.asarray(names, dtype=np.str_)[windows.examples]
    different, counts = np.unique(owner[held], return_counts=True)
    folds = min(len(different), MOST_FOLDS if len(windows.rows) <= MANY_ROWS else FEW_FOLDS)
    order = different[np.argsort(-counts, kind="stable")]
    return [np.isin(owner, order[fold::folds]) for fold in range(folds)]


def _learnable(windows: Windows, test: Mask) -> bool:
    left = windows.shown[~test]
    return bool(len(left) and left.any(axis=0).all() and (~left).any(axis=0).all())


def hold_out(kind: str, windows: Windows, split: Splits, flat: Flat | None = None) -> HeldOut:
    """What each window scores by a head of ``kind`` that was learnt without its source."""
    rows, shown, weights = (flat or flatten(windows.rows)).rows, windows.shown, windows.weights
    scores, scored = np.zeros(shown.shape), np.zeros(len(rows), bool)
    for test in split.tests:
        head = fit(kind, rows[~test], shown[~test], weights[~test])
        asked = test & ~windows.aside
        scores[asked] = head.scores(rows[asked].astype(np.float32))
        scored |= asked
    kept = np.flatnonzero(scored)
    return HeldOut(
        windows.classes,
        scores[kept],
        shown[kept],
        tuple(windows.sources[windows.examples[row]] for row in kept),
        windows.seconds[kept],
        tuple(windows.clip_ids[windows.examples[row]] for row in kept),
        windows.spans[kept],
        windows.examples[kept],
        split.by_source,
    )


def average_precisions(scores: Numbers, targets: Mask, weights: Numbers) -> Numbers:
    """(B,) of E examples that count ``weights`` (B, E): the mean precision at the positives, ties together; NaN without any."""
    order = np.argsort(-scores, kind="stable")
    falling, own, counted = -scores[order], targets[order], weights[:, order]
    ends = np.searchsorted(falling, falling, side="right") - 1
    right, seen = np.cumsum(counted * own, axis=1)[:, ends], np.cumsum(counted, axis=1)[:, ends]
    with np.errstate(invalid="ignore", divide="ignore"):
        precisions = np.where(seen > 0, right / seen, 0.0)
        return np.asarray((counted * own * precisions).sum(axis=1) / (counted * own).sum(axis=1))


def mean_average_precision(examples: HeldOut, weights: Numbers) -> Numbers:
    """(B,) the mean over classes; NaN where a draw lacks all of them."""
    each = np.stack(
        [average_precisions(examples.scores[:, at], examples.targets[:, at], weights) for at in range(len(examples.classes))]
    )
    known = np.isfinite(each)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, each, 0.0).sum(axis=0) / known.sum(axis=0))


def auc(examples: HeldOut) -> float:
    """The chance that an example of a class scores above another (ties half), the mean over classes; NaN without both."""
    found = []
    for at in range(len(examples.classes)):
        own = examples.targets[:, at]
        if own.any() and not own.all():
            ours, others = examples.scores[own, at], np.sort(examples.scores[~own, at])
            below = np.searchsorted(others, ours, side="left") + np.searchsorted(others, ours, side="right")
            found.append(float(below.mean()) / (2 * len(others)))
    return float(np.mean(found)) if found else float("nan")


def draws(sources: Sequence[str]) -> Numbers:
    """(DRAWS, E) how often each example counts when whole sources are drawn anew; always the same ones."""
    names, where = np.unique(np.asarray(sources, dtype=np.str_), return_inverse=True)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    return np.asarray(drawn[:, where], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The ``kind`` that was chosen, ``scores`` of all kinds (best first), what each scored ``held_out``, and ``why``."""

    kind: str
    scores: tuple[HeadScore, ...]
    held_out: Mapping[str, HeldOut]
    why: str


def judge(
    windows: Windows, split: Splits, kinds: Sequence[str] = HEADS, step: Callable[[int, str], None] = lambda _at, _kind: None
) -> Choice:
    """Every kind on the same splits, and which to take. ``step`` hears how many are done and what comes next; it may raise.

    ``kinds`` are in the order of HEADS. There must be something to leave out.
    """
    flat = flatten(windows.rows)
    held: dict[str, HeldOut] = {}
    for at, kind in enumerate(kinds):
        step(at, kind)
        held[kind] = hold_out(kind, windows, split, flat)
    examples = {kind: one.by_example() for kind, one in held.items()}
    weights = draws(next(iter(examples.values())).sources)
    once = np.ones((1, weights.shape[1]))
    drawn = {kind: mean_average_precision(one, weights) for kind, one in examples.items()}
    values = {kind: float(mean_average_precision(one, once)[0]) for kind, one in examples.items()}
    scores = [HeadScore(kind, values[kind], _interval(values[kind], drawn[kind]), auc(examples[kind])) for kind in kinds]
    scores.sort(key=lambda one: (-one.average_precision, PREFERENCE.index(one.kind)))
    kind, spread = preferred(values, drawn)
    return Choice(kind, tuple(scores), held, _why(kind, scores, spread, split.by_source, chance(examples[kind])))


def preferred(values: Mapping[str, float], drawn: Mapping[str, Numbers]) -> tuple[str, float]:
    """The first kind of PREFERENCE whose distance from the best is within the spread over sources, and that spread."""
    best = max(values, key=lambda kind: (values[kind], -PREFERENCE.index(kind)))
    for kind in sorted(values, key=PREFERENCE.index):
        spread = float(np.nanstd(drawn[best] - drawn[kind]))
        if values[best] - values[kind] <= spread:
            return kind, spread
    return best, 0.0


def _interval(value: float, drawn: Numbers) -> Interval:
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, min(float(low), value), max(float(high), value))


def chance(examples: HeldOut) -> float:
    """The average precision of scores that say nothing: the share of a class among the examples, the mean over classes."""
    return float(examples.targets.mean())


def _why(kind: str, scores: Sequence[HeadScore], spread: float, by_source: bool, level: float) -> str:
    """ "ridge: average precision 0.93 (0.80 to 0.99) on sources left out; svm has 0.94, a difference within ..."."""
    taken, best = next(one for one in scores if one.kind == kind), scores[0]
    apart = "sources" if by_source else "clips"
    told = f"{kind}: average precision {_range(taken.interval)} on {apart} left out"
    if len(scores) > 1 and taken.kind == best.kind:
        told += f"; next is {scores[1].kind} with {scores[1].average_precision:.2f}"
    elif len(scores) > 1:
        told += (
            f"; {best.kind} has {best.average_precision:.2f}, a difference within the spread over sources ({spread:.2f}), "
            "too little to prefer it"
        )
    if taken.interval.low <= level:
        told += f". That is not surely better than chance ({level:.2f})"
    return told + ("." if by_source else ". Too few sources to leave out whole ones: on another source it may do worse.")


def _range(interval: Interval) -> str:
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"
