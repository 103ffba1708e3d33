"""Somebody's TorchScript archive or torch.export program as a network of ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.encoders.prepared import Prepared
from core.encoders.spec import EncoderSpec
from core.errors import BadEncoder

_ORDERS = {"BCTHW": (0, 1, 2, 3, 4), "BTCHW": (0, 2, 1, 3, 4), "BTHWC": (0, 2, 3, 4, 1)}
"""From our own order, BCTHW, to the one that the file wants."""


class OwnNetwork(nn.Module):
    """(B, 3, T, H, W) -> (B, D): brings the axes into the file's order, picks the output, and drops its axes of length 1.

    Programs are often exported for a single window; several windows are then computed one after another.
    """

    def __init__(self, network: Any, *, layout: str, output: str) -> None:
        super().__init__()
        self.inner = network
        self._order, self._output, self._one_by_one = _ORDERS[layout], output, False

    def train(self, mode: bool = True) -> OwnNetwork:  # noqa: ARG002  (an exported program has one mode, and refuses to be asked)
        return self

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(self._order)
        if len(x) > 1 and not self._one_by_one:
            try:
                y = self._vectors(x)
                if len(y) == len(x):
                    return y
            except torch.OutOfMemoryError:
                raise
            except (RuntimeError, AssertionError, ValueError):
                pass
            self._one_by_one = True
        return torch.cat([self._vectors(x[row : row + 1]) for row in range(len(x))])

    def _vectors(self, x: Tensor) -> Tensor:
        y = self.inner(x)
        if isinstance(y, Mapping):
            y = list(y.values())[int(self._output)] if self._output.isdecimal() else y[self._output]
        elif isinstance(y, list | tuple):
            y = y[int(self._output)]
        elif self._output != "0":
            raise KeyError(self._output)
        return torch.as_tensor(y).flatten(1)


def prepared(spec: EncoderSpec, path: Path, *, layout: str, output: str) -> Prepared:
    """The network of ``path`` with its normalisation, tried on one black window. Raises BadEncoder."""
    network = Prepared(spec, OwnNetwork(_loaded(path), layout=layout, output=output)).requires_grad_(False)
    try:
        with torch.no_grad():
            vectors = network(torch.zeros((1, *spec.frames_shape), dtype=torch.uint8))
    except Exception as error:  # whatever a program that somebody wrote raises
        shape = _shape(spec, layout)
        raise BadEncoder(
            f"file ({path.name}) must take frames of {shape}, {layout}, and give output {output}; "
            f"correct layout, frames, crop_px or output, or export it anew ({_short(error)})"
        ) from error
    if tuple(vectors.shape) != (1, spec.dimension):
        raise BadEncoder(
            f"output of {path.name} {tuple(vectors.shape)} must be one vector of {spec.dimension} numbers for each window; "
            "correct output or dimension"
        )
    return network


def _loaded(path: Path) -> Any:
    try:
        if path.suffix.lower() == ".pt2":
            return torch.export.load(path).module()
        return torch.jit.load(path, map_location="cpu").eval()  # type: ignore[no-untyped-call]
    except Exception as error:  # damaged archives raise nearly any class
        raise BadEncoder(
            f"file ({path.name}) must be what torch.jit.save or torch.export.save wrote; export it anew ({_short(error)})"
        ) from error


def _shape(spec: EncoderSpec, layout: str) -> list[int]:
    sizes = dict(zip("BTHWC", (1, *spec.frames_shape), strict=True))
    return [sizes[axis] for axis in layout]


def _short(error: Exception) -> str:
    """The last line of an error, which in torch says what is wrong; the lines before it show where."""
    return (str(error).strip().splitlines() or [repr(error)])[-1][:200]
