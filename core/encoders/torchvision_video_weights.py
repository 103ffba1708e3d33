"""Weights of torchvision's video networks: torch files in the names of the networks, which carry their own hash's beginning."""

from __future__ import annotations

import re
from pathlib import Path

from core.clips import Floats
from core.encoders import stored, torch_file, torchvision_video
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors. Raises WeightsDamaged unless the file is the published one and fits layer by layer."""
    _check_name(file, spec)
    tensors = torch_file.read(file)
    if not spec.actions:  # another label set's classifier, which we do not use
        tensors = {name: value for name, value in tensors.items() if not name.startswith("fc.")}
    return torch_file.fitting(tensors, torchvision_video.make_network(spec), spec, file)


def _check_name(file: Path, spec: EncoderSpec) -> None:
    """torch.hub's rule: what stands behind the last dash of a published file's name begins its sha256."""
    marked = re.search(r"-([0-9a-f]{8})\.pth$", spec.weights.file_name) if spec.weights else None
    if marked is None:
        return
    sha256 = stored.sha256_of(file)
    if not sha256.startswith(marked[1]):
        raise WeightsDamaged(
            f"weights ({file.name}, sha256 {sha256}) must have a sha256 that begins {marked[1]}; fetch them again"
        )
