"""What every test may lean on: the real clips, a library folder of its own, and no settings from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]

# One thread of torch, numpy and scipy for each process that a test runs, unless somebody says otherwise: two workers share two
# cores, the networks of tests are small, and threads that wait for each other there burn ten times the time of the arithmetic.
# Read when those packages load, so it stands above every import of them. OpenVINO counts its own threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test is timed: the machines are shared, and one slow example of Hypothesis is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG_FILES = (
    "browser/test_story.py",
    "test_docs.py",
    "browser/test_long_video.py",
    "browser/test_finding.py",
    "browser/test_teaching.py",
    "core/encoders/test_dense.py",
    "core/encoders/test_every_row.py",
    "test_crash.py",
)
"""These begin first, so that no worker is left alone with one of them at the end; the two stories follow one another."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {PROJECT / "tests" / name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: places.get(item.path, len(LONG_FILES)))


def clips_folder() -> Path | None:
    """The folder of real labelled clips: MOTIONBOOK_CLIPS, or ../shared/clips beside the checkout."""
    folder = Path(os.environ.get("MOTIONBOOK_CLIPS") or PROJECT.parent / "shared" / "clips")
    return folder if (folder / "manifest.csv").is_file() else None


@pytest.fixture(scope="session")
def real_clips() -> Path:
    folder = clips_folder()
    if folder is None:
        message = "the real clips are not here: set MOTIONBOOK_CLIPS to a folder that holds their manifest.csv"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has its own library; the weights cache is shared, since weights are verified whenever they are loaded."""
    monkeypatch.setenv("MOTIONBOOK_HOME", str(tmp_path / "library"))
    for name in ("MOTIONBOOK_ENCODER", "MOTIONBOOK_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"
