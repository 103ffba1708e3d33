"""A job of files becomes clips: every end an item can have, stopped and resumed, with dying workers and full disks."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from core import encoders
from core.clips import ClipEmbeddings, Progress, VideoInfo, Window
from core.embedding import Embedded, Embedder, WorkerEmbedder
from core.errors import Cancelled, FingerprintMismatch, StorageFailed, WeightsMissing, WorkerDied, from_reason
from core.ingesting import CLIPS_AHEAD, check_file
from core.manifest import Item
from core.settings import DecodingLimits, Settings
from core.store import Library, StoredMedia
from core.workbench import Workbench
from tests.tiny import make_clip, make_clips, toy_bench, toy_settings

TOY = encoders.spec("toy").fingerprint("")


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedder]:
    made = WorkerEmbedder(toy_settings(tmp_path_factory.mktemp("worker")))
    yield made
    made.close()


@pytest.fixture
def bench(home: Path, worker: Embedder) -> Iterator[Workbench]:
    with toy_bench(home, worker) as opened:
        yield opened


class Hand:
    """An Embedder whose answers the test decides: ``answer(content, nth)`` for the nth request of a file's content."""

    def __init__(self, answer: Callable[[bytes, int], Embedded | Exception | None]) -> None:
        self.answer, self.asked, self.waiting = answer, list[bytes](), dict[Future[Embedded], bytes]()

    def submit(self, path: Path, _encoder: str, **_: object) -> Future[Embedded]:
        content, future = path.read_bytes(), Future[Embedded]()
        self.asked.append(content)
        answer = self.answer(content, self.asked.count(content))
        if answer is None:
            self.waiting[future] = content
        elif isinstance(answer, Exception):
            self._fall(answer, future)
        else:
            future.set_result(answer)
        return future

    def _fall(self, error: Exception, future: Future[Embedded]) -> None:
        """A worker that dies takes everybody with it."""
        others, self.waiting = list(self.waiting) if isinstance(error, WorkerDied) else [], {}
        for fallen in (*others, future):
            fallen.set_exception(error)

    def cancel(self, future: Future[Embedded]) -> None:
        if not future.done():
            future.set_exception(Cancelled("cancelled"))

    def close(self) -> None: ...


def embedded(content: bytes, fingerprint: str = TOY) -> Embedded:
    vectors = np.random.default_rng(list(content[:8])).random((2, 14), dtype=np.float32)
    windows = (Window(0.0, 1.0), Window(0.5, 1.5))
    return Embedded(VideoInfo("mov,mp4", "h264", 64, 48, 1.5, 15, 10.0), ClipEmbeddings(fingerprint, windows, vectors), b"JPEG")


def files(folder: Path, *contents: bytes) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"file {index}.mp4" for index in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def items(paths: list[Path], label: str = "") -> list[Item]:
    return [Item(path, label) for path in paths]


def media_files(home: Path) -> set[str]:
    return {path.name for path in home.glob("media/*/*")}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# -- every end of an item -----------------------------------------------------------------------------------------------


def test_every_end_of_an_item(bench: Workbench, tmp_path: Path) -> None:
    good = make_clips(tmp_path / "good", 2)
    (tmp_path / "copy.mp4").write_bytes(good[0].read_bytes())
    (tmp_path / "text.mp4").write_text("no film at all")
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    wanted = [*good, *(tmp_path / name for name in ("copy.mp4", "text.mp4", "empty.mp4", "pipe.mp4", "gone.mp4", "good"))]
    report = bench.run_job(bench.enqueue(items(wanted, "running")))
    assert (report.added, report.duplicates, report.windows, report.cancelled) == (2, 1, 2, 0)
    assert [(refusal.path.name, refusal.reason) for refusal in report.refused] == [
        ("text.mp4", "not-a-video"),
        ("empty.mp4", "not-a-video"),
        ("pipe.mp4", "unreadable"),
        ("gone.mp4", "unreadable"),
        ("good", "unreadable"),
    ]
    assert all(refusal.path.name in refusal.message for refusal in report.refused)
    clips = bench.library.clips()
    assert [(clip.name, clip.label, clip.clip_id) for clip in clips] == [(path.name, "running", sha256(path)) for path in good]
    assert media_files(bench.library.home) == {clip.clip_id for clip in clips}, "a refused file leaves nothing behind"
    assert bench.library.problems() == []
    again = bench.run_job(bench.enqueue(items(good, "jogging")))
    assert (again.added, again.duplicates, again.windows) == (0, 2, 0)
    assert [clip.label for clip in bench.library.clips()] == ["running", "running"], "a duplicate keeps what people said of it"


