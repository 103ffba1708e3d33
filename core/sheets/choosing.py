"""What figures for choosing an encoder say: speed against quality, and where two encoders rank pairs differently."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.sheets.base import Numbers, Sheet, Table, fits, known

_MOST_BINS, _LEAST_BINS = 40, 8
_PAIRS_PER_BIN = 16  # on average, so that a bin's colour is not chance
Marked = tuple[float, float, str]
"""Both percentiles of a pair of clips, and a text about it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Speed(Sheet):
    """Encoders by what they cost and what they find.

    Args:
        names: N encoders.
        seconds: (N, 3) seconds of computing for a minute of video: median, lowest, highest.
        quality: (N, 3) share of clips that find their action first: value and the ends of its interval.
        take: the one that is advised; ``frontier``: those that no other one beats in both.
    """

    names: Sequence[str]
    seconds: Numbers
    quality: Numbers
    take: str | None = None
    frontier: Collection[str] = ()

    def __post_init__(self) -> None:
        for name in ("seconds", "quality"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64).reshape(-1, 3))
        shapes = f"seconds {self.seconds.shape} and quality {self.quality.shape}"
        fits(
            len(self.names) == len(self.seconds) == len(self.quality),
            f"{shapes} must have one row of three for each of {len(self.names)}",
        )

    def order(self) -> list[int]:
        """Rows, the quickest first."""
        return [int(row) for row in np.argsort(self.seconds[:, 0], kind="stable")]

    @property
    def alt(self) -> str:
        order = self.order()
        parts = [f"{self.names[row]}: {self.quality[row, 0]:.2f} at {few(self.seconds[row, 0])} s a minute" for row in order[:12]]
        more = f", and {len(order) - 12} more" if len(order) > 12 else ""
        advised = f" Advised: {self.take}." if self.take else ""
        return f"Speed against quality of {len(order)} encoders, the quickest first. {'; '.join(parts)}{more}.{advised}"

    def table(self) -> Table:
        rows: list[list[object]] = [
            [
                self.names[row],
                *(known(value) for value in (*self.seconds[row], *self.quality[row])),
                int(self.names[row] == self.take),
                int(self.names[row] in self.frontier),
            ]
            for row in self.order()
        ]
        times = ["seconds_per_minute", "seconds_low", "seconds_high"]
        return ["encoder", *times, "found_first", "found_first_low", "found_first_high", "advised", "frontier"], rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ranks(Sheet):
    """Where the same pairs of clips stand in two encoders: (P,) places, 0 to 100, and pairs to mark on either side."""

    percentiles_a: Numbers
    percentiles_b: Numbers
    names: tuple[str, str]
    alike_in_a: Sequence[Marked] = ()
    alike_in_b: Sequence[Marked] = ()

    def __post_init__(self) -> None:
        for name in ("percentiles_a", "percentiles_b"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        a, b = self.percentiles_a, self.percentiles_b
        fits(a.shape == b.shape and a.ndim == 1, f"percentiles {a.shape} and {b.shape} must be two lists of one length")

    def density(self) -> tuple[Numbers, Numbers]:
        """(B + 1,) edges of bins, and (B, B) pairs in each (b up, a across), 1 where as many as by chance; NaN for none."""
        pairs = len(self.percentiles_a)
        bins = int(np.clip(np.sqrt(pairs / _PAIRS_PER_BIN), _LEAST_BINS, _MOST_BINS))
        edges = np.linspace(0, 100, bins + 1)
        counts, _, _ = np.histogram2d(self.percentiles_b, self.percentiles_a, bins=[edges, edges])
        return edges, np.where(counts > 0, counts * (bins * bins / max(pairs, 1)), np.nan)

    def highest(self) -> float:
        """The value at the end of the scale of ``density``."""
        _, ratio = self.density()
        return max(2.0, float(np.quantile(np.nan_to_num(ratio), 0.98)))

    @property
    def alt(self) -> str:
        a, b = self.percentiles_a, self.percentiles_b
        told = f"Percentiles of {len(a):,} pairs of clips in {self.names[0]} (across) and in {self.names[1]} (up)"
        if not len(a):
            return f"{told}."
        near = float(np.mean(np.abs(a - b) <= 25))
        return f"{told}; for {near:.0%} of them the two lie within 25 of each other (44% by chance)."

    def table(self) -> Table:
        """Bins rather than pairs: a library of a thousand clips has half a million pairs."""
        edges, ratio = self.density()
        rows: list[list[object]] = [
            [
                "bin",
                known(edges[column]),
                known(edges[column + 1]),
                known(edges[row]),
                known(edges[row + 1]),
                known(ratio[row, column]),
                "",
            ]
            for row in range(len(ratio))
            for column in range(len(ratio))
        ]
        for kind, pairs in (("alike in a", self.alike_in_a), ("alike in b", self.alike_in_b)):
            rows += [[kind, known(a), known(a), known(b), known(b), None, text.replace("\n", " | ")] for a, b, text in pairs]
        return ["kind", "a_from", "a_to", "b_from", "b_to", "against_chance", "pair"], rows


def few(number: float) -> str:
    """With two digits, and no power of ten."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}" if number >= 0.995 else f"{number:.2g}"
