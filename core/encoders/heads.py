"""The classifier of a network, out of its stored weights and without any network library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.clips import Floats
from core.encoders import actions, stored
from core.encoders.protocol import ActionHead
from core.encoders.row import Row
from core.errors import NoActionHead, WeightsDamaged


def load(row: Row, weights: Path) -> ActionHead:
    """Raises NoActionHead, WeightsMissing, WeightsDamaged."""
    if not row.head:
        raise NoActionHead(f"encoder ({row.spec.name}) must have a classifier for that; choose another encoder")
    stored.verified_record(weights)
    return make_head(row, stored.load(weights, row.head))


def make_head(row: Row, tensors: Mapping[str, Floats]) -> ActionHead:
    """The classifier out of the tensors that the row names. Raises WeightsDamaged for unlike shapes."""
    weight, bias = (tensors[name] for name in row.head)
    weight = weight.reshape(len(weight), -1)  # a 1x1x1 convolution is a matrix
    expected = (row.spec.actions, row.spec.dimension)
    if weight.shape != expected or bias.shape != expected[:1]:
        raise WeightsDamaged(f"classifier of {row.spec.name} {weight.shape} must be {expected}; fetch the weights again")
    return ActionHead(actions.kinetics400(), weight, bias)
