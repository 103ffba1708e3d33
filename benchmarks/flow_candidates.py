"""What was tried for the flow stream, so that it can be measured again: each block alone, words with and without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core import encoders
from core.clips import Floats
from core.decoding import Decoder
from core.manifest import Item
from core.motion.flow_actor import Actor
from core.motion.flow_blocks import BLOCKS
from core.motion.flow_descriptor import CONSTANT, actor_of, of_actor
from core.motion.flow_patches import patches
from core.motion.flow_words import fisher, words
from core.sampling import frame_times, windows
from core.similarity import pool

Candidate = Callable[[Actor], Floats]


def _words(actor: Actor) -> Floats:
    return fisher(patches(actor), words())


def _blocks(actor: Actor) -> Floats:
    return np.concatenate([block(actor) for block in BLOCKS])


def _with_mirror(of: Candidate, *, apart: bool) -> Candidate:
    """The mean of a motion and its mirror image, and if ``apart`` how far the two are from each other."""

    def told(actor: Actor) -> Floats:
        one, other = of(actor), of(actor.mirrored())
        return np.concatenate([(one + other) / 2, np.abs(one - other) / 2 if apart else np.zeros(0), [CONSTANT]])

    return told


CANDIDATES: dict[str, Candidate] = {
    **{f"flow: {block.__name__}": _with_mirror(block, apart=True) for block in BLOCKS},
    "flow: all four blocks, not mirrored": lambda actor: np.append(_blocks(actor), CONSTANT),
    "flow: all four blocks": _with_mirror(_blocks, apart=True),
    "flow: words": _with_mirror(_words, apart=False),
    "flow: words, and how far the mirror image is": _with_mirror(_words, apart=True),
    "flow: words and blocks (shipped)": of_actor,
}


def embed(items: Sequence[Item]) -> dict[str, Floats]:
    """Candidate -> (N, D), one unit vector a clip, in the order of ``items``."""
    spec = encoders.spec("flow")
    found: dict[str, list[Floats]] = {name: [] for name in CANDIDATES}
    owners: list[str] = []
    with Decoder() as decoder:
        for row, item in enumerate(items):
            spans = windows(decoder.probe(item.path).duration_seconds, spec.sampling)
            moments = [frame_times(span, spec.frames, spec.sampling) for span in spans]
            for frames in decoder.read_windows(item.path, moments, spec.framing):
                actor = actor_of(frames, spec.sampling.window_seconds) or _nobody()
                owners.append(str(row))
                for name, candidate in CANDIDATES.items():
                    found[name].append(candidate(actor))
    return {name: pool(np.stack(vectors), owners)[1] for name, vectors in found.items()}


def _nobody() -> Actor:
    return Actor(np.zeros((2, 24, 24, 2), np.float32), 1.0)
