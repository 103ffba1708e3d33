"""What Python believes of a take that a browser hands over, and what becomes of it."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from core.errors import BadClip, BadInput, MotionbookError
from pages.parts import webcam
from pages.parts.bench import workbench
from pages.parts.state import Recorded
from tests.pages.conftest import press, sound, texts
from tests.tiny import make_clip, toy_bench

WEBM = b"\x1a\x45\xdf\xa3" + b"rest" * 5
anything = some.none() | some.integers() | some.text(max_size=8) | some.lists(some.integers(), max_size=2)


def told(film: bytes = WEBM, **other: object) -> dict:
    text = base64.b64encode(film).decode()
    return {"id": "a1", "form": "video/webm", "bytes": len(film), "content": text, **other}


def test_a_take_comes_over_whole_with_the_suffix_of_its_form():
    assert webcam._handed(told()) == webcam.Handed("a1", "webm", WEBM)
    film = b"\0\0\0\x20ftypisom"
    assert webcam._handed(told(film, form="video/mp4")).suffix == "mp4"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"form": "image/png"}, "must be one of video/webm, video/mp4"),
        ({"form": None}, "must be one of"),
        ({"content": 5}, "content .int. must be base64 text"),
        ({"content": "YWJj\nYWJj"}, "must be base64 text, whole"),
        ({"content": "YWJ"}, "must be base64 text, whole"),
        ({"bytes": 7}, "must arrive whole"),
        ({"form": "video/mp4"}, "must be the mp4 file it says it is"),
    ],
)
def test_what_is_no_take_is_refused_in_words(other, says):
    with pytest.raises(MotionbookError, match=says):
        webcam._handed(told(**other))


def test_a_take_over_the_limit_is_refused_before_it_is_decoded(monkeypatch):
    most = webcam.most_bytes()
    assert 15 * webcam.BITS_PER_SECOND / 8 < most / 2 < 25e6 / 4 * 3 / 2, "the longest take has ample room"
    monkeypatch.setattr(webcam, "most_bytes", lambda: len(WEBM) - 3)  # base64 comes in threes
    with pytest.raises(BadClip, match="must be at most") as caught:
        webcam._handed(told())
    assert caught.value.reason == "too-large"


@given(some.dictionaries(some.sampled_from(["id", "form", "bytes", "content"]), anything))
def test_a_browser_can_say_what_it_likes(said):
    assert webcam._number(said) == "" or webcam._number(said).isalnum()
    with pytest.raises((BadClip, BadInput)):
        webcam._handed(said)


def test_a_take_is_taken_once_and_a_refusal_is_told(home: Path, tmp_path: Path, monkeypatch):
    owned: set[str] = set()
    monkeypatch.setattr(webcam, "own_takes", lambda _: owned)
    film = make_clip(tmp_path / "a.mp4", 1).read_bytes()
    bench, here = toy_bench(home), Recorded()
    try:
        webcam._take_over(bench, here, told(film, form="video/mp4"))
        (take,) = bench.takes.all()
        assert here == Recorded("a1", "", take.take_id) and owned == {take.take_id}
        assert take.name.startswith("webcam take ") and take.name.endswith(".mp4")
        bench.takes.discard(take.take_id)
        webcam._take_over(bench, here, told(film, form="video/mp4"))  # the same, handed over again by a rerun
        webcam._take_over(bench, here, None)
        assert bench.takes.all() == [] and webcam._taken(bench, here) is None and here.take_id == ""
        webcam._take_over(bench, here, told(b"\0\0\0\x20ftypisom" * 9, id="a2", form="video/mp4"))
        assert here.handled == "a2" and here.take_id == "" and here.trouble.startswith("This take cannot be used: ")
    finally:
        bench.close()


def test_the_takes_of_a_tab_go_with_it():
    gone = []
    mine = webcam.own_takes.__wrapped__(SimpleNamespace(takes=SimpleNamespace(discard=gone.append)))
    mine.add("one")
    mine.close()
    assert gone == ["one"]


def test_a_take_is_kept_only_with_a_label_and_only_when_asked(library: Path, tmp_path: Path, monkeypatch):
    at = AppTest.from_function(_kept_page, default_timeout=60)
    bench, asked = workbench(), []
    take = bench.takes.take(make_clip(tmp_path / "a.mp4", 1), "webcam :red[take].mp4")
    monkeypatch.setattr(bench.takes, "keep", lambda *given: asked.append(given) or 7)
    assert "webcam :red[take].mp4 is not in the library" in texts(sound(at.run())).replace("*", "")
    assert "Choose or type a label first" in texts(press(at, "Keep it"))
    at.selectbox[0].set_value("jogging").run()
    at.selectbox[1].set_value("cat").run()
    assert "is being added to the library" in texts(sound(press(at, "Keep it")))
    assert asked == [(take.take_id, "jogging", "cat")] and not [one for one in at.button if one.label.startswith("Keep")]


def test_a_take_that_is_thrown_away_is_gone(home: Path, tmp_path: Path):
    at = AppTest.from_function(_kept_page, default_timeout=60)
    take = workbench().takes.take(make_clip(tmp_path / "a.mp4", 1), "a.mp4")
    press(at.run(), "Throw away")
    assert workbench().takes.all() == [] and not take.path.exists() and texts(sound(at)) == "The take was thrown away"


def _kept_page() -> None:
    from pages.parts import frame, webcam
    from pages.parts.bench import workbench

    with frame.boundary():
        frame._tell()
        for take in workbench().takes.all():
            webcam.kept(workbench(), take)
