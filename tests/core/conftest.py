"""What several files of tests share: a worker process takes a second to start, most of their tests much less."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.embedding import WorkerEmbedder
from tests.tiny import toy_settings


@pytest.fixture(scope="session")
def toy_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerEmbedder]:
    """Give it to ``toy_bench``, which leaves it open."""
    embedder = WorkerEmbedder(toy_settings(tmp_path_factory.mktemp("worker")))
    yield embedder
    embedder.close()
