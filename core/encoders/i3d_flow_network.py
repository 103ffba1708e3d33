"""The torch half of I3D on flow: the RGB network's Inception with two channels."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.clips import Floats
from core.encoders import prepared
from core.encoders.i3d import InceptionI3d, check_moments
from core.encoders.spec import EncoderSpec


class FlowPrepared(prepared.Prepared):
    """(B, T, H, W, 2) float32 flow in [-1, 1] -> (B, D)."""

    def forward(self, flow: Tensor) -> Tensor:
        return torch.as_tensor(self.network(flow.permute(0, 4, 1, 2, 3)))

    def example(self) -> Tensor:
        frames, height, width, _ = self._shape
        return torch.zeros((1, frames - 1, height, width, 2))


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network with random weights. Raises ValueError when ``spec.frames`` does not suit its strides."""
    check_moments(spec.frames - 1, spec)
    return InceptionI3d(channels=2)


def make_prepared(spec: EncoderSpec, tensors: Mapping[str, Floats] | None) -> FlowPrepared:
    """In evaluation mode, with ``tensors`` or the same random weights each time. Raises WeightsDamaged."""
    return FlowPrepared(spec, prepared.make_network(spec, __name__, tensors)).eval().requires_grad_(False)
