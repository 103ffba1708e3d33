"""Video transformers in a size for tests: from files as the package publishes them to the package's own answers."""

from __future__ import annotations

import dataclasses
import gzip
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.clips import Framing
from core.encoders import EncoderSpec, building, stored, transformers_video, transformers_video_weights, xclip_words
from core.encoders.network import NetworkEncoder
from core.encoders.row import Row
from core.encoders.rows.transformers_video import ROWS
from core.errors import BadInput, UnknownName, WeightsDamaged
from core.settings import Settings


def small(row: Row) -> Row:
    spec = dataclasses.replace(row.spec, frames=4, framing=Framing(32, 32), dimension=32)
    return dataclasses.replace(row, spec=spec)


SMALL = {row.spec.name: small(row) for row in ROWS}
TEXTS = ["a person running", "a person sitting down, slowly", "un chien"]


def stirred(model: Any) -> Any:
    """Random numbers where a fresh network has zeros and ones: an exchanged layer would otherwise go unseen."""
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.ndim == 1 or "token" in name or "position" in name or "query" in name:
                value += 0.1 * torch.randn(value.shape, generator=generator)
    return model.eval()


class Case:
    """A row in its small form: the package's own model, and ours made from the file that it publishes."""

    def __init__(self, row: Row, folder: Path) -> None:
        self.row, self.spec = row, row.spec
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            self.model = stirred(transformers_video.make_model(self.spec))
        self.model.save_pretrained(folder)
        self.published = folder / "model.safetensors"
        tensors = transformers_video_weights.convert(self.published, self.spec)
        self.weights = stored.write(folder / "w", self.spec.name, tensors, sha256="f" * 64, source="a test", licence="none")
        self.encoder: NetworkEncoder = building.with_weights(row, self.weights, folder / "kept", "cpu")
        self.frames = np.random.default_rng(6).integers(0, 256, (3, *self.spec.frames_shape), dtype=np.uint8)
        self.embeddings = self.encoder.embed(self.frames)

    @property
    def normalised(self) -> torch.Tensor:
        """(B, T, 3, H, W), as the package takes it."""
        x = (self.frames.astype(np.float32) / 255 - np.float32(self.spec.mean)) / np.float32(self.spec.std)
        return torch.from_numpy(x).permute(0, 1, 4, 2, 3)


