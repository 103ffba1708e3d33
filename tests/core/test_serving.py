"""A library's own encoder: when it takes over, what answers until then, and what overrules it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadSetting, UnknownName
from core.manifest import Item
from core.settings import Settings
from core.store import Library
from core.workbench import Workbench
from tests.faked import FakeEmbedder

OLD, NEW = "toy", "x3d_s"


def open_bench(home: Path) -> Workbench:
    settings = Settings.from_environment(home=home, encoder=OLD, random_weights=True)
    return Workbench(settings, library=Library.open(home, index="memory"), embedder=FakeEmbedder())


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    with open_bench(home) as made:
        yield made


def add(bench: Workbench, folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(name.encode())
    bench.run_job(bench.enqueue([Item(folder / name, "run", name) for name in names]))


def embedded(bench: Workbench, encoder: str) -> int:
    return bench.library.count_embedded(bench.fingerprint(encoder))


def test_the_settings_decide_until_the_library_does(bench: Workbench) -> None:
    assert bench.default == OLD and bench.serving.choice is None
    assert bench.use(NEW) is None, "an empty library has nothing to embed"
    assert bench.default == NEW and bench.spec().name == NEW
    with pytest.raises(UnknownName):
        bench.use("nothing")
    assert bench.default == NEW


def test_the_old_one_answers_until_the_new_one_has_seen_everything(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4", "b.mp4")
    job_id = bench.use(NEW)
    assert job_id is not None and bench.library.job(job_id).encoder == NEW
    assert bench.default == OLD and len(bench.collection().clips) == 2
    assert bench.use(NEW) == job_id, "asking twice makes no second job"
    bench.run_job(job_id)
    assert bench.default == NEW and embedded(bench, NEW) == 2
    assert bench.collection().mean.shape == (bench.spec(NEW).dimension,)


def test_what_is_added_meanwhile_belongs_to_the_new_one(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4")
    job_id = bench.use(NEW)
    assert job_id is not None
    add(bench, tmp_path, "late.mp4")
    assert (embedded(bench, OLD), embedded(bench, NEW)) == (1, 1)
    bench.run_job(job_id)
    assert bench.default == NEW and bench.missing() == []


def test_a_cancelled_change_leaves_the_old_one_and_can_be_taken_up_again(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4", "b.mp4")
    job_id = bench.use(NEW)
    assert job_id is not None
    bench.library.cancel_job(job_id)
    assert bench.default == OLD
    add(bench, tmp_path, "c.mp4")
    assert embedded(bench, OLD) == 3, "nothing is embedded by an encoder that will not answer"
    again = bench.use(NEW)
    assert again is not None and again != job_id
    bench.run_job(again)
    assert bench.default == NEW and embedded(bench, NEW) == 3


def test_changing_ones_mind_needs_no_job(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4")
    assert bench.use(NEW) is not None
    assert bench.use(OLD) is None
    assert bench.default == OLD and bench.serving.choice is not None and bench.serving.choice.encoder == OLD


def test_the_choice_and_its_job_survive_a_restart(home: Path, tmp_path: Path) -> None:
    with open_bench(home) as bench:
        add(bench, tmp_path, "a.mp4", "b.mp4")
        job_id = bench.use(NEW)
    with open_bench(home) as bench:
        assert bench.default == OLD and bench.unfinished() == [job_id]
        assert job_id is not None
        bench.run_job(job_id)
        assert bench.default == NEW
    with open_bench(home) as bench:
        assert bench.default == NEW


def test_clips_that_defeat_the_new_one_do_not_keep_it_from_answering(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4", "b.mp4")
    clip_id = bench.library.clips()[0].clip_id
    bench.library.media_path(clip_id).chmod(0o644)
    bench.library.media_path(clip_id).write_bytes(b"broken on the disk")
    job_id = bench.use(NEW)
    assert job_id is not None
    assert len(bench.run_job(job_id).refused) == 1
    assert bench.default == NEW


def test_clips_that_are_erased_meanwhile_take_the_job_with_them(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4", "b.mp4")
    assert bench.use(NEW) is not None
    bench.library.erase([clip.clip_id for clip in bench.library.clips()])
    assert bench.default == NEW


def test_an_encoder_without_a_clip_of_its_own_gives_way_at_once(bench: Workbench, tmp_path: Path) -> None:
    add(bench, tmp_path, "a.mp4")
    bench.library.erase([clip.clip_id for clip in bench.library.clips()])
    (tmp_path / "b.mp4").write_bytes(b"b")
    bench.run_job(bench.enqueue([Item(tmp_path / "b.mp4")], "slow_r50"))
    assert bench.use(NEW) is not None
    assert bench.default == NEW


def test_the_environment_overrules_the_library(bench: Workbench, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.use(NEW)
    bench.close()
    monkeypatch.setenv("MOTIONBOOK_ENCODER", OLD)
    with Workbench(Settings.from_environment(home=home, random_weights=True), embedder=FakeEmbedder()) as overruled:
        assert overruled.default == OLD and overruled.serving.overruled
        with pytest.raises(BadSetting, match="MOTIONBOOK_ENCODER"):
            overruled.use(NEW)


def test_a_choice_that_is_not_known_here_is_passed_over(bench: Workbench) -> None:
    bench.library.remember_note("encoder", {"encoder": "from a newer Motionbook", "until": None, "job_id": None})
    assert bench.default == OLD
