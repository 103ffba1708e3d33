"""What does a comparison prove? Every pair of sides, and all of them together: similarities, intervals, tests and measures.

Everything is reckoned over sources (``core.resampling``); the words are in ``core.verdicts``. All similarities that are
tested are centred ones. The library's mean clip is taken as given: the interval holds for this library's background.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core import resampling, separating
from core.comparing import Comparison, Side
from core.resampling import Bundles, Estimate, Permutation, bundle
from core.similarity import cosines, different
from core.verdicts import ALPHA, Evidence, Findings, Overall, Party, Reading, holm

MOST_CLIPS = 400  # of a side, evenly taken, for measures that need every pair of clips: 0.1 s for two sides of them

__all__ = ["Evidence", "Findings", "Overall", "evidence", "findings"]


def findings(comparison: Comparison) -> Findings:
    """Every pair of sides; their p-values are corrected by Holm's method for the number of pairs that were tested."""
    count = len(comparison.sides)
    pairs = [evidence(comparison, *pair) for pair in itertools.combinations(range(count), 2)]
    tests = sum(one.test is not None for one in pairs)
    corrected = holm([one.p_value for one in pairs])
    pairs = [replace(one, p_corrected=p, tests=max(tests, 1)) for one, p in zip(pairs, corrected, strict=True)]
    alone = [evidence(comparison, number, number) for number in range(count)]
    return Findings((*pairs, *alone), _overall(comparison))


def evidence(comparison: Comparison, first: int = 0, second: int = 1) -> Evidence:
    """What the sides ``first`` and ``second`` say against each other; one side alone when both are the same number."""
    a, b = comparison.sides[first], comparison.sides[second]
    parties = (_party(a, b, first == second), _party(b, a, first == second))
    within = (_reading(comparison, first, first), _reading(comparison, second, second))
    shown = Evidence(first, second, parties, int(comparison.pairs[first, second]), _reading(comparison, first, second), within)
    if first == second or not (a.clips and b.clips):
        return shown
    bundles = bundle([a.centred, b.centred], [a.sources, b.sources])
    test, smallest, exchanged = _test(a, b, bundles)
    effect = float(resampling.gap(resampling.means(bundles, bundles.sides[None, :]))[0])
    gap = resampling.interval(bundles, resampling.gap_of(2))
    auc, energy, silhouette, left_out = _separation([a, b])
    return replace(
        shown,
        effect=effect,
        effect_interval=gap,
        test=test,
        smallest_p=smallest,
        p_corrected=test.p if test else math.nan,
        exchanged=exchanged,
        auc=auc,
        energy=energy,
        silhouette=silhouette,
        left_out=left_out,
        on_both=len({clip.clip_id for clip in a.clips} & {clip.clip_id for clip in b.clips}),
    )


def _party(side: Side, other: Side, same: bool) -> Party:
    own = set(side.sources) if side.clips else set()
    alone = own if same else own - set(other.sources)
    return Party(side.title, len(side.clips), len(own), len(alone), not side.clips)


def _reading(comparison: Comparison, row: int, column: int) -> Reading:
    cell = (row, column)
    z = float(comparison.deviations[cell]) if comparison.deviations.size else math.nan
    return Reading(
        float(comparison.raw[cell]),
        float(comparison.centred[cell]),
        float(comparison.percentile[cell]),
        z,
        _interval(comparison.sides[row], comparison.sides[column]),
    )


def _interval(a: Side, b: Side) -> Estimate | None:
    """Of the centred similarity, no wider than cosines reach."""
    found = _free_interval(a, b)
    return found and replace(found, low=max(found.low, -1.0), high=min(found.high, 1.0))


def _free_interval(a: Side, b: Side) -> Estimate | None:
    """A direction is no sample: only the sources of the clips are left out in turn."""
    if not (a.clips or b.clips):
        return None
    if not (a.clips and b.clips):
        clips, direction = (a, b) if a.clips else (b, a)
        along = cosines(clips.centred, direction.centred)[:, 0]
        return resampling.mean_interval(along, clips.sources)
    if a is b:
        return resampling.interval(bundle([a.centred], [a.sources]), resampling.cell_of(1, 0, 0))
    return resampling.interval(bundle([a.centred, b.centred], [a.sources, b.sources]), resampling.cell_of(2, 0, 1))


def _test(a: Side, b: Side, bundles: Bundles) -> tuple[Permutation | None, float, str]:
    """The test, the smallest p that the sources allow, and what was exchanged.

    Few sources on both sides allow few swaps. Where they are too few for any p of ALPHA, they are taken for one side only if
    that allows more; it is the sources that decide this, never the similarities.
    """
    ways = [(bundles, _exchanged(bundles))]
    if resampling.smallest_p(bundles) > ALPHA and set(a.sources) & set(b.sources):
        for less, other, first in ((a, b, True), (b, a, False)):
            kept = [row for row, source in enumerate(less.sources) if source not in set(other.sources)]
            if kept:
                rows, names = less.centred[kept], [less.sources[row] for row in kept]
                sides = (
                    ([rows, other.centred], [names, other.sources]) if first else ([other.centred, rows], [other.sources, names])
                )
                ways.append((bundle(*sides), f"whole sources; those on both sides count for {other.title} only"))
    best = min(ways, key=lambda way: resampling.smallest_p(way[0]))
    test = resampling.permutation(best[0])
    return test, resampling.smallest_p(best[0]) if test is None else test.smallest, best[1]


def _exchanged(bundles: Bundles) -> str:
    kinds = {len(sides) for sides in bundles.kinds}
    if kinds == {1}:
        return "whole sources between the two sides"
    return "the two sides of every source" if 1 not in kinds else "whole sources, and the two sides of those that are on both"


def _separation(sides: Sequence[Side]) -> tuple[float, float, float, int]:
    """AUC, energy distance (of two sides) and silhouette, and how many clips were left out of them."""
    rows, names, numbers, left_out = [], [], [], 0
    for number, side in enumerate(sides):
        kept = np.unique(np.linspace(0, len(side.centred) - 1, min(MOST_CLIPS, len(side.centred))).round().astype(int))
        rows.append(side.centred[kept])
        names += [side.sources[row] for row in kept]
        numbers += [number] * len(kept)
        left_out += len(side.centred) - len(kept)
    vectors, members, usable = np.vstack(rows), np.asarray(numbers), different(names, names)
    similarity = cosines(vectors, vectors)
    energy = separating.energy_distance(separating.chords(similarity), members, usable) if len(sides) == 2 else math.nan
    return separating.auc(similarity, members, usable), energy, separating.silhouette(similarity, members, usable), left_out


def _overall(comparison: Comparison) -> Overall | None:
    """Of the sides that have clips, when there are more than two."""
    sides = [side for side in comparison.sides if side.clips]
    if len(sides) < 3:
        return None
    bundles = bundle([side.centred for side in sides], [side.sources for side in sides])
    table = resampling.means(bundles, bundles.sides[None, :])[0]
    effect = float(resampling.gap(table[None])[0])
    between = _mean(table[np.triu_indices(len(sides), 1)])
    auc, _, silhouette, _ = _separation(sides)
    test = resampling.permutation(bundles)
    return Overall(
        tuple(side.title for side in sides),
        sum(len(side.clips) for side in sides),
        len({source for side in sides for source in side.sources}),
        _mean(np.diagonal(table)),
        between,
        effect,
        resampling.interval(bundles, resampling.gap_of(len(sides))),
        test,
        test.smallest if test else 1.0,
        auc,
        silhouette,
    )


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else math.nan
