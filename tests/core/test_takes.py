"""Clips that are asked for without being kept, over a real library with the toy encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import takes
from core.errors import BadClip, BadQuery, Cancelled, UnknownName
from core.manifest import Item
from core.queries import parse
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("clips")
    items = [Item(make_clip(folder / f"{seed}.mp4", seed), "running" if seed < 2 else "walking", f"p{seed}") for seed in range(4)]
    with toy_bench(tmp_path_factory.mktemp("home") / "library") as opened:
        opened.run_job(opened.enqueue(items))
        yield opened


def content_of(path: Path, seed: int, count: int = 10) -> bytes:
    return make_clip(path / f"{seed}.mp4", seed, count=count).read_bytes()


def test_a_take_is_compared_as_a_clip_of_the_library_is(bench, tmp_path):
    """The same pictures give the same numbers, whether they are in the library or not."""
    made = content_of(tmp_path, 0)
    take = bench.takes.take(made, "../../webcam take.mp4")
    assert (take.take_id, take.name, take.info.frames) == (hashlib.sha256(made).hexdigest(), "webcam take.mp4", 10)
    assert not bench.takes.embedded(take.take_id, "toy")
    compared = bench.compare([parse(take.query), parse(f"clip:{take.take_id}"), parse("label:walking")])
    assert compared.pairs[0, 1] == 0, "its twin in the library is of its own source and says nothing"
    np.testing.assert_allclose(compared.sides[0].centred, compared.sides[1].centred, atol=1e-6)
    assert compared.centred[0, 2] == pytest.approx(compared.centred[1, 2])
    assert compared.sides[0].title == "webcam take.mp4"
    assert bench.takes.embedded(take.take_id[:8], "toy")
    assert len(bench.library.clips()) == 4


def test_a_part_of_a_take(bench, tmp_path):
    take = bench.takes.take(content_of(tmp_path, 9, count=40), "long.mp4")
    whole, part = bench.sides([parse(take.query), parse(f"{take.query}@0-1")])[0]
    assert part.title == "long.mp4 from 0 to 1 s"
    assert not np.allclose(whole.centred, part.centred)
    with pytest.raises(BadQuery, match=r"must lie within long\.mp4"):
        bench.sides([parse(f"{take.query}@50-60")])


def test_the_same_content_is_one_take_and_its_file_goes_with_it(bench, tmp_path):
    path = make_clip(tmp_path / "a.mp4", 11)
    first, again = bench.takes.take(path, "a.mp4"), bench.takes.take(path.read_bytes(), "b.mp4")
    assert first == again
    assert first.path.exists() and path.exists()
    assert bench.takes.playable(first.take_id).read_bytes() == path.read_bytes()
    bench.takes.discard(first.take_id)
    bench.takes.discard(first.take_id)
    assert not first.path.parent.exists()
    with pytest.raises(UnknownName, match="record or drop it again"):
        bench.sides([parse(first.query)])


def test_what_is_no_clip_is_refused_by_name_and_leaves_nothing(bench, tmp_path):
    before = {path for path in bench.library.home.rglob("*") if path.is_file()}
    with pytest.raises(BadClip) as refused:
        bench.takes.take(b"no film at all", "x.mp4")
    assert refused.value.reason == "not-a-video"
    with pytest.raises(BadClip, match="cannot be opened"):
        bench.takes.take(tmp_path / "gone.mp4", "gone.mp4")
    assert {path for path in bench.library.home.rglob("*") if path.is_file()} == before


def test_keeping_one_adds_it_and_the_take_goes_on(bench, tmp_path):
    take = bench.takes.take(content_of(tmp_path, 21), "wave.mp4")
    report = bench.run_job(bench.takes.keep(take.take_id, "waving", "me"))
    assert report.added == 1
    clip = bench.library.clip(take.take_id)
    assert (clip.label, clip.source, clip.name) == ("waving", "me", "wave.mp4")
    assert take.path.exists()
    assert bench.takes.clip(take.take_id).split_source == "me", "from now on it must not count against itself"
    bench.library.erase([take.take_id])


def test_there_are_at_most_so_many_and_a_wait_can_be_stopped(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(takes, "MOST", 2)
    made = [bench.takes.take(content_of(tmp_path, 30 + seed), f"{seed}.mp4") for seed in range(3)]
    assert [take.name for take in bench.takes.all()] == ["2.mp4", "1.mp4"]
    assert not made[0].path.exists()
    with pytest.raises(Cancelled, match=r"1\.mp4 was stopped"):
        bench.takes.embeddings(made[1].take_id, "toy", should_stop=lambda: True)


def test_takes_go_with_the_library(tmp_path):
    with toy_bench(tmp_path / "library") as bench:
        path = bench.takes.take(content_of(tmp_path, 1), "a.mp4").path
        assert path.exists()
    assert not path.exists()


def test_sets_of_clips_are_sides(bench):
    ids = [clip.clip_id for clip in bench.library.clips()]
    some = f"clips:{ids[2][:10]},{ids[0]}"
    side, single = bench.sides([parse(some), parse(f"clips:{ids[1]}")])[0]
    assert [clip.clip_id for clip in side.clips] == [ids[2], ids[0]]
    assert (side.title, single.title) == ("2 selected clips", "1.mp4")
    with pytest.raises(UnknownName, match=r"clip \(0123456789\)"):
        bench.sides([parse(f"{some},0123456789")])
