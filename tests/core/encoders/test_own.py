"""Encoders of one's own: from a TOML file and a network's file to vectors that a reader can compute."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders, weights
from core.encoders import own_keys, registry
from core.errors import BadEncoder, BadInput, NoActionHead, UnknownName, WeightsDamaged, WeightsMissing
from tests.core.encoders import graph_bytes

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*is deprecated:FutureWarning")  # people have such files all the same

T, PX, D = 4, 8, 5
SIZES = {"B": 1, "T": T, "H": PX, "W": PX, "C": 3}
TOML: dict[str, Any] = {
    "name": "mine",
    "title": "My network",
    "file": "net.pt",
    "frames": T,
    "window_seconds": 1.0,
    "stride_seconds": 0.5,
    "crop_px": PX,
    "mean": [0.5, 0.4, 0.3],
    "std": [0.2, 0.3, 0.4],
    "layout": "BCTHW",
    "dimension": D,
    "licence": "CC0-1.0",
    "paper": "none",
}
WEIGHT = np.random.default_rng(8).standard_normal((3 * T * PX * PX, D)).astype(np.float32) / 10


class FlatProduct(torch.nn.Module):
    """Every number of a window has a weight of its own: any axes exchanged give another vector."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.from_numpy(WEIGHT))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.mean(dim=(1, 2, 3, 4), keepdim=True), (x.flatten(1) @ self.weight)[:, :, None]


def example(layout: str, count: int = 1) -> torch.Tensor:
    return torch.rand([count, *(SIZES[axis] for axis in layout[1:])])


def save(folder: Path, form: str, layout: str) -> str:
    """A network of one of the forms; gives its name. Output 1 is the embedding in all of them."""
    network, x = FlatProduct().eval(), example(layout)
    if form == "script":
        torch.jit.script(network).save(folder / "net.pt")
    elif form == "trace":
        torch.jit.trace(network, x).save(folder / "net.pt")
    elif form == "export":
        torch.export.save(torch.export.export(network, (x,)), folder / "net.pt2")
    elif form == "export-any-batch":
        dynamic = ({0: torch.export.Dim("batch")},)
        torch.export.save(torch.export.export(network, (example(layout, 2),), dynamic_shapes=dynamic), folder / "net.pt2")
    else:
        open_axes = "bthw" if form == "onnx-any-size" else ""
        shape = [axis.lower() if axis.lower() in open_axes else SIZES[axis] for axis in layout]
        (folder / "net.onnx").write_bytes(graph_bytes.onnx_flat_product(WEIGHT, shape))
    return {"script": "net.pt", "trace": "net.pt"}.get(form, "net.pt2" if form.startswith("export") else "net.onnx")


FORMS = ["script", "trace", "export", "export-any-batch", "onnx", "onnx-any-size"]


