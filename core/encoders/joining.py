"""Encoders made of parts: one vector per window, the streams side by side and kept apart inside.

Each part's unit vector is scaled by the root of its share of the weights, so that the cosine of two joined vectors is the
weighted mean of the streams' own cosines: a number that can be taken apart again.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.clips import ClipEmbeddings, Section
from core.encoders.spec import EncoderSpec
from core.errors import BadInput
from core.similarity import unit, weigh


def sections(spec: EncoderSpec, parts: Mapping[str, EncoderSpec]) -> tuple[Section, ...]:
    """Where each stream of an embedding stands; ``parts`` are the specs of its parts by name."""
    if not spec.parts:
        return (Section(spec.stream, spec.name, 0, spec.dimension, 1.0),)
    found: list[Section] = []
    start = 0
    for name, weight in zip(spec.parts, spec.part_weights, strict=True):
        stop = start + parts[name].dimension
        found.append(Section(parts[name].stream, name, start, stop, weight))
        start = stop
    return tuple(found)


def join(spec: EncoderSpec, places: tuple[Section, ...], parts: Mapping[str, ClipEmbeddings]) -> ClipEmbeddings:
    """The embeddings of one clip by an encoder with parts, out of those of its parts.

    Raises BadInput when the parts cut the clip into unlike windows: they would describe different moments.
    """
    first = parts[spec.parts[0]]
    if any(parts[name].windows != first.windows for name in spec.parts):
        raise BadInput(f"parts of {spec.name} must have the same windows of a clip; embed the clip again")
    fingerprint = spec.fingerprint(joint_mark([parts[name].fingerprint for name in spec.parts]))
    streams = np.hstack([unit(parts[name].vectors) for name in spec.parts])
    return ClipEmbeddings(fingerprint, first.windows, weigh(streams, places))


def joint_mark(fingerprints: list[str]) -> str:
    """What stands in the fingerprint of an encoder with parts for the sha256 of weights."""
    return ",".join(fingerprints)