def test_the_same_bad_content_twice_is_refused_twice_for_what_it_is(bench: Workbench, tmp_path: Path) -> None:
    bad = make_clip(tmp_path / "bad.mp4", 1).read_bytes()[:700]
    report = bench.run_job(bench.enqueue(items(files(tmp_path / "in", *[bad] * 3))))
    assert len({refusal.reason for refusal in report.refused}) == 1 and report.refused[0].reason != "unreadable"
    assert [refusal.path.name in refusal.message for refusal in report.refused] == [True] * 3


def test_a_refusal_names_the_file_and_not_its_hash(bench: Workbench, tmp_path: Path) -> None:
    broken = tmp_path / "Broken take of Anna.mp4"
    broken.write_bytes(make_clip(tmp_path / "a.mp4", 1).read_bytes()[:900])
    (refusal,) = bench.run_job(bench.enqueue(items([broken]))).refused
    assert "Broken take of Anna.mp4" in refusal.message
    assert sha256(broken)[:12] not in refusal.message


def test_a_deleted_clip_added_again_is_restored_with_its_new_label(bench: Workbench, tmp_path: Path) -> None:
    (path,) = make_clips(tmp_path / "in", 1)
    bench.run_job(bench.enqueue(items([path], "running")))
    bench.library.delete([sha256(path)])
    report = bench.run_job(bench.enqueue([Item(path, "jogging", "anna")]))
    assert (report.added, report.duplicates) == (1, 0)
    (clip,) = bench.library.clips()
    assert (clip.label, clip.source) == ("jogging", "anna")
    assert bench.library.problems() == []


def test_another_encoder_embeds_a_clip_that_is_here(tmp_path: Path, home: Path, worker: Embedder) -> None:
    (path,) = make_clips(tmp_path / "in", 1)
    with toy_bench(home, worker) as bench:
        bench.run_job(bench.enqueue([Item(path, "running", "anna")]))
    settings = Settings.from_environment(home=home, encoder="x3d_s", device="cpu", random_weights=True)
    other = bench.spec("x3d_s").fingerprint(encoders.RANDOM_SHA256)
    vectors = ClipEmbeddings(other, (Window(0.0, 1.0),), np.ones((1, 2048), np.float32))
    hand = Hand(lambda content, _: Embedded(embedded(content).info, vectors, b""))
    with Workbench(settings, embedder=hand) as bench:
        assert [item.path for item in bench.missing()] == [bench.library.media_path(sha256(path))]
        report = bench.run_job(bench.enqueue([Item(path, "another label")]))
        assert (report.added, report.duplicates, report.windows) == (1, 0, 1)
        (clip,) = bench.library.clips()
        assert (clip.label, clip.source, clip.name) == ("running", "anna", path.name)
        assert bench.library.has_embeddings(clip.clip_id, TOY) and bench.library.has_embeddings(clip.clip_id, other)
        assert bench.missing() == []


def test_uploads_are_removed_whatever_becomes_of_them(bench: Workbench, tmp_path: Path) -> None:
    folder = bench.library.incoming_folder()
    (folder / "good.mp4").write_bytes(make_clip(tmp_path / "a.mp4", 1).read_bytes())
    (folder / "copy.mp4").write_bytes((folder / "good.mp4").read_bytes())
    (folder / "bad.mp4").write_text("no film")
    report = bench.run_job(bench.enqueue(items(sorted(folder.iterdir())), temporary=True))
    assert (report.added, report.duplicates, len(report.refused)) == (1, 1, 1)
    assert list(folder.iterdir()) == []


