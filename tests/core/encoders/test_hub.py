from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders, weights
from core.encoders import hub, hub_weights
from core.errors import UnknownName, WeightsDamaged

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


HUB = [name for name in encoders.names() if encoders.spec(name).family.startswith("hub-")]


@pytest.mark.parametrize("name", HUB)
def test_weights_come_from_where_the_installed_hub_takes_them(name: str) -> None:
    from pytorchvideo.models.hub import csn, efficient_x3d_mobile_cpu, r2plus1d, resnet, slowfast, vision_transformers, x3d

    told = dict(efficient_x3d_mobile_cpu._checkpoint_paths)
    for module in (csn, r2plus1d, resnet, slowfast, vision_transformers, x3d):
        told |= module.checkpoint_paths
    source = encoders.spec(name).weights
    assert source and source.url == told[hub._NAMES.get(name, name)]
    assert source.url.endswith(f"/{source.file_name}")


def test_windows_last_as_long_as_the_clips_of_the_zoo() -> None:
    """Frames x interval of the model zoo's table, at 30 frames a second."""
    seconds = {name: encoders.spec(name).sampling.window_seconds * 30 for name in HUB}
    assert seconds["x3d_xs"] == pytest.approx(4 * 12) and seconds["x3d_l"] == pytest.approx(16 * 5)
    assert seconds["slow_r50"] == pytest.approx(8 * 8) and seconds["slowfast_16x8_r101"] == pytest.approx(64 * 2)
    assert seconds["mvit_base_32x3"] == pytest.approx(32 * 3) and seconds["r2plus1d_r50"] == pytest.approx(16 * 4)
    for name in HUB:
        sampling = encoders.spec(name).sampling
        assert sampling.stride_seconds == sampling.window_seconds / 2


def test_the_slow_pathway_sees_every_fourth_frame_first_and_last_included() -> None:
    network = hub.make_network(encoders.spec("slowfast_r50"))
    assert network.get_buffer("picked").tolist() == [0, 4, 8, 13, 17, 22, 26, 31]


def test_another_networks_file_is_refused_with_the_first_layer_that_differs(tmp_path: Path) -> None:
    xs, file = encoders.spec("x3d_xs"), tmp_path / "X3D_XS.pyth"
    torch.save({"model_state": hub.make_network(encoders.spec("x3d_l")).state_dict()}, file)
    with pytest.raises(WeightsDamaged, match=r"must fit x3d_xs; \d+ layers differ, the first is blocks\.1\.res_blocks\.3\."):
        hub_weights.convert(file, xs)
    torch.save(hub.make_network(xs).state_dict(), file)
    with pytest.raises(WeightsDamaged, match="must be a torch file with model_state"):
        hub_weights.convert(file, xs)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('code in a weights file was run')",)


def test_a_file_that_holds_code_is_refused_and_its_code_not_run(tmp_path: Path) -> None:
    torch.save({"model_state": Evil()}, tmp_path / "X3D_XS.pyth")
    with pytest.raises(WeightsDamaged, match="must be a torch file with model_state"):
        hub_weights.convert(tmp_path / "X3D_XS.pyth", encoders.spec("x3d_xs"))
