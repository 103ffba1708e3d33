"""Inception I3D on optical flow: how the pixels move instead of what they show (Carreira & Zisserman 2017).

The authors computed TV-L1 flow between frames 1/25 s apart, cut it at 20 pixels each way and scaled it to [-1, 1]. Ours is
DIS flow between the moments of a window, 80 ms apart with this row's sampling: as of a film at double speed, which is also
what the RGB network sees. Nothing of it is rescaled, since a film at double speed does move twice as far.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders import building
from core.encoders.network import Engine
from core.encoders.row import Making
from core.motion.flow import dense_flow

if TYPE_CHECKING:
    from core.encoders.prepared import Prepared

MOST_PX = 20.0
"""Longer ways are cut to this (kinetics-i3d, README)."""


class FlowEngine:
    """Fulfils ``network.Engine``: flow on the CPU, then the network with ``inner``, which takes (b, T, H, W, 2) float32."""

    def __init__(self, inner: Engine, flow: Callable[[NDArray[np.uint8]], Floats] = dense_flow) -> None:
        self._inner, self._flow = inner, flow
        self.batch, self.described = inner.batch, f"DIS flow on CPU; {inner.described}"

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        flow: NDArray[Any] = scaled(np.stack([self._flow(window) for window in frames]))
        return self._inner.run(flow)


def scaled(flow: Floats) -> Floats:
    """Pixels -> [-1, 1]."""
    return np.asarray(np.clip(flow, -MOST_PX, MOST_PX) / MOST_PX, np.float32)


def make_engine(making: Making) -> FlowEngine:
    """Raises WeightsDamaged when the weights do not fit."""

    def make() -> Prepared:
        from core.encoders.i3d_flow_network import make_prepared

        return make_prepared(making.spec, making.load() if making.load else None)

    if making.load is None:
        return FlowEngine(building.torch_engine(making.spec, make(), building.choose_device(making.device)))
    told = (making.kept, making.sha256, making.device, making.precision)
    return FlowEngine(building.engine_of(making.spec, make, *told))
