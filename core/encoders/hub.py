"""CNNs of the PyTorchVideo hub. The embedding is what their classifier ``head.proj`` takes, averaged over its cells."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.encoders.spec import EncoderSpec
from core.errors import UnknownName


class HubNetwork(nn.Module):
    """(B, 3, T, H, W) -> embeddings (B, D): all of the network before its linear classifier, averaged over time and space.

    The classifier is linear and the network averages after it, so projecting the embedding gives the network's own
    logits. (Several hub networks then end in softmax *before* averaging; their probabilities differ from ours by that.)
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.blocks: Any = network.blocks

    def forward(self, x: Tensor) -> Tensor:
        *body, head = self.blocks
        for block in body:
            x = block(x)
        return torch.as_tensor(head.pool(x).mean(dim=(2, 3, 4)))


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network that the hub calls ``spec.name``, with random weights."""
    from pytorchvideo.models import hub

    factory = getattr(hub, spec.name, None)
    if factory is None:
        raise UnknownName(f"network ({spec.name!r}) must be one of pytorchvideo.models.hub; correct the encoder's row")
    return HubNetwork(factory(pretrained=False))
