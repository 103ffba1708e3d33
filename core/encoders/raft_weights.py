"""RAFT's published weights in the names of torchvision's ``raft_large``, which is the same network."""

from __future__ import annotations

import re
from pathlib import Path

from core.clips import Floats
from core.encoders import raft, torch_file
from core.encoders.spec import EncoderSpec

_NAMES = (
    (r"^fnet\.", "feature_encoder."),
    (r"^cnet\.", "context_encoder."),
    (r"encoder\.conv1\.", "encoder.convnormrelu.0."),
    (r"encoder\.norm1\.", "encoder.convnormrelu.1."),
    (r"encoder\.conv2\.", "encoder.conv."),
    (r"(layer\d\.\d)\.conv(\d)\.", r"\1.convnormrelu\2.0."),
    (r"(layer\d\.\d)\.norm(\d)\.", r"\1.convnormrelu\2.1."),
    (r"^update_block\.encoder\.conv([cf])(\d)\.", r"update_block.motion_encoder.conv\1\2.0."),
    (r"motion_encoder\.convc", "motion_encoder.convcorr"),
    (r"motion_encoder\.convf(\d)", r"motion_encoder.convflow\1"),
    (r"^update_block\.encoder\.conv\.", "update_block.motion_encoder.conv.0."),
    (r"^update_block\.gru\.conv([zrq])(\d)\.", r"update_block.recurrent_block.convgru\2.conv\1."),
    (r"^update_block\.mask\.0\.", "mask_predictor.convrelu.0."),
    (r"^update_block\.mask\.2\.", "mask_predictor.conv."),
)
"""Applied in turn: the authors' name, ours."""
_TWICE = re.compile(r"\.norm3\.")
"""The published file has the normalisation of a shortcut twice, as norm3 and as downsample.1."""


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The tensors of ``raft_large``. Raises WeightsDamaged unless every one is there."""
    published = torch_file.read(file, prefix="module.")
    tensors = {_ours(name): value for name, value in published.items() if not _TWICE.search(name)}
    return torch_file.fitting(tensors, raft.make_raft(), spec, file)


def _ours(name: str) -> str:
    for theirs, ours in _NAMES:
        name = re.sub(theirs, ours, name)
    return name
