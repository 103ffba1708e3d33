"""Stretches of a clip as files and as clips."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import cutting
from core.clips import Framing
from core.decoding import Decoder
from core.decoding.writing import write_mp4
from core.errors import BadInput, Cancelled
from core.manifest import Item
from core.workbench import Workbench
from tests.tiny import toy_bench

FPS = 10


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One clip of 4 s, each picture a little lighter than the one before."""
    folder = tmp_path_factory.mktemp("cutting")
    (folder / "a").mkdir()
    write_mp4(folder / "a" / "b.mp4", greys(), FPS)
    with toy_bench(folder / "library") as made:
        made.run_job(made.enqueue([Item(folder / "a" / "b.mp4", "walk", "", "long walk: 1/2.mp4")]))
        yield made


def greys() -> list[np.ndarray]:
    return [np.full((32, 32, 3), 20 + 5 * number, np.uint8) for number in range(40)]


def test_a_cut_shows_what_the_clip_shows_then(bench: Workbench, tmp_path: Path) -> None:
    (clip,) = [one for one in bench.library.clips() if one.label == "walk"]
    (path,) = cutting.cut(bench, clip.clip_id, [(1.0, 2.0)], tmp_path)
    assert path.name == "long walk_ 1_2 from 1.00 to 2.00 s.mp4"
    with Decoder() as decoder:
        info = decoder.probe(path)
        (frames,) = decoder.read_windows(path, [np.array([0.05, 0.95])], Framing(32, 32, "whole"))
    assert info.duration_seconds == pytest.approx(1.0, abs=0.11)
    assert frames.mean(axis=(1, 2, 3)) == pytest.approx([20 + 5 * 10, 20 + 5 * 19], abs=4)


def test_cuts_are_zipped(bench: Workbench) -> None:
    (clip,) = [one for one in bench.library.clips() if one.label == "walk"]
    with zipfile.ZipFile(io.BytesIO(cutting.zipped(bench, clip.clip_id, [(0.0, 1.0), (3.0, 4.0)]))) as archive:
        assert [name.split(" from ")[1] for name in archive.namelist()] == ["0.00 to 1.00 s.mp4", "3.00 to 4.00 s.mp4"]
        assert archive.testzip() is None and all(entry.file_size > 500 for entry in archive.infolist())


def test_cuts_become_clips_of_the_same_source(bench: Workbench) -> None:
    (clip,) = [one for one in bench.library.clips() if one.label == "walk"]
    report = bench.run_job(cutting.add(bench, clip.clip_id, [(0.5, 1.5), (2.5, 3.5)], "step"))
    assert report.added == 2
    made = [one for one in bench.library.clips() if one.label == "step"]
    assert {one.split_source for one in made} == {clip.split_source}, "no statistic may compare them"
    assert made[0].info.duration_seconds == pytest.approx(1.0, abs=0.11)


@pytest.mark.parametrize("span", [(2.0, 1.0), (-1.0, 1.0), (3.0, 9.0)])
def test_a_span_must_lie_within_the_clip(bench: Workbench, tmp_path: Path, span: tuple[float, float]) -> None:
    (clip,) = [one for one in bench.library.clips() if one.label == "walk"]
    with pytest.raises(BadInput, match="must lie within"):
        cutting.cut(bench, clip.clip_id, [span], tmp_path)


def test_cutting_can_be_stopped(bench: Workbench, tmp_path: Path) -> None:
    (clip,) = [one for one in bench.library.clips() if one.label == "walk"]
    with pytest.raises(Cancelled):
        cutting.cut(bench, clip.clip_id, [(0.0, 1.0)], tmp_path, should_stop=lambda: True)
    with pytest.raises(BadInput, match="at most"):
        cutting.cut(bench, clip.clip_id, [(0.0, 1.0)] * 51, tmp_path)
