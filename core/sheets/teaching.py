"""What the figures about a concept say: its trade-offs, what confidences are worth, its confusions, and what more would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from core.sheets.base import Numbers, Sheet, Table, fits, known, some

Measured = tuple[float, float, float]
"""A value and the ends of its 95 % interval."""
UNKNOWN: Measured = (float("nan"), float("nan"), float("nan"))
TRADES = {
    "precision-recall": ("share of examples found (recall)", "share of what fires that is right (precision)"),
    "detection-error": ("share of other clips that fire (false alarms)", "share of examples missed"),
}
"""The kinds of trade-offs with the names of their axes."""
DEVIATES = (0.005, 0.02, 0.1, 0.25, 0.5, 0.8, 0.95)
"""Shares that a detection-error curve has ticks at. Its axes are those of normal deviates, on which such curves are nearly
straight (Martin et al. 1997)."""
DEVIATE_ENDS = (0.004, 0.96)


def deviate(values: Numbers) -> Numbers:
    """Shares as places on an axis of normal deviates; what is beyond its ends stands at them."""
    return np.asarray(ndtri(np.clip(values, *DEVIATE_ENDS)))


def shares(measured: Measured) -> str:
    """ "0.86 (0.70 to 0.94)"."""
    value, low, high = measured
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if np.isfinite(low + high) else f"{value:.2f}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trade(Sheet):
    """What one gives up for the other as the threshold moves, on held-out examples.

    Args:
        kind: one of TRADES.
        x, y: (L,) shares, the strictest threshold first.
        band_x, low, high: (B,) the 95 % interval of y at fixed x, whole sources drawn anew; empty without one.
        name: of the class.
        positives, negatives: how many examples it is of.
        area: average precision of a precision-recall curve, area under the ROC curve of the other.
        mark: where the threshold that was chosen stands, with its words; None for none.
    """

    kind: str
    x: Numbers
    y: Numbers
    name: str = ""
    positives: int = 0
    negatives: int = 0
    band_x: Numbers = ()  # type: ignore[assignment]
    low: Numbers = ()  # type: ignore[assignment]
    high: Numbers = ()  # type: ignore[assignment]
    area: Measured = UNKNOWN
    mark: tuple[float, float, str] | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y", "band_x", "low", "high"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        fits(self.kind in TRADES, f"kind ({self.kind}) must be one of {', '.join(TRADES)}")
        fits(self.x.shape == self.y.shape and self.x.ndim == 1, "x and y must be two lists of one length")
        fits(self.band_x.shape == self.low.shape == self.high.shape, "the band must have a low and a high end at each x")

    def place(self, values: Numbers) -> Numbers:
        """Where shares stand on the axes."""
        return deviate(values) if self.kind == "detection-error" else np.asarray(values)

    @property
    def measure(self) -> str:
        return "average precision" if self.kind == "precision-recall" else "area under the ROC curve"

    @property
    def chance(self) -> float:
        """The height of a head that knows nothing: the share of examples. Of the detection-error curve it falls from 1 to 0."""
        return self.positives / max(self.positives + self.negatives, 1)

    @property
    def alt(self) -> str:
        what = "Precision against recall" if self.kind == "precision-recall" else "Examples missed against other clips that fire"
        of = f"{self.positives} examples of {self.name or 'the class'} and {self.negatives} others"
        if not len(self.x) or not np.isfinite(self.area[0]):
            return f"{what}, {of}: too few for a curve."
        told = f"{what}, {of}, each scored while its source was left out; {self.measure} {shares(self.area)}."
        at = f" The threshold stands at {self.mark[0]:.2f} across and {self.mark[1]:.2f} up: {self.mark[2]}" if self.mark else ""
        return told + at

    def table(self) -> Table:
        names = ("recall", "precision") if self.kind == "precision-recall" else ("false_alarm_share", "missed_share")
        rows: list[list[object]] = [["curve", known(x), known(y), None, None] for x, y in zip(self.x, self.y, strict=True)]
        rows += [
            ["band", known(x), None, known(low), known(high)]
            for x, low, high in zip(self.band_x, self.low, self.high, strict=True)
        ]
        if self.mark:
            rows.append(["threshold", known(self.mark[0]), known(self.mark[1]), None, None])
        return ["kind", *names, "low", "high"], rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reliability(Sheet):
    """Of what got a confidence, how much was right: (B,) bins with mean confidence, share that is right, and its interval.

    ``error`` is the expected calibration error, the mean distance between the two, weighed by ``counts`` (Guo et al. 2017).
    """

    confidence: Numbers
    right: Numbers
    low: Numbers
    high: Numbers
    counts: Numbers
    error: float = float("nan")
    name: str = ""

    def __post_init__(self) -> None:
        for name in ("confidence", "right", "low", "high", "counts"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        shapes = {getattr(self, name).shape for name in ("confidence", "right", "low", "high", "counts")}
        fits(len(shapes) == 1 and self.counts.ndim == 1, "confidence, right, low, high and counts must be lists of one length")

    @property
    def alt(self) -> str:
        what = f"Confidence in {self.name or 'the class'} against the share that is right"
        told = f"{what}, {int(self.counts.sum())} held-out examples"
        if not len(self.counts):
            return f"{told}: too few to tell."
        bins = "; ".join(
            f"{confidence:.2f} said, {right:.2f} right of {int(count)}"
            for confidence, right, count in zip(self.confidence, self.right, self.counts, strict=True)
        )
        return f"{told}. {bins}. Expected calibration error {self.error:.2f}."

    def table(self) -> Table:
        columns = (self.confidence, self.right, self.low, self.high, self.counts)
        return (
            ["confidence", "share_right", "low", "high", "examples"],
            [[*(known(value) for value in row[:4]), int(row[4])] for row in zip(*columns, strict=True)],
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Confusion(Sheet):
    """What examples of one thing are taken for: ``counts`` (R, C), rows are what they show and columns what was said.

    ``recalls`` has for each row the share that was named right, with its interval.
    """

    counts: Numbers
    row_names: Sequence[str]
    column_names: Sequence[str]
    recalls: Sequence[Measured] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", np.asarray(self.counts, np.float64))
        shape = (len(self.row_names), len(self.column_names))
        fits(self.counts.shape == shape, f"counts {self.counts.shape} must have a row and a column for each name {shape}")
        fits(len(self.recalls) in (0, shape[0]), f"recalls ({len(self.recalls)}) must be one for each of {shape[0]} rows")

    def shares(self) -> Numbers:
        """(R, C) of each row; NaN of a row without examples."""
        totals = self.counts.sum(axis=1, keepdims=True)
        return np.where(totals > 0, self.counts / np.maximum(totals, 1), np.nan)

    def _own(self, row: int) -> int | None:
        """The column of a row's own name."""
        names = list(self.column_names)
        return names.index(self.row_names[row]) if self.row_names[row] in names else None

    def row_texts(self) -> list[str]:
        """ "fight 9 of 12"."""
        right = [self.counts[row, at] if (at := self._own(row)) is not None else 0 for row in range(len(self.row_names))]
        totals = self.counts.sum(axis=1)
        return [f"{name} {int(own)} of {int(total)}" for name, own, total in zip(self.row_names, right, totals, strict=True)]

    @property
    def alt(self) -> str:
        rows = [
            f"{text} right{f', recall {shares(self.recalls[row])}' if self.recalls and np.isfinite(self.recalls[row][0]) else ''}"
            for row, text in enumerate(self.row_texts())
        ]
        wrong = self.counts.copy()
        for row in range(len(self.row_names)):
            if (at := self._own(row)) is not None:
                wrong[row, at] = 0
        told = f"Confusion matrix of {int(self.counts.sum())} held-out examples. {some(rows, 12)}."
        if not wrong.any():
            return told
        row, column = divmod(int(wrong.argmax()), wrong.shape[1])
        most = f"{self.row_names[row]} taken for {self.column_names[column]}, {int(wrong[row, column])} times"
        return f"{told} Most often wrong: {most}."

    def table(self) -> Table:
        ends = self.recalls or [UNKNOWN] * len(self.row_names)
        rows: list[list[object]] = [
            [name, *(int(count) for count in counts), *(known(value) for value in measured)]
            for name, counts, measured in zip(self.row_names, self.counts, ends, strict=True)
        ]
        return ["shows", *(f"said {name}" for name in self.column_names), "recall", "recall_low", "recall_high"], rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Learning(Sheet):
    """How good a concept is with fewer examples, and what more would give.

    Args:
        counts, scores, spreads: (K,) examples, mean score and its standard deviation over random choices of so many.
        predicted: (examples, score) that more would give; None where nothing can be said.
        sentence: both in words.
    """

    counts: Sequence[int]
    scores: Numbers
    spreads: Numbers
    predicted: tuple[int, float] | None = None
    sentence: str = ""
    measure: str = "average precision on left-out sources"

    def __post_init__(self) -> None:
        for name in ("scores", "spreads"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        fits(self.scores.shape == self.spreads.shape == (len(self.counts),), "scores and spreads must be one for each of counts")

    @property
    def alt(self) -> str:
        points = zip(self.counts, self.scores, self.spreads, strict=True)
        told = [f"{count}: {score:.2f} ± {spread:.2f}" for count, score, spread in points]
        measure = self.measure[:1].upper() + self.measure[1:]
        return f"{measure} by number of examples. {'; '.join(told) or 'Too few examples to tell'}. {self.sentence}".strip()

    def table(self) -> Table:
        rows: list[list[object]] = [
            ["measured", count, known(score), known(spread)]
            for count, score, spread in zip(self.counts, self.scores, self.spreads, strict=True)
        ]
        if self.predicted:
            rows.append(["predicted", self.predicted[0], known(self.predicted[1]), None])
        return ["kind", "examples", "score", "spread"], rows

    def ends(self) -> tuple[float, float]:
        """Of the axis of scores."""
        lowest = float((self.scores - self.spreads).min(initial=0.5))
        return max(lowest - 0.05, -0.02), 1.03
