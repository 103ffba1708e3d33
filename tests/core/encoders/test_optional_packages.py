"""Without the optional packages everything else works, and what needs them says which and how to get them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from core import encoders
from core.encoders import registry
from core.errors import PackageMissing

OPTIONAL = Path(__file__).resolve().parents[3] / "requirements-optional.txt"


def pinned() -> dict[str, str]:
    """Name -> version, each with its reason behind it."""
    return dict(re.findall(r"^([\w-]+)==([\w.]+) +# .{20,}$", OPTIONAL.read_text(encoding="utf-8"), re.MULTILINE))


def test_whatever_a_row_needs_is_pinned_with_its_reason() -> None:
    needed = {package for name in encoders.names() for package in encoders.spec(name).needs}
    always = set(re.findall(r"^([\w-]+)==", (OPTIONAL.parent / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    assert "transformers" in needed and needed <= pinned().keys() | always
    lines = [line for line in OPTIONAL.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(pinned())


NEEDING = [name for name in encoders.names() if encoders.spec(name).needs]


@pytest.mark.parametrize("name", NEEDING)
def test_an_encoder_without_its_package_is_refused_by_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)  # as if it were not installed
    told = r"package \(transformers\) must be installed .*requirements\.txt"
    with pytest.raises(PackageMissing, match=told) as caught:
        encoders.build(name, weights=None, device="cpu", random_weights=True)
    assert caught.value.reason == "not-installed"
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(PackageMissing):
        registry.convert(name, tmp_path / "model.safetensors")


def test_names_and_specs_need_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("transformers", "tensorflow"):
        monkeypatch.setitem(sys.modules, package, None)
    assert len(NEEDING) >= 7 and all(encoders.spec(name).title for name in NEEDING)