@pytest.fixture(scope="module", params=list(SMALL))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(SMALL[request.param], tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def xclip(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(SMALL["xclip-b16"], tmp_path_factory.mktemp("xclip"))


def near(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    return found.shape == expected.shape and bool(np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max())


def own_embeddings(case: Case) -> torch.Tensor:
    """What the package's own model computes from the same frames, by a way of its own."""
    if case.spec.family == "xclip":
        return torch.as_tensor(case.model.get_video_features(case.normalised).pooler_output)
    if case.spec.family == "vjepa2":
        return torch.as_tensor(case.model.get_vision_features(case.normalised).mean(1))
    seen: list[torch.Tensor] = []
    handle = case.model.classifier.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    case.model(case.normalised)
    handle.remove()
    return seen[0]


def test_the_embedding_is_what_the_packages_own_classifier_takes(case: Case) -> None:
    with torch.inference_mode():
        expected = own_embeddings(case).numpy()
    assert case.embeddings.dtype == np.float32 and near(case.embeddings, expected)
    assert np.abs(expected[0] - expected[1]).max() > 1e-2 * np.abs(expected).max(), "windows must differ to prove anything"
    assert "OpenVINO" in case.encoder.engine, "all of them convert"


def test_logits_are_the_packages_own(case: Case) -> None:
    if not case.row.head:
        assert case.spec.actions == 0
        return
    with torch.inference_mode():
        expected = case.model(case.normalised).logits.numpy()
    assert near(case.encoder.logits(case.frames), expected)


def test_a_row_does_not_depend_on_its_neighbours(case: Case) -> None:
    assert np.array_equal(case.encoder.embed(case.frames[1:2]), case.embeddings[1:2])
    network = building.with_random_weights(case.row, "cpu")
    together = network.embed(case.frames)
    assert near(np.concatenate([network.embed(case.frames[[row]]) for row in range(3)]), together)
    assert network.fingerprint.startswith(f"{case.spec.name}-random-")


def test_the_file_has_the_names_of_its_day_and_torch_files_do_as_well(case: Case, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    published = load_file(case.published)
    signs = {"videomae": "attention.attention.q_bias", "vivit": "encoder.layer.0.attention.attention.query.weight"}
    if sign := signs.get(case.spec.family):
        assert any(name.endswith(sign) for name in published), "the way from old names to new ones is part of the test"
    torch.save(published, tmp_path / "pytorch_model.bin")
    again = transformers_video_weights.convert(tmp_path / "pytorch_model.bin", case.spec)
    kept = stored.load(case.weights)
    assert again.keys() == kept.keys() and all(np.array_equal(again[name], kept[name]) for name in kept)
    assert not any("predictor" in name for name in kept)


def test_another_networks_file_is_refused(xclip: Case, tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged, match=r"must fit videomae-b; .* layers differ, the first is .*another network's file"):
        transformers_video_weights.convert(xclip.published, SMALL["videomae-b"].spec)
    wider = dataclasses.replace(xclip.spec, dimension=64)
    with pytest.raises(WeightsDamaged, match="must fit xclip-b16"):
        transformers_video_weights.convert(xclip.published, wider)
    (tmp_path / "model.safetensors").write_bytes(xclip.published.read_bytes()[:1000])
    with pytest.raises(WeightsDamaged, match=r"must be model\.safetensors or pytorch_model\.bin"):
        transformers_video_weights.convert(tmp_path / "model.safetensors", xclip.spec)


def test_a_file_that_runs_code_runs_nothing(tmp_path: Path) -> None:
    class Shell:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path / 'trace'}",)

    with (tmp_path / "pytorch_model.bin").open("wb") as stream:
        pickle.dump({"classifier.weight": Shell()}, stream, protocol=2)
    torch.save({"classifier.weight": Shell()}, tmp_path / "zipped.bin")
    for name in ("pytorch_model.bin", "zipped.bin"):
        with pytest.raises(WeightsDamaged, match="must be"):
            transformers_video_weights.convert(tmp_path / name, SMALL["videomae-b"].spec)
    assert not (tmp_path / "trace").exists()


PARAMETERS = {"videomae-b": 86.5, "timesformer-b": 121.6, "vivit-b": 89.0, "vjepa2-l": 303.9, "xclip-b16": 194.9}
"""In millions, without what no embedding needs: as their papers and model cards count them (86, 121, 88.9, 300, 195)."""


@pytest.mark.parametrize("name", list(PARAMETERS))
def test_the_rows_are_of_their_published_size(name: str) -> None:
    spec: EncoderSpec = next(row.spec for row in ROWS if row.spec.name == name)
    with torch.device("meta"):
        network = transformers_video.make_network(spec)
    count = sum(value.numel() for value in network.parameters())
    assert count / 1e6 == pytest.approx(PARAMETERS[name], abs=0.1)


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(UnknownName, match="family"):
        transformers_video.make_network(dataclasses.replace(ROWS[0].spec, family="videonay"))


# -- words in X-CLIP's space -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vocabulary() -> Path:
    """CLIP's own, fetched by name at the first test run on a machine."""
    return xclip_words.fetch_vocabulary(Settings.from_environment().cache)


def test_texts_become_the_tokens_that_clip_has_learned(vocabulary: Path) -> None:
    found = xclip_words.tokens(["a photo of a cat", "Running, JUMPING!", "word " * 100], vocabulary).tolist()
    assert found[0][:8] == [49406, 320, 1125, 539, 320, 2368, 49407, 49407]  # as CLIP's own tokeniser gives them
    assert found[1][:6] == [49406, 2761, 267, 11476, 256, 49407]
    assert len(found[2]) == 77 and found[2][-1] == 49407, "cut to what the text tower takes, with its end"


def test_words_and_videos_meet_as_in_the_packages_own_model(xclip: Case, vocabulary: Path) -> None:
    directions = xclip_words.text_directions(xclip.spec, xclip.weights, TEXTS, vocabulary)
    assert directions.shape == (3, 32) and directions.dtype == np.float32
    assert np.linalg.norm(directions, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    alone = np.concatenate([xclip_words.text_directions(xclip.spec, xclip.weights, [text], vocabulary) for text in TEXTS])
    assert near(alone, directions), "padding says nothing"

    with torch.inference_mode():
        alpha = xclip.model.prompts_generator.alpha
        before = alpha.clone()
        ids = xclip_words.tokens(TEXTS, vocabulary)
        bent = xclip.model(input_ids=ids, pixel_values=xclip.normalised)
        alpha.zero_()  # the package's own comparison without bending the words towards each video
        own = xclip.model(input_ids=ids, pixel_values=xclip.normalised).logits_per_video.numpy()
        alpha.copy_(before)
    unit = xclip.embeddings / np.linalg.norm(xclip.embeddings, axis=1, keepdims=True)
    assert near(unit, bent.video_embeds.numpy())
    assert near(float(xclip.model.logit_scale.detach().exp()) * unit @ directions.T, own)
    assert np.abs(bent.logits_per_video.numpy() - own).max() > 0, "what a direction by itself leaves out"


def test_words_need_their_encoder_and_their_vocabulary(xclip: Case, vocabulary: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="must be one with words"):
        xclip_words.text_directions(SMALL["videomae-b"].spec, xclip.weights, TEXTS, vocabulary)
    with pytest.raises(BadInput, match="at least one"):
        xclip_words.text_directions(xclip.spec, xclip.weights, [], vocabulary)
    other = tmp_path / "merges.gz"
    other.write_bytes(gzip.compress(b"#version\na b\n"))
    with pytest.raises(WeightsDamaged, match=r"must have sha256 924691ac"):
        xclip_words.tokens(TEXTS, other)
