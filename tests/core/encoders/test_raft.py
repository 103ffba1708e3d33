from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core import encoders, weights
from core.encoders import raft, raft_weights, stored
from core.errors import WeightsDamaged
from core.motion.flow import pair_flow


@pytest.fixture(scope="module")
def published(cache: Path) -> dict[str, NDArray[np.float32]]:
    """The real weights, fetched by name at the first test run on a machine."""
    path = weights.fetch(encoders.spec("flow-raft"), cache)
    assert path is not None
    return dict(stored.load(path))


def shifted_pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A wide blurred noise, and the same 7 pixels to the right and 3 down."""
    noise = gaussian_filter(np.random.default_rng(5).normal(size=(180, 180)), 2)
    picture = np.clip(128 + 300 * noise, 0, 255).astype(np.uint8)
    return picture[10:160, 10:170], picture[7:157, 3:163]


def test_a_shift_comes_back(published: dict[str, NDArray[np.float32]]) -> None:
    first, second = shifted_pair()
    flow = raft.RaftFlow(published, "cpu")(first, second)
    assert flow.shape == (150, 160, 2) and flow.dtype == np.float32
    assert np.allclose(np.median(flow[20:-20, 20:-20], axis=(0, 1)), (7, 3), atol=0.1)
    dis = pair_flow(first, second)
    assert np.allclose(np.median(dis[20:-20, 20:-20], axis=(0, 1)), (7, 3), atol=0.1)


def test_small_pictures_grow_to_what_the_network_needs() -> None:
    flow = raft.RaftFlow(None, "cpu", updates=1)(np.zeros((50, 70), np.uint8), np.zeros((50, 70), np.uint8))
    assert flow.shape == (50, 70, 2) and np.isfinite(flow).all()


def test_another_networks_weights_are_refused(tmp_path: Path) -> None:
    torch.save({"module.fnet.conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "raft-things.pth")
    with pytest.raises(WeightsDamaged, match="layers differ"):
        raft_weights.convert(tmp_path / "raft-things.pth", encoders.spec("flow-raft"))
    with pytest.raises(WeightsDamaged, match="must fit"):
        raft.RaftFlow({"feature_encoder.conv.bias": np.zeros(256, np.float32)}, "cpu")


def test_the_two_flows_make_vectors_that_are_never_compared() -> None:
    assert encoders.spec("flow").dimension == encoders.spec("flow-raft").dimension
    assert encoders.spec("flow").fingerprint("") != encoders.spec("flow-raft").fingerprint("")
