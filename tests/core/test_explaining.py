"""Why alike, from end to end: films of which one quarter decides, through the toy encoder and the real worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import notebooks
from core.clips import Clip, Progress, Window
from core.decoding.writing import write_mp4
from core.errors import BadInput, Cancelled, NotEnoughData, UnknownName
from core.explained import Half, SharedAction, Why, shared_actions
from core.explaining import MOST_WINDOWS, REFERENCES, Explainer
from core.manifest import Item
from core.surviving import KINDS, TOLD
from core.workbench import Workbench
from tests.core.test_surviving import INFO, clip
from tests.tiny import toy_bench

RANDOM = np.random.default_rng(5)
FILMS = 7


def film(path: Path, *, shared: bool) -> Path:
    """A second of four grey quarters; the upper right one is bright red where ``shared``. Its brightness flickers in time."""
    colours = RANDOM.integers(90, 150, (2, 2, 1)).repeat(3, axis=2)
    if shared:
        colours[0, 1] = (250, 10, 10)
    still = colours.repeat(32, axis=0).repeat(32, axis=1)
    write_mp4(path, [np.clip(still + flicker, 0, 255).astype(np.uint8) for flicker in RANDOM.integers(-6, 7, 10)], 10)
    return path


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("why")
    with toy_bench(folder / "library") as made:
        paths = [film(folder / f"{number}.mp4", shared=number < 2) for number in range(FILMS)]
        made.run_job(made.enqueue([Item(path, "walk", f"person {number}") for number, path in enumerate(paths)]))
        yield made


@pytest.fixture(scope="module")
def ids(bench: Workbench) -> list[str]:
    return [one.clip_id for one in sorted(bench.library.clips(), key=lambda one: one.name)]


@pytest.fixture(scope="module")
def found(bench: Workbench, ids: list[str]) -> tuple[Why, list[Progress]]:
    steps: list[Progress] = []
    return Explainer(bench).why(ids[0], ids[1], progress=steps.append), steps


def test_the_quarter_that_decides_is_found(found: tuple[Why, list[Progress]]) -> None:
    why, _ = found
    for half in (why.a, why.b):
        best = np.unravel_index(int(half.places.argmax()), half.places.shape)
        assert best[0] <= 2 and best[1] >= 4, half.places.round(2)
        assert half.places[:3, 4:].mean() > 2.5 * np.abs(half.places[4:, :3]).mean()
        assert half.where == "the upper right"
        assert half.window == Window(0.0, 1.0) and half.similarity == pytest.approx(why.similarity, abs=0.05)
    assert why.similarity > 0.5 and why.shared == ()
    assert why.sentence.startswith("Alike mostly through the upper right of the picture")


def test_progress_counts_every_pass(found: tuple[Why, list[Progress]]) -> None:
    why, steps = found
    assert why.passes == Explainer.passes_of_why() == steps[-1].total
    assert [step.done for step in steps] == sorted(step.done for step in steps) and steps[-1].done <= why.passes


def test_the_answer_is_kept_and_turned(bench: Workbench, ids: list[str], found: tuple[Why, list[Progress]]) -> None:
    explainer = Explainer(bench)
    kept, turned = explainer.kept_why(ids[0], ids[1]), explainer.kept_why(ids[1], ids[0])
    assert kept is not None and turned is not None
    assert kept.as_dict() == found[0].as_dict() and turned.turned().as_dict() == kept.as_dict()
    assert turned.a.clip.clip_id == ids[1]
    assert explainer.kept_why(ids[0], ids[2]) is None
    assert explainer.why(ids[0], ids[1], progress=lambda _: pytest.fail("nothing is embedded again")).passes == kept.passes
    assert explainer.seconds_a_pass() is not None


def test_a_damaged_answer_is_asked_again(bench: Workbench, ids: list[str], found: tuple[Why, list[Progress]]) -> None:
    path = next(path for path in (bench.library.home / "derived").glob("*.json") if "why" in path.name)
    whole = path.read_bytes()
    for content in (b"{", json.dumps({**found[0].as_dict(), "similarity": 0.0}).encode()):
        path.write_bytes(content)
        assert Explainer(bench).kept_why(ids[0], ids[1]) is None
    path.write_bytes(whole)


def test_a_stop_stops(bench: Workbench, ids: list[str]) -> None:
    with pytest.raises(Cancelled):
        Explainer(bench).why(ids[2], ids[3], should_stop=lambda: True)
    assert Explainer(bench).kept_why(ids[2], ids[3]) is None


def test_motion_or_scenery_of_films_without_motion(bench: Workbench, ids: list[str]) -> None:
    explainer = Explainer(bench)
    assert explainer.kept_scenery(ids[0], ids[1]) is None
    asked = explainer.passes_of_scenery(ids[0], ids[1])
    assert asked == FILMS * (1 + len(KINDS))
    answer = explainer.scenery(ids[0], ids[1])
    assert answer.references == min(REFERENCES, FILMS - 2)
    assert answer.survives("frozen") == pytest.approx(1, abs=0.1) and answer.survives("shuffled") == pytest.approx(1, abs=0.1)
    assert "compares" in answer.sentence
    kept = explainer.kept_scenery(ids[0], ids[1])
    assert kept is not None and kept.as_dict() == answer.as_dict()
    assert explainer.passes_of_scenery(ids[0], ids[2]) <= MOST_WINDOWS * (1 + len(KINDS)), "what is kept serves other pairs"


def test_a_notebook_asks_the_same(bench: Workbench, ids: list[str]) -> None:
    told = notebooks.ask(bench, "scenery", {"a": ids[0], "b": f"clip:{ids[1]}"})
    assert told["sentence"] == Explainer(bench).scenery(ids[0], ids[1]).sentence
    assert [row["name"] for row in told["numbers"]] == ["as filmed", *(TOLD[kind] for kind in KINDS)]
    assert [film["clip"] for film in told["films"]] == ids[:2] and told["made_of"]["encoder"] == "toy"
    assert "must be the ids" in notebooks.ask(bench, "scenery", {"a": ids[0]})["error"]


def test_what_cannot_be_explained_is_told(bench: Workbench, ids: list[str]) -> None:
    explainer = Explainer(bench)
    with pytest.raises(BadInput, match="must be two"):
        explainer.why(ids[0], ids[0][:10])
    with pytest.raises(UnknownName):
        explainer.scenery(ids[0], "0" * 64)
    with pytest.raises(NotEnoughData):
        explainer.why(ids[0], ids[1], "flow")


# -- words, without a bench -----------------------------------------------------------------------------------------------


def half(number: int, places: np.ndarray, moments: np.ndarray) -> Half:
    return Half(clip(number), Window(1.0, 3.0), 0.5, (0, 0, 1, 1), places, moments, (Window(1.0, 3.0),), np.array([0.5]))


def why(similarity: float, places: tuple[np.ndarray, np.ndarray], shared: tuple[SharedAction, ...] = ()) -> Why:
    moments = np.array([0.0, 0.4, 0.0, 0.0])
    a, b = (half(number, place, moments) for number, place in enumerate(places))
    return Why(a, b, "toy", "toy-1", similarity, shared, 90, 12.3)


def corner(row: int, column: int) -> np.ndarray:
    places = np.zeros((3, 3))
    places[row, column] = 0.3
    return places


def test_one_sentence() -> None:
    jogging = (SharedAction("jogging", 0.31, 0.22), SharedAction("running on treadmill", 0.1, 0.2))
    same = why(0.62, (corner(1, 1), corner(1, 1)), jogging)
    assert same.sentence == (
        "Alike mostly through the middle of the picture, around 1.8 s and 1.8 s; "
        "both look like jogging (0.31, 0.22) and running on treadmill (0.10, 0.20)."
    )
    unlike = why(0.62, (corner(1, 1), corner(0, 0)))
    assert unlike.sentence == "Alike mostly through the middle of 0.mp4 around 1.8 s and the upper left of 1.mp4 around 1.8 s."
    assert "hardly more alike" in why(0.02, (corner(1, 1), corner(1, 1))).sentence
    assert "hiding any one place takes at most 0.01" in why(0.6, (0.03 * corner(1, 1), 0.03 * corner(1, 1))).sentence


def test_shared_names_score_on_both() -> None:
    found = shared_actions(("a", "b", "c", "d"), np.array([0.9, 0.3, 0.01, 0.05]), np.array([0.001, 0.4, 0.5, 0.04]))
    assert [one.name for one in found] == ["b", "d"]
    assert (found[0].a, found[0].b) == (0.3, 0.4)


def test_json_comes_back() -> None:
    told = why(0.62, (corner(1, 1), corner(0, 2)), (SharedAction("jogging", 0.25, 0.5),))
    clips: dict[str, Clip] = {clip(n).clip_id: clip(n) for n in range(2)}
    assert Why.from_dict(json.loads(json.dumps(told.as_dict())), clips).as_dict() == told.as_dict()
    assert INFO.width_px == 64
