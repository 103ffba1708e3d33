"""Why two clips are alike, on the Compare page: asked, kept, drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from core.clips import Window
from core.explained import Half
from core.workbench import Workbench
from pages.parts.why import legend, moments, veil
from tests.core.test_surviving import clip
from tests.pages.conftest import Open, press, sound, texts


def half(view: tuple[float, float, float, float] = (0.25, 0.0, 0.75, 1.0)) -> Half:
    """The encoder sees the middle half of a film; the upper left of that carries, the lower right speaks against."""
    places = np.zeros((4, 4))
    places[:2, :2], places[2:, 2:] = 0.2, -0.1
    return Half(
        clip(0), Window(1.0, 3.0), 0.5, view, places, np.array([0.1, 0.4, -0.2, 0.0]), (Window(1.0, 3.0),), np.array([0.5])
    )


def test_the_veil_lies_where_the_encoder_looks() -> None:
    picture = cv2.imdecode(np.frombuffer(veil(half(), 0.2), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (120, 160, 4)
    alpha = picture[..., 3]
    assert alpha[:, :38].max() == 0 and alpha[:, -38:].max() == 0, "the sides, which the encoder does not see, stay clear"
    carries, against = picture[15, 52], picture[105, 108]
    assert carries[3] > 230 and carries[1] > carries[2], "teal where it carries"
    assert 40 < against[3] < 160 and against[2] > against[0], "orange, and half as dense, where it speaks against"
    assert alpha[15, 108] < 10 and alpha[105, 52] < 10


def test_moments_say_their_numbers() -> None:
    told = moments(half())
    assert re.findall(r'title="([^"]+)"', told) == ["1.2 s: 0.10", "1.8 s: 0.40", "2.2 s: −0.20", "2.8 s: 0.00"]
    assert "most at 1.8 seconds" in told and "carries the similarity (+0.40)" in legend(0.4)


def test_two_questions_below_the_players(library: Path, screen: Open, workbench: Callable[[], Workbench]) -> None:
    at = sound(screen("compare", q=["label:running", "label:jogging"]))
    assert "What carries it?" in texts(at) and "Motion or scenery?" in texts(at)
    assert "looks at windows" in texts(at)
    press(at, "What carries it?")
    workbench().errands.join()
    sound(at.run())
    assert "What carries it?" not in texts(at) and "speaks against it" in _html(at)
    press(at, "Motion or scenery?")
    workbench().errands.join()
    sound(at.run())
    told = texts(at)
    assert "Motion or scenery?" not in told and "without what moves" in _html(at)
    assert "similarity to explain" in told or "of the similarity stays" in told
    again = sound(screen("compare", q=["label:running", "label:jogging"]))
    assert "speaks against it" in _html(again), "kept, and shown at once"


def test_one_clip_alone_has_nothing_to_be_explained_to(library: Path, screen: Open) -> None:
    at = sound(screen("compare", q=["label:waving <b>&[x](y)"]))
    assert "Pin to notebook" in texts(at) and "What carries it?" not in texts(at)


def _html(at: object) -> str:
    return "\n".join(str(element.proto.body) for element in at.get("html"))  # type: ignore[attr-defined]
