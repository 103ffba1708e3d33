"""Numbers along a line: distributions, a strip over time, intervals, and marks among all pairs of a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.colours import signed
from core.sheets.base import UNSTAMPED, Numbers, Sheet, Stamp, Table, fits, known, one_line, some

CURVE_POINTS = 201
MOST_FOR_A_CURVE = 20_000  # pairs; an even sample of more gives the same curve
FEWEST_FOR_A_CURVE = 5  # of fewer only the pairs themselves are shown
MOST_RUG_MARKS = 300


class PeakLike(Protocol):
    """A moment at which the query is found."""

    @property
    def start_seconds(self) -> float: ...
    @property
    def end_seconds(self) -> float: ...
    @property
    def peak_seconds(self) -> float: ...
    @property
    def similarity(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One distribution: its ``values`` (P,), how many ``clips`` and ``sources`` they come from, and the density ``y`` at ``x``.

    ``x`` and ``y`` are empty where there are too few values for a curve.
    """

    name: str
    values: Numbers
    clips: int
    sources: int
    x: Numbers
    y: Numbers

    @property
    def rug(self) -> Numbers:
        """At most MOST_RUG_MARKS of the values, evenly taken from the lowest to the highest."""
        ordered: Numbers = np.sort(self.values)
        if len(ordered) <= MOST_RUG_MARKS:
            return ordered
        taken: Numbers = ordered[np.linspace(0, len(ordered) - 1, MOST_RUG_MARKS).round().astype(int)]
        return taken

    @property
    def made_of(self) -> str:
        """ "1,200 pairs of 40 clips, 5 sources"."""
        return f"{_count(len(self.values), 'pair')} of {_count(self.clips, 'clip')}, {_count(self.sources, 'source')}"


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Densities(Sheet):
    """Distributions laid over each other, each of area 1. ``densities`` makes one."""

    curves: Sequence[Curve]
    measure: str = "similarity"

    @property
    def alt(self) -> str:
        told = [
            f"{curve.name}: {curve.made_of}, median {signed(float(np.median(curve.values)), 2)}"
            for curve in self.curves
            if curve.values.size
        ]
        return f"Distributions of {self.measure}. {'; '.join(told)}." if told else f"Distributions of {self.measure}: no pairs."

    def table(self) -> Table:
        rows: list[list[object]] = [
            [curve.name, len(curve.values), curve.clips, curve.sources, kind, known(x), None if y is None else known(y)]
            for curve in self.curves
            for kind, x, y in [
                *(("density", x, y) for x, y in zip(curve.x, curve.y, strict=True)),
                *(("pair", value, None) for value in np.sort(curve.values)),
            ]
        ]
        return ["set", "pairs", "clips", "sources", "kind", "similarity", "density"], rows


def densities(
    parts: Sequence[tuple[str, Numbers, int, int]],
    *,
    title: str = "",
    measure: str = "similarity",
    stamp: Stamp = UNSTAMPED,
    bounds: tuple[float, float] = (-1.0, 1.0),
) -> Densities:
    """Kernel densities of several sets of pairs, on one axis.

    Gaussian kernels with Scott's factor n ** -1/5 (Scott 1992), where n counts clips and not pairs: pairs that share a clip are
    not independent, and counting them all would draw every clip's bump as a finding.

    Args:
        parts: name, values (NaN is left out), and how many clips and sources the pairs come from.
        bounds: what values cannot go beyond; curves end there, as a cosine does.
    """
    found = [np.asarray(values, np.float64).ravel() for _, values, _, _ in parts]
    found = [values[np.isfinite(values)] for values in found]
    everything = np.concatenate(found) if found else np.zeros(0)
    spreads = [float(np.std(values)) if values.size else 0.0 for values in found]
    widths = [_factor(values, part[2]) * spread for part, values, spread in zip(parts, found, spreads, strict=True)]
    grid = _grid(everything, max(widths), bounds) if everything.size else np.zeros(0)
    curves = []
    for (name, _, clips, sources), values in zip(parts, found, strict=True):
        y = _density(values, grid, clips)
        curves.append(Curve(name, values, clips, sources, grid if y.size else y, y))
    return Densities(curves=tuple(curves), title=title, measure=measure, stamp=stamp)


def _grid(values: Numbers, width: float, bounds: tuple[float, float]) -> Numbers:
    """From tail to tail: kernels fall to nothing three widths beyond the last value."""
    low, high, margin = float(values.min()), float(values.max()), 3 * width or 0.05
    return np.linspace(min(max(low - margin, bounds[0]), low), max(min(high + margin, bounds[1]), high), CURVE_POINTS)


def _factor(values: Numbers, clips: int) -> float:
    """The width of the kernels in standard deviations; 0 where there is no curve."""
    if len(values) < FEWEST_FOR_A_CURVE or float(np.ptp(values)) < 1e-9:
        return 0.0
    return float(max(min(clips, len(values)), 2) ** -0.2)