def test_progress_counts_what_has_ended(bench: Workbench, tmp_path: Path) -> None:
    heard: list[Progress] = []
    paths = make_clips(tmp_path / "in", 6)
    bench.run_job(bench.enqueue(items(paths)), on_progress=heard.append)
    done = [step.done for step in heard]
    assert done == sorted(done) and done[0] == 0 and done[-1] == 6
    assert {step.total for step in heard} == {6}
    assert {step.label for step in heard} == {path.name for path in paths}


def test_a_job_of_nothing_is_done(bench: Workbench) -> None:
    job_id = bench.enqueue([])
    assert bench.run_job(job_id).added == 0
    assert bench.library.job(job_id).state == "done"


# -- names --------------------------------------------------------------------------------------------------------------

NAMES = [
    b"two\nlines.mp4",
    "emoji 🏃‍♀️ läuft.mp4".encode(),
    b"x" * 251 + b".mp4",
    b"-rf.mp4",
    b"no suffix",
    b" .mp4",
    b"a'b\"c;%s.mp4",
]


def test_any_file_name_is_taken(bench: Workbench, tmp_path: Path) -> None:
    paths = []
    for seed, name in enumerate(NAMES):
        path = tmp_path / "in" / os.fsdecode(name)
        make_clip(tmp_path / "made" / f"{seed}.mp4", seed).rename(_in_folder(path))
        paths.append(path)
    report = bench.run_job(bench.enqueue(items(paths)))
    assert (report.added, report.refused) == (len(NAMES), ())
    names = [clip.name for clip in bench.library.clips()]
    assert all(name.isprintable() or "🏃" in name for name in names) and max(map(len, names)) <= 120
    assert names[0] == "two?lines.mp4" and names[3] == "-rf.mp4"


def test_a_name_that_is_no_text_is_refused_with_the_way_out(bench: Workbench, tmp_path: Path) -> None:
    path = _in_folder(tmp_path / "in" / os.fsdecode(b"caf\xe9.mp4"))
    make_clip(tmp_path / "a.mp4", 1).rename(path)
    (refusal,) = bench.run_job(bench.enqueue(items([path]))).refused
    assert refusal.reason == "unreadable" and "UTF-8" in refusal.message
    str(refusal.path).encode("utf-8")


def _in_folder(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path


def test_a_file_without_rights_or_over_the_limit_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 1)
    check_file(path, DecodingLimits())
    with pytest.raises(ValueError, match=r"a\.mp4 .* must be at most") as caught:
        check_file(path, DecodingLimits(file_bytes=100))
    assert caught.value.reason == "too-large"  # type: ignore[attr-defined]
    with pytest.raises(ValueError) as caught:
        check_file(Path("a\0b"), DecodingLimits())
    assert caught.value.reason == "unreadable"  # type: ignore[attr-defined]


# -- stopping, cancelling, resuming -------------------------------------------------------------------------------------


def test_stopped_and_resumed_by_another_workbench(home: Path, tmp_path: Path, worker: Embedder) -> None:
    paths = make_clips(tmp_path / "in", 8)
    with toy_bench(home, worker) as bench:
        job_id = bench.enqueue(items(paths))
        first = bench.run_job(job_id, should_stop=lambda: bench.library.job(job_id).done >= 3)
        assert 3 <= first.added < 8
        counts = bench.library.job(job_id).counts
        assert counts["running"] == 0 and counts["queued"] == 8 - first.added, "what was under way waits again"
        assert media_files(home) == {clip.clip_id for clip in bench.library.clips()}
    with toy_bench(home, worker) as bench:
        assert bench.unfinished() == [job_id]
        second = bench.run_job(job_id)
        assert (second.added, second.duplicates, second.refused) == (8, 0, ())
        assert bench.library.job(job_id).state == "done" and bench.unfinished() == []
        assert {clip.name for clip in bench.library.clips()} == {path.name for path in paths}


