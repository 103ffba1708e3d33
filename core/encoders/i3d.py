"""Inception I3D, Kinetics-400 (Carreira & Zisserman 2017, arXiv:1705.07750), with DeepMind's own weights.

The network repeats TensorFlow's arithmetic: "SAME" padding, which is asymmetric where a stride does not divide the
size, and batch normalisation without a scale (epsilon 1e-3, as in Sonnet 1). ``i3d_weights`` brings the published
weights into this network's names.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.encoders.spec import EncoderSpec

_EPSILON = 1e-3

# Channels of each block: 1x1 | 1x1, 3x3 | 1x1, 3x3 | 1x1 after pooling. Table of the paper's code, i3d.py.
_MIXED: dict[str, tuple[int, int, int, int, int, int]] = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}
BLOCKS = tuple(_MIXED)
_ACTIONS, DIMENSION = 400, 1024

Triple = tuple[int, int, int]


def _same_padding(size: tuple[int, ...], kernel: Triple, stride: Triple) -> tuple[int, ...]:
    """TensorFlow's "SAME" padding of (T, H, W), in the order of torch's ``pad``: last axis first, before and after."""
    padding: list[int] = []
    for length, width, step in zip(reversed(size), reversed(kernel), reversed(stride), strict=True):
        total = max((-(-length // step) - 1) * step + width - length, 0)
        padding += [total // 2, total - total // 2]
    return tuple(padding)


class Unit(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride = (kernel,) * 3, (stride,) * 3
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.BatchNorm3d(outputs, eps=_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.pad(x, _same_padding(tuple(x.shape[2:]), self.kernel, self.stride))
        return functional.relu(self.norm(self.conv(x)))


class Pool(nn.Module):
    """Maximum over a neighbourhood. What lies outside never wins: it counts as minus infinity."""

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        padding = _same_padding(tuple(x.shape[2:]), self.kernel, self.stride)
        return functional.max_pool3d(functional.pad(x, padding, value=float("-inf")), self.kernel, self.stride)


class Mixed(nn.Module):
    """Four branches side by side, joined along the channels."""

    def __init__(self, inputs: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        alone, narrow_1, wide_1, narrow_2, wide_2, pooled = widths
        self.branch_0 = nn.Sequential(Unit(inputs, alone))
        self.branch_1 = nn.Sequential(Unit(inputs, narrow_1), Unit(narrow_1, wide_1, 3))
        self.branch_2 = nn.Sequential(Unit(inputs, narrow_2), Unit(narrow_2, wide_2, 3))
        self.branch_3 = nn.Sequential(Pool((3, 3, 3), (1, 1, 1)), Unit(inputs, pooled))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch_0(x), self.branch_1(x), self.branch_2(x), self.branch_3(x)], dim=1)


def _outputs(widths: tuple[int, int, int, int, int, int]) -> int:
    return widths[0] + widths[2] + widths[4] + widths[5]


class InceptionI3d(nn.Module):
    """(B, 3, T, 224, 224) in [-1, 1] -> embeddings (B, 1024). T is a multiple of 8, at least 16. Flow has 2 channels, not 3.

    The embedding is the input of the classifier averaged over time; the classifier is linear and averages after it,
    so ``logits`` of an embedding are the network's own.
    """

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        halve = (1, 2, 2)
        self.stem = nn.Sequential(
            Unit(channels, 64, 7, 2), Pool((1, 3, 3), halve), Unit(64, 64), Unit(64, 192, 3), Pool((1, 3, 3), halve)
        )  # fmt: skip
        self.blocks = nn.ModuleDict()
        channels = 192
        for name, widths in _MIXED.items():
            self.blocks[name] = Mixed(channels, widths)
            channels = _outputs(widths)
        self.pool_4a, self.pool_5a = Pool((3, 3, 3), (2, 2, 2)), Pool((2, 2, 2), (2, 2, 2))
        self.logits = nn.Conv3d(DIMENSION, _ACTIONS, 1)

    def features(self, x: Tensor) -> Tensor:
        """The last feature map after its average pool, (B, 1024, T / 8 - 1, 1, 1): the input of the classifier."""
        x = self.stem(x)
        for name, block in self.blocks.items():
            if name == "Mixed_4b":
                x = self.pool_4a(x)
            if name == "Mixed_5b":
                x = self.pool_5a(x)
            x = block(x)
        return functional.avg_pool3d(x, (2, 7, 7), stride=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x).mean(dim=(2, 3, 4))


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network with random weights. Raises ValueError when ``spec.frames`` does not suit its strides."""
    check_moments(spec.frames, spec)
    return InceptionI3d()


def check_moments(moments: int, spec: EncoderSpec) -> None:
    """Raises ValueError unless the network can take that many moments."""
    if moments < 16 or moments % 8:
        raise ValueError(f"frames ({moments}) of {spec.name} must be a multiple of 8 and at least 16")