def _density(values: Numbers, grid: Numbers, clips: int) -> Numbers:
    if not (factor := _factor(values, clips)):
        return np.zeros(0)
    from scipy.stats import gaussian_kde

    if len(values) > MOST_FOR_A_CURVE:
        values = np.sort(values)[np.linspace(0, len(values) - 1, MOST_FOR_A_CURVE).round().astype(int)]
    kernel = gaussian_kde(values, bw_method=factor)
    return np.asarray(kernel(grid), np.float64)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Strip(Sheet):
    """How alike a query and each moment of a long clip are, with numbered peaks.

    Args:
        seconds: (W,) rising middles of the windows; similarity: (W,).
        peaks: the moments that were found, numbered in this order.
        query, clip: what is looked for, and where.
        level: what counts as found, if one similarity decides it.
    """

    seconds: Numbers
    similarity: Numbers
    peaks: Sequence[PeakLike] = ()
    query: str = ""
    clip: str = ""
    level: float | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "similarity"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        fits(
            self.seconds.shape == self.similarity.shape and self.seconds.ndim == 1, "seconds and similarity must be of one length"
        )
        fits(bool((np.diff(self.seconds) > 0).all()), "seconds must rise from one window to the next")

    @property
    def alt(self) -> str:
        about = f"Similarity of {self.query or 'the query'} to {len(self.seconds)} moments of {self.clip or 'the clip'}"
        if not self.peaks:
            return f"{about}; no peak."
        told = [
            f"{number} at {peak.peak_seconds:.1f} s, {signed(peak.similarity, 2)}" for number, peak in enumerate(self.peaks, 1)
        ]
        return f"{about}. Peaks: {'; '.join(told[:12])}{f'; and {len(told) - 12} more' if len(told) > 12 else ''}."

    def table(self) -> Table:
        rows: list[list[object]] = []
        for seconds, value in zip(self.seconds, self.similarity, strict=True):
            number = next((n for n, peak in enumerate(self.peaks, 1) if abs(peak.peak_seconds - seconds) < 1e-6), None)
            rows.append(["window", known(seconds), known(value), number, None, None])
        for number, peak in enumerate(self.peaks, 1):
            ends = (known(peak.start_seconds), known(peak.end_seconds))
            rows.append(["peak", known(peak.peak_seconds), known(peak.similarity), number, *ends])
        return ["kind", "seconds", "similarity", "peak", "start_seconds", "end_seconds"], rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Intervals(Sheet):
    """Values with the ends of their intervals, one line each.

    Args:
        rows: name, value, low, high; NaN ends where there is a value but no interval.
        measure: what is measured, under the axis.
        reference: a value to hold them against, drawn as a line.
    """

    rows: Sequence[tuple[str, float, float, float]]
    measure: str = "similarity"
    reference: float | None = None
    digits: int = 2

    @property
    def alt(self) -> str:
        told = [f"{name} {self.told(value, low, high)}" for name, value, low, high in self.rows[:12]]
        measure = self.measure[:1].upper() + self.measure[1:]
        return f"{measure}{'' if '95 %' in measure else ' with 95 % intervals'}. {'; '.join(told)}."

    def told(self, value: float, low: float, high: float) -> str:
        """ "0.42 (0.31 to 0.50)"."""
        number = signed(value, self.digits)
        return f"{number} ({signed(low, self.digits)} to {signed(high, self.digits)})" if np.isfinite(low + high) else number

    def table(self) -> Table:
        return ["name", "value", "low", "high"], [[name, known(a), known(b), known(c)] for name, a, b, c in self.rows]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Background(Sheet):
    """Where ``marks`` fall among ``values``, all pairs of a library (any shape, NaN left out)."""

    values: Numbers
    marks: Mapping[str, float]
    measure: str = "similarity"

    def __post_init__(self) -> None:
        flat = np.asarray(self.values, np.float64).ravel()
        object.__setattr__(self, "values", flat[np.isfinite(flat)])
        object.__setattr__(self, "marks", {name: float(value) for name, value in self.marks.items() if np.isfinite(value)})

    @property
    def alt(self) -> str:
        told = [
            f"{one_line(name)} {signed(value, 2)}" + (f", above {np.mean(self.values < value):.0%}" if self.values.size else "")
            for name, value in self.marks.items()
        ]
        return f"Histogram of the {self.measure} of {len(self.values):,} pairs of the library. Marked: {some(told) or 'nothing'}."

    def edges(self) -> Numbers:
        """The ends of 60 bars, marks included."""
        everything = np.concatenate([self.values, list(self.marks.values())])
        low, high = (float(everything.min()), float(everything.max())) if everything.size else (-1.0, 1.0)
        margin = 0.02 * (high - low) or 0.05
        return np.linspace(low - margin, high + margin, 61)

    def shares(self) -> Numbers:
        """(60,) the share of all pairs in each bar."""
        counts, _ = np.histogram(self.values, bins=self.edges())
        return counts / max(self.values.size, 1)

    def table(self) -> Table:
        edges = self.edges()
        bars: list[list[object]] = [
            ["pairs", "all pairs", known(low), known(high), known(share)]
            for low, high, share in zip(edges[:-1], edges[1:], self.shares(), strict=True)
        ]
        marks: list[list[object]] = [["mark", name, known(value), known(value), None] for name, value in self.marks.items()]
        return ["kind", "name", "from", "to", "share"], bars + marks
