"""Weights of the PyTorchVideo hub: a torch file with ``model_state``, in the names of the network itself."""

from __future__ import annotations

from pathlib import Path

from core.clips import Floats
from core.encoders import hub, torch_file
from core.encoders.spec import EncoderSpec


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors. Raises WeightsDamaged unless the file is plain data and fits the network layer by layer."""
    inside = "" if spec.family == "hub-efficient-x3d" else "model_state"  # the hub's own code reads them so
    return torch_file.fitting(torch_file.read(file, inside=inside), hub.make_network(spec), spec, file)
