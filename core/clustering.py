"""Clusters of a library with names that no label was needed for, and the odd ones out of each.

* **What it looks like** to the network: the Kinetics-400 actions that point more the way of this cluster's clips than of others.
  Of each action, the similarity of its direction to every clip (as Compare reckons it, in the RGB stream); its mean inside minus
  its mean outside, in standard deviations over all clips, is the action's ``lead``. The largest leads are the name. Encoders
  without a classifier give none.
* **What it is called** by the analyst: the labels of its clips with their counts, "mostly walking (17 of 20)".
* **Odd ones out**: how alike each clip is to its cluster (the mean centred similarity to the other clips in it, those of its own
  source left out where others are), in robust standard deviations below the cluster's median: 1.4826 times the median absolute
  deviation. From 2.5 on a clip is told as odd (Leys et al. 2013, doi:10.1016/j.jesp.2013.03.013).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders import ActionHead
from core.grouping import METHODS, NO_CLUSTER, Grouping, group
from core.mapping import Points, Weights, points
from core.mixing import directions
from core.similarity import cosines, different
from core.workbench import Workbench

__all__ = ["METHODS", "NO_CLUSTER", "Cluster", "Clusters", "Odd", "clusters"]

ACTIONS = 3  # in a name
LEAST_LEAD = 1.0
"""Standard deviations; an action that leads by less says little of a cluster."""
MOSTLY = 0.5  # the share of a cluster's labelled clips from which on it is mostly of one label
ODD = 2.5
LEAST_JUDGED = 5  # clips of a cluster whose spread can be told
ROBUST = 1.4826  # makes a median absolute deviation the standard deviation of a normal distribution
MOST_COMPARED = 2000  # members of a cluster that others are compared with; a sample settles a mean


@dataclass(frozen=True, slots=True)
class Odd:
    """Row ``row`` is ``oddness`` robust standard deviations less alike to its cluster than the median; ``fit`` is how alike."""

    row: int
    cluster: int
    fit: float
    oddness: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster. ``actions`` are names with their leads, ``labels`` the analyst's with their counts, largest first."""

    number: int
    size: int
    sources: int
    actions: tuple[tuple[str, float], ...]
    labels: tuple[tuple[str, int], ...]
    unlabelled: int
    fit: float
    """The mean of its rows' likeness to the others in it; NaN for one that has no two to compare."""

    @property
    def looks_like(self) -> str:
        """ "jogging, running on treadmill"; "" where the network says nothing."""
        return ", ".join(name for name, _ in self.actions)

    @property
    def called(self) -> str:
        """ "mostly walking (17 of 20)"; "" without labels."""
        if not self.labels:
            return ""
        (label, count), labelled = self.labels[0], self.size - self.unlabelled
        if count == labelled:
            return f"all {label} ({count})" if not self.unlabelled else f"{label} ({count} labelled of {self.size})"
        if count >= MOSTLY * labelled:
            return f"mostly {label} ({count} of {labelled})"
        return "mixed: " + ", ".join(f"{name} ({many})" for name, many in self.labels[:ACTIONS])

    @property
    def name(self) -> str:
        """What to call it on a screen: the label that most of it has, or what it looks like, or its number."""
        labelled = self.size - self.unlabelled
        if self.labels and self.labels[0][1] >= MOSTLY * labelled and 2 * labelled >= self.size:
            return self.labels[0][0]
        return f"like {self.actions[0][0]}" if self.actions else f"cluster {self.number + 1}"


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """``labels`` (N,) is the cluster of each of ``points`` (NO_CLUSTER for none), ``found`` the clusters, the largest first.

    ``odd`` are the odd ones out, the oddest first; ``why_unnamed`` says why no cluster has action names.
    """

    points: Points
    method: str
    labels: NDArray[np.int64]
    found: tuple[Cluster, ...]
    odd: tuple[Odd, ...]
    silhouette: float
    least: int
    seed: int
    why_unnamed: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Of each cluster, no two the same."""
        plain = [cluster.name for cluster in self.found]
        often = Counter(plain)
        seen: Counter[str] = Counter()
        told = []
        for name in plain:
            seen[name] += 1
            told.append(f"{name} {seen[name]}" if often[name] > 1 else name)
        return tuple(told)

    @property
    def outside(self) -> int:
        """Rows in no cluster."""
        return int((self.labels == NO_CLUSTER).sum())


def clusters(
    bench: Workbench,
    encoder: str | None = None,
    method: str = "hdbscan",
    *,
    k: int | None = None,
    least: int | None = None,
    seed: int = 0,
    of: str = "clips",
    weights: Weights = (),
) -> Clusters:
    """The clusters of the library's clips, or of its moments. Raises NotEnoughData, BadInput, UnknownName, WeightsMissing."""
    here = points(bench, encoder, of=of, weights=weights)
    grouping = group(here.rows, method, k=k, least=least, seed=seed)
    head = bench.head(encoder)
    seen = _action_similarities(bench, encoder, of, head, here) if head is not None else None
    fits = likeness(here.rows, here.sources, grouping)
    names = head.names if head is not None else ()
    return Clusters(
        here,
        grouping.method,
        grouping.members,
        tuple(_cluster(number, grouping, here, fits, seen, names) for number in range(grouping.count)),
        odd_ones(grouping, fits),
        grouping.silhouette,
        grouping.least,
        seed,
        "" if head is not None else f"{bench.spec(encoder).name} has no classifier that knows names of actions; choose i3d-rgb",
    )


