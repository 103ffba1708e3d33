"""The curves of a class over all thresholds, with bands for sources drawn anew, and what its examples are taken for, as sheets.

Everything is reckoned over examples (an example is as good as its best window) that were scored while their source was left out.
Values are those of scikit-learn on the same vectors (tests/core/test_curves.py); scikit-learn draws no sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.calibrating import held_out_confidence
from core.concepts import Concept, Scale
from core.held_out import HeldOut
from core.operating import Material, material, share
from core.sheets import UNSTAMPED, Confusion, Learning, Reliability, Stamp, Trade
from core.statistics import LEVEL, Interval

Numbers = NDArray[np.float64]

DRAWS = 400  # of whole sources; the ends of a band are then settled to a few hundredths of its width, finer than a line
GRID = np.linspace(0.0, 1.0, 101)
MOST_BINS, LEAST_BINS, EXAMPLES_PER_BIN = 10, 3, 10
"""Of confidences, of equal width (Guo et al. 2017 take fifteen for thousands of examples); fewer where there are few examples."""
NOTHING_SAID = "nothing"
"""The name of the row and column of examples that show none of the classes, or of which none was said."""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """At L falling thresholds: ``found`` of the P positives and ``fired`` of the E negatives, (L,), and of each of D draws of
    sources, (D, L), with the ``totals`` (D, 2) of positives and negatives that were drawn."""

    thresholds: Numbers
    found: Numbers
    fired: Numbers
    drawn_found: Numbers
    drawn_fired: Numbers
    totals: Numbers

    @property
    def usable(self) -> bool:
        """Both kinds of examples are there."""
        return bool(self.found[-1] and self.fired[-1])


def sweep(of: Material) -> Sweep:
    """Starts where nothing fires."""
    scores = np.unique(np.concatenate([of.positives, of.negatives]))[::-1]
    scores = np.concatenate([np.nextafter(scores[:1], np.inf) if len(scores) else [np.inf], scores])
    names = of.all_sources
    found, fired = (
        np.asarray([_at_least(values[owners == name], scores) for name in names]).reshape(len(names), len(scores))
        for values, owners in ((of.positives, of.positive_sources), (of.negatives, of.negative_sources))
    )
    random, ways = np.random.default_rng(0), max(len(names), 1)
    drawn = random.multinomial(ways, np.full(ways, 1 / ways), size=DRAWS)[:, : len(names)].astype(np.float64)
    many_found, many_fired = drawn @ found, drawn @ fired
    both = (many_found[:, -1] > 0) & (many_fired[:, -1] > 0)
    totals = np.stack([many_found[both, -1], many_fired[both, -1]], axis=1)
    return Sweep(scores, found.sum(axis=0), fired.sum(axis=0), many_found[both], many_fired[both], totals)


def _at_least(values: Numbers, thresholds: Numbers) -> Numbers:
    return np.asarray(len(values) - np.searchsorted(np.sort(values), thresholds, side="left"), np.float64)


def average_precision(of: Sweep) -> Interval:
    """The mean precision over the steps of recall, as scikit-learn's; with its interval over sources."""
    return _with_draws(_mean_precision(of.found, of.fired), _mean_precision(of.drawn_found, of.drawn_fired), of.usable)


def roc_area(of: Sweep) -> Interval:
    """The chance that an example scores more than another clip, ties counted half."""
    return _with_draws(_area(of.found, of.fired), _area(of.drawn_found, of.drawn_fired), of.usable)


def _mean_precision(found: Numbers, fired: Numbers) -> Numbers:
    precision = found / np.maximum(found + fired, 1)
    return np.asarray((np.diff(found, axis=-1) * precision[..., 1:]).sum(axis=-1) / np.maximum(found[..., -1], 1))


def _area(found: Numbers, fired: Numbers) -> Numbers:
    middle = (found[..., 1:] + found[..., :-1]) / 2
    area = (np.diff(fired, axis=-1) * middle).sum(axis=-1)
    return np.asarray(area / np.maximum(found[..., -1] * fired[..., -1], 1))


def _with_draws(value: Numbers, drawn: Numbers, usable: bool) -> Interval:
    if not usable:
        return Interval(float("nan"), float("nan"), float("nan"))
    if not len(drawn):
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(value), min(float(low), float(value)), max(float(high), float(value)))


def precision_recall(
    held_out: HeldOut, number: int = 0, *, threshold: float | None = None, title: str = "", stamp: Stamp = UNSTAMPED
) -> Trade:
    """Of the class ``number``; ``threshold`` is marked on it."""
    of = material(held_out, number)
    swept = sweep(of)
    x = swept.found / max(len(of.positives), 1)
    y = swept.found / np.maximum(swept.found + swept.fired, 1)
    some = swept.found + swept.fired > 0  # where nothing fires nothing is right or wrong
    band = _band(
        swept.drawn_found / swept.totals[:, :1], swept.drawn_found / np.maximum(swept.drawn_found + swept.drawn_fired, 1)
    )
    area, marked = average_precision(swept), None
    if threshold is not None and swept.usable:
        found, fired = int((of.positives >= threshold).sum()), int((of.negatives >= threshold).sum())
        if found + fired:
            words = f"{found} of {len(of.positives)} found, {fired} of {len(of.negatives)} others fire."
            marked = (found / len(of.positives), found / (found + fired), words)
    return _trade("precision-recall", x[some], y[some], held_out.classes[number], of, band, area, marked, title, stamp)


