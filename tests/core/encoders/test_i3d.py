from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders
from core.decoding import Decoder
from core.encoders import Encoder, building, registry, stored
from core.encoders.i3d import InceptionI3d, Pool, Unit, _same_padding
from core.encoders.openvino_engine import has_bfloat16
from core.encoders.prepared import Prepared, make_prepared
from core.sampling import frame_times, windows
from core.settings import DecodingLimits

SPEC = encoders.spec("i3d-rgb")
PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cricket(real_clips: Path) -> NDArray[np.uint8]:
    """The authors' sample clip through the product's own decoder: (windows, T, H, W, 3)."""
    path = real_clips / "reference" / "cricket_shot.gif"
    with Decoder(DecodingLimits()) as decoder:
        spans = windows(decoder.probe(path).duration_seconds, SPEC.sampling)
        times = [frame_times(span, SPEC.frames, SPEC.sampling) for span in spans]
        return np.stack(list(decoder.read_windows(path, times, SPEC.framing)))


@pytest.fixture(scope="module")
def network(i3d_weights: Path) -> Prepared:
    """The same weights in eager torch."""
    return make_prepared(SPEC, registry.row("i3d-rgb").network, stored.load(i3d_weights))


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return powers / powers.sum()


def test_the_authors_sample_is_cricket(i3d: Encoder, i3d_weights: Path, cricket: NDArray[np.uint8]) -> None:
    head = encoders.load_head("i3d-rgb", i3d_weights)
    p = probabilities(i3d.logits(cricket).mean(axis=0))
    assert head.names[int(p.argmax())] == "playing cricket"
    assert p.max() >= 0.99


def test_the_cpu_engine_computes_what_torch_computes(i3d: Encoder, network: Prepared, cricket: NDArray[np.uint8]) -> None:
    with torch.inference_mode():
        expected = network(torch.from_numpy(cricket[:1].copy())).numpy()
    found = i3d.embed(cricket[:1])
    assert "OpenVINO" in i3d.engine
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_fast_stays_within_the_tolerance_of_engines(
    i3d: Encoder, i3d_weights: Path, cache: Path, cricket: NDArray[np.uint8]
) -> None:
    """bfloat16 where the processor has it, and float32 where not: either way the same fingerprint, and nearly the same vector."""
    fast = encoders.build("i3d-rgb", weights=i3d_weights, cache=cache, device="cpu", precision="fast")
    assert ("bfloat16" in fast.engine) == has_bfloat16() and "float32" in i3d.engine
    assert fast.fingerprint == i3d.fingerprint
    a, b = i3d.embed(cricket[:1])[0], fast.embed(cricket[:1])[0]
    assert 1 - float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) < 1e-3


def test_an_embedding_projects_to_the_networks_own_logits(i3d: Encoder, network: Prepared, cricket: NDArray[np.uint8]) -> None:
    """The published network classifies each moment of the last feature map and averages; we average and then classify."""
    inner = network.network
    assert isinstance(inner, InceptionI3d)
    x = torch.from_numpy(cricket[:1].copy()).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
    with torch.inference_mode():
        own = inner.logits(inner.features(x)).mean(dim=(2, 3, 4)).numpy()
    assert np.abs(i3d.logits(cricket[:1]) - own).max() < 1e-3


def test_a_batch_gives_what_single_windows_give_and_always_the_same(i3d: Encoder, cricket: NDArray[np.uint8]) -> None:
    frames = np.stack([cricket[0], cricket[0, ::-1], cricket[0, :, ::-1]])
    together = i3d.embed(frames)
    assert together.shape == (3, SPEC.dimension) and together.dtype == np.float32
    assert np.array_equal(together, np.concatenate([i3d.embed(frames[[row]]) for row in range(3)]))


def test_the_fingerprint_and_head_come_from_the_weights(i3d: Encoder, i3d_weights: Path) -> None:
    assert SPEC.weights and i3d.fingerprint == SPEC.fingerprint(SPEC.weights.sha256)
    head = encoders.load_head("i3d-rgb", i3d_weights)
    assert head.weight.shape == (400, 1024) and head.bias.shape == (400,) and len(head.names) == 400


def test_with_a_kept_form_the_cpu_needs_no_torch(i3d: Encoder, i3d_weights: Path, cache: Path) -> None:
    assert "OpenVINO" in i3d.engine  # it is kept now
    script = (
        "import sys, pathlib; from core import encoders\n"
        f"encoder = encoders.build('i3d-rgb', weights=pathlib.Path({str(i3d_weights)!r}),"
        f" cache=pathlib.Path({str(cache)!r}), device='cpu')\n"
        "print(encoder.engine.split()[0], [name for name in ('torch', 'openvino_telemetry') if sys.modules.get(name)])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "OpenVINO []"


# -- the arithmetic of TensorFlow, by hand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        ((32, 224, 224), (7, 7, 7), (2, 2, 2), (2, 3, 2, 3, 2, 3)),  # 5 in all: the odd one goes behind
        ((16, 112, 112), (1, 3, 3), (1, 2, 2), (0, 1, 0, 1, 0, 0)),
        ((16, 28, 28), (3, 3, 3), (1, 1, 1), (1, 1, 1, 1, 1, 1)),
        ((5, 7, 7), (2, 2, 2), (2, 2, 2), (0, 1, 0, 1, 0, 1)),
        ((4, 14, 14), (2, 2, 2), (2, 2, 2), (0, 0, 0, 0, 0, 0)),
    ],
)
def test_same_padding(size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert _same_padding(size, kernel, stride) == expected  # type: ignore[arg-type]


def test_padding_never_wins_a_maximum() -> None:
    x = torch.full((1, 1, 1, 2, 2), -5.0)
    assert Pool((1, 3, 3), (1, 1, 1))(x).flatten().tolist() == [-5.0] * 4


def test_a_unit_looks_where_tensorflow_looks() -> None:
    """A strided 3-wide sum over 4 values with padding (0, 1): windows begin at 0 and 2, not at -1 and 1."""
    unit = Unit(1, 1, 3, 2).eval()
    torch.nn.init.ones_(unit.conv.weight)
    with torch.inference_mode():
        x = torch.tensor([1.0, 2, 4, 8]).reshape(1, 1, 1, 1, 4).expand(1, 1, 4, 4, 4)
        got = unit(x)[0, 0, 0, 0]  # 9 rows of the other two axes lie inside at the first position
    assert got.tolist() == pytest.approx([9 * 7 / (1 + 1e-3) ** 0.5, 9 * 12 / (1 + 1e-3) ** 0.5])


def test_other_numbers_of_frames_are_refused() -> None:
    for frames in (8, 20):
        with pytest.raises(ValueError, match="multiple of 8"):
            make_prepared(dataclasses.replace(SPEC, frames=frames), "core.encoders.i3d", None)


def test_random_weights_work_without_any_file_and_say_so() -> None:
    encoder = building.with_random_weights(registry.row("i3d-rgb"), "cpu")
    vector = encoder.embed(np.random.default_rng(0).integers(0, 256, (1, *SPEC.frames_shape), dtype=np.uint8))
    assert np.linalg.norm(vector) > 1e-6 and encoder.fingerprint.startswith("i3d-rgb-random-")