def tell(folder: Path, *left_out: str, toml: str = "mine.toml", **changed: Any) -> Path:
    """Write the TOML file with some keys changed."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {key: value for key, value in {**TOML, **changed}.items() if key not in left_out}
    text = "\n".join(f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in values.items())
    (folder / toml).write_text(text)
    return folder / toml


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "encoders").mkdir()
    yield tmp_path / "encoders"
    assert registry.learn(tmp_path / "none") == [], "leave no encoder behind for other tests"


@pytest.fixture
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(9).integers(0, 256, (3, T, PX, PX, 3), dtype=np.uint8)


def expected(frames: NDArray[np.uint8], layout: str) -> NDArray[np.float32]:
    x = (frames / 255 - np.array(TOML["mean"])) / np.array(TOML["std"])
    x = x.transpose(["BTHWC".index(axis) for axis in layout])
    return (x.reshape(len(x), -1) @ WEIGHT).astype(np.float32)


def built(folder: Path, tmp_path: Path, name: str = "mine", device: str = "cpu") -> encoders.Encoder:
    assert registry.learn(folder) == []
    return encoders.build(name, weights=None, cache=tmp_path / "cache", device=device)


# -- networks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["BCTHW", "BTCHW", "BTHWC"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_and_layout_gives_the_vector_that_a_reader_computes(
    folder: Path, tmp_path: Path, frames: NDArray[np.uint8], form: str, layout: str
) -> None:
    tell(folder, file=save(folder, form, layout), layout=layout, output=1)
    encoder = built(folder, tmp_path)
    vectors = encoder.embed(frames)
    assert vectors.shape == (3, D) and vectors.dtype == np.float32 and "OpenVINO" in encoder.engine
    assert np.abs(vectors - expected(frames, layout)).max() < 1e-4
    assert np.array_equal(vectors, np.concatenate([encoder.embed(frames[[row]]) for row in range(3)]))
    assert encoder.embed(frames[:0]).shape == (0, D)


@pytest.mark.parametrize("form", ["script", "export", "export-any-batch"])
def test_torch_computes_the_same_and_one_by_one_where_it_must(folder: Path, frames: NDArray[np.uint8], form: str) -> None:
    from core.encoders.own_network import prepared

    file = save(folder, form, "BTCHW")
    tell(folder, file=file, layout="BTCHW", output=1)
    registry.learn(folder)
    network = prepared(encoders.spec("mine"), folder / file, layout="BTCHW", output="1")
    for _ in range(2):
        assert np.abs(network(torch.from_numpy(frames)).numpy() - expected(frames, "BTCHW")).max() < 1e-4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
@pytest.mark.parametrize("form", ["script", "trace", "export", "export-any-batch"])
def test_cuda_gives_what_the_cpu_gives(folder: Path, tmp_path: Path, frames: NDArray[np.uint8], form: str) -> None:
    tell(folder, file=save(folder, form, "BCTHW"), output=1)
    found, own_way = built(folder, tmp_path, device="cuda").embed(frames), expected(frames, "BCTHW")
    cosines = (found * own_way).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(own_way, axis=1)
    assert cosines.min() > 1 - 1e-3


def test_an_output_has_a_number_or_a_name(folder: Path, tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    tell(folder, file=save(folder, "onnx", "BCTHW"), output="embedding")
    assert np.abs(built(folder, tmp_path).embed(frames) - expected(frames, "BCTHW")).max() < 1e-4

    class Named(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"first": x.amax(dim=(1, 2, 3, 4)), "means": x.mean(dim=(2, 3, 4))}

    torch.export.save(torch.export.export(Named(), (example("BCTHW"),)), folder / "net.pt2")
    for output in ("means", 1):
        tell(folder, file="net.pt2", output=output, dimension=3, mean=[0.0, 0.0, 0.0], std=[1, 1, 1])
        assert np.abs(built(folder, tmp_path).embed(frames) - frames.mean(axis=(1, 2, 3)) / 255).max() < 1e-5


def test_the_fingerprint_carries_the_files_sha256_and_nothing_is_copied(folder: Path, tmp_path: Path) -> None:
    tell(folder, file=save(folder, "script", "BCTHW"), output=1)
    encoder = built(folder, tmp_path)
    sha256 = hashlib.sha256((folder / "net.pt").read_bytes()).hexdigest()
    assert encoder.fingerprint == encoder.spec.fingerprint(sha256)
    cache = tmp_path / "cache"
    assert weights.weights_sha256(encoder.spec, cache) == sha256
    assert weights.status(encoder.spec, cache).ready and weights.fetch(encoder.spec, cache) == folder / "net.pt"
    assert not (cache / "weights").exists()
    with pytest.raises(BadInput):
        weights.import_file(encoder.spec, folder / "net.pt", cache)

    with torch.no_grad():
        other = FlatProduct()
        other.weight *= 2
    torch.jit.script(other).save(folder / "net.pt")
    assert built(folder, tmp_path).fingerprint != encoder.fingerprint, "another network: its vectors must never meet"
    for changed in ({"layout": "BTHWC"}, {"output": 0}):
        tell(folder, **{"output": 1, **changed})
        registry.learn(folder)
        assert encoders.spec("mine").fingerprint(sha256) != encoder.fingerprint


def test_without_a_cache_its_form_is_kept_beside_it(folder: Path) -> None:
    tell(folder, file=save(folder, "trace", "BCTHW"), output=1)
    registry.learn(folder)
    encoders.build("mine", weights=None, device="cpu")
    assert len(list(folder.glob(".engines/openvino-*"))) == 1


def test_a_stated_sha256_must_be_the_files(folder: Path, tmp_path: Path) -> None:
    tell(folder, file=save(folder, "script", "BCTHW"), output=1, sha256="0" * 64)
    with pytest.raises(WeightsDamaged, match=r"sha256 [0-9a-f]{64}\) must have sha256 0{64}, as its TOML file says"):
        built(folder, tmp_path)
    (folder / "net.pt").unlink()
    with pytest.raises(WeightsMissing, match=r"net\.pt\) must exist"):
        encoders.build("mine", weights=None, cache=tmp_path / "cache", device="cpu")
    assert not weights.status(encoders.spec("mine"), tmp_path / "cache").ready


def test_weights_beside_an_onnx_file_belong_to_it(folder: Path, tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    (folder / "net.onnx").write_bytes(graph_bytes.onnx_flat_product(WEIGHT, [1, 3, T, PX, PX], beside="net.onnx.data"))
    tell(folder, file="net.onnx", output=1)
    with pytest.raises(WeightsDamaged, match=r"'net\.onnx\.data'\), which must lie beside it"):
        built(folder, tmp_path)
    (folder / "net.onnx.data").write_bytes(WEIGHT.astype("<f4").tobytes())
    encoder = built(folder, tmp_path)
    assert np.abs(encoder.embed(frames) - expected(frames, "BCTHW")).max() < 1e-4
    (folder / "net.onnx.data").write_bytes((2 * WEIGHT).astype("<f4").tobytes())
    assert built(folder, tmp_path).fingerprint != encoder.fingerprint
    (folder / "net.onnx").write_bytes(graph_bytes.onnx_flat_product(WEIGHT, [1, 3, T, PX, PX], beside="../secret"))
    with pytest.raises(WeightsDamaged, match="secret"):
        built(folder, tmp_path)


def test_a_classifier_may_come_with_it(folder: Path, tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    from safetensors.numpy import save_file

    tell(folder, file=save(folder, "onnx", "BCTHW"), output=1)
    with pytest.raises(NoActionHead):
        built(folder, tmp_path).logits(frames)
    weight = np.arange(2 * D, dtype=np.float32).reshape(2, D)
    save_file({"weight": weight, "bias": np.array([1, 2], np.float32)}, folder / "head.safetensors")
    (folder / "actions.txt").write_text("walking\n\nrunning \n")
    tell(folder, file="net.onnx", output=1, actions="actions.txt", head="head.safetensors")
    encoder = built(folder, tmp_path)
    assert np.abs(encoder.logits(frames) - (expected(frames, "BCTHW") @ weight.T + [1, 2])).max() < 1e-3
    head = encoders.load_head("mine", None)
    assert head.names == ("walking", "running") and encoder.spec.actions == 2
    (folder / "actions.txt").write_text("walking\nrunning\nskipping\n")
    registry.learn(folder)
    with pytest.raises(BadEncoder, match=r"\(2, 5\), \(2,\) must be \(3, 5\), \(3,\)"):
        encoders.load_head("mine", None)


# -- files that are not what they should be --------------------------------------------------------------------------

UNFIT = [
    ({"dimension": 7}, "must be one vector of 7 numbers for each window; correct output or dimension"),
    ({"output": 5}, "output"),
    ({"output": "nobody"}, "output"),
    ({"layout": "BTHWC"}, r"BTHWC.*correct layout, frames"),  # but not TorchScript, when the network takes any axes
    ({"frames": 6}, r"frames"),
    ({"crop_px": 16}, r"crop_px"),
]


@pytest.mark.parametrize(("changed", "told"), UNFIT)
@pytest.mark.parametrize("form", ["script", "export", "onnx"])
def test_a_network_unlike_its_toml_is_told_by_file_and_rule(
    folder: Path, tmp_path: Path, form: str, changed: dict[str, Any], told: str
) -> None:
    tell(folder, **{"file": save(folder, form, "BCTHW"), "output": 1, **changed})
    if form == "script" and "layout" in changed:
        assert built(folder, tmp_path).spec.layer.endswith("BTHWC")
        return
    with pytest.raises(BadEncoder, match=told) as caught:
        built(folder, tmp_path)
    assert "net." in str(caught.value) and len(str(caught.value)) < 700


@pytest.mark.parametrize("name", ["net.pt", "net.pt2", "net.onnx"])
@pytest.mark.parametrize("content", [b"", b"this is no network at all", b"PK\x03\x04" + bytes(100)])
def test_a_damaged_file_is_told(folder: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    tell(folder, file=name)
    with pytest.raises(BadEncoder, match=rf"file \({name.replace('.', '[.]')}\) must be .*export it anew"):
        built(folder, tmp_path)


BAD_KEYS = [
    ({"frames": "16"}, "frames ('16') must be a whole number from 1 to 1024"),
    ({"frames": 0}, "frames (0) must be"),
    ({"frames": True}, "frames (True) must be"),
    ({"dimension": 10**9}, "dimension (1000000000) must be a whole number from 1 to 65536"),
    ({"window_seconds": -1.0}, "window_seconds (-1.0) must be a positive number"),
    ({"stride_seconds": float("nan")}, "stride_seconds (nan) must be a positive number"),
    ({"mean": [0.5, 0.5]}, "mean ([0.5, 0.5]) must be three numbers"),
    ({"mean": 0.5}, "mean (0.5) must be three numbers"),
    ({"std": [1, 0, 1]}, "std ([1, 0, 1]) must be three positive numbers"),
    ({"layout": "BCHW"}, "layout ('BCHW') must be one of BCTHW, BTCHW, BTHWC"),
    ({"framing": "stretch"}, "framing ('stretch') must be one of crop, whole, pad"),
    ({"output": -1}, "output (-1) must be the number of an output"),
    ({"name": "My net"}, "name ('My net') must be up to 64 of a-z"),
    ({"name": "../up"}, "name ('../up') must be"),
    ({"title": " "}, "title (' ') must be a text in one line"),
    ({"sha256": "abc"}, "sha256 ('abc') must be 64 of"),
    ({"short_side_px": 4}, "crop_px (8) must be from 1 to short_side_px (4)"),
    ({"file": "../net.pt"}, "file ('../net.pt') must be the plain name of a file"),
    ({"file": "gone.pt"}, "file ('gone.pt') must be a file; put it into"),
    ({"file": "net.h5"}, "file ('net.h5') must be TorchScript (.pt), torch.export (.pt2), ONNX (.onnx) or the folder"),
    ({"file": "folder"}, "file ('folder') must be a folder with saved_model.pb in it"),
    ({"frame": 3}, "key ('frame') must be one of name, title, file"),
    ({"actions": "actions.txt"}, "actions and head ('actions.txt', '') must come together"),
    ({"name": "i3d-rgb"}, "name ('i3d-rgb') must not be that of a built-in encoder"),
]


@pytest.mark.parametrize(("changed", "told"), BAD_KEYS, ids=[told[:40] for _, told in BAD_KEYS])
def test_a_bad_key_is_told_by_file_key_and_rule_and_hides_no_other_encoder(
    folder: Path, changed: dict[str, Any], told: str
) -> None:
    for name in ("net.pt", "net.h5"):
        (folder / name).write_bytes(b"x")
    (folder / "folder").mkdir()
    tell(folder, toml="a-bad-one.toml", **changed)
    tell(folder, name="other", toml="other.toml")
    (problem,) = registry.learn(folder)
    assert isinstance(problem, BadEncoder) and problem.reason == "bad-encoder"
    assert str(problem).startswith(f"a-bad-one.toml: {told}") and "; " in str(problem)
    assert "other" in encoders.names() and "mine" not in encoders.names()
    assert encoders.spec("i3d-rgb").family == "i3d"


@pytest.mark.parametrize("key", [key for key, rule in own_keys.KEYS.items() if rule.default is own_keys.REQUIRED])
def test_a_key_that_is_missing_is_told(folder: Path, key: str) -> None:
    (folder / "net.pt").write_bytes(b"x")
    tell(folder, key)
    (problem,) = registry.learn(folder)
    assert str(problem).startswith(f"mine.toml: {key} (missing) must be ") and str(problem).endswith("; add it")


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe\x00", b"name = 'a'\nname = 'b'", b"x" * (2**20 + 1)])
def test_what_is_no_toml_is_told(folder: Path, content: bytes) -> None:
    (folder / "mine.toml").write_bytes(content)
    (problem,) = registry.learn(folder)
    assert str(problem).startswith("mine.toml must ")


# -- what the registry knows -----------------------------------------------------------------------------------------


def test_learning_replaces_what_was_known(folder: Path) -> None:
    (folder / "net.pt").write_bytes(b"x")
    tell(folder)
    for _ in range(2):
        assert registry.learn(folder) == [] and encoders.names()[-1] == "mine" and encoders.names()[0] == "i3d-rgb"
    tell(folder, toml="zz-same-name.toml", title="second")
    (problem,) = registry.learn(folder)
    assert "zz-same-name.toml: name ('mine') must not be that of another file here" in str(problem)
    assert encoders.spec("mine").title == "My network"
    for file in folder.glob("*.toml"):
        file.unlink()
    assert registry.learn(folder) == []
    with pytest.raises(UnknownName):
        encoders.spec("mine")


def test_many_threads_may_learn_and_look(folder: Path) -> None:
    (folder / "net.pt").write_bytes(b"x")
    tell(folder)
    registry.learn(folder)
    seen: list[bool] = []

    def look() -> None:
        for _ in range(20):
            registry.learn(folder)
            seen.append("mine" in encoders.names() and encoders.spec("mine").dimension == D)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 160
