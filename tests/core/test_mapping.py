"""Maps of a workbench: made, kept, told how old they are, stopped, and gone with an erased clip."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import mapping
from core.errands import STOPPED
from core.errors import Cancelled, NotEnoughData, UnknownName
from core.mapping import WHOLE, Layout, Mapper, points
from core.workbench import Workbench
from tests.core.planted import plant, plant_groups
from tests.tiny import toy_bench

PCA = Layout("pca")


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    with toy_bench(home) as opened:
        yield opened


def test_a_map_of_clips_is_made_kept_and_still_there_after_a_restart(bench: Workbench, tmp_path: Path) -> None:
    plant_groups(bench, tmp_path, ["run", "jog"], 4, windows=3)
    mapper = Mapper(bench)
    assert mapper.kept(PCA) is None and mapper.layouts() == []
    made = mapper.make(PCA)
    assert made.clip_ids == tuple(clip.clip_id for clip in bench.library.clips()) and made.places.shape == (8, 2)
    assert (made.windows == WHOLE).all() and made.spans[0] == pytest.approx([0, 4.5])
    assert made.current and made.sentence == "" and "spread" in made.notes[0]
    assert made.revision == bench.library.revision, "keeping a map is no change of the library"
    bench.close()
    with toy_bench(bench.library.home) as again:
        kept = Mapper(again).kept(Layout("pca", seed=5))
        assert kept is not None and np.array_equal(kept.places, made.places) and kept.made_at == made.made_at
        assert Mapper(again).layouts() == [PCA]


def test_a_map_of_moments_knows_its_windows(bench: Workbench, tmp_path: Path) -> None:
    ids = plant_groups(bench, tmp_path, ["run", "jog"], 2, windows=3)
    made = Mapper(bench).make(Layout("pca", "moments"))
    assert len(made.places) == 12 and made.windows.tolist() == [0, 1, 2] * 4
    assert made.spans[4] == pytest.approx([1, 2]) and made.clip_ids[3] == ids["run"][1]
    rows = points(bench, of="moments").rows
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(12), abs=1e-5)


def test_an_old_map_says_what_came_and_went(bench: Workbench, tmp_path: Path) -> None:
    ids = plant_groups(bench, tmp_path, ["run", "jog"], 3)
    mapper = Mapper(bench)
    mapper.make(PCA)
    bench.library.relabel(ids["run"], label="sprint")
    assert mapper.kept(PCA).current, "labels move no place"
    plant(bench, tmp_path, np.ones((1, 4)), "new")
    bench.library.delete(ids["jog"][:2])
    kept = mapper.kept(PCA)
    assert (kept.new, kept.gone) == (1, 2) and len(kept.places) == 4
    assert kept.sentence.startswith("1 clip is new and 2 clips are gone since this map was made")
    bench.library.restore(ids["jog"][:2])
    assert mapper.kept(PCA).gone == 0 and len(mapper.kept(PCA).places) == 6
    assert mapper.make(PCA).current
    mapper.forget(PCA)
    assert mapper.kept(PCA) is None


def test_it_runs_as_an_errand_that_can_be_stopped(bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant_groups(bench, tmp_path, ["run", "jog"], 3)
    mapper, started = Mapper(bench), threading.Event()
    mapper.begin(PCA)
    bench.errands.join(30)
    assert bench.errands.state.ended and not bench.errands.state.error and mapper.kept(PCA) is not None

    def slow(_rows, _layout, *, should_stop, waiting):
        waiting()
        started.set()
        while not should_stop():
            threading.Event().wait(0.01)
        raise Cancelled("stopped")

    monkeypatch.setattr(mapping, "place", slow)
    mapper.begin(Layout("umap"))
    assert started.wait(30) and "placing 6 clips by UMAP" in bench.errands.state.progress.label
    bench.errands.stop()
    bench.errands.join(30)
    assert bench.errands.state.error == STOPPED and mapper.kept(Layout("umap")) is None


def test_nothing_to_lay_out_and_unknown_streams_are_told(bench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData):
        Mapper(bench).make(PCA)
    plant(bench, tmp_path, np.ones((1, 4)))
    with pytest.raises(UnknownName, match="flow"):
        Mapper(bench).make(Layout("pca", weights=(("flow", 1.0),)))
    assert Mapper(bench).make(PCA).places.tolist() == [[0, 0]]
