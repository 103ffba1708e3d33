"""The whole machine through its one face: questions over a real library, kept answers, pictures and playback."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from core.comparing import Comparison
from core.errors import BadClip, LibraryLocked, NoActionHead, NotEnoughData, UnknownName
from core.manifest import Item
from core.queries import parse
from core.settings import Settings
from core.workbench import Workbench
from tests.tiny import frames, make_clip, toy_bench


def make_avi(path: Path, seed: int) -> Path:
    """MPEG-4 part 2 in AVI, which no browser plays."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for picture in frames(seed):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Workbench]:
    """Two labels of three people each, a long clip that crowds the index, and an AVI."""
    items = [
        Item(make_clip(folder / f"{label} {person}.mp4", 10 * row + person), label, f"person {person}")
        for row, label in enumerate(("running", "jogging"))
        for person in range(3)
    ]
    items.append(Item(make_clip(folder / "long.mp4", 77, count=900), "walking", "person 0"))
    items.append(Item(make_avi(folder / "old.avi", 78), "walking", "person 1"))
    with toy_bench(tmp_path_factory.mktemp("home") / "library") as opened:
        report = opened.run_job(opened.enqueue(items))
        assert (report.added, report.refused) == (8, ())
        yield opened


def id_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ask(bench: Workbench, *texts: str) -> Comparison:
    return bench.compare([parse(text) for text in texts])


def test_labels_are_compared(bench: Workbench) -> None:
    found = ask(bench, "label:running", "label:jogging")
    assert found.pairs.tolist() == [[3, 6], [6, 3]]
    assert np.isfinite(found.centred).all() and (found.library_clips, found.library_sources) == (8, 3)
    provenance = bench.provenance()
    assert (provenance.encoder, provenance.clips, provenance.sources) == ("toy", 8, 3)


def test_a_file_is_looked_at_and_not_kept(bench: Workbench, folder: Path) -> None:
    path = folder / "running 0.mp4"
    found = ask(bench, f"file:{path}", f"clip:{id_of(path)}", "label:running")
    assert found.raw[0, 1] == pytest.approx(1, abs=1e-6), "the same content embeds to the same vector, urgent or not"
    assert found.sides[0].title.endswith("running 0.mp4")
    assert len(bench.library.clips()) == 8
    with pytest.raises(BadClip) as caught:
        ask(bench, f"file:{folder / 'gone.mp4'}", "label:running")
    assert caught.value.reason == "unreadable"


def test_unknown_names_are_refused(bench: Workbench) -> None:
    with pytest.raises(UnknownName, match="try running"):
        ask(bench, "label:runing", "label:jogging")
    with pytest.raises(NoActionHead):
        ask(bench, "action:jogging", "label:jogging")
    with pytest.raises(UnknownName, match="toy"):
        bench.spec("no-such-encoder")
    assert bench.actions() == ()


def test_a_collection_is_kept_until_the_library_changes(bench: Workbench, folder: Path) -> None:
    before = bench.collection()
    assert bench.collection() is before
    clip_id = id_of(folder / "running 0.mp4")
    bench.library.delete([clip_id])
    assert len(bench.collection().clips) == 7
    bench.library.restore([clip_id])
    bench.library.relabel([clip_id], label="sprinting")
    assert "sprinting" in bench.collection().labels
    bench.library.relabel([clip_id], label="running")
    np.testing.assert_array_equal(bench.collection().raw, before.raw)


def test_answers_while_clips_come_and_go(bench: Workbench, folder: Path) -> None:
    """Pages ask while a job writes: an answer is of one moment or another, never an accident in between."""
    clip_ids, stop, accidents = [id_of(folder / f"jogging {n}.mp4") for n in range(3)], threading.Event(), list[BaseException]()

    def ask_on() -> None:
        try:
            while not stop.is_set():
                assert 5 <= len(bench.collection().clips) <= 8
        except BaseException as error:
            accidents.append(error)

    asking = [threading.Thread(target=ask_on) for _ in range(2)]
    for thread in asking:
        thread.start()
    for _ in range(10):
        bench.library.delete(clip_ids)
        bench.library.restore(clip_ids)
    stop.set()
    for thread in asking:
        thread.join()
    assert accidents == []


