"""How sure is a mean similarity between sets of clips? Whole sources are left out, drawn anew or exchanged, never single clips.

Clips of one person or recording are not independent, so the source is the unit of everything here. Similarities are dot
products of unit rows, and a dot product of sums is the sum of dot products: the clips of a source on one side are added up
to one *bundle* (D,), and every mean over pairs is a quotient of two quadratic forms in the (U, U) table of bundles. No pair
of one source is ever counted, and the cost does not grow with the number of clips.

**Interval.** Delete-one-source jackknife within each kind of source (on one side only, or on both), Student's t with
Satterthwaite's degrees of freedom. The jackknife counts the second-order part of a U-statistic twice (Efron & Stein 1981);
that part is estimated from doubly centred bundles (the U-centring of Szekely & Rizzo 2014), and a share of it is taken off.
Share and method were chosen by simulation against the percentile and the studentised bootstrap over sources:
``benchmarks/statistics.py``, table in ``docs/statistics.md``.

**Test.** Sources are exchanged between the sides. A source that is on one side only changes places with other such sources;
a source with clips on both sides has its two bundles swapped, which keeps what is peculiar to that person out of the
comparison. All arrangements are tried when there are at most ``MOST_EXACT``; otherwise a random part of them, and the
observed one counts among them: p = (b + 1) / (m + 1) (Phipson & Smyth 2010).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.clips import Floats
from core.errors import NotEnoughData

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

LEVEL = 0.95
# Share of the second-order part that is taken off the jackknife's variance: the first number and the second over the degrees
# of freedom, at most all of it. Chosen by simulation: Student's t widens the interval for few sources by itself.
SECOND_ORDER = (0.45, 1.2)
LEAST_SOURCES = 3  # a side of fewer gives no interval: of two sources one is left when one is taken out
MOST_EXACT = 10_000  # arrangements of sources; more are drawn by chance
MOST_DRAWS, LEAST_DRAWS = 4_999, 999
_ENTRIES = 3.2e8  # draws times the square of bundles, so that 400 of them take a quarter of a second
_AT_ONCE = 2e7  # numbers in one block, 160 MB
_TIE = 1e-9  # rounding: gaps nearer than this are the same gap


@dataclass(frozen=True, slots=True, eq=False)
class Bundles:
    """U bundles: the clips of one source on one of G sides.

    Args:
        sums: (U, U) similarities summed over the pairs of clips of two bundles; 0 where both are of one source.
        pairs: (U, U) how many pairs that were; 0 likewise.
        clips: (U,) how many are added up.
        sources: (U,) numbers from 0 to K - 1.
        sides: (U,) numbers from 0 to G - 1.
        count: G.
    """

    sums: Numbers
    pairs: Numbers
    clips: Whole
    sources: Whole
    sides: Whole
    count: int

    @property
    def kinds(self) -> dict[frozenset[int], list[int]]:
        """The sources, by the sides that they are on."""
        found: dict[frozenset[int], list[int]] = {}
        for source in range(int(self.sources.max()) + 1):
            found.setdefault(frozenset(self.sides[self.sources == source].tolist()), []).append(source)
        return found


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the ends of its 95 % interval; ``degrees`` of freedom of its standard ``error``."""

    value: float
    low: float
    high: float
    error: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Permutation:
    """A p-value, the smallest one that so few sources allow, and the arrangements: all of them, or a random part."""

    p: float
    smallest: float
    arrangements: int
    exact: bool


def bundle(vectors: Sequence[Floats], sources: Sequence[Sequence[str]]) -> Bundles:
    """Of G sides: unit rows (N_g, D) and the N_g names of their sources. Raises NotEnoughData for a side without clips."""
    if any(len(rows) == 0 for rows in vectors):
        raise NotEnoughData("every side of a comparison must have clips to be drawn from; add clips, or leave the side out")
    names = {name: number for number, name in enumerate(dict.fromkeys(itertools.chain.from_iterable(sources)))}
    sums, sizes, owners, sides = [], [], [], []
    for side, (rows, said) in enumerate(zip(vectors, sources, strict=True)):
        numbers = np.asarray([names[name] for name in said])
        for source in dict.fromkeys(numbers.tolist()):
            own = rows[numbers == source].astype(np.float64)
            sums.append(own.sum(axis=0))
            sizes.append(len(own))
            owners.append(source)
            sides.append(side)
    owner, total = np.asarray(owners), np.vstack(sums)
    usable = owner[:, None] != owner[None, :]
    clips = np.asarray(sizes)
    return Bundles((total @ total.T) * usable, np.outer(clips, clips) * usable, clips, owner, np.asarray(sides), len(vectors))


