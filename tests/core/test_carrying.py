"""Files that somebody carried here: recognised by content, folder or name, and never believed for their names."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from core import encoders, weights
from core.clips import Progress
from core.encoders import EncoderSpec, hub, stored
from core.errors import BadInput, Cancelled
from core.weights import carrying

XS, S = (encoders.spec(name) for name in ("x3d_xs", "x3d_s"))
SPECS = [encoders.spec(name) for name in encoders.names()]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The network that x3d_xs and x3d_s share, with weights that the test made up."""
    torch.manual_seed(4)
    file = tmp_path_factory.mktemp("published") / "X3D_S.pyth"
    torch.save({"model_state": hub.make_network(S).state_dict()}, file)
    return file


def known(spec: EncoderSpec, sha256: str) -> EncoderSpec:
    """The same with a publisher who states a sha256."""
    assert spec.weights
    return dataclasses.replace(spec, weights=dataclasses.replace(spec.weights, sha256=sha256))


def outcomes(found: list[carrying.Carried]) -> dict[str, tuple[str, str]]:
    return {one.file.name: (one.outcome, one.encoder) for one in found}


def test_each_file_of_a_folder_is_told_what_became_of_it(tmp_path: Path, published: Path) -> None:
    folder, cache = tmp_path / "disk", tmp_path / "cache"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "X3D_S (1).pyth").write_bytes(published.read_bytes())
    (folder / "SLOW_8x8_R50.pyth").write_bytes(b"cut short")
    (folder / "i3d-kinetics-400.ckpt").write_bytes(b"another file of this name")
    (folder / "other.pth").write_bytes(b"who knows")
    (folder / "readme.txt").write_text("weights")
    (folder / ".hidden.pth").write_bytes(b"")
    steps: list[Progress] = []
    found = weights.take(folder, cache, SPECS, progress=steps.append)
    assert outcomes(found) == {
        "X3D_S (1).pyth": ("imported", "x3d_s"),
        "SLOW_8x8_R50.pyth": ("damaged", "slow_r50"),
        "i3d-kinetics-400.ckpt": ("damaged", "i3d-rgb"),
        "other.pth": ("unknown", ""),
        "readme.txt": ("unknown", ""),
    }
    assert steps[-1].done == steps[-1].total == 5 and weights.status(S, cache).ready
    damaged = next(one for one in found if one.file.suffix == ".ckpt")
    i3d = encoders.spec("i3d-rgb").weights
    assert i3d and i3d.sha256 in damaged.message and stored.sha256_of(damaged.file) in damaged.message
    again = weights.take(folder, cache, SPECS)
    assert outcomes(again)["X3D_S (1).pyth"] == ("already here", "x3d_s")


def test_content_tells_more_than_a_name(tmp_path: Path, published: Path) -> None:
    renamed = tmp_path / "archive 7.bin"
    renamed.write_bytes(published.read_bytes())
    spec = known(S, stored.sha256_of(published))
    (found,) = weights.take(renamed, tmp_path / "cache", [spec])
    assert (found.outcome, found.encoder) == ("imported", "x3d_s")
    named = tmp_path / "X3D_S.pyth"
    torch.save({"model_state": {}}, named)
    (found,) = weights.take(named, tmp_path / "elsewhere", [spec])
    assert found.outcome == "damaged" and spec.weights and spec.weights.sha256 in found.message


def test_one_name_for_several_encoders_goes_by_the_folder_or_by_the_layers(tmp_path: Path, published: Path) -> None:
    def called(spec: EncoderSpec) -> EncoderSpec:
        assert spec.weights
        return dataclasses.replace(spec, weights=dataclasses.replace(spec.weights, file_name="model.pth"))

    specs = [called(S), called(encoders.spec("slow_r50"))]
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "model.pth").write_bytes(published.read_bytes())
    (found,) = weights.take(tmp_path / "disk", tmp_path / "cache", specs)
    assert (found.outcome, found.encoder) == ("imported", "x3d_s"), "the layers fit one of the two"
    (tmp_path / "disk" / "model.pth").rename(tmp_path / "model.pth")
    (tmp_path / "disk" / "slow_r50").mkdir()
    (tmp_path / "model.pth").rename(tmp_path / "disk" / "slow_r50" / "model.pth")
    (found,) = weights.take(tmp_path / "disk", tmp_path / "second", specs)
    assert (found.outcome, found.encoder) == ("damaged", "slow_r50"), "the folder says which is meant"


def test_other_weights_than_those_here_never_replace_them_unasked(tmp_path: Path, published: Path) -> None:
    first = weights.import_file(S, published, tmp_path)
    torch.manual_seed(5)
    other = tmp_path / "X3D_S.pyth"
    torch.save({"model_state": hub.make_network(S).state_dict()}, other)
    (found,) = weights.take(other, tmp_path, [S])
    assert found.outcome == "unlike" and found.refused
    assert stored.sha256_of(published) in found.message and stored.sha256_of(other) in found.message
    assert "weights import x3d_s" in found.message and weights.locate(S, tmp_path) == first


def test_our_own_converted_form_is_not_believed(tmp_path: Path, published: Path) -> None:
    converted = weights.import_file(S, published, tmp_path / "theirs")
    (found,) = weights.take(converted, tmp_path / "ours", SPECS)
    assert found.outcome == "unknown" and "carry the published file" in found.message


def test_nothing_to_look_at_far_too_much_and_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="must exist"):
        weights.take(tmp_path / "gone", tmp_path, SPECS)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="empty"):
        weights.take(tmp_path / "empty", tmp_path, SPECS)
    for number in range(3):
        (tmp_path / "empty" / f"{number}.pth").write_bytes(b"")
    with pytest.raises(Cancelled):
        weights.take(tmp_path / "empty", tmp_path, SPECS, should_stop=lambda: True)
    monkeypatch.setattr(carrying, "MOST_FILES", 2)
    with pytest.raises(BadInput, match="at most 2 files"):
        weights.take(tmp_path / "empty", tmp_path, SPECS)
