"""A row of the registry: an encoder's data, and by name the modules that make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from core.encoders.spec import EncoderSpec

Tensors = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """An encoder's spec and the modules that make it; they are imported only when it is built.

    Args:
        spec: its data.
        network: module with ``make_network(spec) -> torch.nn.Module``: (B, 3, T, H, W), normalised as the spec says -> (B, D).
        converter: module with ``convert(file, spec) -> tensors``; turns published weights into the network's names.
        head: names of the classifier's weight and bias among the tensors; empty when it has none.
        engine: module with ``make_engine(Making) -> Engine``, in place of ``network``, for what is no plain torch network.
        options: (key, value) pairs that the engine understands. Whatever among them changes a vector stands in ``spec.layer``
            as well, so that it is in the fingerprint.

    An encoder with parts has none of these: its vectors are put together from those of its parts.
    """

    spec: EncoderSpec
    network: str = ""
    converter: str = ""
    head: tuple[str, ...] = ()
    engine: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Making:
    """What a row's ``make_engine`` may use.

    Args:
        spec: the row's data.
        load: gives the stored tensors; None for an encoder without weights, or with random ones.
        sha256: of the stored weights file, "" without one; part of the name of anything kept.
        kept: folder for forms converted for this machine.
        device, precision: of core.settings.
        options: the row's.
    """

    spec: EncoderSpec
    load: Callable[[], Tensors] | None
    sha256: str
    kept: Path
    device: str
    precision: str
    options: tuple[tuple[str, str], ...] = ()
