"""The written form of what the Teach page works on: a link gives the same draft, and nothing in a link raises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.clips import Clip, VideoInfo
from core.concepts import NONE
from core.errors import MotionbookError
from core.queries import parse
from pages.parts.teach_asking import CHUNK, SHOWS, Draft, expand, read, spread

INFO = VideoInfo("mov,mp4", "h264", 64, 48, 2.0, 20, 10.0)


def clip(clip_id: str, label: str = "", source: str = "") -> Clip:
    return Clip(clip_id, f"{clip_id[:6]}.mp4", label, source, 1, INFO, 0.0)


def library() -> list:
    """Six people who walk, run and wave, two takes each."""
    return [
        clip(f"{number:02x}" * 32, label=label, source=f"person {person}")
        for number, (label, person) in enumerate((label, person) for label in ("walk", "run", "wave") for person in range(6))
    ]


def lists(params: dict) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else value for name, value in params.items()}


def test_a_link_gives_the_same_draft():
    clips = library()
    draft = Draft(name="fight & more", encoder="toy", words="two fight", target="precision", wanted=0.95, head="svm")
    draft = draft.added([(clips[0].clip_id, None), (clips[1].clip_id, (0.5, 1.25))], SHOWS).added(
        [(clips[7].clip_id, None)], NONE
    )
    assert read(lists(draft.params()), clips, ["toy"]) == (draft, [])
    several = replace(draft, examples=(), classes=("walk", "run")).added(
        [(clips[0].clip_id, None), (clips[1].clip_id, (0.0, 1.0))], "walk"
    )
    several = several.added([(clips[6].clip_id, None)], "run")
    assert read(lists(several.params("quality")), clips, ["toy"]) == (several, [])


def test_many_examples_fit_into_queries():
    clips = [clip(f"{number:064x}"[::-1], label="walk") for number in range(1, 2 * CHUNK + 50)]
    draft = Draft(name="walk").added([(one.clip_id, None) for one in clips], SHOWS)
    params = lists(draft.params())
    assert len(params["positive"]) == 3 and max(map(len, params["positive"])) < 4096
    assert read(params, clips, ["toy"])[0] == draft


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("label:walk", {0, 1, 2, 3, 4, 5}),
        ("source:person 1", {1, 7, 13}),
        ("label:walk AND source:person 1", {1}),
        ("source:person 1 - label:walk", {7, 13}),
        ("clips:000000,010101", {0, 1}),
    ],
)
def test_expressions_name_clips(query: str, wanted: set[int]):
    clips = library()
    assert expand(parse(query), clips) == [(clips[number].clip_id, None) for number in sorted(wanted)]


@pytest.mark.parametrize("query", ["label:nobody", "text:running", "clip:ffffff", "action:jogging", "file:/etc/passwd"])
def test_what_names_no_clip_is_told_and_left_out(query: str):
    with pytest.raises(MotionbookError):
        expand(parse(query), library())
    draft, complaints = read({"positive": ["label:run", query], "negative": [query]}, library(), ["toy"])
    assert len(draft.examples) == 6 and len(complaints) == 2


def test_nonsense_in_a_link_is_told_and_the_usual_taken():
    params = {
        "name": ["a\x00b"],
        "encoder": ["x"],
        "head": ["tree"],
        "target": ["precision:7"],
        "positive": ["((("],
        "class": ["a", "b"],
    }
    draft, complaints = read(params, library(), ["toy"])
    assert draft == Draft() and len(complaints) == 5


def test_an_example_is_of_one_side_only():
    clips = library()
    draft = Draft().added([(one.clip_id, None) for one in clips[:3]], SHOWS).added([(clips[1].clip_id, None)], NONE)
    assert [one.name for one in draft.examples] == [SHOWS, SHOWS, NONE]
    back = draft.moved(draft.examples[2], SHOWS)
    assert len(back.of(SHOWS)) == 3 and not back.of(NONE)
    assert back.without(back.examples[0]).of(SHOWS) == back.examples[1:]


def test_suggested_negatives_are_of_other_labels_and_of_many_sources():
    clips = library()
    draft = Draft().added([(one.clip_id, None) for one in clips[:6]], SHOWS)
    found = [next(one for one in clips if one.clip_id == clip_id) for clip_id, _ in spread(draft, clips)]
    assert len(found) == 6 and {one.label for one in found} == {"run", "wave"}
    assert sorted(one.label for one in found) == ["run"] * 3 + ["wave"] * 3
    assert spread(draft, clips) == spread(draft, clips)