def means(bundles: Bundles, sides: Whole, weights: Numbers | None = None) -> Numbers:
    """(M, G, G) mean similarities when the bundles stand on ``sides`` (M, U), each counted ``weights`` (M, U) times.

    The diagonal is "within". NaN where no two clips of different sources meet.
    """
    block = max(1, int(_AT_ONCE / (bundles.count * sides.shape[1])))
    parts = []
    for start in range(0, len(sides), block):
        members = (sides[start : start + block, None, :] == np.arange(bundles.count)[None, :, None]).astype(np.float64)
        if weights is not None:
            members *= weights[start : start + block, None, :]
        parts.append(_quotient(_form(members, bundles.sums), _form(members, bundles.pairs)))
    return np.concatenate(parts)


def _form(members: Numbers, table: Numbers) -> Numbers:
    """members @ table @ members' for each of M sets (M, G, U), as one large product and M small ones."""
    draws, count, bundles = members.shape
    rows = (members.reshape(draws * count, bundles) @ table).reshape(draws, count, bundles)
    return np.asarray(rows @ members.transpose(0, 2, 1))


def _quotient(top: Numbers, bottom: Numbers) -> Numbers:
    return np.where(bottom > 0.5, top / np.maximum(bottom, 1.0), np.nan)


def gap(table: Numbers) -> Numbers:
    """Mean within minus mean between, of tables (..., G, G); a side of one source has no within and is left out of that mean."""
    count = table.shape[-1]
    within = np.diagonal(table, axis1=-2, axis2=-1)
    rows, columns = np.triu_indices(count, 1)
    return _mean(within) - _mean(table[..., rows, columns])


def _mean(values: Numbers) -> Numbers:
    known = np.isfinite(values)
    how_many = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(how_many > 0, total / np.maximum(how_many, 1), np.nan)


def gap_of(count: int) -> Numbers:
    """The (G, G) contrast of the gap: what each cell of the upper triangle counts."""
    contrast = np.eye(count) / count
    contrast[np.triu_indices(count, 1)] = -2.0 / (count * (count - 1)) if count > 1 else 0.0
    return contrast


def cell_of(count: int, row: int, column: int) -> Numbers:
    """The (G, G) contrast of one cell."""
    contrast = np.zeros((count, count))
    contrast[min(row, column), max(row, column)] = 1.0
    return contrast


# -- the interval -------------------------------------------------------------------------------------------------------


def interval(bundles: Bundles, contrast: Numbers, *, corrected: bool = True) -> Estimate | None:
    """The sum of cells (G, G) times ``contrast`` (G, G; upper triangle), and its interval; ``corrected`` for the second order.

    None where a side that counts has fewer than LEAST_SOURCES sources.
    """
    used = np.flatnonzero((contrast != 0).any(axis=0) | (contrast != 0).any(axis=1))
    if any(len(set(bundles.sources[bundles.sides == side].tolist())) < LEAST_SOURCES for side in used):
        return None
    top, bottom, without, fewer = _delete_one(bundles)
    value = _contrasted(_quotient(top, bottom), contrast)
    left_out = _contrasted(_quotient(without, fewer), contrast)
    variance, spread = 0.0, 0.0
    strata = _strata(bundles)
    for stratum in strata:
        found = left_out[stratum]
        part = (len(stratum) - 1) / len(stratum) * float(((found - found.mean()) ** 2).sum())
        variance, spread = variance + part, spread + part**2 / max(len(stratum) - 1, 1)
    if not (np.isfinite(value) and np.isfinite(variance)):
        return None
    degrees = max(variance**2 / spread, 1.0) if spread > 0 else 1.0
    if corrected:
        share = min(1.0, SECOND_ORDER[0] + SECOND_ORDER[1] / degrees)
        second = min(_second_order(bundles, contrast, bottom, strata), variance / 2)  # more than half it cannot be
        variance -= share * second
    error = math.sqrt(variance)
    half = float(special.stdtrit(degrees, (1 + LEVEL) / 2)) * error
    return Estimate(float(value), float(value - half), float(value + half), error, degrees)


