"""From the people of a window to one vector: who acts, with whom, and how; every number on a fixed scale.

A vector is the blocks of the actor, of the partner, and of the two together, side by side, and three numbers that say who was
there. A block that has no say (there is no partner) is zeros: neither like nor unlike anything. The scale of each number, its
mean and deviation over films of everyday movement, stands in ``skeleton_scale.json`` and never changes with a library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.joints import Body, body_of, walks_left
from core.motion.people import Person
from core.motion.skeleton_pair import activity, pair_blocks, stands_left
from core.motion.skeleton_person import person_blocks
from core.motion.skeleton_watching import repeats
from core.motion.tracking import Track, link

Array = NDArray[np.float64]

SCALE_FILE = Path(__file__).with_name("skeleton_scale.json")
PARTNER_WEIGHT = 0.25  # of the actor's weight in the window: somebody who matters less is a passer-by
PARTNER_SHARE = 0.3  # of the window: a partner is seen together with the actor at least that long
POWER = 1.0  # of each number's size
MOST_DEVIATIONS = 4.0
"""Numbers farther from the mean than this many deviations count as this far."""
LEAST_DEVIATION = 0.1  # of the largest in the block: below it a number hardly ever changes, and would be all noise
NOBODY, SOMEBODY, TWO = 0, 1, 2


def describe(frames: NDArray[np.uint8], people: Sequence[Sequence[Person]], dt_seconds: float) -> Floats:
    """The vector (D,) of a window of ``frames`` (T, H, W, 3), ``dt_seconds`` apart, with its ``people`` frame by frame.

    Repeated frames are moments at which nobody looked: the gaps are filled in, and a clip whose last frame is held ends there.
    """
    looked = [[] if repeated else list(seen) for repeated, seen in zip(repeats(frames), people, strict=True)]
    return scaled(blocks_of(link(looked, dt_seconds), len(frames), dt_seconds))


def blocks_of(tracks: Sequence[Track], moments: int, dt_seconds: float) -> dict[str, Array]:
    """The blocks of a window, unscaled: those of the actor, and of the partner and the pair when there is one."""
    if not tracks:
        return {}
    actor, partner = body_of(tracks[0], dt_seconds), _partner(tracks, moments, dt_seconds)
    if partner is None:
        return _named("actor", person_blocks(actor.mirrored if walks_left(actor) else actor, moments))
    if activity(partner) > activity(actor):
        actor, partner = partner, actor
    if stands_left(actor, partner):
        actor, partner = actor.mirrored, partner.mirrored
    alone = _named("actor", person_blocks(actor, moments)) | _named("partner", person_blocks(partner, moments))
    return alone | _named("pair", pair_blocks(actor, partner, moments))


def scaled(blocks: Mapping[str, Array]) -> Floats:
    """``blocks`` on the fixed scale, in one vector; never without a direction, whoever is there."""
    parts = [np.zeros(3)]
    for name, (mean, deviation, weight) in _scale().items():
        part = np.zeros(len(mean))
        if name in blocks:
            part = np.clip((compressed(blocks[name]) - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        parts.append(part * weight / np.sqrt(len(mean)))
    seen = (TWO if any(name.startswith("pair") for name in blocks) else SOMEBODY) if blocks else NOBODY
    parts[0][seen] = PRESENCE
    return np.concatenate(parts).astype(np.float32)


PRESENCE = 1.0
"""Weight of the three numbers that say who was there; a block of one person weighs about as much."""


def compressed(values: Array) -> Array:
    """Sizes to the power POWER, signs kept."""
    return np.asarray(np.sign(values) * np.abs(values) ** POWER)


def dimension() -> int:
    """D."""
    return 3 + sum(len(mean) for mean, _, _ in _scale().values())


@cache
def _scale() -> dict[str, tuple[Array, Array, float]]:
    """For each block, in the order of the vector: mean, deviation (never 0) and weight."""
    told = json.loads(SCALE_FILE.read_text(encoding="utf-8"))
    return {name: _block_scale(name, np.array(entry["mean"]), np.array(entry["deviation"])) for name, entry in told.items()}


def _block_scale(name: str, mean: Array, deviation: Array) -> tuple[Array, Array, float]:
    return mean, deviation + LEAST_DEVIATION * deviation.max(), WEIGHTS.get(name.split(".")[0], 1.0)


WEIGHTS = {"actor": 1.0, "partner": 0.5, "pair": 2.0}
"""How much the blocks of each kind count: a pair has five blocks, a person seventeen."""


def _partner(tracks: Sequence[Track], moments: int, dt_seconds: float) -> Body | None:
    for track in tracks[1:]:
        together = int((track.seen & tracks[0].seen).sum())
        if track.weight > PARTNER_WEIGHT * tracks[0].weight and together >= max(1.0, PARTNER_SHARE * moments):
            return body_of(track, dt_seconds)
    return None


def _named(who: str, blocks: Mapping[str, Array]) -> dict[str, Array]:
    return {f"{who}.{name}": values for name, values in blocks.items()}