def test_stopped_and_resumed_by_the_same_workbench(bench: Workbench, tmp_path: Path) -> None:
    job_id = bench.enqueue(items(make_clips(tmp_path / "in", 6)))
    bench.run_job(job_id, should_stop=lambda: bench.library.job(job_id).done >= 1)
    assert bench.run_job(job_id).added == 6


def test_stopping_does_not_wait_for_the_clip_at_hand(home: Path, tmp_path: Path) -> None:
    """Nor for the twin of a clip at hand, whose fate it waits for."""
    hand, stop = Hand(lambda _content, _nth: None), threading.Event()
    with Workbench(toy_settings(home), embedder=hand) as bench:
        job_id = bench.enqueue(items(files(tmp_path / "in", b"one", b"one", b"two")))
        threading.Timer(0.4, stop.set).start()
        report = bench.run_job(job_id, should_stop=stop.is_set)
        assert report.added == 0 and bench.library.job(job_id).counts["queued"] == 3
        assert media_files(home) == set()


def test_cancelled(home: Path, tmp_path: Path) -> None:
    hand = Hand(lambda content, _: embedded(content) if content == b"one" else None)
    with Workbench(toy_settings(home), embedder=hand) as bench:
        job_id = bench.enqueue(items(files(tmp_path / "in", b"one", *(b"more %d" % index for index in range(9)))))

        def cancel(step: Progress) -> None:
            if step.done == 1:
                bench.library.cancel_job(job_id)

        report = bench.run_job(job_id, on_progress=cancel)
        assert (report.added, report.cancelled) == (1, 9)
        job = bench.library.job(job_id)
        assert (job.state, job.done, job.total) == ("cancelled", 10, 10)
        assert media_files(home) == {clip.clip_id for clip in bench.library.clips()}
        assert len(hand.asked) <= 1 + CLIPS_AHEAD


def test_in_the_background_a_failing_job_does_not_hold_up_the_next(home: Path, tmp_path: Path) -> None:
    def answer(content: bytes, _: int) -> Embedded | Exception:
        return RuntimeError("a defect") if content == b"defect" else embedded(content)

    first, second = files(tmp_path / "in", b"defect", b"good")
    with Workbench(toy_settings(home), embedder=Hand(answer)) as bench:
        failing, working = bench.enqueue(items([first])), bench.enqueue(items([second]))
        bench.work_in_background()
        deadline = time.monotonic() + 30
        while bench.unfinished() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert bench.library.job(failing).state == "failed" and "a defect" in bench.library.job(failing).message
        assert bench.library.job(working).state == "done" and bench.library.job(working).counts["added"] == 1


# -- what dies, fills up or lies ----------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_costs_no_clip(home: Path, tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(step: Progress) -> None:
        pid = bench.embedder.pid  # type: ignore[attr-defined]
        if step.done in (2, 6) and pid and len(killed) < 2 and pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    with toy_bench(home) as bench:
        report = bench.run_job(bench.enqueue(items(make_clips(tmp_path / "in", 12))), on_progress=kill)
        assert len(killed) == 2
        assert (report.added, report.refused) == (12, ())
        assert bench.library.problems() == []


@pytest.mark.parametrize("culprit", range(6))
def test_only_the_clip_that_kills_the_worker_twice_is_refused(home: Path, tmp_path: Path, culprit: int) -> None:
    def answer(content: bytes, _: int) -> Embedded | Exception | None:
        return WorkerDied("it ended with status -9") if content == b"clip %d" % culprit else embedded(content)

    with Workbench(toy_settings(home), embedder=Hand(answer)) as bench:
        report = bench.run_job(bench.enqueue(items(files(tmp_path / "in", *(b"clip %d" % index for index in range(6))))))
        assert report.added == 5
        (refusal,) = report.refused
        assert (refusal.path.name, refusal.reason) == (f"file {culprit}.mp4", "decoder-died")
        assert f"file {culprit}.mp4" in refusal.message