def _action_similarities(bench: Workbench, encoder: str | None, of: str, head: ActionHead, here: Points) -> Floats:
    """(N, A): each row against each action, in the one stream that knows actions."""
    sections = bench.sections(encoder)
    if len(sections) > 1:
        alone = tuple((section.stream, float(section.stream == "rgb")) for section in sections)
        rows = points(bench, encoder, of=of, weights=alone)
        here = rows if rows.clip_ids == here.clip_ids else here  # the library changed in between: the rows as they are weighed
    return cosines(here.rows, directions(head)).astype(np.float32)


def leads(similarity: Floats, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(A,) how far each action's mean over the rows ``inside`` is above that over the others, in standard deviations over all."""
    if inside.all() or not inside.any():
        return np.zeros(similarity.shape[1])
    spread = similarity.std(axis=0, dtype=np.float64)
    gap = similarity[inside].mean(axis=0, dtype=np.float64) - similarity[~inside].mean(axis=0, dtype=np.float64)
    return np.asarray(np.where(spread > 1e-9, gap / np.maximum(spread, 1e-9), 0.0))


def likeness(rows: Floats, sources: Sequence[str], grouping: Grouping) -> NDArray[np.float64]:
    """(N,) the mean centred similarity of each row to the others of its cluster; NaN for rows in none, or alone in one."""
    fits = np.full(len(rows), np.nan)
    for number in range(grouping.count):
        inside = np.flatnonzero(grouping.members == number)
        others = inside
        if len(inside) > MOST_COMPARED:
            others = np.sort(np.random.default_rng(0).choice(inside, MOST_COMPARED, replace=False))
        alike = cosines(rows[inside], rows[others])
        foreign = different([sources[int(row)] for row in inside], [sources[int(row)] for row in others])
        usable = np.where(foreign.any(axis=1, keepdims=True), foreign, inside[:, None] != others[None, :])
        counts = usable.sum(axis=1)
        fits[inside] = np.where(counts, (alike * usable).sum(axis=1) / np.maximum(counts, 1), np.nan)
    return fits


def odd_ones(grouping: Grouping, fits: NDArray[np.float64]) -> tuple[Odd, ...]:
    """The rows that are ODD or more deviations less alike to their cluster than its median, the oddest first."""
    found = []
    for number in range(grouping.count):
        inside = np.flatnonzero((grouping.members == number) & np.isfinite(fits))
        if len(inside) < LEAST_JUDGED:
            continue
        middle = np.median(fits[inside])
        spread = ROBUST * np.median(np.abs(fits[inside] - middle))
        if spread > 1e-6:
            below = (middle - fits[inside]) / spread
            found += [
                Odd(int(inside[at]), number, float(fits[inside[at]]), float(below[at])) for at in np.flatnonzero(below >= ODD)
            ]
    return tuple(sorted(found, key=lambda one: (-one.oddness, one.row)))


def _cluster(
    number: int, grouping: Grouping, here: Points, fits: NDArray[np.float64], seen: Floats | None, names: Sequence[str]
) -> Cluster:
    inside = grouping.members == number
    rows = np.flatnonzero(inside)
    actions: list[tuple[str, float]] = []
    if seen is not None:
        ahead = leads(seen, inside)
        best = np.argsort(-ahead, kind="stable")[:ACTIONS]
        actions = [(names[int(at)], round(float(ahead[at]), 2)) for at in best if ahead[at] >= LEAST_LEAD]
    labels = Counter(here.clips[row].label for row in rows if here.clips[row].label)
    known = fits[rows][np.isfinite(fits[rows])]
    return Cluster(
        number,
        len(rows),
        len({here.clips[row].split_source for row in rows}),
        tuple(actions),
        tuple(sorted(labels.items(), key=lambda item: (-item[1], item[0]))),
        sum(not here.clips[row].label for row in rows),
        float(known.mean()) if known.size else float("nan"),
    )
