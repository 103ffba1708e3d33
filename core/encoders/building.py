"""From a row of the registry to an encoder that runs: which device, which engine, which weights."""

from __future__ import annotations

import importlib
import logging
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.clips import Floats
from core.encoders import stored
from core.encoders.heads import make_head
from core.encoders.network import Engine, NetworkEncoder
from core.encoders.protocol import ActionHead
from core.encoders.row import Making, Row
from core.encoders.spec import RANDOM_SHA256, EncoderSpec
from core.errors import MotionbookError

if TYPE_CHECKING:
    from core.encoders.prepared import Prepared

_log = logging.getLogger(__name__)

_ACCELERATOR_SIGNS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd", "/proc/driver/nvidia")
"""What an accelerator that torch can use shows on Linux: NVIDIA's driver, Windows' Linux subsystem, AMD's driver."""


def with_weights(row: Row, weights: Path, kept: Path, device: str, precision: str = "exact") -> NetworkEncoder:
    """The encoder with the stored weights ``weights``; forms converted for this machine are kept in ``kept``.

    Raises WeightsMissing, WeightsDamaged.
    """
    record = stored.verified_record(weights)
    head = make_head(row, stored.load(weights, row.head)) if row.head else None
    if row.engine:
        making = Making(row.spec, lambda: stored.load(weights), record.stored_sha256, kept, device, precision, row.options)
        return _with_engine(row, making, record.sha256, head)

    def make() -> Prepared:
        from core.encoders.prepared import make_prepared

        return make_prepared(row.spec, row.network, stored.load(weights))

    engine = engine_of(row.spec, make, kept, record.stored_sha256, device, precision)
    return NetworkEncoder(row.spec, engine, weights_sha256=record.sha256, head=head)


def engine_of(
    spec: EncoderSpec, make: Callable[[], Prepared], kept: Path, stored_sha256: str, device: str, precision: str
) -> Engine:
    """The best engine for a torch network; ``make`` gives it, and is called only when its converted form is not kept."""
    chosen = choose_device(device)
    if chosen == "cpu":
        try:
            from core.encoders.openvino_engine import OpenVinoEngine

            return OpenVinoEngine(spec, kept, stored_sha256, make, fast=precision == "fast")
        except MotionbookError:
            raise  # the network itself is not what it should be, for any engine
        except Exception as error:  # its library is missing, cannot read the network, or cannot run on this processor
            _log.warning("OpenVINO cannot run %s (%s); computing with eager torch, which is slower", spec.name, error)
    return torch_engine(spec, make(), chosen)


def without_weights(row: Row, kept: Path, device: str, precision: str, *, sha256: str = "") -> NetworkEncoder:
    """An encoder whose engine needs no weights, or makes up random ones when ``sha256`` says so."""
    return _with_engine(row, Making(row.spec, None, sha256, kept, device, precision, row.options), sha256)


def _with_engine(row: Row, making: Making, sha256: str, head: ActionHead | None = None) -> NetworkEncoder:
    engine: Engine = importlib.import_module(row.engine).make_engine(making)
    return NetworkEncoder(row.spec, engine, weights_sha256=sha256, head=head)


def with_random_weights(row: Row, device: str) -> NetworkEncoder:
    """The encoder with the same random weights each time. Its fingerprint says so."""
    from core.encoders.prepared import make_prepared

    network = make_prepared(row.spec, row.network, None)
    tensors: dict[str, Floats] = {name: value.numpy() for name, value in network.network.state_dict().items()}
    head = make_head(row, {name: np.array(tensors[name]) for name in row.head}) if row.head else None
    engine = torch_engine(row.spec, network, choose_device(device))
    return NetworkEncoder(row.spec, engine, weights_sha256=RANDOM_SHA256, head=head)


def choose_device(wanted: str) -> str:
    """ "cuda", "mps" or "cpu". Torch, which takes seconds to import, is asked only where it could find an accelerator."""
    if wanted == "cpu" or (wanted == "auto" and not _may_have_accelerator()):
        return "cpu"
    from core.encoders.torch_engine import available_device

    return available_device(wanted)


def _may_have_accelerator() -> bool:
    if platform.system() == "Linux":
        return any(Path(sign).exists() for sign in _ACCELERATOR_SIGNS)
    return True


def torch_engine(spec: EncoderSpec, network: Prepared, device: str) -> Engine:
    """The network on ``device``, or on the CPU when a trial shows that the device cannot compute it."""
    from core.encoders.torch_engine import TorchEngine

    engine = TorchEngine(network, device)
    if device != "cpu":
        try:
            engine.run(network.example().numpy())
        except (RuntimeError, NotImplementedError, MemoryError) as error:
            _log.warning("%s cannot run %s (%s); computing on the CPU, which is slower", device, spec.name, error)
            return TorchEngine(network, "cpu")
    return engine