def test_nearest_gives_every_other_clip_once(bench: Workbench, folder: Path) -> None:
    """Also beside a clip of a hundred and eighty windows, all of which are nearer to it than anything else."""
    of = bench.collection()
    for name in ("long.mp4", "running 1.mp4"):
        clip_id = id_of(folder / name)
        found = bench.nearest(clip_id, 10)
        assert {match.clip_id for match in found} == {clip.clip_id for clip in of.clips} - {clip_id}
        assert [match.rank for match in found] == list(range(1, 8))
        assert [match.similarity for match in found] == sorted((match.similarity for match in found), reverse=True)
    row = next(row for row, clip in enumerate(of.clips) if clip.name == "running 1.mp4")
    vectors = bench.library.gallery(bench.fingerprint())
    lengths = np.linalg.norm(vectors.vectors, axis=1)
    exact = vectors.vectors @ of.raw[row] / lengths
    exact[[clip_id == id_of(folder / "running 1.mp4") for clip_id in vectors.clip_ids]] = -1
    assert bench.nearest(id_of(folder / "running 1.mp4"), 1)[0].clip_id == vectors.clip_ids[int(np.argmax(exact))]
    assert bench.nearest("0" * 64, 3) == []


def test_matrix_and_evaluation(bench: Workbench) -> None:
    assert bench.matrix("label").names == ("jogging", "running", "walking")
    assert bench.matrix("clip").similarity.shape == (8, 8)
    found = bench.evaluate()
    assert (found.clips, found.sources) == (8, 3) and 0 <= found.recall_at_1 <= found.recall_at_5 <= 1


def test_thumbnails_come_with_the_clip_and_come_back(bench: Workbench, folder: Path) -> None:
    path = bench.thumbnail(id_of(folder / "running 0.mp4"))
    before = path.read_bytes()
    assert before[:3] == b"\xff\xd8\xff"
    path.unlink()
    assert bench.thumbnail(id_of(folder / "running 0.mp4")).read_bytes() == before


def test_playback_is_the_media_itself_or_one_copy(bench: Workbench, folder: Path) -> None:
    plain = id_of(folder / "running 0.mp4")
    assert bench.playable(plain) == bench.library.media_path(plain)
    old = id_of(folder / "old.avi")
    copies: list[Path] = []
    threads = [threading.Thread(target=lambda: copies.append(bench.playable(old))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(copies) == {bench.library.playback_path(old)}
    info = bench._decoder.probe(copies[0])
    assert (info.codec, info.pixel_format) == ("h264", "yuv420p") and info.duration_seconds == pytest.approx(1, abs=0.15)
    written = copies[0].stat().st_mtime_ns
    assert bench.playable(old).stat().st_mtime_ns == written


def test_the_library_is_one_process_at_a_time(bench: Workbench) -> None:
    with pytest.raises(LibraryLocked):
        Workbench(bench.settings)
    assert len(bench.library.clips()) == 8


def test_an_empty_library_says_what_to_do(home: Path) -> None:
    with toy_bench(home) as bench:
        for question in (bench.collection, bench.evaluate, bench.provenance, lambda: bench.matrix("label")):
            with pytest.raises(NotEnoughData, match="empty"):
                question()
        assert next(spec.name for spec in bench.encoders()) == "toy"


def test_a_library_of_another_encoder_says_so(bench: Workbench) -> None:
    settings = Settings.from_environment(home=bench.settings.home, encoder="x3d_s", random_weights=True)
    other = Workbench(settings, library=bench.library, embedder=bench.embedder)
    assert "random" in other.fingerprint() and other.fingerprint() != bench.fingerprint("toy")
    assert other.head() is None, "a classifier with random weights names no action"
    with pytest.raises(NotEnoughData, match="x3d_s"):
        other.collection()


def test_samples_are_drawn_one_by_one_and_only_once(home: Path) -> None:
    with toy_bench(home) as bench:
        job_id = bench.enqueue_samples(people=1)
        report = bench.run_job(job_id, should_stop=lambda: bench.library.job(job_id).done >= 2)
        assert report.added >= 2 and report.refused == ()
        assert all(clip.synthetic and clip.label and clip.source for clip in bench.library.clips())
        drawn = {clip.name for clip in bench.library.clips()}
        bench.library.cancel_job(job_id)
        again = bench.enqueue_samples(people=1)
        assert drawn.isdisjoint(item.name for item in bench.library.job_items(again))
        assert list(bench.library.home.glob("incoming/*/*")) == []


def test_closing_ends_the_background_and_the_next_start_goes_on(home: Path, tmp_path: Path) -> None:
    paths = [make_clip(tmp_path / f"{n}.mp4", n) for n in range(20)]
    bench = toy_bench(home)
    job_id = bench.enqueue([Item(path) for path in paths])
    bench.work_in_background()
    bench.close()
    with toy_bench(home) as bench:
        assert bench.library.job(job_id).active
        bench.work_in_background()
        deadline = time.monotonic() + 60
        while bench.unfinished() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert bench.library.job(job_id).counts["added"] == 20
        assert bench.current is None or bench.current.total == 20
