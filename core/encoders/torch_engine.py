"""Runs a prepared network with torch: on CUDA in half precision, on MPS and the CPU in float32."""

from __future__ import annotations

import logging

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.clips import Floats
from core.encoders.prepared import Prepared

_log = logging.getLogger(__name__)

_WARM_UPS = 3
_BATCH = {"cuda": 16, "mps": 4, "cpu": 1}  # on a CPU one window already fills all cores, and two only take more memory


def available_device(wanted: str) -> str:
    """The device of ``wanted`` ("auto" or a name) that torch can really use on this machine."""
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(device for device, there in usable.items() if there)
    if not usable[wanted]:
        _log.warning("device %s is not usable on this machine; computing on the CPU instead", wanted)
        return "cpu"
    return wanted


class TorchEngine:
    """Fulfils ``network.Engine``.

    On CUDA it computes in float16 under autocast, deterministically, and again in float32 when a number overflowed. Full
    batches are replayed from a CUDA graph, which spares the CPU some hundred launches each, when a trial at the first one
    shows that the graph computes the same.

    Args:
        network: moved to ``device`` and, on CUDA, brought into the order of memory that tensor cores want.
        device: one that ``available_device`` gave.
        batch: how many windows at once; None for the device's own.
    """

    def __init__(self, network: Prepared, device: str, *, batch: int | None = None) -> None:
        self._network = network.to(device)
        self._device = device
        self.batch = batch or _BATCH[device]
        self.described = self._describe()
        self._graph: _Graph | None = None
        self._may_record = device == "cuda"
        if device == "cuda":
            torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
            channels_last(network)
        _log.info("computing with %s", self.described)

    def _describe(self) -> str:
        if self._device != "cuda":
            return f"torch {torch.__version__} on {self._device.upper()}, float32"
        # Conv3d under autocast depends on the cuDNN release, in speed and once in results
        name, cudnn = torch.cuda.get_device_name(), torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
        return f"torch {torch.__version__} on {name}, float16 autocast, cuDNN {cudnn}"

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        try:
            return self._compute(frames)
        except torch.OutOfMemoryError as error:
            self._free()
            raise MemoryError(str(error)) from error
        except RuntimeError as error:
            if "out of memory" not in str(error).lower() and "can't allocate memory" not in str(error).lower():
                raise
            self._free()
            raise MemoryError(str(error)) from error

    def _compute(self, frames: NDArray[np.uint8]) -> Floats:
        half = self._device == "cuda"
        with torch.inference_mode():
            # a window read from a pipe is read-only, which torch would warn about
            x = torch.from_numpy(np.require(frames, requirements=["C", "W"])).to(self._device)
            y = self._halved(x) if half else self._network(x)
            if half and not bool(torch.isfinite(y).all()):
                y = self._network(x)
            embeddings: Floats = y.float().cpu().numpy()
        return embeddings

    def _halved(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) != self.batch:
            return _autocast(self._network, x)
        if self._may_record:
            self._may_record = False  # one try: a network that cannot be recorded is not asked again
            self._graph = _recorded(self._network, x)
        return self._graph.replay(x) if self._graph else _autocast(self._network, x)

    def _free(self) -> None:
        self._graph = None  # it holds memory of its own
        if self._device == "cuda":
            torch.cuda.empty_cache()


def channels_last(network: nn.Module) -> None:
    """Brings the weights of three-dimensional convolutions, in place, into the order T, H, W, C. No number changes."""
    for parameter in network.parameters():
        if parameter.dim() == 5:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last_3d)


def _autocast(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cuda", dtype=torch.float16, cache_enabled=False):  # a cast that is kept would not be in a graph
        return torch.as_tensor(network(x))


class _Graph:
    """A network's launches on one batch, recorded and replayed on other numbers."""

    def __init__(self, network: nn.Module, x: torch.Tensor) -> None:
        self._x = x.clone()
        beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):  # warm up, as torch's documentation of CUDA graphs asks for
            for _ in range(_WARM_UPS):
                _autocast(network, self._x)
        torch.cuda.current_stream().wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._y = _autocast(network, self._x)

    def replay(self, x: torch.Tensor) -> torch.Tensor:
        self._x.copy_(x)
        self._graph.replay()
        return self._y.clone()


def _recorded(network: nn.Module, x: torch.Tensor) -> _Graph | None:
    """The recording, or None when the network cannot be recorded or the recording computes something else."""
    try:
        graph = _Graph(network, torch.zeros_like(x))  # recorded on other numbers than those it is tried on
        wanted, got = _autocast(network, x).float(), graph.replay(x).float()
        if bool(torch.allclose(got, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()), equal_nan=True)):
            return graph
        _log.warning("a CUDA graph of the network computes something else; going on without")
    except RuntimeError as error:  # out of memory too: without a graph there is more of it
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        _log.warning("the network cannot become a CUDA graph (%s); going on without", error)
    return None
