"""A concept: a taught notion, and how it scores windows. Arithmetic on arrays alone; ``core.heads`` learns, this answers.

A concept carries all that its answers depend on, so that the same windows get the same numbers whatever else is in the library:
the mean that is taken away from them, the weights of the streams, the head, the calibration and the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats, Section
from core.errors import FingerprintMismatch
from core.similarity import Similarities, centre, cosines, unit, weigh

HEADS = ("prototype", "knn", "ridge", "logistic", "svm")
"""The kinds of heads, the plainest first."""
NONE = ""
"""The class of an example that shows nothing of a concept."""


@dataclass(frozen=True, slots=True)
class Example:
    """A clip, or the seconds ``span`` of it, that shows the class ``name``, or NONE of the concept's.

    ``origin`` says where it came from: "taught", "asked" (active learning), "accepted" or "rejected" (a flag).
    """

    clip_id: str
    name: str
    span: tuple[float, float] | None = None
    origin: str = "taught"


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Where a concept lives: ``mean`` (D,) and the weights of the streams, as they were when it was taught."""

    mean: Floats
    sections: tuple[Section, ...]

    def place(self, vectors: Floats) -> Floats:
        """Windows' vectors (N, D) as rows (N, D): each stream made unit, centred by itself, weighed (``Collection.place``)."""
        parts = [centre(unit(vectors[:, at.start : at.stop]), self.mean[at.start : at.stop]) for at in self.sections]
        return weigh(np.hstack(parts), self.sections)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What turns rows into one score for each of C classes; up means more like the class. Scores of unlike heads differ in scale.

    Args:
        kind: one of HEADS.
        weights, biases: (C, D) and (C,): score = row . weight + bias. Of k-NN they are not used.
        rows, owners: of k-NN the (N, D) examples and for each the number of its class, -1 for none of them.
        neighbours: of k-NN how many are asked.
    """

    kind: str
    weights: Floats
    biases: Floats
    rows: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    owners: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    neighbours: int = 0

    def __post_init__(self) -> None:
        if self.kind not in HEADS:
            raise ValueError(f"head ({self.kind}) must be one of {', '.join(HEADS)}")
        if self.biases.shape != (len(self.weights),) or self.owners.shape != (len(self.rows),):
            raise ValueError("a head must have a bias for each row of weights and an owner for each example")

    @property
    def classes(self) -> int:
        return len(self.weights)

    def scores(self, rows: Floats) -> Similarities:
        """(M, C) of rows (M, D). Of k-NN: the mean similarity to the nearest of the class less that to the nearest others."""
        if self.kind != "knn":
            return np.asarray(rows.astype(np.float64) @ self.weights.astype(np.float64).T + self.biases, np.float64)
        near = cosines(rows, self.rows)
        return np.stack([_nearest(near, self.owners == one, self.neighbours) for one in range(self.classes)], axis=1)


def _nearest(near: Similarities, own: NDArray[np.bool_], neighbours: int) -> Similarities:
    def best(columns: Similarities) -> Similarities:
        if not columns.shape[1]:
            return np.zeros(len(columns))
        return np.asarray(-np.sort(-columns, axis=1)[:, :neighbours].mean(axis=1))

    return np.asarray(best(near[:, own]) - best(near[:, ~own]))


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which score on a class fires, what somebody asked for, and what is to be expected of it.

    Args:
        value: a score of the head.
        target: "false-alarms" (``wanted`` per hour), "precision" or "conformal" (``wanted`` as a share in (0, 1)).
        sentence: the expectation in plain words; "" when it was never calibrated.
    """

    value: float
    target: str = ""
    wanted: float = math.nan
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Platt's calibration: confidence = 1 / (1 + exp(-(slope * score + offset)))."""

    slope: float = 1.0
    offset: float = 0.0

    def confidence(self, scores: Similarities) -> Similarities:
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.slope * scores + self.offset, -40.0, 40.0))))


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Of M windows and C classes, (M, C) each: the head's scores, cosines to the classes' prototypes, and calibrated shares."""

    scores: Similarities
    similarity: Similarities
    confidence: Similarities


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """A taught notion of one class, or of several at once ("industrial safety": n actions).

    Args:
        concept_id: in the ledger; 0 before it is kept.
        name: what ``concept:NAME`` asks for.
        classes: C names; of a plain concept the one that is its name.
        prototypes: (C, D) unit rows: the direction of each class in ``space``.
        scales, thresholds: C of them.
        chosen: why this head: a sentence.
        notes: numbers by name that the teaching measured, kept with it (leave-one-source-out scores by head, counts ...).
        words: free words that were given as an example, if any.
        asked: the kind of head that was asked for; "auto" for the best.
        augment: names of the alterations of the examples that it learnt from, too.
    """

    name: str
    encoder: str
    fingerprint: str
    classes: tuple[str, ...]
    examples: tuple[Example, ...]
    space: Space
    head: Head
    prototypes: Floats
    scales: tuple[Scale, ...]
    thresholds: tuple[Threshold, ...]
    chosen: str = ""
    notes: tuple[tuple[str, float], ...] = ()
    words: str = ""
    asked: str = "auto"
    augment: tuple[str, ...] = ()
    concept_id: int = 0
    made_at: float = 0.0

    def __post_init__(self) -> None:
        count = len(self.classes)
        if not count or {len(self.prototypes), len(self.scales), len(self.thresholds), self.head.classes} != {count}:
            raise ValueError(f"a concept of {count} classes must have a prototype, scale, threshold and head for each of them")

    def score(self, vectors: Floats, fingerprint: str) -> Scored:
        """Of windows' vectors (M, D) by the encoder that it was taught with. Raises FingerprintMismatch for another's."""
        if fingerprint != self.fingerprint:
            raise FingerprintMismatch(
                f"windows ({fingerprint[:40]}) must be embedded by the encoder that concept {self.name} was taught with "
                f"({self.encoder}, {self.fingerprint[:40]}); teach it again with the other encoder, or choose that encoder"
            )
        rows = self.space.place(vectors)
        scores = self.head.scores(rows)
        shares = np.stack([scale.confidence(scores[:, at]) for at, scale in enumerate(self.scales)], axis=1)
        return Scored(scores, cosines(rows, self.prototypes), shares)

    def number(self, name: str) -> int:
        """The number of a class by its name. Raises ValueError for one it does not have."""
        return self.classes.index(name)

    def with_thresholds(self, thresholds: Sequence[Threshold]) -> Concept:
        return replace(self, thresholds=tuple(thresholds))
