"""The process that lays out a map: what it answers, and that it can be stopped."""

from __future__ import annotations

import io
import threading
import time

import numpy as np
import pytest

from core.errors import Cancelled
from core.processes import Child, read_message, write_message
from core.projecting import Layout
from core.projector import place, serve
from tests.core.test_projecting import groups, together


def ask(layout: Layout, rows: np.ndarray) -> tuple[dict, bytes]:
    return {"layout": layout.key, "rows": list(rows.shape)}, rows.astype("<f4").tobytes()


def test_umap_really_runs_and_the_same_seed_gives_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one test of UMAP itself, without its compiler, which would take eight seconds more. Everything else uses PCA."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    rows, which = groups(each=6)
    child = Child("core.projector", quiet=True)
    try:
        placed = []
        for seed in (0, 0, 1):
            child.send(*ask(Layout("umap", seed=seed), rows))
            header, payload = child.receive(timeout_seconds=120)
            placed.append(np.frombuffer(bytes(payload), "<f4").reshape(-1, 2))
    finally:
        child.kill()
    assert np.array_equal(placed[0], placed[1])
    assert not np.array_equal(placed[0], placed[2]), "the seed counts"
    assert together(placed[0], which) > 0.8
    assert any("neighbours" in note for note in header["notes"])


def test_a_refusal_and_a_defect_come_back_in_words() -> None:
    requests, answers = io.BytesIO(), io.BytesIO()
    rows = np.full((6, 4), np.nan, np.float32)
    write_message(requests, *ask(Layout("pca"), rows))
    write_message(requests, {"layout": '{"method": "pca", "of": "frames"}', "rows": [6, 4]}, rows.tobytes())
    requests.seek(0)
    serve(requests, answers)
    answers.seek(0)
    told = [read_message(answers) for _ in range(2)]
    assert "the map cannot be laid out" in told[0][0]["error"]
    assert told[1][0]["reason"] == "bad-input" and "clips, moments" in told[1][0]["error"]


def test_stopping_ends_the_process_at_once() -> None:
    rows, _ = groups()
    pids: list[int] = []
    stop = threading.Event()

    def waiting() -> None:
        pids.append(1)
        stop.set()

    began, others = time.monotonic(), set(threading.enumerate())
    with pytest.raises(Cancelled):
        place(rows, Layout("umap"), should_stop=stop.is_set, waiting=waiting)
    assert pids
    for left in set(threading.enumerate()) - others:  # what reads from the process ends with it
        left.join(60)
        assert not left.is_alive(), left.name
    assert time.monotonic() - began < 60, "it waited for nothing"
