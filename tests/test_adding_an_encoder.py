"""docs/adding-an-encoder.md, followed to the letter: its blocks are taken from the page and used as a reader would."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core import encoders
from core.encoders import building, own_keys, registry, stored
from core.encoders.row import Row
from core.errors import UnknownName
from core.manifest import Item
from core.settings import Settings
from core.workbench import Workbench
from tests.tiny import make_clip

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "adding-an-encoder.md"
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def block(language: str, holding: str) -> str:
    """The one block of the page in ``language`` that holds some text."""
    found = [textwrap.dedent(code) for _, told, code in _BLOCK.findall(PAGE.read_text(encoding="utf-8")) if told == language]
    (code,) = [code for code in found if holding in code]
    return code


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Step 1 of the first way."""
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(block("python", "colours.pt2"), {})
    return (folder / "colours.pt2").read_bytes()


@pytest.fixture
def encoders_folder(home: Path, exported: bytes) -> Iterator[Path]:
    """Step 2: the network with its description beside it, in the library's folder."""
    folder = home / "encoders"
    folder.mkdir(parents=True)
    (folder / "colours.pt2").write_bytes(exported)
    (folder / "colours.toml").write_text(block("toml", "colours.pt2"))
    yield folder
    encoders.learn(home / "none")


@pytest.mark.usefixtures("encoders_folder")
def test_a_file_of_ones_own_becomes_an_encoder_without_code(home: Path, tmp_path: Path) -> None:
    """Through the worker process, as in the product; its vectors are those that numpy computes from the same frames."""
    clips = [Item(make_clip(tmp_path / f"{name}.mp4", seed), name, f"person {seed}") for seed, name in enumerate(("a", "b"))]
    with Workbench(Settings.from_environment(home=home, encoder="colours", device="cpu")) as bench:
        assert bench.encoder_problems == []
        report = bench.run_job(bench.enqueue(clips))
        assert (report.added, report.refused) == (2, ())
        assert "colours" in [spec.name for spec in bench.encoders()]
        assert bench.collection().raw.shape == (2, 6)
        made = encoders.build("colours", weights=None, cache=tmp_path / "cache", device="cpu")
        assert bench.fingerprint() == made.fingerprint

    window = np.random.default_rng(0).integers(0, 256, (1, *made.spec.frames_shape), dtype=np.uint8)
    seen = (window / 255 - 0.45) / 0.225
    expected = np.concatenate([seen.mean(axis=(1, 2, 3)), seen.std(axis=(1, 2, 3), ddof=1)], axis=1)
    assert made.embed(window) == pytest.approx(expected, abs=1e-4)


def test_the_command_line_knows_it_and_tells_what_is_wrong(encoders_folder: Path, home: Path) -> None:
    (encoders_folder / "broken.toml").write_text('name = "broken"\n')
    listed, doctor = (_command(name, home) for name in ("encoders", "doctor"))
    (row,) = [row for row in json.loads(listed)["encoders"] if row["encoder"] == "colours"]
    assert row["ready"] is True and row["dimension"] == 6
    assert any(problem.startswith("broken.toml: title (missing)") for problem in json.loads(doctor)["problems"])


def _command(name: str, home: Path) -> str:
    environment = {**os.environ, "MOTIONBOOK_HOME": str(home)}
    command = [sys.executable, "-m", "core", name, "--json"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_page_shows_every_key() -> None:
    told = block("toml", "colours.pt2")
    optional = re.findall(r"^# (\w+) = ", told, re.MULTILINE)
    assert [*tomllib.loads(told), *optional] == list(own_keys.KEYS)


def test_a_new_family_is_a_builder_a_converter_and_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stripes", "stripes_weights"):
        (tmp_path / f"{name}.py").write_text(block("python", f"# {name}.py"))
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    values: dict[str, tuple[Row, ...]] = {}
    exec(block("python", "# rows/stripes.py"), values)
    (row,) = values["ROWS"]
    with pytest.raises(UnknownName):
        registry.row(row.spec.name)

    torch.manual_seed(1)
    published = importlib.import_module("stripes").make_network(row.spec)
    torch.save(published.state_dict(), tmp_path / "stripes.pth")
    tensors = importlib.import_module(row.converter).convert(tmp_path / "stripes.pth", row.spec)
    path = stored.write(tmp_path / "w", row.spec.name, tensors, sha256="f" * 64, source="a test", licence="none")
    encoder = building.with_weights(row, path, tmp_path / "kept", "cpu")
    window = np.random.default_rng(2).integers(0, 256, (1, *row.spec.frames_shape), dtype=np.uint8)
    with torch.inference_mode():
        x = torch.from_numpy((window / 255 - 0.45) / 0.225).float().permute(0, 4, 1, 2, 3)
        expected = published.fc(published(x)).numpy()
    assert encoder.logits(window) == pytest.approx(expected, abs=1e-4)
