"""The Map page over a small library: made, chosen from, labelled, clustered, doubted, and its address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.mapping import Layout, Mapper
from core.workbench import Workbench
from pages.parts import map_folds
from pages.parts.map_asking import MapAsked, read
from pages.parts.map_state import OnMap
from tests.pages.conftest import Open, pieces, press, sound, texts

PCA = Layout("pca")


@pytest.fixture
def mapped(library: Path, screen: Open, workbench: Callable[[], Workbench]) -> Open:
    """The page over a library whose map by PCA is there."""
    del library
    Mapper(workbench()).make(PCA, "toy")

    def show(**params: object) -> AppTest:
        return sound(screen("map", method="pca", **params))

    return show


def state(at: AppTest) -> OnMap:
    return at.session_state["motionbook.session"].map


def choose(at: AppTest, points: list[int]) -> AppTest:
    """As the map does when somebody draws around these dots."""
    state(at).choose(np.asarray(points))
    return sound(at.run())


def names(at: AppTest, clip_ids: list[str] | tuple[str, ...], bench: Workbench) -> set[str]:
    return {bench.library.clip(clip_id).name for clip_id in clip_ids}


def test_an_empty_library_says_what_to_do(screen: Open, home: Path):
    at = sound(screen("map"))
    assert "nothing to lay out yet" in texts(at) and not pieces(at, "motionbook_scatter")


def test_a_map_is_made_by_a_click_and_told_when_the_library_changes(
    library: Path, screen: Open, workbench: Callable[[], Workbench]
):
    at = sound(screen("map", method="pca"))
    assert "No map by PCA yet" in texts(at)
    at = sound(press(at, "Make the map"))
    (drawn,) = pieces(at, "motionbook_scatter")
    assert drawn["count"] == 6 and drawn["names"] == ["jogging", "running", "waving <b>&[x](y)", "no label"]
    assert "PCA · 6 clips · " in texts(at) and "Nothing is chosen" in texts(at)
    gone = workbench().library.clips()[0]
    workbench().library.delete([gone.clip_id])
    at = sound(at.run())
    assert "1 clip is gone since this map was made" in texts(at) and pieces(at, "motionbook_scatter")[0]["count"] == 5
    at = sound(press(at, "Make it again"))
    assert "gone since" not in texts(at)


def test_what_is_chosen_is_labelled_and_taken_back(mapped: Open, workbench: Callable[[], Workbench]):
    at = choose(mapped(), [0, 3])
    assert "2 clips chosen" in texts(at)
    ids = state(at).chosen_clips()
    before = {clip_id: workbench().library.clip(clip_id).label for clip_id in ids}
    at.selectbox(key="motionbook.map.label").set_value("jogging")
    at = sound(press(at, "Set"))
    assert {workbench().library.clip(clip_id).label for clip_id in ids} == {"jogging"}
    assert "2 clips chosen" in texts(at), "labelling keeps the selection"
    at = sound(press(at, "Undo: label jogging on 2 clips"))
    assert {clip_id: workbench().library.clip(clip_id).label for clip_id in ids} == before


def test_two_selections_and_the_rest_go_to_compare_and_search(mapped: Open):
    at = choose(mapped(), [0, 1])
    first = state(at).chosen_clips()
    links = {link.proto.label: link.proto.query_string for link in at.get("page_link")}
    assert links["Compare with the rest"].count("clips%3A") == 2 and first[0][:12] in links["Search for more like these"]
    at = sound(press(at, "Keep as A"))
    assert "Now choose B on the map" in texts(at)
    at = choose(at, [2])
    told = next(link.proto for link in at.get("page_link") if link.proto.label == "Compare A with B")
    assert not told.disabled and all(clip_id[:12] in told.query_string for clip_id in (*first, *state(at).chosen_clips()))
    at = sound(press(at, "Add to the picked clips (0)"))
    assert at.session_state["motionbook.session"].picked == set(state(at).chosen_clips())


def test_a_cluster_is_chosen_by_its_name_and_stands_in_the_address(mapped: Open, workbench: Callable[[], Workbench]):
    at = mapped(colour="cluster", grouping="kmeans", k="3")
    (drawn,) = pieces(at, "motionbook_scatter")
    assert len(drawn["names"]) == 4 and drawn["names"][-1] == "in no cluster" and "3 clusters by k-means" in texts(at)
    at = sound(press(at, drawn["names"][0]))
    chosen = names(at, state(at).chosen_clips(), workbench())
    assert at.query_params["cluster"] == "0" and chosen
    again = mapped(colour="cluster", grouping="kmeans", k="3", cluster="0")
    assert names(again, state(again).chosen_clips(), workbench()) == chosen


def test_dots_take_the_colour_of_their_similarity_to_a_query(mapped: Open):
    at = mapped(colour="like", q="label:running")
    (drawn,) = pieces(at, "motionbook_scatter")
    assert drawn["ramp"]["title"] == "similarity to label:running" and len(drawn["palette"]) == 256
    assert at.query_params["q"] == "label:running"


def test_a_pointer_that_rests_is_told_name_label_source_and_moment(mapped: Open, workbench: Callable[[], Workbench]):
    at = mapped()
    state(at).pointed = 2
    (drawn,) = pieces(sound(at.run()), "motionbook_scatter")
    clip = workbench().library.clip(state(at).clip_ids[2])
    assert (drawn["card"]["point"], drawn["card"]["title"]) == (2, clip.name)
    assert drawn["card"]["lines"] == [clip.label, clip.source] and drawn["card"]["end"] == pytest.approx(
        clip.info.duration_seconds
    )


def test_doubts_are_told_when_their_fold_is_opened(mapped: Open, workbench: Callable[[], Workbench]):
    bench = workbench()
    runs = [clip for clip in bench.library.clips() if clip.name.startswith("run-")]
    bench.library.relabel([runs[0].clip_id], label="jogging")
    bench.library.relabel([runs[1].clip_id], label="running", source="dan")
    at = mapped()
    assert "looks more like" not in texts(at)
    for fold in map_folds.FOLDS.values():
        at.session_state[fold] = True
    at = sound(at.run())
    assert "labelled clips look more like another label" in texts(at) and "in 2 groups of nearly the same films" in texts(at)
    assert "A split is two sets of clips" in texts(at)
    at = sound(press(at, "Set label to running"))
    assert bench.library.clip(runs[0].clip_id).label == "running" and "Undo: label running on run" in texts(at)
    at.selectbox(key="motionbook.map.leak.a").set_value("label:running")
    at.selectbox(key="motionbook.map.leak.b").set_value("label:jogging")
    assert "The split" in texts(sound(at.run()))


def test_a_link_with_mistakes_is_told_of_each_and_shows_what_it_can(mapped: Open):
    at = mapped(colour="smell", seed="many", grouping="kmeans", k="-3", q="file:/etc/passwd")
    told = texts(at)
    for part in ("Colour ('smell')", "Seed ('many')", "K ('-3')", "File: queries work on the command line only"):
        assert part in told
    assert len(pieces(at, "motionbook_scatter")) == 1


@pytest.mark.parametrize(
    "asked",
    [
        MapAsked("toy", Layout("pca")),
        MapAsked("toy", Layout("umap", "moments", seed=7, neighbours=5, min_dist=0.25), "cluster", "kmeans", 4, "", 2),
        MapAsked("toy", Layout("tsne", perplexity=12.5), "like", q='text:"waving"'),
    ],
)
def test_an_address_is_the_view(asked: MapAsked):
    assert read(asked.params(), ["fused", "toy"]) == (asked, [])
