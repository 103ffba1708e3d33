"""The CPU engine: the network converted once to OpenVINO's form, kept beside the weights, and run from there.

In float32 with fewer multiplications (``winograd``), with differences around 2e-6 of the largest number; in bfloat16 as
it is (docs/performance.md). Once the converted form exists, torch is not imported at all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.spec import EncoderSpec
from core.encoders.stored import sha256_of
from core.machine import usable_cores

# OpenVINO reports every conversion to a web service, from a forked process, unless this package cannot be imported.
# Nothing leaves this machine.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
import openvino  # noqa: E402

from core.encoders.winograd import multiply_less  # noqa: E402  (it imports openvino)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.encoders.prepared import Prepared

_log = logging.getLogger(__name__)

_FORM = 1  # raise it when the conversion below changes, so that kept forms are made anew
_THREADS_PER_WINDOW = 4  # beyond this, more windows at once use the cores better than more cores per window
_MODEL, _SUMS = "model.xml", "sums.json"


class OpenVinoEngine:
    """Fulfils ``network.Engine``.

    Args:
        spec: says the shape of a window.
        folder: where converted forms are kept; made if need be.
        weights_sha256: of the stored weights, part of the kept form's name.
        make: gives the torch network; called only when no converted form is kept.
        fast: compute in bfloat16 where the processor has instructions for it; emulated, it would be slower than float32.
    """

    def __init__(
        self, spec: EncoderSpec, folder: Path, weights_sha256: str, make: Callable[[], Prepared], *, fast: bool = False
    ) -> None:
        side_by_side = max(1, usable_cores() // _THREADS_PER_WINDOW)
        kept = folder / _form_name(spec, weights_sha256)
        core = openvino.Core()
        try:
            model = core.read_model(_checked(kept))
        except _NotKept:
            _keep(make(), spec.name, kept)
            model = core.read_model(_checked(kept))
        halved = fast and has_bfloat16()
        compiled = _compiled(model, halved=halved, side_by_side=side_by_side)
        self._requests = [compiled.create_infer_request() for _ in range(side_by_side)]
        self._dimension = spec.dimension
        self.batch = 4 * side_by_side
        self.described = f"OpenVINO {openvino.__version__.split('-')[0]} on CPU, {'bfloat16' if halved else 'float32'}"

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        embeddings = np.empty((len(frames), self._dimension), np.float32)
        # Round robin without callbacks: a callback needs the interpreter's lock, and OpenVINO can wait for it for ever
        for row in range(len(frames) + len(self._requests)):
            request, done = self._requests[row % len(self._requests)], row - len(self._requests)
            if done >= 0 and done < len(frames):
                request.wait()
                embeddings[done] = request.get_output_tensor(0).data[0]
            if row < len(frames):
                request.start_async({0: np.ascontiguousarray(frames[row : row + 1])})
        return embeddings


def compile_network(network: nn.Module, example: Tensor) -> openvino.CompiledModel:
    """Any torch network in evaluation mode, compiled for inputs like ``example``, in float32; nothing is kept."""
    return _compiled(_convert(network, example), halved=False, side_by_side=1)


def _compiled(model: openvino.Model, *, halved: bool, side_by_side: int) -> openvino.CompiledModel:
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if halved else "f32",  # its own choice on newer CPUs would be bf16
        "INFERENCE_NUM_THREADS": usable_cores(),
        "NUM_STREAMS": side_by_side,
    }
    return openvino.Core().compile_model(model if halved else _with_fewer_multiplications(model), "CPU", settings)


def has_bfloat16(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies bfloat16 in hardware. Only Linux tells us; elsewhere the answer is no."""
    try:
        flags = cpu_info.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def _with_fewer_multiplications(model: openvino.Model) -> openvino.Model:
    """The model rewritten; as it was when that fails, since the rewriting serves speed alone."""
    rewritten = model.clone()
    try:
        _log.debug("%d convolutions with fewer multiplications", multiply_less(rewritten))
    except Exception as error:  # a graph that nobody has thought of
        _log.warning("convolutions stay as they are, which is slower (%s)", error)
        return model
    return rewritten


class _NotKept(Exception):
    """No whole converted form is kept."""


def _form_name(spec: EncoderSpec, weights_sha256: str) -> str:
    told = json.dumps([_FORM, openvino.__version__, weights_sha256, spec.fingerprint(weights_sha256)])
    return f"openvino-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _checked(kept: Path) -> Path:
    """The model of a kept form whose files are as they were written. Raises _NotKept."""
    try:
        sums = json.loads((kept / _SUMS).read_text(encoding="utf-8"))
        whole = bool(sums) and all(sha256_of(kept / name) == expected for name, expected in sums.items())
    except (OSError, ValueError, AttributeError) as error:
        raise _NotKept from error
    if not whole:
        raise _NotKept
    return kept / _MODEL


def _keep(network: Prepared, name: str, kept: Path) -> None:
    """Convert the network into ``kept``, which appears whole or not at all."""
    _log.info("converting %s for the CPU, once", name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=kept.parent, prefix=f".{kept.name}-"))
    try:
        openvino.save_model(_convert(network, network.example()), temporary / _MODEL, compress_to_fp16=False)
        sums = {file.name: sha256_of(file) for file in sorted(temporary.iterdir())}
        (temporary / _SUMS).write_text(json.dumps(sums), encoding="utf-8")
        if kept.exists():  # damaged, or another process was quicker: its form is as good as ours
            shutil.rmtree(kept, ignore_errors=True)
        try:
            temporary.rename(kept)
        except OSError:
            if not kept.exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _convert(network: nn.Module, example: Tensor) -> openvino.Model:
    import torch

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes become constants of the traced network: that is meant, they are fixed
        # OpenVINO would trace by itself, and check the trace with two more runs of the network
        traced = torch.jit.trace(network, example, check_trace=False)  # type: ignore[no-untyped-call]
        return openvino.convert_model(traced, input=list(example.shape))
