"""Questions about clips: whom they ask about, what an answer becomes, and which examples their own scores contradict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.asking import Questions, doubts, pick, spread
from core.concepts import NONE, Concept, Example, Head, Scale, Space, Threshold
from core.errors import NotEnoughData
from core.held_out import HeldOut
from core.workbench import Workbench
from tests.core.planted import dimension, plant, plant_groups
from tests.tiny import toy_bench


def by_direction(bench: Workbench, axis: int, examples: tuple[Example, ...]) -> Concept:
    """A concept whose score is the cosine to one axis, sure at 1 and unsure at 0.5."""
    row = np.eye(dimension(bench), dtype=np.float32)[axis : axis + 1]
    return Concept(
        "run",
        "toy",
        bench.fingerprint(),
        ("run",),
        examples,
        Space(np.zeros(dimension(bench), np.float32), bench.sections()),
        Head("prototype", row, np.zeros(1)),
        row,
        (Scale(8.0, -4.0),),
        (Threshold(0.5),),
    )


def test_questions_ask_once_about_each_clip_that_is_no_example(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = plant_groups(bench, tmp_path, ["run", "jog", "wave"], 4)
        between = plant(bench, tmp_path, np.asarray([[0.0, 1.0], [1.0, 1.7]]), "jog", "person 9")
        known = (Example(ids["run"][0], "run"), Example(ids["run"][1], "run"), Example(ids["wave"][0], NONE))
        asked = Questions(bench).next(by_direction(bench, 0, known), 4)
        assert len({one.clip_id for one in asked}) == 4 and not {one.clip_id for one in asked} & {one.clip_id for one in known}
        assert asked[0].kind == "likely" and asked[0].clip_id in ids["run"][2:] and "best scores" in asked[0].why
        unsure = {one.clip_id: one for one in asked if one.kind == "unsure"}
        assert unsure[between].span == (1.0, 2.0), "the window with the clip's best score is what is asked about"
        assert unsure[between].confidence == pytest.approx(0.5, abs=0.1) and "is unsure here" in unsure[between].why
        assert unsure[between].answer(NONE) == Example(between, NONE, (1.0, 2.0), "asked")
        apart = [one for one in asked if one.kind == "unsure" and abs(one.confidence - 0.5) > 0.25]
        assert all("Nothing left is near" in one.why for one in apart) and len(apart) < len(asked)
        everything = tuple(Example(one.clip_id, NONE) for one in bench.library.clips())
        with pytest.raises(NotEnoughData, match="already"):
            Questions(bench).next(by_direction(bench, 0, everything))


def test_an_answered_window_is_not_asked_about_again_but_the_rest_of_its_clip_is(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        only = plant(bench, tmp_path, np.eye(4)[:2], "", "somebody")
        (asked,) = Questions(bench).next(by_direction(bench, 0, (Example(only, "run", (0.0, 1.0)),)))
        assert asked.span == (1.0, 2.0)


def test_without_calibration_the_threshold_is_the_boundary_and_another_fingerprint_is_told(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = [
            plant(bench, tmp_path, np.asarray([[cosine, 1 - cosine]]), "", f"person {cosine}") for cosine in (0.1, 0.9, 0.4, 0.45)
        ]
        concept = replace(by_direction(bench, 0, ()), scales=(Scale(0.0, 0.0),))
        asked = Questions(bench).next(concept, 2)
        assert [one.kind for one in asked] == ["likely", "unsure"]
        assert asked[0].clip_id == ids[1] and asked[1].clip_id in ids[2:], "not what lies furthest from the threshold"
        with pytest.raises(NotEnoughData, match="teach it again"):
            Questions(bench).next(replace(concept, fingerprint="toy-another"))


def test_look_alikes_score_high_and_carry_another_label(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = plant_groups(bench, tmp_path, ["run", "jog", "wave"], 3)
        near = plant(bench, tmp_path, np.asarray([[1.0, 0.8]]), "jog", "person 9")
        plant(bench, tmp_path, np.asarray([[1.0, 0.1]]), "", "person 10")
        found = Questions(bench).look_alikes(by_direction(bench, 0, (Example(ids["run"][0], "run"),)), 3)
        assert found[0].clip_id == near and "Labelled jog" in found[0].why
        assert not {one.clip_id for one in found} & set(ids["run"])


def test_the_most_unlike_of_the_shortlist_are_taken_and_other_sources_first() -> None:
    rows = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    order = np.arange(4)
    assert spread(rows, order, ["a", "b", "c", "d"], 2, []) == [0, 2], "a copy of what is taken teaches nothing"
    assert spread(rows, order, ["a", "b", "a", "a"], 2, []) == [0, 1], "unless it comes from another source"
    kinds = pick(rows, np.asarray([0.9, 0.5, 0.4, 0.1]), np.asarray([0.49, 0.1, 0.0, 0.49]), list("abcd"), 2)
    assert kinds == [(0, "likely"), (2, "unsure")]


def test_examples_that_the_other_side_outscores_are_doubted() -> None:
    examples = tuple(Example(str(row), "run" if row < 3 else NONE) for row in range(6))
    scores = np.asarray([0.9, 0.8, 0.1, 0.2, 0.3, 0.85])[:, None]
    targets = np.asarray([True] * 3 + [False] * 3)[:, None]
    spans = np.tile([[0.0, 1.0]], (6, 1))
    told = HeldOut(("run",), scores, targets, tuple("abcdef"), np.ones(6), tuple("012345"), spans, np.arange(6))
    first, second = doubts(examples, told)
    assert first.example.clip_id == "2" and first.contradicted == 1.0
    assert "3 of 3 examples that are not run score higher" in first.sentence
    assert second.example.clip_id == "5" and "higher than 2 of 3 examples that are" in second.sentence
