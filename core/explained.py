"""What carries the similarity of two clips, as data, as JSON, and as one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.alterations import Box
from core.clips import Clip, Window
from core.colours import signed
from core.occluding import EVERYWHERE, Map, area

LEAST_SIMILARITY = 0.1
"""A centred similarity below this is about what any two clips of a library have: nothing is there to be explained."""
LEAST_DROP = 0.05  # of the similarity: when hiding no place takes away more than this, no place carries it
STEADY = 0.25  # of all support: a slice of time that holds less is not worth naming; of eight even ones each holds 0.125
LIKELY = 0.02  # probability: an action that the classifier gives less than this to either clip is no description of both
MOST_ACTIONS = 3


@dataclass(frozen=True, slots=True)
class SharedAction:
    """An action name that the classifier gives to both clips, with its probability for each."""

    name: str
    a: float
    b: float


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """One clip of a pair: what of it carries its similarity to the other.

    Args:
        clip: whose picture it is.
        window: the part of it that was hidden piece by piece.
        similarity: centred cosine of that window, as filmed, to the whole other clip.
        view: x0, y0, x1, y1 of the film's picture, in shares, that the encoder sees.
        places: (R, C) over ``view``, by how much the similarity falls when a place is hidden; negative where it grows.
        moments: (S,) the same for slices of the window's time.
        windows: all windows of the clip that the library holds, and ``course`` (W,) their similarities to the other clip.
    """

    clip: Clip
    window: Window
    similarity: float
    view: Box
    places: Map
    moments: NDArray[np.float64]
    windows: tuple[Window, ...]
    course: NDArray[np.float64]

    @property
    def where(self) -> str:
        """The part of the picture that carries most, in words."""
        return area(self.places, self.view)

    @property
    def when_seconds(self) -> float | None:
        """The middle of the slice of time that carries most; None when all of the window does."""
        support = np.clip(self.moments, 0, None)
        if support.max(initial=0) < STEADY * support.sum() or not support.any():
            return None
        length = self.window.end_seconds - self.window.start_seconds
        return self.window.start_seconds + (int(support.argmax()) + 0.5) / len(support) * length

    @property
    def strongest(self) -> float:
        return float(self.places.max(initial=0.0))

    def as_dict(self) -> dict[str, Any]:
        return {
            "clip": self.clip.clip_id,
            "window": [self.window.start_seconds, self.window.end_seconds],
            "similarity": self.similarity,
            "view": list(self.view),
            "places": np.round(self.places, 5).tolist(),
            "moments": np.round(self.moments, 5).tolist(),
            "windows": [[window.start_seconds, window.end_seconds] for window in self.windows],
            "course": np.round(self.course, 5).tolist(),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], clip: Clip) -> Self:
        return cls(
            clip,
            Window(*told["window"]),
            told["similarity"],
            tuple(told["view"]),
            np.asarray(told["places"], np.float64),
            np.asarray(told["moments"], np.float64),
            tuple(Window(*span) for span in told["windows"]),
            np.asarray(told["course"], np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """Why two clips are alike to an encoder. ``similarity`` is the centred cosine of the two whole clips."""

    a: Half
    b: Half
    encoder: str
    fingerprint: str
    similarity: float
    shared: tuple[SharedAction, ...]
    passes: int
    """Windows that were embedded for it."""
    seconds: float

    @property
    def largest(self) -> float:
        """The largest number of both maps, whatever its sign: the end of their common scale."""
        return max(float(np.abs(half.places).max(initial=0.0)) for half in (self.a, self.b)) or 1.0

    def turned(self) -> Why:
        """The same with the clips in the other order."""
        shared = tuple(SharedAction(one.name, one.b, one.a) for one in self.shared)
        return Why(self.b, self.a, self.encoder, self.fingerprint, self.similarity, shared, self.passes, self.seconds)

    @property
    def sentence(self) -> str:
        return f"{_through(self)}{_names(self.shared, joined=self.similarity >= LEAST_SIMILARITY)}."

    def as_dict(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder,
            "fingerprint": self.fingerprint,
            "similarity": self.similarity,
            "maps": [self.a.as_dict(), self.b.as_dict()],
            "shared_actions": [{"name": one.name, "a": one.a, "b": one.b} for one in self.shared],
            "passes": self.passes,
            "seconds": round(self.seconds, 2),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], clips: Mapping[str, Clip]) -> Self:
        """Raises KeyError when it is not what ``as_dict`` gave, or about other clips than ``clips``, which are by id."""
        a, b = (Half.from_dict(half, clips[half["clip"]]) for half in told["maps"])
        shared = tuple(SharedAction(**one) for one in told["shared_actions"])
        return cls(a, b, told["encoder"], told["fingerprint"], told["similarity"], shared, told["passes"], told["seconds"])


def _through(why: Why) -> str:
    whole = signed(why.similarity, 2)
    if why.similarity < LEAST_SIMILARITY:
        return f"These two are hardly more alike than any two clips here ({whole}), so there is little to explain"
    strongest = max(why.a.strongest, why.b.strongest)
    if strongest < LEAST_DROP * why.similarity:
        return f"Alike through the whole picture: hiding any one place takes at most {signed(strongest, 2)} of {whole}"
    if why.a.where == why.b.where:
        picture = why.a.where if why.a.where == EVERYWHERE else f"{why.a.where} of the picture"
        times = _times([why.a.when_seconds, why.b.when_seconds])
        return f"Alike mostly through {picture}{times}"
    told = [f"{half.where} of {half.clip.name}{_times([half.when_seconds])}" for half in (why.a, why.b)]
    return f"Alike mostly through {told[0]} and {told[1]}"


def _times(found: list[float | None]) -> str:
    if all(one is None for one in found):
        return ""
    if None in found:
        place = "the first" if found[1] is None else "the second"
        return f", in {place} around {next(one for one in found if one is not None):.1f} s"
    told = " and ".join(f"{one:.1f} s" for one in found)
    return f" around {told}" if len(found) == 1 else f", around {told}"


def _names(shared: tuple[SharedAction, ...], *, joined: bool) -> str:
    if not shared:
        return ""
    told = [f"{one.name} ({one.a:.2f}, {one.b:.2f})" for one in shared]
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"; both look like {listed}" if joined else f"; both look a little like {listed}"


def shared_actions(names: tuple[str, ...], a: NDArray[np.floating], b: NDArray[np.floating]) -> tuple[SharedAction, ...]:
    """The names (A,) that both clips score on, best first: by the smaller of their two probabilities ``a`` and ``b`` (A,)."""
    both = np.minimum(a, b)
    best = [int(row) for row in np.argsort(-both, kind="stable")[:MOST_ACTIONS] if both[row] >= LIKELY]
    return tuple(SharedAction(names[row], float(a[row]), float(b[row])) for row in best)
