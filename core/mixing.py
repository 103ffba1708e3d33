"""Free words as a mix of action names, and the direction in which that mix lies. Pure functions over arrays.

A video classifier knows 400 names and nothing else. A sentence encoder knows how near any words are to each name. So words are
read as the names nearest to them, each with a share (Norouzi et al. 2014, arXiv:1312.5650, "convex combination of semantic
embeddings", turned round: they mix the words' vectors by the classifier's shares, we mix the classifier's directions by the
words' shares, which gives a direction that can be compared with clips, labels and other words alike). What other routes give
stands in docs/words.md, measured.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders import ActionHead
from core.errors import UnknownName
from core.queries import Query
from core.similarity import centre, unit

NAMES = 400
"""How many names words are read as at most. All of them was best in benchmarks/words.py, where a share falls off this quickly."""
TEMPERATURE = 0.1
"""Of the shares: a name whose similarity to the words is smaller by this much has a share smaller by a factor of e."""
SHOWN = 5
"""Names in a sentence; the rest is counted."""
LEAST_SHARE = 0.02  # of the largest share; less changes no number that is shown
FAR = 0.5
"""Words whose nearest name is less similar than this are hardly known to the classifier."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What words were read as: ``mix`` are action names and shares that add up to 1, the largest first.

    ``closeness`` is the similarity of the words to the nearest name, up to 1; None for a mix that somebody wrote.
    """

    text: str
    mix: tuple[tuple[str, float], ...]
    closeness: float | None = None

    @property
    def corrected(self) -> bool:
        return self.closeness is None

    @property
    def doubtful(self) -> bool:
        return self.closeness is not None and self.closeness < FAR

    @property
    def sentence(self) -> str:
        """ "running: jogging 0.72, running on treadmill 0.28"."""
        return f"{self.text}: {self.names()}"

    def names(self, written: Callable[[str], str] = str) -> str:
        """ "jogging 0.32, running on treadmill 0.28, ... and 37 more that share 0.21"; ``written`` is how a name is shown."""
        shown = ", ".join(f"{written(name)} {share:.2f}" for name, share in self.mix[:SHOWN])
        rest = [share for _, share in self.mix[SHOWN:]]
        if not rest:
            return shown
        return f"{shown} and {len(rest)} more {'that share' if len(rest) > 1 else 'with'} {sum(rest):.2f}"


def shares(similarity: NDArray[np.floating], *, names: int = NAMES, temperature: float = TEMPERATURE) -> Floats:
    """(Q, A) shares that add up to 1 out of the similarities (Q, A) of Q texts to A names: a softmax over the nearest ones."""
    rows = np.asarray(similarity, np.float64)
    kept = min(names, rows.shape[1])
    border = np.sort(rows, axis=1)[:, -kept][:, None]
    strength = np.where(rows >= border, np.exp((rows - rows.max(axis=1, keepdims=True)) / temperature), 0.0)
    strength /= strength.sum(axis=1, keepdims=True)
    strength[strength < LEAST_SHARE * strength.max(axis=1, keepdims=True)] = 0.0
    made: Floats = (strength / strength.sum(axis=1, keepdims=True)).astype(np.float32)
    return made


def understand(text: str, similarity: Floats, names: Sequence[str]) -> Understood:
    """What ``text``, of these similarities (A,) to the names, is read as."""
    row = shares(similarity[None, :])[0]
    order = [int(at) for at in np.argsort(-row, kind="stable") if row[at] > 0]
    return Understood(text, tuple((names[at], round(float(row[at]), 3)) for at in order), round(float(similarity.max()), 3))


def as_written(query: Query, names: Sequence[str]) -> Understood:
    """The mix that a text query carries, its shares made to add up to 1. Raises UnknownName with the nearest names."""
    known = {name.casefold(): name for name in names}
    for name, _ in query.mix:
        if name.casefold() not in known:
            raise UnknownName(unknown("action", name, list(names)))
    total = sum(share for _, share in query.mix)
    return Understood(query.value, tuple((known[name.casefold()], round(share / total, 3)) for name, share in query.mix))


def direction(mix: Sequence[tuple[str, float]], head: ActionHead) -> tuple[Floats, Floats]:
    """Raw and centred unit rows (1, D): the classifier's directions of the names, added up by their shares."""
    rows, weights = [head.names.index(name) for name, _ in mix], np.asarray([[share for _, share in mix]], np.float64)
    raw, centred = unit(head.weight)[rows], directions(head)[rows]
    return unit(weights @ raw), unit(weights @ centred)


def directions(head: ActionHead) -> Floats:
    """The (A, D) unit directions of a classifier's actions, the mean of all actions taken away; see ``core.comparing``."""
    return centre(head.weight, head.weight.mean(axis=0))


def unknown(what: str, value: str, names: Sequence[str]) -> str:
    """The message about a name that is not here, with those that are near."""
    near = difflib.get_close_matches(value, names, n=3, cutoff=0.5)
    inside = [name for name in names if value.casefold() in name.casefold()]
    hints = list(dict.fromkeys([*inside[:3], *near]))[:4] or list(names[:5])
    choice = f"try {', '.join(hints)}" if hints else "label some clips first"
    return f"{what} ({value[:60]!r}) must be one that is here; {choice}"
