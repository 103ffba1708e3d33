"""Every clip and every moment against one query: the numbers that Compare would show."""

from __future__ import annotations

import numpy as np
import pytest

from core.affinity import affinity
from core.errors import UnknownName
from core.manifest import Item
from core.queries import parse
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("affinity")
    items = [
        Item(make_clip(folder / f"{number}.mp4", number, count=30), f"label {number % 2}", f"who {number}") for number in range(5)
    ]
    with toy_bench(folder / "library") as bench:
        assert bench.run_job(bench.enqueue(items)).added == 5
        yield bench


def test_clips_are_as_alike_as_compare_says(bench: Workbench):
    clip = bench.library.clips()[0]
    found = affinity(bench, parse(f"clip:{clip.clip_id}"))
    by_id = dict(zip(found.points.clip_ids, found.similarity, strict=True))
    assert by_id[clip.clip_id] == pytest.approx(1, abs=1e-5) and len(by_id) == 5
    for other in bench.library.clips()[1:]:
        compared = bench.compare([parse(f"clip:{clip.clip_id}"), parse(f"clip:{other.clip_id}")])
        assert by_id[other.clip_id] == pytest.approx(compared.centred[0, 1], abs=1e-5)


def test_moments_stand_in_the_same_space(bench: Workbench):
    found = affinity(bench, parse('label:"label 1"'), of="moments")
    assert len(found.similarity) == len(found.points.clips) > 5 and (np.abs(found.similarity) <= 1).all()
    inside = np.asarray([clip.label == "label 1" for clip in found.points.clips])
    assert found.similarity[inside].mean() > found.similarity[~inside].mean()


def test_a_name_that_is_not_here_is_told(bench: Workbench):
    with pytest.raises(UnknownName):
        affinity(bench, parse("label:swimming"))
