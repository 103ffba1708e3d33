"""The weight-free flow encoder: OpenCV's DIS flow on the CPU, core.motion does the rest."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.row import Making
from core.encoders.spec import EncoderSpec
from core.motion.flow import described, pair_flow
from core.motion.flow_descriptor import PairFlow, describe

Frames = NDArray[np.uint8]


class FlowMemo:
    """Flow between two pictures, remembered: windows overlap by half, so every pair comes twice.

    Args:
        flow_of: (H, W), (H, W) uint8 -> (H, W, 2) float32.
        most: how many pairs are kept, the latest; two windows' worth is enough.
    """

    def __init__(self, flow_of: PairFlow, most: int) -> None:
        self._flow_of, self._most = flow_of, most
        self._kept: OrderedDict[bytes, NDArray[np.float16]] = OrderedDict()

    def __call__(self, first: Frames, second: Frames) -> Floats:
        key = _digest(first) + _digest(second)
        if key in self._kept:
            self._kept.move_to_end(key)
        else:
            self._kept[key] = self._flow_of(first, second).astype(np.float16)  # exact to 1/1000 of itself; half the memory
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return self._kept[key].astype(np.float32)  # also the first time, so that a vector never depends on what came before


def _digest(picture: Frames) -> bytes:
    shape = repr(picture.shape).encode()
    return hashlib.blake2b(shape + np.ascontiguousarray(picture).tobytes(), digest_size=16).digest()


class FlowEngine:
    """Fulfils ``network.Engine``."""

    batch = 2  # windows share no work but the flow of their common pictures, which is remembered

    def __init__(self, spec: EncoderSpec, flow_of: PairFlow, described: str) -> None:
        self.described = described
        self._window_seconds = spec.sampling.window_seconds
        self._flow_of = FlowMemo(flow_of, most=spec.frames)

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        return np.stack([describe(window, self._window_seconds, self._flow_of) for window in frames])


def make_engine(making: Making) -> FlowEngine:
    """DIS runs on the CPU whatever the device: there it takes a few milliseconds a picture."""
    return FlowEngine(making.spec, pair_flow, f"{described()} on CPU, float32")
