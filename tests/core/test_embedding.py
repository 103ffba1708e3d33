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
from core.alterations import AS_FILMED, Alteration, alter
from core.clips import Window
from core.decoding import Decoder
from core.embedding import Embedded, WorkerEmbedder, varied
from core.encoders import sentences
from core.errors import BadClip, BadInput, Cancelled, MotionbookError, WeightsMissing, WorkerDied
from core.sampling import frame_times, windows
from core.settings import Settings
from core.similarity import unit
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


def test_windows_of_ones_own_choice_each_as_every_alteration_has_it(worker: WorkerEmbedder, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 5, count=30)
    asked = (Window(0.0, 1.0), Window(1.3, 2.3), Window(0.2, 0.7))
    kinds = (AS_FILMED, Alteration("frozen"), Alteration("hidden", region=(0.0, 0.0, 0.5, 0.5)))
    seen: list[tuple[int, int]] = []
    found = worker.vary(path, "toy", asked, kinds, on_progress=lambda *step: seen.append(step)).result(PATIENCE_SECONDS)
    assert found.windows == asked and found.vectors.shape == (3, 3, SPEC.dimension)
    assert found.fingerprint == SPEC.fingerprint("")
    with Decoder() as decoder:
        times = [frame_times(window, SPEC.frames, SPEC.sampling) for window in asked]
        films = list(decoder.read_windows(path, times, SPEC.framing))
    network = encoders.build("toy", weights=None)
    for row, frames in enumerate(films):
        for column, kind in enumerate(kinds):
            np.testing.assert_array_equal(found.vectors[row, column], network.embed(alter(frames, kind)[None])[0])
    assert not np.array_equal(found.vectors[:, 0], found.vectors[:, 2])
    assert {total for _, total in seen} == {9}


def test_parts_that_are_varied_are_joined() -> None:
    """The worker's answer for an encoder with parts, made by hand: two windows in three alterations each."""
    places = encoders.sections("two-stream")
    tables = [np.random.default_rng(row).normal(size=(6, at.stop - at.start)).astype("<f4") for row, at in enumerate(places)]
    told = [
        {"encoder": at.encoder, "fingerprint": f"{at.encoder}-0", "engine": "", "dimension": at.stop - at.start} for at in places
    ]
    info = {
        "container": "mp4",
        "codec": "h264",
        "width_px": 8,
        "height_px": 8,
        "duration_seconds": 9.0,
        "frames": 90,
        "fps": 10.0,
    }
    header = {"windows": [[0, 2.56], [1, 3.56]], "info": info, "parts": told}
    found = varied(header, b"".join(table.tobytes() for table in tables), "two-stream", 3)
    assert found.windows == (Window(0, 2.56), Window(1, 3.56)) and found.vectors.shape == (2, 3, places[-1].stop)
    for at, table in zip(places, tables, strict=True):
        np.testing.assert_allclose(unit(found.vectors.reshape(6, -1)[:, at.start : at.stop]), unit(table), atol=1e-6)


def test_windows_outside_the_clip_are_refused_by_name(worker: WorkerEmbedder, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 7)
    with pytest.raises(BadInput, match="must lie before the end"):
        worker.vary(path, "toy", [Window(5.0, 6.0)]).result(PATIENCE_SECONDS)
    with pytest.raises(BadInput, match="at least one"):
        worker.vary(path, "toy", [])


def test_more_windows_than_fit_into_memory_wait_outside_of_it(worker: WorkerEmbedder, tmp_path: Path) -> None:
    """Urgent ones too: a timeline of a long film has thousands."""
    path = make_clip(tmp_path / "a.mp4", 8, count=40)
    asked = [Window(start / 1000, start / 1000 + 1) for start in range(2900)]
    assert worker.vary(path, "toy", asked).result(PATIENCE_SECONDS).vectors.shape == (2900, 1, SPEC.dimension)


def test_sentences_come_as_vectors_and_a_refusal_by_name(worker: WorkerEmbedder) -> None:
    sentences.fetch(Settings.from_environment().cache)
    rows = worker.sentences(["running", "jogging"]).result(timeout=PATIENCE_SECONDS)
    assert rows.shape == (2, 384) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    with pytest.raises(BadInput, match="at least one"):
        worker.sentences([]).result(timeout=PATIENCE_SECONDS)


def test_an_encoder_that_speaks_says_what_it_lacks(tmp_path: Path) -> None:
    settings = Settings.from_environment(home=tmp_path / "home", cache=tmp_path / "cache", encoder="toy", device="cpu")
    worker = WorkerEmbedder(settings)
    try:
        with pytest.raises(WeightsMissing, match="xclip-b16"):
            worker.sentences(["running"], "xclip-b16").result(PATIENCE_SECONDS)
    finally:
        worker.close()
