from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import encoders
from core.encoders import building, stored
from core.encoders.row import Row
from core.errors import WeightsDamaged, WeightsMissing

# A network small enough to follow: the mean colours of a window, mixed by a 3 x 3 matrix, and a classifier.
TINY_NETWORK = """
import torch

class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Linear(3, 3, bias=False)
        self.classifier = torch.nn.Linear(3, 400)
    def forward(self, x):
        assert x.shape[1] == 3
        return self.mix(x.mean(dim=(2, 3, 4)))

def make_network(spec):
    return Tiny()
"""
MIX = np.array([[1, 0, 0], [0, 2, 0], [0, 0, -1]], np.float32)
SPEC = dataclasses.replace(encoders.spec("toy"), name="tiny", dimension=3, actions=400, mean=(0.5, 0, 0), std=(0.5, 1, 1))
ROW = Row(SPEC, "tiny_network", "", ("classifier.weight", "classifier.bias"))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "tiny_network.py").write_text(TINY_NETWORK)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    tensors = {"mix.weight": MIX, "classifier.weight": np.zeros((400, 3), np.float32), "classifier.bias": np.arange(400.0)}
    tensors["classifier.weight"][7] = (1, 1, 1)
    tensors = {name: value.astype(np.float32) for name, value in tensors.items()}
    return stored.write(tmp_path / "weights", "tiny", tensors, sha256="f" * 64, source="a test", licence="none")


def coloured(*colours: tuple[int, int, int]) -> np.ndarray:
    return np.stack([np.full(SPEC.frames_shape, colour, np.uint8) for colour in colours])


def test_frames_are_normalised_as_the_spec_says(weights: Path, tmp_path: Path) -> None:
    encoder = building.with_weights(ROW, weights, tmp_path / "kept", "cpu")
    # red 255 -> (1 - 0.5) / 0.5 = 1, green 51 -> 0.2, mixed by 2, blue 255 -> 1, mixed by -1
    assert encoder.embed(coloured((255, 51, 255), (0, 0, 0))) == pytest.approx(
        np.array([[1, 0.4, -1], [-1, 0, 0]], np.float32), abs=1e-4
    )
    assert encoder.fingerprint == SPEC.fingerprint("f" * 64)
    assert "OpenVINO" in encoder.engine


def test_logits_are_the_embedding_through_the_classifier(weights: Path, tmp_path: Path) -> None:
    logits = building.with_weights(ROW, weights, tmp_path / "kept", "cpu").logits(coloured((255, 51, 255)))
    assert logits.shape == (1, 400)
    assert logits[0, 7] == pytest.approx(7 + 1 + 0.4 - 1, abs=1e-4) and logits[0, 8] == 8


def test_a_kept_form_is_used_and_a_damaged_one_is_made_anew(weights: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    expected = building.with_weights(ROW, weights, kept, "cpu").embed(coloured((9, 8, 7)))
    (form,) = kept.iterdir()
    made_at = (form / "model.bin").stat().st_mtime_ns
    building.with_weights(ROW, weights, kept, "cpu")
    assert (form / "model.bin").stat().st_mtime_ns == made_at, "converted twice"

    (form / "model.bin").write_bytes((form / "model.bin").read_bytes()[::-1])
    assert np.array_equal(building.with_weights(ROW, weights, kept, "cpu").embed(coloured((9, 8, 7))), expected)
    assert [path.name for path in kept.iterdir()] == [form.name], "nothing is left lying about"

    for file in form.iterdir():
        file.unlink()
    assert np.array_equal(building.with_weights(ROW, weights, kept, "cpu").embed(coloured((9, 8, 7))), expected)


def test_other_weights_get_a_form_of_their_own(weights: Path, tmp_path: Path) -> None:
    building.with_weights(ROW, weights, tmp_path / "kept", "cpu")
    tensors = stored.load(weights)
    tensors["mix.weight"] = -tensors["mix.weight"]
    other = stored.write(tmp_path / "other", "tiny", tensors, sha256="e" * 64, source="a test", licence="none")
    flipped = building.with_weights(ROW, other, tmp_path / "kept", "cpu").embed(coloured((255, 51, 255)))
    assert flipped == pytest.approx(np.array([[-1, -0.4, 1]], np.float32), abs=1e-4)


def test_where_openvino_cannot_work_eager_torch_does(weights: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        encoder = building.with_weights(ROW, weights, tmp_path / "kept", "cpu")
    assert "OpenVINO cannot run tiny" in caplog.text and encoder.engine.startswith("torch ")
    assert encoder.embed(coloured((255, 51, 255)))[0].tolist() == pytest.approx([1, 0.4, -1], abs=1e-4)


def test_both_engines_agree_and_rows_do_not_depend_on_their_neighbours(weights: Path, tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, *SPEC.frames_shape), dtype=np.uint8)
    fast = building.with_weights(ROW, weights, tmp_path / "kept", "cpu")
    (tmp_path / "file").write_text("")
    plain = building.with_weights(ROW, weights, tmp_path / "file", "cpu")
    assert fast.embed(frames) == pytest.approx(plain.embed(frames), abs=1e-4)
    for encoder in (fast, plain):
        assert np.array_equal(encoder.embed(frames), np.concatenate([encoder.embed(frames[[row]]) for row in range(5)]))


def test_frames_that_cannot_be_written_to_are_fine(weights: Path, tmp_path: Path) -> None:
    frames = coloured((255, 51, 255))
    frames.setflags(write=False)  # as they come out of a pipe
    for place in ("kept", "weights/weights.json"):  # the second cannot be a folder: eager torch
        assert building.with_weights(ROW, weights, tmp_path / place, "cpu").embed(frames).shape == (1, 3)


def test_damaged_weights_never_reach_an_engine(weights: Path, tmp_path: Path) -> None:
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    with pytest.raises(WeightsDamaged, match=r"sha256 [0-9a-f]{64}\) must have sha256 [0-9a-f]{64}"):
        building.with_weights(ROW, weights, tmp_path / "kept", "cpu")
    weights.unlink()
    with pytest.raises(WeightsMissing):
        building.with_weights(ROW, weights, tmp_path / "kept", "cpu")


def test_weights_of_another_network_are_refused(weights: Path, tmp_path: Path) -> None:
    tensors = stored.load(weights)
    tensors["mix.weight"] = tensors["mix.weight"][:2]
    other = stored.write(tmp_path / "other", "tiny", tensors, sha256="e" * 64, source="a test", licence="none")
    with pytest.raises(WeightsDamaged, match="must fit its network"):
        building.with_weights(ROW, other, tmp_path / "kept", "cpu")


@pytest.mark.usefixtures("weights")
def test_random_weights_are_the_same_each_time_and_named_in_the_fingerprint() -> None:
    one, two = (building.with_random_weights(ROW, "cpu") for _ in range(2))
    frames = coloured((1, 2, 3))
    assert np.array_equal(one.embed(frames), two.embed(frames))
    assert np.array_equal(one.logits(frames), two.logits(frames))
    assert one.fingerprint.startswith("tiny-random-")


def test_a_machine_without_accelerator_is_not_asked_through_torch() -> None:
    script = (
        "import sys; from core.encoders import building\n"
        "building._ACCELERATOR_SIGNS = ()\n"
        "print(building.choose_device('auto'), building.choose_device('cpu'), 'torch' in sys.modules)"
    )
    project = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.split() == (["cpu", "cpu", "False"] if sys.platform == "linux" else done.stdout.split())
