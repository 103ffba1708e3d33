"""A network with its classifier kept and not applied: its output is then the classifier's input, the embedding."""

from __future__ import annotations

from torch import Tensor, nn


class Kept(nn.Module):
    """Stands where a linear classifier stood, holds its numbers under their names, and hands on what comes in.

    The weights file of a network then fits as it is published, and the classifier is found in it by name.
    """

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.weight = classifier.get_parameter("weight")
        self.bias = classifier.get_parameter("bias")

    def forward(self, x: Tensor) -> Tensor:
        return x


def keep(network: nn.Module, place: str) -> nn.Module:
    """``network`` again, its classifier at ``place`` ("head.proj", say) kept and no longer applied."""
    network.set_submodule(place, Kept(network.get_submodule(place)))
    return network
