"""The Teach page: a draft from labels and links, teaching it, what it says then, asking, renaming and forgetting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.concepts import NONE
from core.teaching import Lesson, Teacher, examples
from core.workbench import Workbench
from tests.pages.conftest import pieces, press, sound, texts

LINK = {"name": "run", "encoder": "toy", "positive": "label:running", "negative": "label:jogging", "target": "conformal:0.4"}


def grids(at: AppTest) -> list[list[str]]:
    """The titles of the cards of each grid."""
    return [[card["title"] for card in piece["cards"]] for piece in pieces(at, "motionbook_previews")]


@pytest.fixture
def taught(library, workbench: Callable[[], Workbench]) -> Workbench:
    """ "run", taught from two clips that show it and two that do not."""
    bench = workbench()
    ids = {clip.name: clip.clip_id for clip in bench.library.clips()}
    shown = examples([ids["run-ann.mp4"], ids["run-bob.mp4"]], "run") + examples([ids["jog-ann.mp4"], ids["jog-bob.mp4"]], NONE)
    Teacher(bench).teach(Lesson("run", shown, "toy"))
    return bench


def test_an_empty_library_says_where_clips_come_from(screen):
    assert "There is nothing to teach from yet" in texts(sound(screen("teach")))


def test_nothing_is_taught_yet_and_labels_begin_a_draft(library, screen):
    at = sound(screen("teach"))
    assert "Nothing is taught yet" in texts(at)
    at.multiselect(key="motionbook.teach.new.labels").set_value(["running"]).run()
    at = sound(at.button(key="motionbook.teach.labels").click().run())
    assert sorted(grids(at)[0]) == ["run-ann.mp4", "run-bob.mp4"]
    assert at.query_params["name"] == "running" and "Without negatives nothing can be said" in texts(at)
    at = sound(press(at, "Suggest"))
    assert "jog-ann.mp4" in grids(at)[1] and "run-ann.mp4" not in grids(at)[1]
    at = sound(press(at, "Undo: adding suggestions"))
    assert len(grids(at)) == 1
    at = sound(press(at, "All concepts"))
    assert "running** is not taught yet: 2 positives, 0 negatives" in texts(at)
    assert len(grids(sound(press(at, "Go on with it")))) == 1


def test_several_labels_become_one_concept_of_several_classes(library, screen):
    at = sound(screen("teach"))
    at.multiselect(key="motionbook.teach.new.labels").set_value(["running", "jogging"]).run()
    at = sound(at.button(key="motionbook.teach.labels").click().run())
    assert at.query_params["class"] == ["running", "jogging"] and "Give it a name" in texts(at)
    assert sorted(grids(at)[0]) == ["run-ann.mp4", "run-bob.mp4"]


def test_a_link_is_taught_as_an_errand_and_says_what_it_promises(library, screen, workbench):
    at = sound(screen("teach", **LINK))
    assert [sorted(grid) for grid in grids(at)] == [["run-ann.mp4", "run-bob.mp4"], ["jog-ann.mp4", "jog-bob.mp4"]]
    press(at, "Teach it")
    workbench().errands.join(60)
    at = sound(at.run())
    concept = Teacher(workbench()).get("run")
    assert (concept.thresholds[0].target, concept.thresholds[0].wanted) == ("conformal", 0.4)
    told = texts(at)
    assert concept.thresholds[0].sentence in told and concept.chosen in told and "Why this head" in told
    assert at.query_params["concept"] == "run" and "positive" not in at.query_params
    assert "2 of 2" in told and "Checked on" in told
    for figure in ("errors", "reliability", "confusion", "learning"):
        at = sound(at.segmented_control(key="motionbook.teach.figure").set_value(figure).run())
    assert not at.get("plotly_chart")
    press(at, "Reckon the learning curve")
    workbench().errands.join(60)
    at = sound(at.run())
    assert "4 examples give" in texts(at) and at.get("plotly_chart")


def test_another_target_sets_the_threshold_without_teaching_anew(taught, screen):
    at = sound(screen("teach", concept="run", view="quality"))
    before = Teacher(taught).get("run")
    at = sound(at.segmented_control(key="motionbook.teach.target.1").set_value("precision").run())
    assert "Its threshold was not made for at least 90 % of the flags right" in texts(at)
    at = sound(press(at, "Set the threshold"))
    after = Teacher(taught).get("run")
    assert after.thresholds[0].target == "precision" and after.head.kind == before.head.kind
    assert after.thresholds[0].sentence in texts(at)


def test_answers_become_examples(taught, screen):
    at = sound(screen("teach", concept="run", view="ask"))
    at = sound(at.button(key="motionbook.teach.ask").click().run())
    assert "1 of 2" in texts(at) and "Does this show run?" in texts(at)
    at = sound(press(at, "No"))
    at = sound(press(at, "Yes"))
    assert "1 yes, 1 no" in texts(at) and "All of them are answered" in at.success[0].value
    at = sound(press(at, "Undo the last answer"))
    assert "0 yes, 1 no" in texts(at)
    press(at, "Teach it again with 1 answer")
    taught.errands.join(60)
    sound(at.run())
    assert [(one.name, one.origin) for one in Teacher(taught).get("run").examples][4:] == [(NONE, "asked")]


def test_a_concept_is_renamed_forgotten_and_brought_back(taught, screen):
    at = sound(screen("teach"))
    number = Teacher(taught).get("run").concept_id
    at.text_input(key=f"motionbook.teach.name-of.{number}").set_value("sprint")
    at = sound(press(at, "Rename"))
    assert Teacher(taught).names() == ["sprint"] and "run is called sprint now" in texts(at)
    at = sound(press(at, "Forget it"))
    assert Teacher(taught).names() == [] and "sprint is forgotten" in texts(at)
    at = sound(press(at, "Undo"))
    assert Teacher(taught).names() == ["sprint"] and "2 positives, 2 negatives" in texts(at)


def test_a_link_to_a_concept_that_is_not_there_names_those_that_are(taught, screen):
    told = texts(sound(screen("teach", concept="rum")))
    assert "rum" in told and "run" in told and "1 concept" in told
