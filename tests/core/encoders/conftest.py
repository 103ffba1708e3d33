from __future__ import annotations

from pathlib import Path

import pytest

from core import encoders, weights
from core.encoders import Encoder
from core.settings import Settings


@pytest.fixture(scope="session")
def cache() -> Path:
    """The cache of the machine: weights are verified whenever they are loaded, so sharing it is safe."""
    return Settings.from_environment().cache


@pytest.fixture(scope="session")
def i3d_weights(cache: Path) -> Path:
    """The real weights, fetched by name at the first test run on a machine."""
    path = weights.fetch(encoders.spec("i3d-rgb"), cache)
    assert path is not None
    return path


@pytest.fixture(scope="session")
def i3d(i3d_weights: Path, cache: Path) -> Encoder:
    """The default encoder as the product runs it on a CPU."""
    return encoders.build("i3d-rgb", weights=i3d_weights, cache=cache, device="cpu")
