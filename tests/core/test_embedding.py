"""The worker process and its client: right vectors, urgent before queued, and an end for every future."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from core import encoders
from core.decoding import Decoder
from core.embedding import Embedded, WorkerEmbedder
from core.errors import BadClip, Cancelled, MotionbookError, WorkerDied
from core.sampling import frame_times, windows
from core.settings import Settings
from tests.tiny import make_clip, make_clips, toy_settings

SPEC = encoders.spec("toy")
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerEmbedder]:
    made = WorkerEmbedder(toy_settings(tmp_path_factory.mktemp("home")))
    yield made
    made.close()


def wait(future: Future[Embedded]) -> Embedded:
    return future.result(timeout=PATIENCE_SECONDS)


def gone(pid: int) -> bool:
    """Within a few seconds nothing but a zombie, if that, is left of a process."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def children(pid: int) -> list[int]:
    return [int(text) for task in Path(f"/proc/{pid}/task").iterdir() for text in (task / "children").read_text().split()]


def test_the_vectors_are_those_of_the_encoder_itself(worker: WorkerEmbedder, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 3, count=30)
    found = wait(worker.submit(path, "toy", thumbnail=True))
    with Decoder() as decoder:
        info = decoder.probe(path)
        times = [frame_times(window, SPEC.frames, SPEC.sampling) for window in windows(info.duration_seconds, SPEC.sampling)]
        frames = np.stack(list(decoder.read_windows(path, times, SPEC.framing)))
    assert found.info == info and found.thumbnail[:3] == b"\xff\xd8\xff"
    assert found.embeddings.windows == windows(info.duration_seconds, SPEC.sampling) and len(found.embeddings.windows) == 5
    np.testing.assert_array_equal(found.embeddings.vectors, encoders.build("toy", weights=None).embed(frames))
    assert found.embeddings.fingerprint == SPEC.fingerprint("")
    assert found.engine == encoders.build("toy", weights=None).engine != ""


def test_no_thumbnail_unless_asked_for(worker: WorkerEmbedder, tmp_path: Path) -> None:
    assert wait(worker.submit(make_clip(tmp_path / "a.mp4", 1), "toy")).thumbnail == b""


def test_progress_is_windows_of_windows(worker: WorkerEmbedder, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = make_clip(tmp_path / "a.mp4", 1, count=30)
    wait(worker.submit(path, "toy", on_progress=lambda done, total: heard.append((done, total))))
    assert heard == [(1, 5), (2, 5), (3, 5), (4, 5)]


def test_a_refusal_ends_its_own_future_only(worker: WorkerEmbedder, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film")
    futures = [worker.submit(path, "toy") for path in (*make_clips(tmp_path / "in", 3), tmp_path / "text.mp4")]
    assert [len(wait(future).embeddings.windows) for future in futures[:3]] == [1, 1, 1]
    with pytest.raises(BadClip) as caught:
        wait(futures[3])
    assert caught.value.reason == "not-a-video"


def test_whatever_goes_wrong_ends_the_future(worker: WorkerEmbedder, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 1)
    with pytest.raises(MotionbookError, match="no-such-encoder"):
        wait(worker.submit(path, "no-such-encoder"))
    with pytest.raises(BadClip):
        wait(worker.submit(tmp_path / "gone.mp4", "toy"))
    assert wait(worker.submit(path, "toy")), "and the worker goes on"


def test_missing_weights_are_told_as_such(tmp_path: Path) -> None:
    settings = Settings.from_environment(home=tmp_path / "home", cache=tmp_path / "cache", encoder="x3d_s", device="cpu")
    embedder = WorkerEmbedder(settings)
    try:
        with pytest.raises(MotionbookError, match=r"X3D_S.*weights.x3d_s") as caught:
            wait(embedder.submit(make_clip(tmp_path / "a.mp4", 1), "x3d_s"))
        assert caught.value.reason == "weights-missing"
    finally:
        embedder.close()


def test_urgent_requests_overtake_a_long_queue(worker: WorkerEmbedder, tmp_path: Path) -> None:
    ended: list[str] = []

    def submit(path: Path, *, urgent: bool = False) -> Future[Embedded]:
        future = worker.submit(path, "toy", urgent=urgent)
        future.add_done_callback(lambda _: ended.append(path.name))
        return future

    urgent = make_clip(tmp_path / "urgent.mp4", 99)
    wait(worker.submit(urgent, "toy", urgent=True))  # its decoder starts at the first urgent request
    long = make_clip(tmp_path / "queued.mp4", 1, count=400)
    futures = [submit(long) for _ in range(24)]
    futures.append(submit(urgent, urgent=True))
    for future in futures:
        wait(future)
    assert ended.index("urgent.mp4") < 16, ended


def test_cancelled(worker: WorkerEmbedder, tmp_path: Path) -> None:
    futures = [worker.submit(path, "toy") for path in [make_clip(tmp_path / f"{n}.mp4", n, count=400) for n in range(8)]]
    for future in futures[1:]:
        worker.cancel(future)
    assert len(wait(futures[0]).embeddings.windows) > 70
    ends = [type(future.exception(timeout=PATIENCE_SECONDS)) for future in futures[1:]]
    assert set(ends) <= {Cancelled, type(None)} and ends.count(Cancelled) >= 5
    worker.cancel(futures[0])  # too late, and harmless


def test_a_killed_worker_ends_its_futures_and_a_new_one_takes_over(worker: WorkerEmbedder, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 1, count=400)
    wait(worker.submit(path, "toy"))
    for _ in range(3):
        futures = [worker.submit(path, "toy") for _ in range(4)]
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        late = worker.submit(path, "toy")  # goes to the dying worker or to a new one
        for future in futures:
            assert isinstance(future.exception(timeout=PATIENCE_SECONDS), WorkerDied)
        assert isinstance(late.exception(timeout=PATIENCE_SECONDS), (WorkerDied, type(None)))
    assert wait(worker.submit(path, "toy"))


def test_decoders_end_with_the_worker_that_was_killed(tmp_path: Path) -> None:
    embedder = WorkerEmbedder(toy_settings(tmp_path / "home"))
    try:
        wait(embedder.submit(make_clip(tmp_path / "a.mp4", 1), "toy"))
        assert embedder.pid is not None
        decoders = children(embedder.pid)
        assert decoders
        os.kill(embedder.pid, signal.SIGKILL)
        assert all(gone(pid) for pid in decoders)
    finally:
        embedder.close()


def test_closing_ends_everything(tmp_path: Path) -> None:
    embedder = WorkerEmbedder(toy_settings(tmp_path / "home"))
    futures = [embedder.submit(make_clip(tmp_path / "a.mp4", 1, count=400), "toy") for _ in range(3)]
    pid = embedder.pid
    assert pid is not None
    embedder.close()
    assert gone(pid)
    for future in futures:
        assert isinstance(future.exception(timeout=PATIENCE_SECONDS), (WorkerDied, type(None)))
    with pytest.raises(WorkerDied, match="closed"):
        embedder.submit(tmp_path / "a.mp4", "toy")
    embedder.close()
