"""Alterations on frames that can be checked by eye: frame t is filled with t."""

from __future__ import annotations

import numpy as np
import pytest

from core.alterations import AS_FILMED, KINDS, Alteration, alter, shown
from core.clips import Framing
from core.errors import BadInput

FRAMES = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None, None, None], (8, 4, 10, 3)).copy()


def seen(alteration: Alteration) -> list[int]:
    """The number of the frame that stands at each moment."""
    return [int(frame[0, 0, 0]) for frame in alter(FRAMES, alteration)]


def test_motion_goes_and_time_turns() -> None:
    assert seen(AS_FILMED) == list(range(8))
    assert seen(Alteration("frozen")) == [4] * 8
    assert seen(Alteration("reversed")) == list(range(7, -1, -1))
    shuffled = seen(Alteration("shuffled"))
    assert sorted(shuffled) == list(range(8)) and shuffled != list(range(8)) and shuffled == seen(Alteration("shuffled"))


def test_what_is_hidden_has_the_mean_colour_and_the_rest_stays() -> None:
    found = alter(FRAMES, Alteration("hidden", region=(0.5, 0.0, 1.0, 0.5), span=(0.25, 0.5)))
    mean = round(FRAMES.mean())
    assert (found[2:4, :2, 5:] == mean).all()
    kept = found.copy()
    kept[2:4, :2, 5:] = FRAMES[2:4, :2, 5:]
    np.testing.assert_array_equal(kept, FRAMES)
    assert FRAMES[2, 0, 5, 0] == 2, "the frames that came in are not written to"


@pytest.mark.parametrize(
    ("framing", "size", "place"),
    [
        (Framing(224, 224, "whole"), (640, 480), (0, 0, 1, 1)),
        (Framing(240, 240), (640, 480), (0.125, 0, 0.875, 1)),  # the middle square of 480 in a width of 640
        (Framing(120, 240), (480, 480), (0.25, 0.25, 0.75, 0.75)),
        (Framing(416, 416, "pad"), (400, 200), (0, -0.5, 1, 1.5)),  # black above and below
    ],
)
def test_what_a_framing_shows_of_the_film(framing: Framing, size: tuple[int, int], place: tuple[float, ...]) -> None:
    assert shown(framing, *size) == pytest.approx(place)


def test_a_region_means_the_same_place_of_the_film_in_every_framing() -> None:
    left_half = Alteration("hidden", region=(0.0, 0.0, 0.5, 1.0))
    frames = np.full((2, 8, 8, 3), 200, np.uint8)
    frames[0] = 0  # so that the mean differs from both
    padded = alter(frames, left_half, place=shown(Framing(8, 8, "pad"), 400, 200))
    assert (padded[:, 2:6, :4] == 100).all() and (padded[1, :2] == 200).all() and (padded[1, :, 4:] == 200).all()
    cropped = alter(frames, Alteration("hidden", region=(0.0, 0.0, 0.25, 1.0)), place=shown(Framing(8, 8), 400, 200))
    np.testing.assert_array_equal(cropped, frames)  # that quarter lies outside the middle square


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "upside-down"},
        {"kind": "hidden", "region": (0.5, 0.0, 0.5, 1.0)},
        {"kind": "hidden", "region": (0.0, 0.0, 1.2, 1.0)},
        {"kind": "hidden", "span": (float("nan"), 1.0)},
    ],
)
def test_other_alterations_are_refused(wrong: dict) -> None:
    with pytest.raises(BadInput, match="must be"):
        Alteration(**wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_shape_and_type_stay(kind: str) -> None:
    found = alter(FRAMES, Alteration(kind))
    assert found.shape == FRAMES.shape and found.dtype == np.uint8


def test_another_camera_shows_the_same_in_other_light_askew_nearer_or_mirrored() -> None:
    picture = np.zeros((2, 40, 40, 3), np.uint8)
    picture[:, 18:22, 28:32] = 100
    made = {kind: alter(picture, Alteration(kind)) for kind in ("mirrored", "brighter", "darker", "tilted-left", "closer")}
    where = {kind: np.argwhere(frames[0, :, :, 0] > frames.max() // 2).mean(axis=0) for kind, frames in made.items()}
    assert where["mirrored"] == pytest.approx((19.5, 9.5))
    assert made["darker"].max() < 100 < made["brighter"].max() and made["darker"].min() == 0
    assert where["tilted-left"][0] < 18.5 and where["tilted-left"][1] == pytest.approx(29.5, abs=0.5), "anticlockwise: it rises"
    assert where["closer"][1] == pytest.approx(19.5 + 1.25 * 10, abs=0.5)
    assert picture.max() == 100, "the frames that came in are not written to"
