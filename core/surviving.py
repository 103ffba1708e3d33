"""Motion or scenery? How much of a similarity is left when two clips lose their motion, their actor or their scene.

An alteration moves every clip's vector, and all in much the same direction: two frozen films are alike for being frozen. So
altered clips are compared as filmed ones are, with the mean clip taken away, but with the mean of clips *altered likewise*.
That mean is estimated from a few reference clips of the library, with their vectors as filmed as control variate (Glasserman
2004, Monte Carlo Methods, 4.1): mean of the altered + slope x (mean of the library - mean of the references as filmed). The
slope is the regression of one on the other; where an alteration leaves nothing of a clip it is 0, and the clips then have
nothing in common but their mean.

A mean of few clips is off a little, and whatever it is off by makes any two clips alike: by up to 1 / (1 + references). So pairs
of the references themselves are treated in the same way, each pair with the mean of the others, and what they come out with by
chance is taken away before the share that survives is told.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip, Floats, Section
from core.collecting import Collection, pool_streams
from core.colours import signed
from core.explained import LEAST_SIMILARITY
from core.similarity import cosines

KINDS = ("frozen", "shuffled", "reversed", "actor-hidden", "scene-hidden")
"""What is done to both clips, in the order in which it is told."""
TOLD = {
    "frozen": "frozen",
    "shuffled": "shuffled",
    "reversed": "backwards",
    "actor-hidden": "without what moves",
    "scene-hidden": "only what moves",
}
MOST_STAYS, SOME_STAYS, LITTLE_STAYS = 0.7, 0.5, 0.35
"""Shares of a similarity at which the sentence changes its words."""
FEWEST_REFERENCES = 3


@dataclass(frozen=True, slots=True)
class Survival:
    """One alteration of both clips.

    Args:
        kind: one of KINDS.
        similarity: centred cosine of the two altered clips.
        survives: its share of the similarity as filmed, ``chance`` taken away from both; None when that leaves too little.
        itself: mean centred cosine of a clip to itself altered: 1 when the encoder does not notice.
        chance: mean centred cosine of pairs of other clips altered likewise; None without enough of them.
    """

    kind: str
    similarity: float
    survives: float | None
    itself: float
    chance: float | None


@dataclass(frozen=True, slots=True)
class Stream:
    """The two clips as filmed in one stream alone, and its weight in the whole, of 1."""

    stream: str
    weight: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Scenery:
    """How much of the similarity of two clips survives. ``chance`` and ``references`` are of other clips, as filmed."""

    a: Clip
    b: Clip
    encoder: str
    fingerprint: str
    similarity: float
    survivals: tuple[Survival, ...]
    streams: tuple[Stream, ...]
    chance: float | None
    references: int

    def survives(self, kind: str) -> float | None:
        return next(one.survives for one in self.survivals if one.kind == kind)

    @property
    def sentence(self) -> str:
        if self.similarity < LEAST_SIMILARITY:
            whole = signed(self.similarity, 2)
            return f"There is no similarity to explain: as filmed it is {whole}, about that of any two clips here."
        told = f"Without motion {percent(self.survives('frozen'))} of the similarity stays: {_verdict(self)}."
        actor, scene = (percent(self.survives(kind)) for kind in ("actor-hidden", "scene-hidden"))
        return f"{told} Without what moves {actor} of it stays, with nothing but what moves {scene}."

    def as_dict(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder,
            "fingerprint": self.fingerprint,
            "clips": [self.a.clip_id, self.b.clip_id],
            "similarity": self.similarity,
            "chance": self.chance,
            "references": self.references,
            "survivals": [
                {
                    "kind": one.kind,
                    "similarity": one.similarity,
                    "survives": one.survives,
                    "itself": one.itself,
                    "chance": one.chance,
                }
                for one in self.survivals
            ],
            "streams": [{"stream": one.stream, "weight": one.weight, "similarity": one.similarity} for one in self.streams],
            "sentence": self.sentence,
        }


def percent(share: float | None) -> str:
    """ "82 %"; "all" and "nothing" beyond the ends."""
    if share is None:
        return "–"
    return "all" if share >= 0.995 else "nothing" if share <= 0.005 else f"{100 * share:.0f}\u00a0%"


def _verdict(found: Scenery) -> str:
    frozen, actor, scene = (found.survives(kind) or 0.0 for kind in ("frozen", "actor-hidden", "scene-hidden"))
    if frozen <= LITTLE_STAYS:
        return "this encoder compares movement here"
    if frozen < MOST_STAYS:
        return "this encoder compares both movement and single pictures here"
    if actor < SOME_STAYS:
        return "this encoder compares how people look and stand here, not how they move"
    if scene < SOME_STAYS:
        return "this encoder compares scenery here"
    return "this encoder compares scenery and the looks of people here, either of which is enough"


@dataclass(frozen=True, slots=True, eq=False)
class Altered:
    """Windows of one clip as filmed and as each of KINDS has them: ``filmed`` (W, D), ``altered`` (len(KINDS), W, D)."""

    filmed: Floats
    altered: Floats


def altered_mean(collection: Collection, references: Sequence[Altered], kind: int) -> Floats:
    """The mean clip (D,) of the library, had all of its clips been altered; see the module's text.

    With fewer than FEWEST_REFERENCES it is the library's mean as filmed.
    """
    if len(references) < FEWEST_REFERENCES:
        return collection.mean
    filmed = _streams([one.filmed for one in references], collection.sections)
    altered = _streams([one.altered[kind] for one in references], collection.sections)
    mean = altered.mean(axis=0)
    for at in collection.sections:
        place = slice(at.start, at.stop)
        before = filmed[:, place] - filmed[:, place].mean(axis=0)
        after = altered[:, place] - mean[place]
        slope = float((before * after).sum() / max((before**2).sum(), 1e-12))
        mean[place] += slope * (collection.mean[place] - filmed[:, place].mean(axis=0))
    moved: Floats = mean.astype(np.float32)
    return moved


def _streams(clips: Sequence[Floats], sections: Sequence[Section]) -> NDArray[np.float64]:
    owners = [str(number) for number, rows in enumerate(clips) for _ in rows]
    return pool_streams(np.concatenate(clips), owners, sections)[1].astype(np.float64)


def survive(
    a: Clip,
    b: Clip,
    parts: Mapping[str, Altered],
    references: Sequence[Altered],
    collection: Collection,
    *,
    encoder: str,
    fingerprint: str,
) -> Scenery:
    """The answer out of the vectors of both clips, ``parts`` by clip id, and of other clips of the library."""
    of_a, of_b = parts[a.clip_id], parts[b.clip_id]
    rows = _placed(collection, [of_a.filmed, of_b.filmed])
    filmed = float(cosines(rows[:1], rows[1:])[0, 0])
    usual = _chance(collection, references, None) or 0.0
    survivals = []
    for number, kind in enumerate(KINDS):
        there = replace(collection, mean=altered_mean(collection, references, number))
        pair = _placed(there, [of_a.altered[number], of_b.altered[number]])
        value = float(cosines(pair[:1], pair[1:])[0, 0])
        here = _placed(collection, [of_a.altered[number], of_b.altered[number]])
        itself = float(np.mean([cosines(one[None], other[None])[0, 0] for one, other in zip(rows, here, strict=True)]))
        chance = _chance(collection, references, number)
        share = (value - (chance or 0.0)) / (filmed - usual) if min(filmed, filmed - usual) >= LEAST_SIMILARITY else None
        survivals.append(Survival(kind, value, share, itself, chance))
    return Scenery(
        a,
        b,
        encoder,
        fingerprint,
        filmed,
        tuple(survivals),
        _alone(rows, collection.sections),
        _chance(collection, references, None),
        len(references),
    )


def _placed(collection: Collection, clips: Sequence[Floats]) -> Floats:
    """Centred rows, one for each clip's windows (W, D)."""
    owners = [str(number) for number, rows in enumerate(clips) for _ in rows]
    return collection.place(np.concatenate(clips), owners)[1]


