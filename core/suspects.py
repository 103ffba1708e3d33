"""Labels that may be wrong: clips whose nearest neighbours, all of other sources, have another label.

For each label, a clip's likeness is the mean centred similarity to its NEAREST nearest clips of that label (nearest neighbours
taken class by class: a plain vote among the ten nearest cannot be won by a label that has three clips). The ``margin`` is the
likeness to the best other label minus that to its own: above 0, the clip's neighbours speak for the other. Clips of the same
source never count, since they look alike whatever they show; a clip whose label no other source has cannot be judged.

With a tenth of the labels of the 209 clips exchanged at random, the suggestions held 97 of 100 exchanged clips, and of 100
suggestions 36 were exchanged ones (benchmarks/suspects.py, docs/map.md): a list to look through, the best first, and no verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip
from core.errors import NotEnoughData
from core.mapping import Weights, points
from core.similarity import Similarities, cosines, different
from core.workbench import Workbench

NEAREST = 2
"""Clips of each label; one and three rank about as well on the 209 clips, and one names a fifth more of them wrongly."""
LEAST = 0.05
"""Margin from which on a clip is suggested: below, both labels are as good as even, and one in twenty of them was wrong."""
VOTERS = 10
"""Nearest clips whose labels are told beside a suggestion."""
STRONG = 0.2
"""Margin from which on a suggestion is called strong: docs/map.md has how many of those were right."""
MOST_CLIPS = 20_000  # labelled ones, whose similarities are reckoned a slice at a time
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Suspect:
    """``clip`` has ``clip.label`` and looks more like ``suggested``, by ``margin``.

    ``own`` and ``other`` are its likeness to both labels; ``votes`` are the labels of its nearest clips of other sources,
    with their counts; ``neighbours`` are those clips, the nearest first.
    """

    clip: Clip
    suggested: str
    margin: float
    own: float
    other: float
    votes: tuple[tuple[str, int], ...]
    neighbours: tuple[Clip, ...]

    @property
    def strong(self) -> bool:
        return self.margin >= STRONG

    @property
    def sentence(self) -> str:
        """ "Labelled walking, looks more like running: of its 10 nearest clips of other sources 7 are running, 1 is walking."."""
        counts, much = dict(self.votes), "much " if self.strong else ""
        told = [f"{counts.get(name, 0)} {'is' if counts.get(name) == 1 else 'are'} {name}" for name in self._both]
        return (
            f"Labelled {self.clip.label}, looks {much}more like {self.suggested}: of its {len(self.neighbours)} nearest clips of "
            f"other sources {told[0]}, {told[1]}."
        )

    @property
    def _both(self) -> tuple[str, str]:
        return self.suggested, self.clip.label


@dataclass(frozen=True, slots=True)
class Suspects:
    """``found``, the largest margin first, of ``judged`` labelled clips; ``unjudged`` have a label that no other source has."""

    found: tuple[Suspect, ...]
    judged: int
    unjudged: int
    encoder: str

    @property
    def sentence(self) -> str:
        strong = sum(one.strong for one in self.found)
        told = f"{len(self.found)} of {self.judged} labelled clips look more like another label, {strong} of them much more."
        return told + (f" {self.unjudged} cannot be judged: no other source has their label." if self.unjudged else "")


def suspects(bench: Workbench, encoder: str | None = None, *, weights: Weights = ()) -> Suspects:
    """The labels that may be wrong. Raises NotEnoughData with fewer than two labels, or when nothing can be judged."""
    here = points(bench, encoder, weights=weights)
    rows = [row for row, clip in enumerate(here.clips) if clip.label]
    if len({here.clips[row].label for row in rows}) < 2:
        raise NotEnoughData("label errors can be suggested among at least two labels; label more clips")
    if len(rows) > MOST_CLIPS:
        raise NotEnoughData(f"label errors can be suggested among at most {MOST_CLIPS:,} labelled clips, not {len(rows):,}")
    clips, vectors = [here.clips[row] for row in rows], here.rows[rows]
    labels, sources = [clip.label for clip in clips], [clip.split_source for clip in clips]
    found, judged = list[Suspect](), 0
    for start in range(0, len(clips), _AT_ONCE):
        asked = slice(start, min(start + _AT_ONCE, len(clips)))
        alike = np.where(different(sources[asked], sources), cosines(vectors[asked], vectors), -np.inf)
        own, other, names = by_label(alike, labels[asked], labels)
        judged += int(np.isfinite(own).sum())
        for at in np.flatnonzero(np.isfinite(own) & (other - own > LEAST)):
            near = [int(row) for row in np.argsort(-alike[at], kind="stable")[:VOTERS] if np.isfinite(alike[at, row])]
            votes = Counter(labels[row] for row in near)
            found.append(
                Suspect(
                    clips[start + int(at)],
                    names[int(at)],
                    float(other[at] - own[at]),
                    float(own[at]),
                    float(other[at]),
                    tuple(sorted(votes.items(), key=lambda item: (-item[1], item[0]))),
                    tuple(clips[row] for row in near),
                )
            )
    if not judged:
        raise NotEnoughData("label errors need labels that two different sources have; label more clips or give them sources")
    found.sort(key=lambda one: (-one.margin, one.clip.clip_id))
    return Suspects(tuple(found), judged, len(clips) - judged, bench.spec(encoder).name)


def by_label(
    alike: Similarities, asked: Sequence[str], labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """For Q clips of labels ``asked``: likeness to their own label, to the best other one, and that one's name.

    ``alike`` (Q, N) are their similarities to N clips with ``labels``, -inf where a clip must not count. A likeness is -inf where
    no clip of the label counts.
    """
    names = sorted(set(labels))
    written = np.asarray(labels, dtype=object)
    table = np.full((len(alike), len(names)), -np.inf)
    for column, name in enumerate(names):
        best = -np.sort(-alike[:, written == name], axis=1)[:, :NEAREST]
        counted = np.isfinite(best)
        sums = np.where(counted, best, 0.0).sum(axis=1)
        table[:, column] = np.where(counted[:, 0], sums / np.maximum(counted.sum(axis=1), 1), -np.inf)
    places = np.asarray([names.index(label) for label in asked])
    every = np.arange(len(alike))
    own = table[every, places]
    table[every, places] = -np.inf
    best_other = table.argmax(axis=1)
    return own, table[every, best_other], [names[column] for column in best_other]
