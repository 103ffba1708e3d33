"""Time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.manifest import Item
from core.settings import Settings
from core.timelines import Timelines
from core.workbench import Workbench
from pages.parts.time_asking import TimeAsked, clip_and_span, pair_params, range_query, read
from tests.pages.conftest import film, press, sound, texts


@pytest.fixture(scope="module")
def longer_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips that are long enough to have moments, and two labels to look for."""
    folder = tmp_path_factory.mktemp("longer")
    items = [
        Item(film(folder / "hop.mp4", (200, 30, 30), 2.6), "hop", "ann"),
        Item(film(folder / "skip.mp4", (30, 200, 30), 2.8), "skip", "bob"),
        Item(film(folder / "jog.mp4", (30, 30, 200)), "jogging", "cat"),
    ]
    with Workbench(Settings.from_environment({"MOTIONBOOK_HOME": str(folder / "library"), "MOTIONBOOK_ENCODER": "toy"})) as bench:
        assert bench.run_job(bench.enqueue(items)).added == len(items)
    return folder / "library"


@pytest.fixture
def clips(longer_library: Path, home: Path, workbench) -> dict[str, str]:
    """Name -> id, in a copy that the test may change."""
    shutil.copytree(longer_library, home)
    return {clip.name.removesuffix(".mp4"): clip.clip_id for clip in workbench().library.clips()}


def wait(workbench, at):
    workbench().errands.join(60)
    return sound(at.run())


def test_an_empty_library_says_what_to_do(screen):
    assert "no clip whose moments" in texts(sound(screen("time")))


def test_two_clips_are_read_and_laid_along_each_other(clips, screen, workbench):
    at = sound(screen("time", **pair_params(clips["hop"], clips["skip"])))
    assert "moments to read" in texts(at)
    press(at, "Find where they agree")
    at = wait(workbench, at)
    assert "goes with" in texts(at) and "Pin to notebook" in texts(at)
    assert (at.query_params["ask"], at.query_params["a"]) == ("agree", f"clip:{clips['hop'][:12]}")
    assert not at.warning


def test_the_same_moments_twice_are_no_question(clips, screen):
    assert "same moments twice" in texts(sound(screen("time", **pair_params(clips["hop"], clips["hop"]))))


def test_a_strip_comes_from_the_librarys_windows_at_once_and_can_be_made_finer(clips, screen, workbench):
    at = sound(screen("time", ask="find", a=f"clip:{clips['hop'][:12]}", q="label:jogging"))
    assert "label:jogging" in texts(at) and "more between them" in texts(at)
    press(at, "Look more finely")
    at = wait(workbench, at)
    assert "more between them" not in texts(at)
    assert Timelines(workbench()).strip_missing(clips["hop"]) == 0


def test_nothing_to_look_for_is_an_invitation(clips, screen):
    assert "Choose what to look for" in texts(sound(screen("time", ask="find", a=f"clip:{clips['hop'][:12]}")))


def test_a_clip_without_rhythm_says_so(clips, screen, workbench):
    at = sound(screen("time", ask="repeat", a=f"clip:{clips['hop'][:12]}"))
    press(at, "Count the rhythm of 1 clip")
    at = wait(workbench, at)
    assert "No cadence:" in texts(at)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"ask": "why"}, "agree is shown instead"),
        ({"a": "label:running"}, "must be a clip"),
        ({"a": "nonsense"}, "kind:value"),
        ({"ask": "find", "q": "file:/etc/passwd"}, "other than a file"),
        ({"ask": "find", "q": "label:running - file:/etc/passwd"}, "other than a file"),
    ],
)
def test_what_a_link_gets_wrong_is_named(params, told):
    asked, complaints = read(params)
    assert told in "\n".join(complaints) and "file:" not in asked.q


def test_complaints_are_told_and_the_rest_is_shown(clips, screen):
    at = sound(screen("time", ask="why", a="clip:ffffff"))
    told = "\n".join(warning.value for warning in at.warning).replace("\\", "")
    assert "agree is shown instead" in told and "ffffff" in told


def test_an_unknown_query_is_told_in_words(clips, screen):
    at = sound(screen("time", ask="find", a=f"clip:{clips['hop'][:12]}", q="label:joging"))
    assert "jogging" in "\n".join(error.value for error in at.error)


def test_the_address_is_the_question_and_back():
    asked = TimeAsked("agree", range_query("3fa9c1d20b77aa", (2.0, 4.5)), "clip:aabbcc", "", "toy")
    assert asked.a == "clip:3fa9c1d20b77@2.0-4.5" and clip_and_span(asked.a) == ("3fa9c1d20b77", (2.0, 4.5))
    assert read(asked.params()) == (asked, [])
    assert read(TimeAsked("find", "clip:aabbcc", "", "label:x", "toy").params())[0].q == "label:x"
    assert "q" not in TimeAsked("repeat", "clip:aabbcc", "", "label:x").params()