def _chance(collection: Collection, references: Sequence[Altered], kind: int | None) -> float | None:
    """Mean over pairs of references, as filmed (None) or altered, each pair treated as the two clips in question are.

    Its own two vectors have no part in the mean that is taken away: with them, any two would come out unlike.
    """
    if len(references) < FEWEST_REFERENCES + 2:
        return None
    found = []
    for pair in itertools.combinations(references, 2):
        if kind is None:
            rows = _placed(collection, [one.filmed for one in pair])
        else:
            others = [one for one in references if one not in pair]
            there = replace(collection, mean=altered_mean(collection, others, kind))
            rows = _placed(there, [one.altered[kind] for one in pair])
        found.append(float(cosines(rows[:1], rows[1:])[0, 0]))
    return float(np.mean(found))


def _alone(rows: Floats, sections: Sequence[Section]) -> tuple[Stream, ...]:
    """Each stream's own cosine, of rows that are weighed; empty for a single stream."""
    total = sum(at.weight for at in sections)
    if len(sections) < 2:
        return ()
    found = []
    for at in sections:
        share = at.weight / total
        dot = float(rows[0, at.start : at.stop].astype(np.float64) @ rows[1, at.start : at.stop])
        found.append(Stream(at.stream, share, dot / share if share else 0.0))
    return tuple(found)
