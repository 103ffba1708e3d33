"""Where do two encoders disagree about the library? How far they agree as a whole, and the pairs they rank most differently.

A similarity of one encoder cannot be held against a similarity of another: their scales differ. Places among all pairs can. So
every pair of clips from different sources gets its percentile in each encoder, by centred similarity, and the pairs whose two
percentiles lie furthest apart are the ones to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.agreement import Overlap, correlation, linear_cka, neighbour_overlap, ranks
from core.clips import Clip, Floats
from core.collecting import Collection
from core.errors import BadInput, NotEnoughData

NEIGHBOURS = 10
MOST_CLIPS = 5_000  # an (N, N) float32 table of them takes 100 MB; beyond it an even sample is looked at
MOST_PAIRS = 3_000_000  # beyond it an even sample of the pairs is ranked
LEAST_CLIPS = 4  # of which at least two sources: fewer have no order worth comparing
SHOWN_PAIRS = 12
OFTEN = 2  # one odd clip would otherwise fill the whole list


@dataclass(frozen=True, slots=True)
class RankedPair:
    """Two clips of different sources, how similar each encoder finds them, and the place of that among all pairs (0 to 100)."""

    first: Clip
    second: Clip
    similarity_a: float
    similarity_b: float
    percentile_a: float
    percentile_b: float

    @property
    def gap(self) -> float:
        """Above 0 where encoder a finds them more alike than b does."""
        return self.percentile_a - self.percentile_b

    @property
    def same_label(self) -> bool | None:
        """None when one of the two has no label."""
        return self.first.label == self.second.label if self.first.label and self.second.label else None


@dataclass(frozen=True, slots=True, eq=False)
class Disagreement:
    """How two encoders see the same clips.

    Args:
        a, b: the encoders' names.
        clips, sources: how many of each were looked at; ``clips_in_both`` is how many there are.
        overlap: of the nearest neighbours.
        spearman: correlation of the similarities' ranks over ``pairs`` pairs, of ``pairs_in_all``.
        cka: linear CKA of the clips' vectors.
        percentiles_a, percentiles_b: (P,) places of every pair that was ranked.
        alike_in_a: pairs that a finds alike and b does not, the widest gap first; ``alike_in_b`` the other way round.
    """

    a: str
    b: str
    clips: int
    sources: int
    clips_in_both: int
    overlap: Overlap
    spearman: float
    cka: float
    pairs: int
    pairs_in_all: int
    percentiles_a: NDArray[np.float64]
    percentiles_b: NDArray[np.float64]
    alike_in_a: tuple[RankedPair, ...]
    alike_in_b: tuple[RankedPair, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        shared = self.overlap.share * self.overlap.k
        by_chance = self.overlap.chance * self.overlap.k
        told = f"{self.a} and {self.b} share {shared:.1f} of a clip's {self.overlap.k} nearest ({by_chance:.1f} by chance)"
        if not np.isfinite(shared):
            told = f"{self.a} and {self.b}: too few clips to have nearest ones"
        agreement = "hardly agree" if self.spearman < 0.3 else "partly agree" if self.spearman < 0.7 else "largely agree"
        order = f"they {agreement} on which pairs are alike (rank correlation {self.spearman:.2f})"
        return f"{told}; {order}. {self.clips} clips of {self.sources} sources."


def disagree(first: Collection, second: Collection, a: str, b: str, *, shown: int = SHOWN_PAIRS) -> Disagreement:
    """Compare two encoders' collections on the clips that are in both; ``shown`` pairs at most in either direction.

    Raises BadInput for an encoder with itself and NotEnoughData for fewer than LEAST_CLIPS clips or a single source.
    """
    if a == b:
        raise BadInput(f"the second encoder ({b}) must be another one than the first; name two different encoders")
    rows, others, in_both = _in_both(first, second)
    clips = [first.clips[row] for row in rows]
    sources = np.unique([clip.split_source for clip in clips], return_inverse=True)[1].astype(np.int64)
    if len(clips) < LEAST_CLIPS or len(set(sources.tolist())) < 2:
        raise NotEnoughData(
            f"clips that both {a} and {b} have embedded ({len(clips)}) must be at least {LEAST_CLIPS}, of two sources or more; "
            "embed the library with both"
        )
    x, y = first.centred[rows], second.centred[others]
    one, two, pairs_in_all = _pairs(sources)
    alike = (_similarities(x, one, two), _similarities(y, one, two))
    places = (ranks(alike[0]), ranks(alike[1]))
    tops = [_widest(sign * (places[0] - places[1]), one, two, shown) for sign in (1, -1)]
    told = [tuple(_ranked(pair, clips, (one, two), alike, places) for pair in top) for top in tops]
    return Disagreement(
        a=a,
        b=b,
        clips=len(clips),
        sources=len(set(sources.tolist())),
        clips_in_both=in_both,
        overlap=neighbour_overlap(x, y, sources, NEIGHBOURS),
        spearman=correlation(*places),
        cka=linear_cka(first.raw[rows], second.raw[others]),
        pairs=len(one),
        pairs_in_all=pairs_in_all,
        percentiles_a=places[0],
        percentiles_b=places[1],
        alike_in_a=told[0],
        alike_in_b=told[1],
    )


def _in_both(first: Collection, second: Collection) -> tuple[list[int], list[int], int]:
    """Rows of the same clips in both, at most MOST_CLIPS, and how many there are."""
    there = {clip.clip_id: row for row, clip in enumerate(second.clips)}
    rows = [row for row, clip in enumerate(first.clips) if clip.clip_id in there]
    in_both = len(rows)
    if in_both > MOST_CLIPS:
        kept = np.random.default_rng(0).choice(in_both, MOST_CLIPS, replace=False)
        rows = [rows[place] for place in np.sort(kept)]
    return rows, [there[first.clips[row].clip_id] for row in rows], in_both


def _pairs(sources: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    """Both ends of every pair of different sources, at most MOST_PAIRS, and how many pairs there are."""
    usable = np.triu(sources[:, None] != sources[None, :], k=1)
    flat = np.flatnonzero(usable)
    in_all = len(flat)
    if in_all > MOST_PAIRS:
        flat = flat[np.random.default_rng(0).random(in_all) < MOST_PAIRS / in_all]
    one, two = np.divmod(flat, len(sources))
    return one.astype(np.int32), two.astype(np.int32), in_all


def _similarities(rows: Floats, one: NDArray[np.int32], two: NDArray[np.int32]) -> NDArray[np.float64]:
    """Of each pair. The whole table and then the pairs: gathering the rows of each pair takes thirty times as long."""
    return (rows @ rows.T)[one, two].astype(np.float64)


def _widest(gaps: NDArray[np.float64], one: NDArray[np.int32], two: NDArray[np.int32], shown: int) -> list[int]:
    """The pairs with the widest gaps above 0, no clip in more than OFTEN of them."""
    seen: dict[int, int] = {}
    kept: list[int] = []
    some = min(len(gaps), 200 * shown)
    order = np.argpartition(-gaps, some - 1)[:some] if some else np.zeros(0, np.int64)
    for pair in order[np.argsort(-gaps[order], kind="stable")]:
        ends = (int(one[pair]), int(two[pair]))
        if len(kept) == shown or gaps[pair] <= 0:
            break
        if all(seen.get(end, 0) < OFTEN for end in ends):
            seen.update({end: seen.get(end, 0) + 1 for end in ends})
            kept.append(int(pair))
    return kept


def _ranked(
    pair: int,
    clips: Sequence[Clip],
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
    alike: tuple[NDArray[np.float64], NDArray[np.float64]],
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> RankedPair:
    first, second = (clips[int(end[pair])] for end in ends)
    numbers = [float(table[pair]) for table in (*alike, *places)]
    return RankedPair(first, second, *numbers)
