from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core import encoders, weights
from core.decoding import Decoder
from core.encoders import registry, stored, torchvision_video, torchvision_video_weights
from core.errors import NoActionHead, UnknownName, WeightsDamaged
from core.sampling import frame_times, windows
from core.settings import DecodingLimits

PUBLISHED = [
    name for name in encoders.names() if encoders.spec(name).family.startswith("torchvision-") and encoders.spec(name).actions
]
FIGHTS = encoders.spec("mc3_18-fights")


def weights_of(name: str) -> Any:
    """The most accurate of a network's own weights."""
    from torchvision.models import get_model_weights

    return max(get_model_weights(name), key=lambda weights: weights.meta["_metrics"]["Kinetics-400"]["acc@1"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_row_says_what_torchvisions_own_weights_say(name: str) -> None:
    spec, own = encoders.spec(name), weights_of(name)
    transforms = own.transforms()
    assert transforms.crop_size == [spec.framing.crop_px] * 2
    # theirs bends a picture to (128, 171) or (256, 256) where two numbers stand; ours keeps its shape
    assert transforms.resize_size[0] == spec.framing.short_side_px == min(transforms.resize_size)
    assert (tuple(transforms.mean), tuple(transforms.std)) == (spec.mean, spec.std)
    assert spec.weights and spec.weights.url == own.url and own.url.endswith(spec.weights.file_name)
    assert spec.top1 == own.meta["_metrics"]["Kinetics-400"]["acc@1"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_window_lasts_as_long_as_the_clips_of_the_measurement(name: str) -> None:
    """Their documentation: frame_rate and clip_len. S3D was measured on 128 frames; ours are 32 of them at the same rate."""
    import re

    spec, told = encoders.spec(name), weights_of(name).meta["_docs"]
    fps, frames = (float(re.search(rf"{key}=([\d.]+)", told)[1]) for key in ("frame_rate", "clip_len"))  # type: ignore[index]
    assert spec.frames == (32 if name == "s3d" else frames)
    assert spec.sampling.window_seconds == pytest.approx(spec.frames / fps)


def test_a_file_that_does_not_hash_to_its_own_name_is_refused(tmp_path: Path) -> None:
    spec, file = encoders.spec("r3d_18"), tmp_path / "r3d_18-b3b3357e.pth"
    torch.save(torchvision_video.make_network(spec).state_dict(), file)
    with pytest.raises(WeightsDamaged, match=rf"{stored.sha256_of(file)}\) must have a sha256 that begins b3b3357e"):
        torchvision_video_weights.convert(file, spec)


def test_another_networks_file_is_refused_with_the_first_layer_that_differs(tmp_path: Path) -> None:
    r3d, file = encoders.spec("r3d_18"), tmp_path / "other.pth"
    assert r3d.weights
    r3d = dataclasses.replace(r3d, weights=dataclasses.replace(r3d.weights, file_name="other.pth"))
    torch.save(torchvision_video.make_network(encoders.spec("mc3_18")).state_dict(), file)
    with pytest.raises(WeightsDamaged, match=r"first is layer2\.0\.conv1\.0\.weight \(expected \(128, 64, 3, 3, 3\), found"):
        torchvision_video_weights.convert(file, r3d)
    file.write_bytes(b"not a torch file")
    with pytest.raises(WeightsDamaged, match="must be a torch file"):
        torchvision_video_weights.convert(file, r3d)


def test_a_name_that_torchvision_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownName, match="r3d_1000"):
        torchvision_video.make_network(dataclasses.replace(encoders.spec("r3d_18"), name="r3d_1000"))


# -- the one whose weights install by name ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fights(cache: Path) -> encoders.Encoder:
    path = weights.fetch(FIGHTS, cache)
    assert path is not None
    return encoders.build(FIGHTS.name, weights=path, cache=cache, device="cpu")


def first_window(path: Path) -> NDArray[np.uint8]:
    """(1, T, H, W, 3)"""
    with Decoder(DecodingLimits()) as decoder:
        span = windows(decoder.probe(path).duration_seconds, FIGHTS.sampling)[0]
        (frames,) = decoder.read_windows(path, [frame_times(span, FIGHTS.frames, FIGHTS.sampling)], FIGHTS.framing)
    return np.array(frames[None])


def test_the_network_tuned_to_fights_runs_on_a_real_clip(fights: encoders.Encoder, cache: Path, real_clips: Path) -> None:
    """Against torchvision's own network with the package's own file, classifier left out."""
    frames = first_window(real_clips / "reference" / "cricket_shot.gif")
    vector = fights.embed(frames)
    path = weights.locate(FIGHTS, cache)
    assert path is not None and "OpenVINO" in fights.engine
    tensors = stored.load(path)
    assert not any(name.startswith("fc.") for name in tensors), "the two-way classifier is left out"

    from torchvision.models.video import mc3_18

    own = mc3_18()
    own.fc = torch.nn.Identity()  # type: ignore[assignment]
    own.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()})
    x = (torch.from_numpy(frames).permute(0, 4, 1, 2, 3) / 255 - colour(FIGHTS.mean)) / colour(FIGHTS.std)
    with torch.inference_mode():
        expected = own.eval()(x).numpy()
    assert np.abs(vector - expected).max() < 1e-3 * np.abs(expected).max()


def colour(values: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 3, 1, 1, 1)


def test_it_has_no_classifier_of_actions(fights: encoders.Encoder) -> None:
    with pytest.raises(NoActionHead):
        fights.logits(np.zeros((1, *FIGHTS.frames_shape), np.uint8))
    assert registry.row(FIGHTS.name).head == ()
