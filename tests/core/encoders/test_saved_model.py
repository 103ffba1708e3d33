"""SavedModels: from a published archive, or a folder of one's own, to the vectors that the model computes.

The models are written by hand (graph_bytes.py), so that the way is tried without TensorFlow; where that optional package is
installed, it makes models of its own and computes them itself.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core import encoders, weights
from core.clips import Framing
from core.encoders import building, registry, saved_model, stored
from core.encoders.row import Row
from core.errors import BadEncoder, PackageMissing, WeightsDamaged, WeightsMissing
from tests.core.encoders import graph_bytes

WITH_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None
needs_tensorflow = pytest.mark.skipif(not WITH_TENSORFLOW, reason="the optional package tensorflow-cpu is not installed")

T, PX, D = 3, 8, 5
PUBLISHED = registry.row("movinet-a0")
SPEC = dataclasses.replace(PUBLISHED.spec, frames=T, framing=Framing(PX, PX), dimension=D)
ROW = dataclasses.replace(PUBLISHED, spec=SPEC)
WEIGHT = np.random.default_rng(2).standard_normal((T * PX * PX * 3, D)).astype(np.float32) / 10
TOML = """
name = "mine"
title = "A SavedModel"
file = "model"
frames = 3
window_seconds = 1.0
stride_seconds = 0.5
crop_px = 8
mean = [0, 0, 0]
std = [1, 1, 1]
layout = "BTHWC"
output = "embedding"
dimension = 5
licence = "CC0-1.0"
paper = "none"
"""


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (3, T, PX, PX, 3), dtype=np.uint8)


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Path]:
    """The folder of an encoder of one's own whose network's folder is still to be filled."""
    folder = tmp_path / "encoders"
    (folder / "model").mkdir(parents=True)
    (folder / "mine.toml").write_text(TOML)
    yield folder
    registry.learn(tmp_path / "none")


def expected(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (frames.reshape(len(frames), -1) / np.float32(255)) @ WEIGHT


def hand_made(**changed: str) -> bytes:
    return graph_bytes.saved_model_flat_product(WEIGHT, [T, PX, PX, 3], **changed)


def archive(file: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(file, "w:gz") as out:
        for name, content in members.items():
            told = tarfile.TarInfo(name)
            told.size = len(content)
            out.addfile(told, io.BytesIO(content))
    return file


def encoder_of(file: Path, folder: Path, row: Row = ROW) -> encoders.Encoder:
    tensors = saved_model.convert(file, row.spec)
    path = stored.write(folder / "w", row.spec.name, tensors, sha256="f" * 64, source="a test", licence="none")
    return building.with_weights(row, path, folder / "kept", "cpu")


# -- from an archive -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top", ["", "./", "some/folder/"])
def test_an_archive_becomes_an_encoder(tmp_path: Path, frames: NDArray[np.uint8], top: str) -> None:
    """``embedding`` comes before ``flat``: outputs are counted by name."""
    file = archive(tmp_path / "a.tar.gz", {f"{top}saved_model.pb": hand_made(), f"{top}assets/labels.txt": b"one\ntwo\n"})
    encoder = encoder_of(file, tmp_path)
    vectors = encoder.embed(frames)
    assert vectors.shape == (3, D) and vectors.dtype == np.float32 and "OpenVINO" in encoder.engine
    assert np.abs(vectors - expected(frames)).max() < 1e-4
    assert np.array_equal(vectors, np.concatenate([encoder.embed(frames[[row]]) for row in range(3)]))
    assert encoder.fingerprint == SPEC.fingerprint("f" * 64)

    (place,) = tmp_path.glob("kept/saved-model-*")
    assert (place / "assets" / "labels.txt").read_bytes() == b"one\ntwo\n"
    (place / "saved_model.pb").write_bytes(b"damaged since")
    assert np.array_equal(encoder_of(file, tmp_path).embed(frames), vectors), "an unpacked copy mends itself"


def test_modules_of_the_older_hub_are_read(tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    file = archive(tmp_path / "a.tar.gz", {"saved_model.pb": hand_made(tag="", signature="default")})
    assert np.abs(encoder_of(file, tmp_path).embed(frames) - expected(frames)).max() < 1e-4


def test_the_rows_take_their_archives_through_the_store(tmp_path: Path) -> None:
    file = archive(tmp_path / "movinet.tar.gz", {"saved_model.pb": hand_made()})
    path = weights.import_file(PUBLISHED.spec, file, tmp_path / "cache")
    assert weights.status(PUBLISHED.spec, tmp_path / "cache").ready
    with pytest.raises(BadEncoder, match="correct layout, frames or crop_px"):  # it is our small one, not MoViNet
        encoders.build("movinet-a0", weights=path, cache=tmp_path / "cache")
    with pytest.raises(WeightsMissing, match="movinet-a0"):
        encoders.build("movinet-a0", weights=None, random_weights=True)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../saved_model.pb", "must hold plain files only"),
        ("/saved_model.pb", "must hold plain files only"),
        ("a\\..\\saved_model.pb", "must hold plain files only"),
        ("model.pb", r"must hold one saved_model\.pb"),
    ],
)
def test_an_archive_writes_nowhere_else(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(WeightsDamaged, match=told):
        saved_model.convert(archive(tmp_path / "a.tar.gz", {name: hand_made()}), SPEC)


def test_links_and_damage_are_refused(tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
        with tarfile.open(tmp_path / "a.tar", "w") as out:
            told = tarfile.TarInfo("saved_model.pb")
            told.type, told.linkname = kind, "/etc/hostname"
            out.addfile(told)
        with pytest.raises(WeightsDamaged, match="must hold plain files only"):
            saved_model.convert(tmp_path / "a.tar", SPEC)
    whole = archive(tmp_path / "a.tar.gz", {"saved_model.pb": hand_made()}).read_bytes()
    for content in (b"", b"no archive", whole[: len(whole) // 2]):
        (tmp_path / "a.tar.gz").write_bytes(content)
        with pytest.raises(WeightsDamaged, match="must be the archive of a SavedModel"):
            saved_model.convert(tmp_path / "a.tar.gz", SPEC)


# -- a folder of one's own -------------------------------------------------------------------------------------------


def test_a_folder_of_ones_own_needs_no_code(mine: Path, tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    (mine / "model" / "saved_model.pb").write_bytes(hand_made())
    assert registry.learn(mine) == []
    encoder = encoders.build("mine", weights=None, cache=tmp_path / "cache", device="cpu")
    assert np.abs(encoder.embed(frames) - expected(frames)).max() < 1e-4
    before = encoder.fingerprint
    (mine / "model" / "variables").mkdir()
    (mine / "model" / "variables" / "variables.index").write_bytes(b"more")
    changed = encoder.spec.fingerprint(weights.weights_sha256(encoder.spec, tmp_path / "cache"))
    assert changed != before, "every file of the folder counts"


def test_a_model_that_openvino_cannot_run_is_tensorflows(mine: Path, tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    (mine / "model" / "saved_model.pb").write_bytes(hand_made(then="BesselI0e"))
    registry.learn(mine)
    if not WITH_TENSORFLOW:
        with pytest.raises(PackageMissing, match=r"\(tensorflow\) must be installed for mine.*BesselI0e") as caught:
            encoders.build("mine", weights=None, cache=tmp_path / "cache", device="cpu")
        assert caught.value.reason == "not-installed" and isinstance(caught.value, ImportError)
        return
    from scipy.special import i0e

    encoder = encoders.build("mine", weights=None, cache=tmp_path / "cache", device="cpu")
    assert encoder.engine.startswith("TensorFlow")
    assert np.abs(encoder.embed(frames) - i0e(expected(frames))).max() < 1e-4


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("dimension = 6", "must be one vector of 6 numbers"),
        ("frames = 4", "correct layout, frames or crop_px"),
        ('output = "nobody"', "must be one of 0 embedding, 1 flat"),
    ],
)
def test_a_folder_unlike_its_toml_is_told(mine: Path, tmp_path: Path, line: str, told: str) -> None:
    key = line.split()[0]
    (mine / "mine.toml").write_text("\n".join(line if one.startswith(f"{key} ") else one for one in TOML.splitlines()))
    (mine / "model" / "saved_model.pb").write_bytes(hand_made())
    registry.learn(mine)
    with pytest.raises(BadEncoder, match=told):
        encoders.build("mine", weights=None, cache=tmp_path / "cache", device="cpu")


# -- with TensorFlow -------------------------------------------------------------------------------------------------


@needs_tensorflow
@pytest.mark.parametrize("old", [False, True])
def test_a_model_that_tensorflow_saves_gives_its_own_vectors(tmp_path: Path, frames: NDArray[np.uint8], old: bool) -> None:
    x = (frames / np.float32(255)).astype(np.float32)
    own = _save_old(tmp_path / "model", x) if old else _save(tmp_path / "model", x)
    options = {"layout": "BTHWC", "output": "embedding"}
    for engine in (
        saved_model.engine(SPEC, tmp_path / "model", fast=False, **options),
        saved_model.TensorFlowEngine(SPEC, tmp_path / "model", **options),
    ):
        assert np.abs(engine.run(frames) - own).max() < 1e-4 * np.abs(own).max(), engine.described
    assert saved_model.engine(SPEC, tmp_path / "model", fast=False, **options).described.startswith("OpenVINO")


@needs_tensorflow
def test_tensorflow_tells_what_does_not_fit_as_well(tmp_path: Path, frames: NDArray[np.uint8]) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").write_bytes(hand_made())
    make = saved_model.TensorFlowEngine
    good = make(SPEC, tmp_path / "model", layout="BTHWC", output="0")
    assert np.abs(good.run(frames) - expected(frames)).max() < 1e-4
    for changed, layout, output, told in (
        ({"dimension": 6}, "BTHWC", "0", "must be one vector of 6 numbers"),
        ({"frames": 4}, "BTHWC", "0", "must take frames of"),
        ({}, "BCTHW", "0", "must take frames of"),
        ({}, "BTHWC", "nobody", "must be one of embedding, flat"),
    ):
        with pytest.raises(BadEncoder, match=told):
            make(dataclasses.replace(SPEC, **changed), tmp_path / "model", layout=layout, output=output)
    (tmp_path / "model" / "saved_model.pb").write_bytes(b"damaged")
    with pytest.raises(BadEncoder, match="must be a SavedModel"):
        make(SPEC, tmp_path / "model", layout="BTHWC", output="0")


def _save(folder: Path, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """A small convolutional network with variables, in the form of TensorFlow 2; gives its own vectors of ``x``."""
    import tensorflow as tf

    class Network(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            random = tf.random.Generator.from_seed(1)
            self.kernel = tf.Variable(random.normal((3, 3, 3, 3, 6)))
            self.matrix = tf.Variable(random.normal((6, D)))

        @tf.function(input_signature=[tf.TensorSpec((None, None, None, None, 3), tf.float32)])
        def __call__(self, image):  # type: ignore[no-untyped-def]
            pooled = tf.reduce_mean(tf.nn.relu(tf.nn.conv3d(image, self.kernel, [1, 1, 2, 2, 1], "SAME")), [1, 2, 3])
            return {"pooled": pooled, "embedding": pooled @ self.matrix}

    network = Network()
    tf.saved_model.save(network, str(folder), signatures=network.__call__)
    return np.asarray(network(x)["embedding"])


def _save_old(folder: Path, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same kind of network as a module of TensorFlow Hub in its first form: two graphs, signature "default"."""
    import tensorflow as tf

    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        rgb = v1.placeholder(tf.float32, (None, None, PX, PX, 3))
        kernel = v1.get_variable("kernel", (3, 3, 3, 3, D), initializer=v1.random_normal_initializer(seed=1))
        out = tf.reduce_mean(tf.nn.conv3d(rgb, kernel, [1, 1, 1, 1, 1], "SAME"), [1, 2, 3])
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(folder))
        signature = v1.saved_model.predict_signature_def({"rgb_input": rgb}, {"embedding": out})
        builder.add_meta_graph_and_variables(session, [], {"default": signature})
        builder.add_meta_graph(["train"], {"default": signature})
        builder.save()
        return np.asarray(session.run(out, {rgb: x}))
