"""Settings from the environment: defaults, overrides, and plain words for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadSetting
from core.settings import DEFAULT_ENCODER, Settings


def test_defaults_stand_without_an_environment() -> None:
    settings = Settings.from_environment({})
    assert (settings.encoder, settings.device, settings.precision) == (DEFAULT_ENCODER, "auto", "exact")
    assert settings.encoders == settings.home / "encoders"
    assert settings.home.is_absolute() and settings.cache.is_absolute() and not settings.random_weights


def test_the_environment_is_heard_and_overrides_win(tmp_path: Path) -> None:
    environment = {"MOTIONBOOK_HOME": str(tmp_path), "MOTIONBOOK_ENCODER": "toy", "MOTIONBOOK_PRECISION": "fast"}
    assert Settings.from_environment(environment).home == tmp_path
    settings = Settings.from_environment(environment, encoder="x3d_s", device=None)
    assert (settings.encoder, settings.device, settings.precision) == ("x3d_s", "auto", "fast")


@pytest.mark.parametrize("name", ["MOTIONBOOK_DEVICE", "MOTIONBOOK_PRECISION"])
def test_what_cannot_be_is_told_by_name(name: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({name: "warp"})


def test_a_file_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="MOTIONBOOK_HOME"):
        Settings.from_environment({"MOTIONBOOK_HOME": str(tmp_path / "file")})
