"""The Live page without a browser: controls, address, and what it makes of a browser's messages."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import BadInput
from core.live import MOST_BYTES, MOST_PICTURES, Live
from core.queries import parse
from core.workbench import Workbench
from pages.parts import live as piece
from pages.parts.live import Stream, answer
from pages.parts.live_controls import ENCODER, QUERIES
from tests.pages.conftest import Open, pieces, press, sound, texts

ASKED = ["label:running", "label:jogging"]


def picture(red: int, green: int, step: int) -> str:
    content = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), (red, green, 30), np.uint8) // 2 + np.uint8(4 * step)).save(content, "JPEG", quality=95)
    return base64.b64encode(content.getvalue()).decode()


def message(number: int, start: float = 0.0, run: str = "a", red: int = 200, green: int = 30) -> dict[str, object]:
    moments = [start + step / 16 for step in range(16)]
    return {"run": run, "number": number, "moments": moments, "jpegs": [picture(red, green, step) for step in range(16)]}


@pytest.fixture
def stream(library: Path, workbench: Callable[[], Workbench], monkeypatch: pytest.MonkeyPatch) -> Stream:
    monkeypatch.setattr(piece, "PATIENCE_SECONDS", 60)
    return Stream(("", 0), Live(workbench(), [parse(text) for text in ASKED]))


def test_the_page_without_clips_says_what_to_do(home: Path, screen: Open):
    at = sound(screen("live"))
    assert "nothing to score the camera against" in texts(at) and pieces(at, "motionbook_live") == []


def test_a_link_fills_the_controls_and_the_piece_knows_what_to_send(library: Path, screen: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pages.parts.live_controls.quicker", lambda bench, _: (bench.spec("toy"), "It takes 0.1 s"))
    at = sound(screen("live", q=["label:jogging", "file:/etc/passwd", "label:running AND source:ann"], encoder="nobody"))
    assert "command line only" in texts(at) and "nobody" in texts(at)
    (told,) = pieces(at, "motionbook_live")
    assert told["names"] == ["jogging", "label:running AND source:ann"]
    assert (told["fps"], told["windowSeconds"], told["shortSide"]) == (16, 1.0, 224)
    assert told["answer"] == {"run": "", "number": 0, "trouble": "", "sentence": "", "scores": []}
    assert len(told["ends"]) == 2 and told["ends"][0] == told["ends"][1] > 0 and len(told["table"]) == 6 * 256
    assert at.session_state[QUERIES] == ["label:jogging", "label:running AND source:ann"]
    assert "slow for a live picture. It takes 0.1 s." in texts(at)
    press(at, "Use ")
    assert at.session_state[ENCODER] == "toy"


def test_the_first_question_is_of_labels_and_choices_stand_in_the_address(library: Path, screen: Open):
    at = sound(screen("live"))
    assert len(at.session_state[QUERIES]) == 3 and all(text.startswith("label:") for text in at.session_state[QUERIES])
    at.multiselect(key=QUERIES).set_value(["label:running", "source:bob", "label:nothing"]).run()
    sound(at)
    assert at.query_params["q"] == ["label:running", "source:bob"] and "nothing" in texts(at)
    at.multiselect(key=QUERIES).set_value([]).run()
    assert "Choose above what to look for" in texts(sound(at)) and pieces(at, "motionbook_live") == []


def test_messages_become_scores_and_a_new_run_begins_anew(stream: Stream):
    answer(stream, message(1))
    told = piece._data(stream)["answer"]
    assert (told["run"], told["number"], told["trouble"]) == ("a", 1, "")
    (score,) = told["scores"]
    assert score["leader"] == 0 and score["at"] == pytest.approx(15 / 16, abs=1e-3) and len(score["values"]) == 2
    assert told["sentence"].startswith("running, ahead of jogging by")
    answer(stream, message(2, start=1.0, red=30, green=200))
    assert [one["leader"] for one in piece._data(stream)["answer"]["scores"]] == [0, 1]
    answer(stream, message(1, run="b"))
    assert len(stream.live.history) == 1 and stream.run == "b"
    answer(stream, {"run": "b", "number": 2, "moments": [2.0], "jpegs": [base64.b64encode(b"GIF89a").decode()]})
    assert stream.trouble.startswith("Picture (6 bytes) must be a whole JPEG") and stream.number == 2
    answer(stream, message(3, start=3.0, run="b"))
    assert stream.trouble == "" and len(stream.live.history) == 1, "the stream goes on"
    answer(stream, {"run": "b", "number": 0, "end": True})
    assert stream.live.history == () and stream.live.kept_bytes == 0


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"moments": "x", "jpegs": []},
        {"moments": [0.0], "jpegs": [None]},
        {"moments": [None], "jpegs": ["aGk="]},
        {"moments": [0.0], "jpegs": ["%%%"]},
        {"moments": [0.0] * (MOST_PICTURES + 1), "jpegs": ["aGk="] * (MOST_PICTURES + 1)},
        {"moments": [0.0], "jpegs": ["a" * (2 * MOST_BYTES)]},
    ],
)
def test_a_browser_can_say_what_it_likes(told: dict[str, object]):
    with pytest.raises(BadInput):
        piece.pictures(told)
