"""Networks of the PyTorchVideo hub. The embedding is what their linear classifier takes, averaged over its cells.

A CNN of the hub classifies each cell of its last feature map and averages; we average and then classify. The classifier
is linear, so both give the same logits. (X3D and R(2+1)D of the hub go on with a softmax *before* they average: their
probabilities differ from ours by that, their logits do not.) The MViT networks classify their class token after its norm.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.encoders.classifier import keep
from core.encoders.spec import EncoderSpec
from core.errors import UnknownName

_SLOW_EVERY = 4  # SlowFast's alpha: the slow pathway sees every fourth frame (configs of PyTorchVideo's model zoo)
_NAMES = {"slowfast_16x8_r101": "slowfast_16x8_r101_50_50"}
"""What the hub calls a network when it is not what we call it."""


class SlowFast(nn.Module):
    """(B, 3, T, H, W) -> (B, D): all T frames for the fast pathway, a quarter of them for the slow one."""

    def __init__(self, network: nn.Module, frames: int) -> None:
        super().__init__()
        self.blocks: Any = network.blocks
        # as its training picked them (PackPathway of the hub's tutorial): first and last included, rounded down
        picked = torch.linspace(0, frames - 1, frames // _SLOW_EVERY).long()
        self.register_buffer("picked", picked, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        pathways: Any = [x.index_select(2, self.get_buffer("picked")), x]
        for block in self.blocks:
            pathways = block(pathways)
        return torch.as_tensor(pathways)


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network that the hub calls ``spec.name``, with random weights. Raises UnknownName."""
    from pytorchvideo.models import hub

    factory = getattr(hub, _NAMES.get(spec.name, spec.name), None)
    if factory is None:
        raise UnknownName(f"network ({spec.name!r}) must be one of pytorchvideo.models.hub; correct the encoder's row")
    if spec.family == "hub-mvit":  # its positions are learned: it takes exactly the size it was made for
        return _bare(factory(pretrained=False, spatial_size=spec.framing.crop_px, temporal_size=spec.frames), "head")
    network: nn.Module = factory(pretrained=False)
    if spec.family == "hub-efficient-x3d":
        return keep(network, "projection.model")
    bare = _bare(network, f"blocks.{len(network.get_submodule('blocks')) - 1}")  # type: ignore[arg-type]
    return SlowFast(bare, spec.frames) if spec.family == "hub-slowfast" else bare


def _bare(network: nn.Module, head: str) -> nn.Module:
    """The network up to the input of ``head``'s projection; the head still averages over its cells."""
    network.get_submodule(head).activation = None  # type: ignore[assignment]
    return keep(network, f"{head}.proj")
