"""Whether a split leaks: shared clips, shared sources and twins across, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.clips import Section
from core.errors import BadInput, BadQuery, UnknownName
from core.leakage import leakage, looks, near_duplicates
from core.queries import parse
from core.workbench import Workbench
from tests.core.planted import dimension, plant
from tests.tiny import toy_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("leakage")
    with toy_bench(folder / "library") as made:
        axes = np.eye(dimension(made))
        for axis, label, source in (
            (0, "train", "anna"),
            (1, "train", "ben"),
            (2, "train", ""),
            (3, "test", "cem"),
            (4, "test", "dora"),
            (5, "late", "anna"),
            (0, "late", "eva"),
        ):
            plant(made, folder, axes[axis : axis + 1] + 0.001 * axes[axis + 6 : axis + 7], label, source)
        yield made


def test_a_clean_split_is_called_clean_and_what_is_unknown_is_said(bench: Workbench) -> None:
    found = leakage(bench, parse("source:ben"), parse("label:test"))
    assert found.clean and found.sentence.startswith("The split is clean") and found.unknown == 0
    unsure = leakage(bench, parse("label:train"), parse("label:test"))
    assert unsure.clean and unsure.unknown == 1 and "1 clip has no source" in unsure.sentence
    assert (unsure.clips, unsure.sources) == ((3, 2), (3, 2))


def test_sources_and_twins_on_both_sides_are_told(bench: Workbench) -> None:
    found = leakage(bench, parse("label:train"), parse("label:late"))
    assert not found.clean and found.shared_sources == (("anna", 1, 1),)
    ((twins),) = found.twins
    assert twins.first.source == "anna" and twins.second.source == "eva" and twins.similarity > 0.98
    assert found.sentence.startswith(
        "The split leaks: 1 source is on both sides (anna); 1 pair of clips across is nearly the same."
    )


def test_the_same_clip_on_both_sides_is_told_and_is_no_twin_of_itself(bench: Workbench) -> None:
    found = leakage(bench, parse("source:anna"), parse("label:train"))
    assert len(found.shared_clips) == 1 and found.shared_clips[0].label == "train"
    assert "1 clip is on both sides" in found.sentence
    assert all(one.first.clip_id != one.second.clip_id for one in found.twins)


def test_near_duplicates_of_the_library_are_grouped(bench: Workbench) -> None:
    found = near_duplicates(bench)
    ((first, second),) = found.families
    assert {first.source, second.source} == {"anna", "eva"} and len(found.pairs) == 1
    assert found.sentence == "2 of 7 clips are in 1 group of nearly the same films (raw cosine 0.98 or more)."
    bench.library.delete([first.clip_id])
    assert near_duplicates(bench).sentence.startswith("No two of 6 clips are nearly the same")
    bench.library.restore([first.clip_id])


def test_what_cannot_be_asked_is_refused(bench: Workbench) -> None:
    with pytest.raises(BadInput, match="raw cosine"):
        near_duplicates(bench, least=0.2)
    with pytest.raises(UnknownName):
        leakage(bench, parse("label:nobody"), parse("label:test"))


def test_a_direction_is_no_side_of_a_split(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bench.sides([parse("label:test"), parse("label:late")])
    words = replace(real[0][0], clips=(), query=parse("action:running"))
    monkeypatch.setattr(bench, "sides", lambda *_args, **_more: ([words, real[0][1]], *real[1:]))
    with pytest.raises(BadQuery, match="must name clips"):
        leakage(bench, parse("action:running"), parse("label:late"))


def test_what_clips_look_like_is_their_rgb_stream_where_they_have_one() -> None:
    raw = np.asarray([[0.3, 0.4, 0.5, 0.7], [0.6, 0.0, 0.8, 0.0]], np.float32)
    rgb, flow = Section("rgb", "a", 0, 2, 1.0), Section("flow", "b", 2, 4, 1.0)
    assert looks(raw, (rgb, flow)) == pytest.approx(np.asarray([[0.6, 0.8], [1.0, 0.0]]))
    assert looks(raw, (Section("flow", "b", 0, 4, 1.0),)) is raw
    assert looks(raw, (Section("rgb", "a", 0, 2, 0.0), flow)) is raw, "a stream that counts nothing is not in the rows"