def mean_interval(values: Numbers, sources: Sequence[str]) -> Estimate | None:
    """The mean of ``values`` (N,), one per clip, and its interval by leaving out each source; None below LEAST_SOURCES."""
    names, where = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    if len(names) < LEAST_SOURCES:
        return None
    sums, counts = np.bincount(where, weights=values), np.bincount(where)
    left_out = (sums.sum() - sums) / (counts.sum() - counts)
    error = math.sqrt((len(names) - 1) / len(names) * float(((left_out - left_out.mean()) ** 2).sum()))
    value, degrees = float(np.mean(values)), float(len(names) - 1)
    half = float(special.stdtrit(degrees, (1 + LEVEL) / 2)) * error
    return Estimate(value, value - half, value + half, error, degrees)


def _contrasted(tables: Numbers, contrast: Numbers) -> Numbers:
    """Cells that do not count may be NaN."""
    return np.asarray(np.where(contrast != 0, tables * contrast, 0.0).sum(axis=(-2, -1)))


def _delete_one(bundles: Bundles) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Sums and pairs of all cells (G, G), and the same without each source (K, G, G)."""
    members = (bundles.sides[:, None] == np.arange(bundles.count)).astype(np.float64)
    found = []
    for table in (bundles.sums, bundles.pairs):
        rows = table @ members
        lost = np.zeros((int(bundles.sources.max()) + 1, bundles.count, bundles.count))
        np.add.at(lost, (bundles.sources, bundles.sides), rows)
        whole = members.T @ rows
        found.append((whole, whole - lost - lost.transpose(0, 2, 1)))  # no pair is of one source: nothing is lost twice
    return found[0][0], found[1][0], found[0][1], found[1][1]


def _strata(bundles: Bundles) -> list[list[int]]:
    """Sources of one kind. A kind of a single source says nothing about its spread: it joins one that shares a side."""
    kinds = sorted(bundles.kinds.items(), key=lambda kind: -len(kind[1]))
    strata = [(sides, list(sources)) for sides, sources in kinds if len(sources) > 1]
    for sides, sources in kinds:
        if len(sources) == 1:
            host = next((members for other, members in strata if other & sides), None)
            if host is None:
                strata.append((sides, list(sources)))
            else:
                host.extend(sources)
    return [members for _, members in strata]


def _second_order(bundles: Bundles, contrast: Numbers, bottom: Numbers, strata: list[list[int]]) -> float:
    """The variance of that part of the statistic which no single source explains, unbiased for sources of like size."""
    shares = np.zeros_like(bottom)
    for row, column in zip(*np.nonzero(contrast), strict=True):
        pairs = bottom[row, column] * (0.5 if row == column else 1.0)
        shares[row, column] = shares[column, row] = contrast[row, column] / pairs
    by_pair = shares[bundles.sides[:, None], bundles.sides[None, :]] * bundles.sums
    owner = (bundles.sources == np.arange(int(bundles.sources.max()) + 1)[:, None]).astype(np.float64)
    kernel = owner @ by_pair @ owner.T
    clips = owner @ bundles.clips
    total = 0.0
    for first, second in itertools.combinations_with_replacement(strata, 2):
        size = np.outer(clips[first], clips[second])
        part = kernel[np.ix_(first, second)] / size
        if first is second:
            total += _within_kind(part, size)
        elif min(part.shape) > 1:
            centred = part - part.mean(axis=1, keepdims=True) - part.mean(axis=0) + part.mean()
            rows, columns = part.shape
            total += float(((centred * size) ** 2).sum()) * rows * columns / ((rows - 1) * (columns - 1))
    return total


def _within_kind(part: Numbers, size: Numbers) -> float:
    count = len(part)
    if count < 4:  # no degree of freedom is left
        return 0.0
    rows = part.sum(axis=1) / (count - 2)
    centred = part - rows[:, None] - rows[None, :] + part.sum() / ((count - 1) * (count - 2))
    np.fill_diagonal(centred, 0.0)
    return float(((centred * size) ** 2).sum()) / 2 * (count - 1) / (count - 3)


# -- the test -----------------------------------------------------------------------------------------------------------


def permutation(bundles: Bundles, *, seed: int = 0, most_exact: int = MOST_EXACT) -> Permutation | None:
    """Is the gap larger than when sources stand on sides by chance? None when there is no gap, or nothing to exchange."""
    observed = float(gap(means(bundles, bundles.sides[None, :]))[0])
    total = arrangements(bundles)
    if total < 2 or not math.isfinite(observed):
        return None
    exact = total <= most_exact
    if exact:
        sides = np.asarray(list(_all_arrangements(bundles)), np.int64)
    else:
        draws = int(min(max(_ENTRIES / bundles.sums.size, LEAST_DRAWS), MOST_DRAWS))
        sides = _some_arrangements(bundles, draws, np.random.default_rng(seed))
    found = gap(means(bundles, sides))
    as_large = int((found >= observed - _TIE).sum())
    p = as_large / len(sides) if exact else (as_large + 1) / (len(sides) + 1)
    floor = _mirrors(bundles) / total
    return Permutation(p, floor if exact else max(floor, 1 / (len(sides) + 1)), len(sides), exact)


def arrangements(bundles: Bundles) -> int:
    """In how many ways the sources can stand on the sides."""
    free, tied = _free_and_tied(bundles)
    return _orderings(Counter(bundles.sides[free].tolist())) * math.prod(math.factorial(len(rows)) for rows in tied)


def smallest_p(bundles: Bundles) -> float:
    """The smallest p that the sources allow; 1 where nothing can be exchanged."""
    total = arrangements(bundles)
    return min(1.0, _mirrors(bundles) / total)


def _orderings(labels: Counter[int]) -> int:
    return math.factorial(labels.total()) // math.prod(math.factorial(count) for count in labels.values())


def _free_and_tied(bundles: Bundles) -> tuple[list[int], list[list[int]]]:
    """Bundles of the sources that are on one side only, and those of every other source."""
    free, tied = [], []
    for source in range(int(bundles.sources.max()) + 1):
        rows = np.flatnonzero(bundles.sources == source).tolist()
        if len(rows) == 1:
            free.extend(rows)
        else:
            tied.append(rows)
    return free, tied


def _mirrors(bundles: Bundles) -> int:
    """How many arrangements have the observed gap whatever the numbers are: those in which only the sides' names change."""
    free, tied = _free_and_tied(bundles)
    counts = Counter(bundles.sides[free].tolist())
    sets = {frozenset(bundles.sides[rows].tolist()) for rows in tied}
    if bundles.count > 5:  # too many to try for what it changes
        return 1
    return sum(
        all(counts[side] == counts[names[side]] for side in range(bundles.count))
        and all({names[side] for side in one} == one for one in sets)
        for names in itertools.permutations(range(bundles.count))
    )


def _all_arrangements(bundles: Bundles) -> Iterator[Whole]:
    free, tied = _free_and_tied(bundles)
    swaps = [list(itertools.permutations(bundles.sides[rows].tolist())) for rows in tied]
    for order in _distinct(Counter(bundles.sides[free].tolist())):
        for chosen in itertools.product(*swaps):
            sides = bundles.sides.copy()
            sides[free] = order
            for rows, names in zip(tied, chosen, strict=True):
                sides[rows] = names
            yield sides


def _distinct(left: Counter[int]) -> Iterator[tuple[int, ...]]:
    """All different orders of the labels that are left."""
    if not left.total():
        yield ()
        return
    for label in sorted(left):
        if left[label]:
            for rest in _distinct(left - Counter([label])):
                yield (label, *rest)


def _some_arrangements(bundles: Bundles, draws: int, random: np.random.Generator) -> Whole:
    free, tied = _free_and_tied(bundles)
    sides = np.tile(bundles.sides, (draws, 1))
    for rows in [free, *tied]:
        if len(rows) > 1:
            sides[:, rows] = random.permuted(sides[:, rows], axis=1)
    return sides
