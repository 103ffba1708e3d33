"""Runs a prepared network with torch: on CUDA in half precision, on MPS and the CPU in float32."""

from __future__ import annotations

import logging

import numpy as np
import torch
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.prepared import Prepared

_log = logging.getLogger(__name__)

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

    On CUDA it computes in float16 under autocast, deterministically, and again in float32 when a number overflowed.
    """

    def __init__(self, network: Prepared, device: str) -> None:
        self._network = network.to(device)
        self._device = device
        self.batch = _BATCH[device]
        self.described = self._describe()
        if device == "cuda":
            torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
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
            with torch.autocast(self._device, dtype=torch.float16, enabled=half):
                y = self._network(x)
            if half and not bool(torch.isfinite(y).all()):
                y = self._network(x)
            embeddings: Floats = y.float().cpu().numpy()
        return embeddings

    def _free(self) -> None:
        if self._device == "cuda":
            torch.cuda.empty_cache()
