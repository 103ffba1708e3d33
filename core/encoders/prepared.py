"""A torch network together with its preprocessing and its weights: decoded frames in, embeddings out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.clips import Floats
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged

_RANDOM_SEED = 0


class Prepared(nn.Module):
    """(B, T, H, W, 3) uint8 RGB -> (B, D): normalises as the spec says, turns THWC into CTHW, runs the network."""

    def __init__(self, spec: EncoderSpec, network: nn.Module) -> None:
        super().__init__()
        self.network, self._shape = network, spec.frames_shape
        std = torch.tensor(spec.std, dtype=torch.float32)
        self.register_buffer("scale", 1 / (255 * std), persistent=False)
        self.register_buffer("shift", -torch.tensor(spec.mean, dtype=torch.float32) / std, persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        x = frames.float() * self.get_buffer("scale") + self.get_buffer("shift")
        return torch.as_tensor(self.network(x.permute(0, 4, 1, 2, 3)))

    def example(self) -> Tensor:
        """One window of what ``forward`` takes."""
        return torch.zeros((1, *self._shape), dtype=torch.uint8)


def make_prepared(spec: EncoderSpec, module: str, tensors: Mapping[str, Floats] | None) -> Prepared:
    """The network of ``module`` in evaluation mode, with ``tensors`` or, when None, with the same random weights each time.

    Raises WeightsDamaged when the tensors do not fit the network.
    """
    return Prepared(spec, make_network(spec, module, tensors)).eval().requires_grad_(False)


def make_network(spec: EncoderSpec, module: str, tensors: Mapping[str, Floats] | None) -> nn.Module:
    """The network alone, with ``tensors`` or the same random weights each time.

    Raises WeightsDamaged when the tensors do not fit the network.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_RANDOM_SEED)
        network: nn.Module = importlib.import_module(module).make_network(spec)
    if tensors is not None:
        try:
            network.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()})
        except (RuntimeError, TypeError) as error:
            raise WeightsDamaged(f"weights of {spec.name} must fit its network; fetch them again ({error})") from error
    return network
