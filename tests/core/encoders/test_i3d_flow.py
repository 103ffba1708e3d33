from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders, weights
from core.encoders import building, i3d_flow, i3d_flow_network, i3d_flow_weights, registry, stored
from core.errors import WeightsDamaged
from core.motion.flow import dense_flow
from tests.core.encoders.originals import stir, torch_i3d_names

SPEC = encoders.spec("i3d-flow")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up numbers under the names of the published file."""
    torch.manual_seed(2)
    file = tmp_path_factory.mktemp("published") / "flow_imagenet.pt"
    torch.save(torch_i3d_names(stir(i3d_flow_network.make_network(SPEC)).state_dict()), file)
    return file


def test_only_the_published_file_is_taken(published: Path) -> None:
    found = i3d_flow_weights.git_name(published)
    with pytest.raises(WeightsDamaged, match=f"git blob {found}.* must be git blob {i3d_flow_weights.PUBLISHED}"):
        i3d_flow_weights.convert(published, SPEC)


def test_the_hash_is_the_one_that_git_gives(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello\n")  # printf 'hello\n' | git hash-object --stdin
    assert i3d_flow_weights.git_name(tmp_path / "file") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_from_the_published_names_to_vectors_and_logits(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i3d_flow_weights, "PUBLISHED", i3d_flow_weights.git_name(published))
    path = weights.import_file(SPEC, published, tmp_path / "cache")
    encoder = encoders.build("i3d-flow", weights=path, cache=tmp_path / "cache", device="cpu")
    assert encoder.engine.startswith("DIS flow on CPU; OpenVINO")
    frames = moving(right_px=3)
    head = encoders.load_head("i3d-flow", path)
    network = i3d_flow_network.make_prepared(SPEC, stored.load(path))
    with torch.inference_mode():
        expected = head.logits(network(torch.from_numpy(i3d_flow.scaled(dense_flow(frames[0])))[None]).numpy())
    assert expected.shape == (1, 400) and head.weight.shape == (400, 1024)
    assert np.abs(encoder.logits(frames) - expected).max() < 1e-3 * np.abs(expected).max()

    state = torch.load(published, weights_only=True)
    name = "Mixed_4d.b1b.conv3d.weight"
    kept = registry.convert("i3d-flow", published)
    assert np.array_equal(kept["blocks.Mixed_4d.branch_1.1.conv.weight"], state[name].numpy())
    assert kept["stem.0.conv.weight"].shape == (64, 2, 7, 7, 7)


def test_another_layout_is_refused_by_its_first_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rgb.pt"
    state = torch_i3d_names(i3d_flow_network.make_network(SPEC).state_dict())
    state["Conv3d_1a_7x7.conv3d.weight"] = torch.zeros(64, 3, 7, 7, 7)
    torch.save(state, file)
    monkeypatch.setattr(i3d_flow_weights, "PUBLISHED", i3d_flow_weights.git_name(file))
    with pytest.raises(WeightsDamaged, match=r"1 layers differ, the first is stem\.0\.conv\.weight"):
        i3d_flow_weights.convert(file, SPEC)


def moving(right_px: int) -> NDArray[np.uint8]:
    """One window of a smooth texture that moves to the right by so many pixels a picture."""
    import cv2

    noise = np.random.default_rng(4).integers(0, 256, (224, 224 + 33 * right_px, 3), dtype=np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.stack([smooth[:, (32 - t) * right_px :][:, :224] for t in range(33)])[None]


def test_the_network_sees_ways_in_pixels_cut_at_twenty() -> None:
    seen: list[np.ndarray] = []

    class Inner:
        batch, described = 1, "a spy"

        def run(self, frames: np.ndarray) -> np.ndarray:
            seen.append(frames)
            return np.zeros((len(frames), 1024), np.float32)

    engine = i3d_flow.FlowEngine(Inner())
    assert engine.run(moving(right_px=3)).shape == (1, 1024)
    (flow,) = seen
    assert flow.shape == (1, 32, 224, 224, 2) and flow.dtype == np.float32
    assert np.median(flow[..., 0]) == pytest.approx(3 / 20, abs=0.01), "x first, to the right is positive"
    assert np.median(flow[..., 1]) == pytest.approx(0, abs=0.01)
    assert i3d_flow.scaled(np.float32([-50, 5, 50])).tolist() == [-1, 0.25, 1]


def test_random_weights_say_so_and_other_lengths_are_refused() -> None:
    encoder = building.without_weights(registry.row("i3d-flow"), Path(), "cpu", "exact", sha256=encoders.RANDOM_SHA256)
    assert encoder.fingerprint.startswith("i3d-flow-random-") and "torch" in encoder.engine
    with pytest.raises(ValueError, match=r"frames \(31\) of i3d-flow must be a multiple of 8"):
        i3d_flow_network.make_network(dataclasses.replace(SPEC, frames=32))
