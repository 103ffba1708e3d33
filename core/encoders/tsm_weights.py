"""Weights of TSM: a torch file with ``state_dict``, in the names of the network, which was trained on several devices at once."""

from __future__ import annotations

from pathlib import Path

from core.clips import Floats
from core.encoders import torch_file, tsm
from core.encoders.spec import EncoderSpec


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors. Raises WeightsDamaged unless the file is plain data and fits the network layer by layer."""
    tensors = torch_file.read(file, inside="state_dict", prefix="module.")  # DataParallel's mark before each name
    return torch_file.fitting(tensors, tsm.make_network(spec), spec, file)
