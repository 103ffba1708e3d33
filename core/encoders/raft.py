"""The flow encoder on RAFT's flow (Teed & Deng 2020, arXiv:2003.12039): torch finds the flow, core.motion does the rest.

Its flow has sharper edges than DIS and holds in the dark, but takes seconds a window on a CPU: made for a GPU. Vectors of
the two are made in the same way from unlike flow, so they are encoders of their own and never compared.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.optical_flow import raft_large

from core.clips import Floats
from core.encoders import building
from core.encoders.flow import FlowEngine
from core.encoders.row import Making
from core.errors import WeightsDamaged
from core.motion.flow import described, pair_flow

UPDATES = 12
"""Rounds of refinement; torchvision's and the authors' number for inference."""
_MULTIPLE_PX = 8  # the network sees pictures at an eighth of their size
_LEAST_PX = 128  # and compares them at four sizes, halved each time, the smallest two cells wide
_RANDOM_SEED = 0


class RaftFlow:
    """Flow between two grey pictures by RAFT.

    Args:
        tensors: as ``raft_weights.convert`` gave; None for the same random ones each time.
        device: of torch.
        updates: rounds of refinement.

    Raises WeightsDamaged when the tensors do not fit.
    """

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]] | None, device: str, updates: int = UPDATES) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(_RANDOM_SEED)
            network = make_raft()
        if tensors is not None:
            try:
                missing = network.load_state_dict(
                    {name: torch.from_numpy(value) for name, value in tensors.items()}, strict=False
                )
            except (RuntimeError, TypeError) as error:
                raise WeightsDamaged(f"weights of RAFT must fit its network; fetch them again ({error})") from error
            if missing.unexpected_keys or any(not name.endswith("num_batches_tracked") for name in missing.missing_keys):
                raise WeightsDamaged(f"weights of RAFT must fit its network; fetch them again ({missing})")
        self._network = network.eval().requires_grad_(False).to(device)
        self._device, self._updates = device, updates

    def __call__(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
        """(H, W), (H, W) -> (H, W, 2) float32, in pixels. Raises MemoryError."""
        try:
            with torch.inference_mode():
                found = self._network(self._input(first), self._input(second), num_flow_updates=self._updates)[-1]
        except torch.OutOfMemoryError as error:
            raise MemoryError(str(error)) from error
        flow: Floats = found[0, :, : first.shape[0], : first.shape[1]].permute(1, 2, 0).float().cpu().numpy()
        return flow

    def _input(self, picture: NDArray[np.uint8]) -> Tensor:
        """(1, 3, H', W') in [-1, 1]; sides grow to what the network needs, with the outermost pixels repeated."""
        grey = torch.from_numpy(np.ascontiguousarray(picture)).to(self._device).float()[None, None] / 127.5 - 1
        down, right = (max(_LEAST_PX, -(-side // _MULTIPLE_PX) * _MULTIPLE_PX) - side for side in picture.shape)
        return functional.pad(grey, (0, right, 0, down), mode="replicate").expand(-1, 3, -1, -1)


def make_raft() -> nn.Module:
    """torchvision's ``raft_large`` without weights."""
    network: nn.Module = raft_large(weights=None)
    return network


def _load(network: nn.Module, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    try:
        unlike = network.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()}, strict=False)
    except (RuntimeError, TypeError) as error:
        raise WeightsDamaged(f"weights of RAFT must fit its network; fetch them again ({error})") from error
    missing = [name for name in unlike.missing_keys if not name.endswith("num_batches_tracked")]  # only training counts
    if missing or unlike.unexpected_keys:
        raise WeightsDamaged(f"weights of RAFT must fit its network; fetch them again ({missing} {unlike.unexpected_keys})")


def make_engine(making: Making) -> FlowEngine:
    """Raises WeightsDamaged. With made-up weights, for tests of the machinery, DIS stands in for RAFT: minutes would go by."""
    if making.load is None:
        return FlowEngine(making.spec, pair_flow, f"{described()} in place of RAFT, made-up weights")
    device = building.choose_device(making.device)
    flow_of = RaftFlow(making.load(), device)
    where = torch.cuda.get_device_name() if device == "cuda" else device.upper()
    return FlowEngine(making.spec, flow_of, f"torch {torch.__version__} RAFT flow on {where}, float32")
