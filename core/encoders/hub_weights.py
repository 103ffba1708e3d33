"""Weights of the PyTorchVideo hub: a torch file with ``model_state``, in the names of the network itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.clips import Floats
from core.encoders import hub
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors. Raises WeightsDamaged unless the file is plain data and fits the network layer by layer."""
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
        state = content["model_state"]
        tensors = {name: _array(value) for name, value in state.items() if not name.endswith("num_batches_tracked")}
    except Exception as error:  # weights_only refuses code with several classes, and damage raises nearly any
        raise WeightsDamaged(
            f"weights ({file.name}) must be a torch file with model_state; fetch them again ({error})"
        ) from error
    _check_layers(tensors, spec, file.name)
    return tensors


def _array(value: torch.Tensor) -> Floats:
    return np.ascontiguousarray(value.detach().float().numpy())


def _check_layers(tensors: dict[str, Floats], spec: EncoderSpec, file_name: str) -> None:
    expected = {
        name: tuple(value.shape)
        for name, value in hub.make_network(spec).state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    found = {name: value.shape for name, value in tensors.items()}
    unlike = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if unlike:
        raise WeightsDamaged(
            f"weights ({file_name}) must fit {spec.name}; {len(unlike)} layers differ, the first is {unlike[0]}: "
            "this is another network's file"
        )
