"""Weights as published for the ``transformers`` package: model.safetensors or pytorch_model.bin, under the names of their day.

The package has renamed layers over the years and knows how; its own loader brings old names up to date.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.clips import Floats
from core.encoders import transformers_video
from core.encoders.spec import EncoderSpec
from core.errors import MotionbookError, WeightsDamaged

_UNUSED = "predictor."  # of V-JEPA 2


def convert(file: Path, spec: EncoderSpec) -> dict[str, Floats]:
    """The network's tensors, without running any code that the file may hold.

    Raises WeightsDamaged unless they fit the network layer by layer, PackageMissing.
    """
    network = transformers_video.make_network(spec)
    published = {name: value for name, value in _read(file).items() if _UNUSED not in name}
    loaded = _renamed(published, spec, file)
    tensors = {name: loaded[name.removeprefix("model.")] for name in network.state_dict()}
    return {name: np.ascontiguousarray(value.float().numpy()) for name, value in tensors.items()}


def _read(file: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    try:
        with file.open("rb") as stream:
            is_torch = stream.read(2) in (b"PK", b"\x80\x02")  # a zip, or the older form: a bare pickle
        content = torch.load(file, map_location="cpu", weights_only=True) if is_torch else load_file(file)
        return {str(name): value.detach() for name, value in content.items()}
    except Exception as error:  # weights_only refuses code with several classes, and damage raises nearly any
        raise WeightsDamaged(
            f"weights ({file.name}) must be model.safetensors or pytorch_model.bin; fetch them again ({error})"
        ) from error


def _renamed(published: dict[str, torch.Tensor], spec: EncoderSpec, file: Path) -> dict[str, torch.Tensor]:
    """The tensors under the names of the installed package."""
    model = transformers_video.make_model(spec)
    try:
        loaded, told = type(model).from_pretrained(
            None, config=model.config, state_dict=published, output_loading_info=True, dtype=torch.float32
        )
    except MotionbookError:
        raise
    except Exception as error:  # shapes that differ, and whatever the loader thinks of them
        raise _unlike(file, spec, str(error)[-300:]) from error
    missing = sorted(name for name in told["missing_keys"] if _UNUSED not in name)
    unlike = missing + sorted(str(name) for name in told.get("mismatched_keys", ()))
    if unlike:
        raise _unlike(file, spec, f"{len(unlike)} layers differ, the first is {unlike[0]}")
    state: dict[str, torch.Tensor] = loaded.state_dict()
    return state


def _unlike(file: Path, spec: EncoderSpec, why: str) -> WeightsDamaged:
    return WeightsDamaged(f"weights ({file.name}) must fit {spec.name}; {why}: this is another network's file")
