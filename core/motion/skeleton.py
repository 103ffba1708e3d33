"""From the people of a window to one vector: who acts, with whom, and how; every number on a fixed scale.

A vector is three numbers that say who was there, and the blocks of the actor, of the partner and of the two together, side
by side. A block that has nothing to say (there is no partner) is zeros: neither like nor unlike anything. The scale of each
number is fixed and never changes with a library: for one person, mean and deviation over films of everyday movement, kept in
``skeleton_scale.json`` (``python -m benchmarks.skeleton_scale`` measures it anew); for two, ``skeleton_pair.SCALES``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.joints import Body, body_of, walks_left
from core.motion.people import Person
from core.motion.skeleton_pair import SCALES, activity, pair_blocks, stands_left
from core.motion.skeleton_person import person_blocks
from core.motion.skeleton_watching import repeats
from core.motion.tracking import Track, link

Array = NDArray[np.float64]

Value = TypeVar("Value")

SCALE_FILE = Path(__file__).with_name("skeleton_scale.json")
PARTNER_WEIGHT = 0.25  # of the actor's weight in the window: somebody who matters less is a passer-by
PARTNER_SHARE = 0.3  # of the window: a partner is seen together with the actor at least that long
MOST_DEVIATIONS = 4.0
"""Numbers farther from the mean than this many deviations count as this far."""
LEAST_DEVIATION = 0.1  # of the largest in its block: a number that hardly ever changes would be all noise otherwise
UNSURE, SURE, LEAST_TRUST = 0.3, 0.6, 0.1
"""What was measured on joints of mean sureness SURE counts in full (by daylight it is 0.6 to 0.8), below UNSURE hardly."""
WEIGHTS = {"actor": 1.0, "partner": 0.5, "pair": 1.0}
"""How much the blocks of each kind count."""
PRESENCE = 1.0  # of the three numbers that say who was there: as much as one block
NOBODY, ALONE, TWO = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What was measured in a window, unscaled.

    Args:
        blocks: by name, "actor.speed" for instance; none when nobody was seen.
        sureness: mean sureness of the joints of "actor" and "partner".
    """

    blocks: Mapping[str, Array] = field(default_factory=dict)
    sureness: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Where 0 and 1 lie for the numbers of a block."""

    mean: Array
    deviation: Array


def describe(frames: NDArray[np.uint8], people: Sequence[Sequence[Person]], dt_seconds: float) -> Floats:
    """The vector (D,) of a window of ``frames`` (T, H, W, 3), ``dt_seconds`` apart, with its ``people`` frame by frame."""
    return scaled(scene_of(frames, people, dt_seconds))


def scene_of(frames: NDArray[np.uint8], people: Sequence[Sequence[Person]], dt_seconds: float) -> Scene:
    """Repeated frames are moments at which nobody looked: gaps are filled in, and a clip whose last frame is held ends there."""
    looked = [[] if repeated else list(seen) for repeated, seen in zip(repeats(frames), people, strict=True)]
    return measure(link(looked, dt_seconds), len(frames), dt_seconds)


def measure(tracks: Sequence[Track], moments: int, dt_seconds: float) -> Scene:
    """The actor is who matters most; of two who act together, the one who moves more. The actor looks and moves to the right."""
    if not tracks:
        return Scene()
    actor, partner = body_of(tracks[0], dt_seconds), _partner(tracks, moments, dt_seconds)
    if partner is None:
        actor = actor.mirrored if walks_left(actor) else actor
        return Scene(_named("actor", person_blocks(actor, moments)), {"actor": actor.sureness})
    if activity(partner) > activity(actor):
        actor, partner = partner, actor
    if stands_left(actor, partner):
        actor, partner = actor.mirrored, partner.mirrored
    alone = _named("actor", person_blocks(actor, moments)) | _named("partner", person_blocks(partner, moments))
    together = _named("pair", pair_blocks(actor, partner, moments))
    return Scene(alone | together, {"actor": actor.sureness, "partner": partner.sureness})


def scaled(scene: Scene) -> Floats:
    """The vector (D,) of what was measured; never without a direction, whoever is there."""
    parts = [np.zeros(3)]
    for name, scale in scales().items():
        part = np.full(len(scale.mean), np.nan)
        if name in scene.blocks:
            part = np.clip((scene.blocks[name] - scale.mean) / scale.deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        parts.append(np.nan_to_num(part) * _weight(name, scene.sureness) / np.sqrt(len(part)))
    parts[0][len(scene.sureness)] = PRESENCE  # NOBODY, ALONE or TWO
    return np.concatenate(parts).astype(np.float32)


def dimension() -> int:
    """D."""
    return 3 + sum(len(scale.mean) for scale in scales().values())


@cache
def scales() -> dict[str, Scale]:
    """Of each block, in the order of the vector."""
    told = json.loads(SCALE_FILE.read_text(encoding="utf-8"))
    person = {name: _scale(np.array(entry["mean"]), np.array(entry["deviation"])) for name, entry in told.items()}
    pair = {name: Scale(*np.array(rows, dtype=np.float64).T) for name, rows in SCALES.items()}
    return {f"{who}.{name}": scale for who in ("actor", "partner") for name, scale in person.items()} | _named("pair", pair)


def _scale(mean: Array, deviation: Array) -> Scale:
    return Scale(mean, deviation + LEAST_DEVIATION * deviation.max())


def _weight(name: str, sureness: Mapping[str, float]) -> float:
    """Amplitudes on unsure joints are noise; the rhythm survives it."""
    who, what = name.split(".")
    if what.endswith("again"):
        return WEIGHTS[who]
    sure = min(sureness.values(), default=1.0) if who == "pair" else sureness.get(who, 1.0)
    return WEIGHTS[who] * float(np.clip((sure - UNSURE) / (SURE - UNSURE), LEAST_TRUST, 1.0))


def _partner(tracks: Sequence[Track], moments: int, dt_seconds: float) -> Body | None:
    for track in tracks[1:]:
        together = int((track.seen & tracks[0].seen).sum())
        if track.weight > PARTNER_WEIGHT * tracks[0].weight and together >= max(1.0, PARTNER_SHARE * moments):
            return body_of(track, dt_seconds)
    return None


def _named(who: str, blocks: Mapping[str, Value]) -> dict[str, Value]:
    return {f"{who}.{name}": values for name, values in blocks.items()}
