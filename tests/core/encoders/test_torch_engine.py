"""On the CPU, where the suite runs. What CUDA alone does is tried by test_every_row where a GPU is at hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import encoders
from core.encoders.prepared import Prepared, make_prepared
from core.encoders.torch_engine import TorchEngine, channels_last

SPEC = encoders.spec("x3d_s")


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return make_prepared(SPEC, "core.encoders.hub", None)


def test_another_order_of_memory_changes_no_number(prepared: Prepared) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (1, *SPEC.frames_shape), dtype=np.uint8)
    engine = TorchEngine(prepared, "cpu")
    expected = engine.run(frames)
    channels_last(prepared)
    weight = next(parameter for parameter in prepared.parameters() if parameter.dim() == 5 and parameter.shape[1] > 1)
    assert weight.is_contiguous(memory_format=torch.channels_last_3d) and not weight.is_contiguous()
    assert engine.run(frames) == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_the_batch_is_the_devices_own_or_as_asked(prepared: Prepared) -> None:
    assert TorchEngine(prepared, "cpu").batch == 1
    assert TorchEngine(prepared, "cpu", batch=3).batch == 3


class Overflowing(torch.nn.Module):
    """Gives numbers that are not finite as often as it is told to, as float16 may."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.left -= 1
        value = float("inf") if self.left >= 0 else 2.0
        return torch.full((len(x), 4), value)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: autocast and graphs exist there only")
def test_on_cuda_a_graph_and_an_overflow_are_as_float32(prepared: Prepared) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, *SPEC.frames_shape), dtype=np.uint8)
    with torch.inference_mode():
        expected = prepared.cpu()(torch.from_numpy(frames)).numpy()
    engine = TorchEngine(prepared, "cuda", batch=2)
    got = np.concatenate([engine.run(frames[:2]), engine.run(frames[2:4]), engine.run(frames[4:])])
    similar = (got * expected).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(expected, axis=1)
    assert similar.min() > 1 - 1e-3
    overflowing = TorchEngine(Prepared(SPEC, Overflowing()), "cuda", batch=9)
    assert overflowing.run(frames[:1]).tolist() == [[2.0] * 4]