def test_an_innocent_clip_that_was_aboard_twice_is_kept(home: Path, tmp_path: Path) -> None:
    """The first clip is under way when the second kills the worker, and its answer comes only when it is alone."""
    hand: Hand

    def answer(content: bytes, _: int) -> Embedded | Exception | None:
        if content == b"killer":
            return WorkerDied("it ended with status -9")
        return embedded(content) if not hand.waiting and b"killer" in hand.asked else None

    hand = Hand(answer)
    with Workbench(toy_settings(home), embedder=hand) as bench:
        report = bench.run_job(bench.enqueue(items(files(tmp_path / "in", b"innocent", b"killer"))))
        assert report.added == 1 and [refusal.path.name for refusal in report.refused] == ["file 1.mp4"]


def test_vectors_of_another_encoder_are_never_taken(home: Path, tmp_path: Path) -> None:
    """The job ends with it: it is no clip's fault, and would be true for every other."""
    hand = Hand(lambda content, _: embedded(content, fingerprint="toy-of-another-kind"))
    with Workbench(toy_settings(home), embedder=hand) as bench:
        job_id = bench.enqueue(items(files(tmp_path / "in", b"one", b"two")))
        with pytest.raises(FingerprintMismatch, match=f"toy-of-another-kind.*{TOY}"):
            bench.run_job(job_id)
        assert bench.library.clips() == [] and media_files(home) == set()
        assert bench.library.job(job_id).counts["queued"] == 2


@pytest.mark.parametrize("reason", ["weights-missing", "weights-damaged"])
def test_without_weights_no_clip_is_blamed(home: Path, tmp_path: Path, reason: str) -> None:
    hand = Hand(lambda _content, _nth: from_reason(reason, "the weights are gone"))
    with Workbench(toy_settings(home), embedder=hand) as bench:
        job_id = bench.enqueue(items(files(tmp_path / "in", b"one", b"two")))
        with pytest.raises(RuntimeError, match="the weights are gone"):
            bench.run_job(job_id)
        assert bench.library.job(job_id).counts["queued"] == 2 and media_files(home) == set()


@pytest.mark.parametrize("reason", ["bad-embedding", "out-of-memory", "error", "no-frames"])
def test_what_is_wrong_with_one_clip_costs_that_clip(home: Path, tmp_path: Path, reason: str) -> None:
    def answer(content: bytes, _: int) -> Embedded | Exception:
        return from_reason(reason, "not this one") if content == b"two" else embedded(content)

    with Workbench(toy_settings(home), embedder=Hand(answer)) as bench:
        report = bench.run_job(bench.enqueue(items(files(tmp_path / "in", b"one", b"two", b"three"))))
        assert report.added == 2 and [refusal.reason for refusal in report.refused] == [reason]


class FullDisk(Library):
    """A library whose disk is full from the third file on."""

    taken = 0

    def put_media(self, path: Path) -> StoredMedia:
        self.taken += 1
        if self.taken > 2:
            raise StorageFailed("copying a clip into the library failed (No space left on device); free some space")
        return super().put_media(path)


def test_a_full_disk_ends_the_job_and_keeps_what_was_acknowledged(home: Path, tmp_path: Path) -> None:
    hand = Hand(lambda content, _: embedded(content))
    paths = files(tmp_path / "in", *(b"clip %d" % index for index in range(5)))
    with Workbench(toy_settings(home), library=FullDisk.open(home), embedder=hand) as bench:
        job_id = bench.enqueue(items(paths))
        with pytest.raises(StorageFailed, match="No space"):
            bench.run_job(job_id)
        assert bench.library.job(job_id).counts["running"] == 0
        assert media_files(home) == {clip.clip_id for clip in bench.library.clips()}
    with Workbench(toy_settings(home), embedder=hand) as bench:
        assert bench.library.repaired.orphan_media_removed == 0
        assert bench.run_job(job_id).added == 5


def test_without_weights_nothing_is_written(home: Path, tmp_path: Path) -> None:
    (path,) = make_clips(tmp_path / "in", 1)
    settings = Settings.from_environment(home=home, cache=tmp_path / "cache", encoder="x3d_s")
    with Workbench(settings) as bench:
        with pytest.raises(WeightsMissing, match="X3D_S"):
            bench.enqueue(items([path]))
        assert bench.library.jobs() == [] and bench.library.encoders() == [] and media_files(home) == set()
