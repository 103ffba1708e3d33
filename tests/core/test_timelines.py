"""Clips as courses over time, with the toy encoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.clips import Progress
from core.decoding.writing import write_mp4
from core.errors import BadInput, Cancelled, NotEnoughData
from core.manifest import Item
from core.queries import parse
from core.timelines import MOMENT_SECONDS, MOMENTS, MOST_WINDOWS, Grid, Timelines
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench

FPS = 20
COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200), (200, 40, 200)]


def course(path: Path, seconds: list[float]) -> Path:
    """A film that goes through COLOURS one after another, each for so many seconds, without a jump between them."""
    ends = np.concatenate([[0.0], np.cumsum(seconds)])
    moments = np.arange(int(ends[-1] * FPS)) / FPS
    mixed = np.stack(
        [np.interp(moments, ends[:-1], [colour[axis] for colour in COLOURS[: len(seconds)]]) for axis in range(3)], 1
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mp4(path, [np.full((32, 48, 3), colour, np.uint8) for colour in mixed.round().astype(np.uint8)], FPS)
    return path


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("timelines")
    items = [
        Item(course(folder / "slow.mp4", [1.2] * 6), "slow", "ann", "slow"),
        Item(course(folder / "fast.mp4", [0.8] * 6), "fast", "bob", "fast"),
        Item(make_clip(folder / "short.mp4", 1, count=6), "short", "cat", "short"),
        Item(course(folder / "red.mp4", [0.6, 0.05]), "red", "dan", "red"),
        Item(course(folder / "green.mp4", [0.05, 1.0]), "green", "eve", "green"),
    ]
    with toy_bench(folder / "library") as made:
        made.run_job(made.enqueue(items))
        yield made


def clip(bench: Workbench, name: str) -> str:
    return next(clip.clip_id for clip in bench.library.clips() if clip.name == name)


def test_windows_stand_on_one_grid():
    grid = Grid(0.5, 0.25)
    assert grid.rows((0.0, 1.0)) == [0, 1, 2] and grid.rows((0.3, 1.05)) == [2] and grid.rows((0.0, 0.4)) == []
    assert grid.window(2).start_seconds == 0.5 and grid.window(2).end_seconds == 1.0
    long = grid.rows((0.0, 3600.0))
    assert len(long) <= MOST_WINDOWS and len(set(np.diff(long))) == 1


def test_a_clip_is_laid_along_a_faster_one(bench: Workbench):
    times = Timelines(bench)
    slow, fast = times.timeline(clip(bench, "slow")), times.timeline(clip(bench, "fast"))
    found = times.align(slow, fast)
    assert found.similarity.shape == (len(slow.windows), len(fast.windows)) and not found.within
    knots = found.knots
    assert np.abs(knots[:, 0] / 1.2 - knots[:, 1] / 0.8).max() < 0.5, "the same colour at both ends of every knot"
    assert found.score > found.chance.high and found.chance.p_value == found.chance.smallest_p
    assert found.speed == pytest.approx(1.5, abs=0.15)
    assert found.path[0] == (pytest.approx(knots[0, 0]), pytest.approx(knots[0, 1]))


def test_a_range_is_found_inside_a_clip(bench: Workbench):
    times = Timelines(bench)
    part = times.timeline(clip(bench, "fast"), span=(1.5, 3.2))
    assert part.span == (1.5, 3.2) and part.start_seconds[0] >= 1.5 and part.end_seconds[-1] <= 3.2
    found = times.align(part, times.timeline(clip(bench, "slow")))
    assert found.within
    assert np.abs(found.knots[:, 0] / 0.8 - found.knots[:, 1] / 1.2).max() < 0.7


def test_what_was_computed_is_kept_and_erased_with_the_clip(bench: Workbench, tmp_path: Path):
    times, told = Timelines(bench), list[Progress]()
    item = Item(course(tmp_path / "kept.mp4", [0.5] * 6), "kept", "fay", "kept")
    bench.run_job(bench.enqueue([item]))
    kept = clip(bench, "kept")
    part = times.timeline(kept, span=(0.0, 1.5), progress=told.append)
    assert told[-1].done == told[-1].total == len(part.windows) == 4
    whole = len(MOMENTS.rows((0.0, bench.library.clip(kept).info.duration_seconds)))
    assert times.missing(kept) == whole - 4
    again = times.timeline(kept, progress=told.append)
    assert told[-1].total == whole - 4 and np.array_equal(again.vectors[:4], part.vectors)
    assert times.missing(kept) == 0 and not times.cadence_known(kept)
    times.cadence(kept)
    assert times.cadence_known(kept)
    derived = bench.library.home / "derived"
    assert len(list(derived.glob(f"{kept}.*.npz"))) == 2
    bench.library.erase([kept])
    assert not list(derived.glob(f"{kept}*"))


def test_it_can_be_stopped_and_goes_on_where_it_was(bench: Workbench):
    times = Timelines(bench)
    with pytest.raises(Cancelled, match="stopped"):
        times.timeline(clip(bench, "green"), should_stop=lambda: True)
    assert times.missing(clip(bench, "green")) > 0
    assert len(times.timeline(clip(bench, "green")).windows) >= 2


def test_a_clip_repeats_itself_where_it_does(bench: Workbench):
    times = Timelines(bench)
    table = times.self_similarity(times.timeline(clip(bench, "slow")))
    assert np.allclose(np.diagonal(table), 1, atol=1e-5) and np.allclose(table, table.T)


def test_too_short_is_told(bench: Workbench):
    times = Timelines(bench)
    with pytest.raises(NotEnoughData, match=r"must be at least 0\.89 s long"):
        times.timeline(clip(bench, "short"))
    with pytest.raises(NotEnoughData, match="choose a longer one"):
        times.timeline(clip(bench, "slow"), span=(5.0, 5.0 + MOMENT_SECONDS))
    assert times.cadence(clip(bench, "short")).reason.startswith("the clip is too short")


def test_a_strip_tells_where(bench: Workbench):
    times = Timelines(bench)
    slow = clip(bench, "slow")
    assert times.strip_missing(slow) > 0
    coarse = times.strip(parse("label:green"), slow, finer=False)
    found = times.strip(parse("label:green"), slow)
    assert len(found.seconds) > len(coarse.seconds) and times.strip_missing(slow) == 0
    assert np.allclose(found.exact[::2][:8], coarse.exact[:8], atol=1e-5), "the library's own windows are taken as they are"
    assert found.peaks and found.peaks[0].start_seconds < 1.4 < found.peaks[0].end_seconds + 0.3, "green comes at 1.2 s"
    assert not found.own_source


def test_of_a_single_window_the_strip_is_the_comparison(bench: Workbench):
    short = clip(bench, "short")
    found = Timelines(bench).strip(parse("label:slow"), short)
    compared = bench.compare([parse("label:slow"), parse(f"clip:{short}")])
    assert found.exact.tolist() == [pytest.approx(compared.centred[0, 1], abs=1e-6)]


def test_a_query_of_the_clips_own_source_is_used_for_want_of_others(bench: Workbench):
    found = Timelines(bench).strip(parse("label:slow"), clip(bench, "slow"), finer=False)
    assert found.own_source and found.exact.min() > -1


def test_unlike_encoders_do_not_meet(bench: Workbench):
    times = Timelines(bench)
    line = times.timeline(clip(bench, "slow"))
    with pytest.raises(BadInput, match="one encoder"):
        times.align(line, replace(line, fingerprint="other", encoder="other"))
