"""TSM ResNet-50 (Lin, Gan & Han 2019, arXiv:1811.08383): a network for pictures that lets neighbours in time exchange channels.

In front of the first convolution of each residual block, an eighth of the channels comes from the next moment and an
eighth from the one before; at the ends of a window there is none, and zeros come. Everything else is torchvision's
ResNet-50, moment by moment. Names are those of the authors' files.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.encoders.classifier import Kept
from core.encoders.spec import EncoderSpec

_FOLD = 8  # shift_div of the published networks
DIMENSION, _ACTIONS = 2048, 400


def shift(x: Tensor) -> Tensor:
    """(B, T, C, H, W) -> the same shape: channels [0, C/8) a moment earlier, [C/8, C/4) a moment later, the rest in place."""
    fold = x.shape[2] // _FOLD
    nothing = torch.zeros_like(x[:, :1, :fold])
    earlier = torch.cat([x[:, 1:, :fold], nothing], dim=1)
    later = torch.cat([nothing, x[:, :-1, fold : 2 * fold]], dim=1)
    return torch.cat([earlier, later, x[:, :, 2 * fold :]], dim=2)


class Shifted(nn.Module):
    """A convolution over pictures that sees shifted channels. ``net`` is its name in the authors' files."""

    def __init__(self, net: nn.Module, frames: int) -> None:
        super().__init__()
        self.net, self._frames = net, frames

    def forward(self, x: Tensor) -> Tensor:
        moments = x.reshape(-1, self._frames, *x.shape[1:])
        return torch.as_tensor(self.net(shift(moments).flatten(0, 1)))


class Tsm(nn.Module):
    """(B, 3, T, H, W) -> (B, 2048): the input of the classifier, averaged over the moments.

    The authors classify each moment and average; the classifier is linear, so the logits are the same.
    """

    def __init__(self, frames: int) -> None:
        from torchvision.models import resnet50

        super().__init__()
        self.base_model: nn.Module = resnet50()
        self.base_model.set_submodule("fc", nn.Identity())
        for name in ("layer1", "layer2", "layer3", "layer4"):
            for block in self.base_model.get_submodule(name).children():
                block.set_submodule("conv1", Shifted(block.get_submodule("conv1"), frames))
        self.new_fc = Kept(nn.Linear(DIMENSION, _ACTIONS))
        self._frames = frames

    def forward(self, x: Tensor) -> Tensor:
        pictures = x.transpose(1, 2).flatten(0, 1)
        moments: Tensor = self.new_fc(self.base_model(pictures))
        return moments.reshape(-1, self._frames, DIMENSION).mean(dim=1)


def make_network(spec: EncoderSpec) -> nn.Module:
    """The network with random weights."""
    return Tsm(spec.frames)
