from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders, weights
from core.encoders import hub
from core.errors import UnknownName

SPEC = encoders.spec("x3d_s")


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (1, *SPEC.frames_shape), dtype=np.uint8)


def test_a_hub_network_works_from_its_published_file_to_its_own_logits(tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    from pytorchvideo.models.hub import x3d_s

    torch.manual_seed(5)
    original = x3d_s(pretrained=False).eval()
    torch.save({"model_state": original.state_dict()}, tmp_path / "X3D_S.pyth")
    path = weights.import_file(SPEC, tmp_path / "X3D_S.pyth", tmp_path / "cache")
    encoder = encoders.build("x3d_s", weights=path, device="cpu")
    assert "OpenVINO" in encoder.engine
    assert encoder.fingerprint == SPEC.fingerprint(weights.weights_sha256(SPEC, tmp_path / "cache"))

    seen: list[torch.Tensor] = []
    original.blocks[-1].proj.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    original.blocks[-1].activation = None  # the hub's own way: logits of every cell, then their average
    x = (torch.from_numpy(frames).permute(0, 4, 1, 2, 3).float() / 255 - 0.45) / 0.225
    with torch.inference_mode():
        own = original(x).numpy()
    embedding = encoder.embed(frames)
    expected = seen[0].mean(dim=(1, 2, 3)).numpy()
    assert seen[0].shape == (1, 1, 2, 2, 2048), "several cells: averaging them is part of the embedding"
    assert np.abs(embedding - expected).max() < 1e-4 * np.abs(expected).max()
    assert np.abs(encoder.logits(frames) - own).max() < 1e-4 * np.abs(own).max()
    assert encoders.load_head("x3d_s", path).weight.shape == (400, 2048)


def test_a_name_that_the_hub_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownName, match="x3d_xxl"):
        hub.make_network(dataclasses.replace(SPEC, name="x3d_xxl"))
