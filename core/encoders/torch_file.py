"""Published torch files: plain tensors by name, compared layer by layer with the network they are meant for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from core.clips import Floats
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged

_COUNTERS = "num_batches_tracked"  # batch normalisation counts its training steps; inference does not need them


def read(file: Path, *, inside: str = "", prefix: str = "") -> dict[str, Floats]:
    """The tensors of a torch file as float32, without running any code in it.

    Args:
        file: what torch.save wrote.
        inside: key of the tensors in a file that holds more than them.
        prefix: stands before each name in the file and is left out.

    Raises WeightsDamaged.
    """
    wanted = f"a torch file with {inside}" if inside else "a torch file with tensors by name"
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
        state: Mapping[str, Any] = content[inside] if inside else content
        return {
            name.removeprefix(prefix): np.ascontiguousarray(value.detach().float().numpy())
            for name, value in state.items()
            if not name.endswith(_COUNTERS)
        }
    except Exception as error:  # weights_only refuses code with several classes, and damage raises nearly any
        raise WeightsDamaged(f"weights ({file.name}) must be {wanted}; fetch them again ({error})") from error


def fitting(tensors: dict[str, Floats], network: nn.Module, spec: EncoderSpec, file: Path) -> dict[str, Floats]:
    """``tensors`` again. Raises WeightsDamaged, with the first layer that differs, unless they are those of ``network``."""
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items() if not name.endswith(_COUNTERS)}
    found = {name: value.shape for name, value in tensors.items()}
    unlike = [name for name in [*expected, *sorted(found.keys() - expected.keys())] if expected.get(name) != found.get(name)]
    if unlike:
        first = unlike[0]
        raise WeightsDamaged(
            f"weights ({file.name}) must fit {spec.name}; {len(unlike)} layers differ, the first is {first} "
            f"(expected {expected.get(first, 'none')}, found {found.get(first, 'none')}): this is another network's file"
        )
    return tensors