def detection_error(
    held_out: HeldOut, number: int = 0, *, threshold: float | None = None, title: str = "", stamp: Stamp = UNSTAMPED
) -> Trade:
    """Of the class ``number``: what is missed against what fires falsely, as shares of clips (Martin et al. 1997)."""
    of = material(held_out, number)
    swept = sweep(of)
    x, y = swept.fired / max(len(of.negatives), 1), 1 - swept.found / max(len(of.positives), 1)
    band = _band(swept.drawn_fired / swept.totals[:, 1:], 1 - swept.drawn_found / swept.totals[:, :1])
    area, marked = roc_area(swept), None
    if threshold is not None and swept.usable:
        found, fired = int((of.positives >= threshold).sum()), int((of.negatives >= threshold).sum())
        words = f"{fired} of {len(of.negatives)} others fire, {len(of.positives) - found} of {len(of.positives)} missed."
        marked = (fired / len(of.negatives), 1 - found / len(of.positives), words)
    return _trade("detection-error", x, y, held_out.classes[number], of, band, area, marked, title, stamp)


def _band(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The 95 % interval over draws of y at each x of GRID: of a draw its y where its rising x first reaches that far."""
    if not len(x):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    places = np.stack([np.minimum(np.searchsorted(row, GRID - 1e-9), x.shape[1] - 1) for row in x])
    low, high = np.quantile(np.take_along_axis(y, places, axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return GRID[1:], low[1:], high[1:]  # at 0 nothing has fired yet


def _trade(
    kind: str, x: Numbers, y: Numbers, name: str, of: Material, band: tuple[Numbers, Numbers, Numbers], area: Interval,
    mark: tuple[float, float, str] | None, title: str, stamp: Stamp,
) -> Trade:  # fmt: skip
    usable = bool(np.isfinite(area.value))
    band_x, low, high = band if usable else (np.zeros(0),) * 3
    return Trade(
        kind=kind, x=x if usable else np.zeros(0), y=y if usable else np.zeros(0), name=name, positives=len(of.positives),
        negatives=len(of.negatives), band_x=band_x, low=low, high=high, area=(area.value, area.low, area.high), mark=mark,
        title=title, stamp=stamp,
    )  # fmt: skip


def reliability(held_out: HeldOut, number: int = 0, *, title: str = "", stamp: Stamp = UNSTAMPED) -> Reliability:
    """Confidences of examples, each calibrated without its own source, in bins of equal width; empty bins are left out."""
    best = held_out.by_example()
    confidence, targets = held_out_confidence(best, number), best.targets[:, number]
    known = np.isfinite(confidence)
    sources = np.asarray(best.sources, np.str_)
    count = int(np.clip(known.sum() // EXAMPLES_PER_BIN, LEAST_BINS, MOST_BINS))
    bins = np.clip((confidence[known] * count).astype(int), 0, count - 1)
    rows = []
    for at in np.unique(bins):
        own = np.flatnonzero(known)[bins == at]
        right = share(targets[own], sources[own].tolist())
        rows.append((float(confidence[own].mean()), right.value, right.low, right.high, float(len(own))))
    table = np.asarray(rows, np.float64).reshape(-1, 5)
    error = float(np.abs(table[:, 0] - table[:, 1]) @ table[:, 4] / table[:, 4].sum()) if rows else float("nan")
    columns = dict(zip(("confidence", "right", "low", "high", "counts"), table.T, strict=True))
    return Reliability(**columns, error=error, name=held_out.classes[number], title=title, stamp=stamp)


def confusion(
    held_out: HeldOut, thresholds: Sequence[float], scales: Sequence[Scale], *, title: str = "", stamp: Stamp = UNSTAMPED
) -> Confusion:
    """What each example is taken for: of the classes above their thresholds the most confident, or NOTHING_SAID.

    An example that shows several classes is right when one of them is said. Per-class recalls have intervals over sources.
    """
    best = held_out.by_example()
    confidence = np.stack([scale.confidence(best.scores[:, at]) for at, scale in enumerate(scales)], axis=1)
    fires = best.scores >= np.asarray(thresholds)[None, :]
    none = len(held_out.classes)
    said = np.where(fires.any(axis=1), np.where(fires, confidence, -1.0).argmax(axis=1), none)
    truth = np.where(best.targets.any(axis=1), best.targets.argmax(axis=1), none)
    hit = np.asarray([word < none and bool(best.targets[row, word]) for row, word in enumerate(said)], bool)
    truth = np.where(hit, said, truth)
    counts = np.zeros((none + 1, none + 1))
    np.add.at(counts, (truth, said), 1)
    recalls, sources = [], np.asarray(best.sources, np.str_)
    for at in range(none + 1):
        own = truth == at
        right = share(said[own] == at, sources[own].tolist())
        recalls.append((right.value, right.low, right.high))
    rows = [at for at in range(none + 1) if at < none or counts[at].any()]
    names = [*held_out.classes, NOTHING_SAID]
    return Confusion(
        counts=counts[rows], row_names=[names[at] for at in rows], column_names=names, recalls=[recalls[at] for at in rows],
        title=title, stamp=stamp,
    )  # fmt: skip


def confusion_of(held_out: HeldOut, concept: Concept, *, title: str = "", stamp: Stamp = UNSTAMPED) -> Confusion:
    """At the thresholds that the concept has."""
    values = [one.value for one in concept.thresholds]
    return confusion(
        held_out, values, concept.scales, title=title or f"What examples of {concept.name} are taken for", stamp=stamp
    )


def learning(
    counts: Sequence[int], scores: Sequence[float], spreads: Sequence[float], predicted: tuple[int, float] | None = None,
    sentence: str = "", *, title: str = "", stamp: Stamp = UNSTAMPED,
) -> Learning:  # fmt: skip
    """The learning curve (``core.learning_curve``) as a sheet."""
    return Learning(
        counts=tuple(counts), scores=np.asarray(scores), spreads=np.asarray(spreads), predicted=predicted, sentence=sentence,
        title=title, stamp=stamp,
    )  # fmt: skip
