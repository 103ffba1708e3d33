"""Scales and palettes as people with colour blindness see them: simulated, and measured in CIELAB."""

from __future__ import annotations

import numpy as np
import pytest

from core.colours import NAMED_COLOURS, THEMES, label_colours, label_palette, mixed
from core.rasters import palette

# Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15 (6):
# severity 1.0, on linear RGB.
SEEN_AS = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colours: np.ndarray, eyes: str) -> np.ndarray:
    """(N, 3) sRGB bytes as CIELAB (D65), after the eyes."""
    share = np.asarray(colours, float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ SEEN_AS[eyes].T, 0, 1) @ TO_XYZ.T / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def bytes_of(colours: tuple[str, ...]) -> np.ndarray:
    return np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours])


def apart(seen: np.ndarray) -> float:
    """The least distance between any two."""
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    return float(distances[np.triu_indices(len(seen), k=1)].min())


def test_the_simulation_makes_red_and_green_alike_and_leaves_grey_alone() -> None:
    red_green = bytes_of(("#C0504D", "#6B8E23"))
    assert apart(lab(red_green, "usual")) > 60 > 25 > apart(lab(red_green, "deuteranopia"))
    np.testing.assert_allclose(lab(bytes_of(("#808080",)), "deuteranopia"), [[53.6, 0, 0]], atol=0.3)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", SEEN_AS)
def test_the_sequential_scale_grows_lighter_all_the_way(theme: str, eyes: str) -> None:
    lightness = lab(palette(THEMES[theme].sequential), eyes)[:, 0]
    assert np.diff(lightness).min() > -0.1 and lightness[-1] - lightness[0] > 70
    assert np.diff(lightness[::8]).min() > 0, "every eight levels are a visible step up"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", SEEN_AS)
def test_the_diverging_scale_has_two_arms_that_nobody_mixes_up(theme: str, eyes: str) -> None:
    seen = lab(palette(THEMES[theme].diverging), eyes)
    away = 1 if theme == "dark" else -1  # from the paper: darker on white, lighter on black
    down, up = seen[127::-1, 0] * away, seen[127:, 0] * away
    assert np.diff(down).min() > -0.1 and np.diff(up).min() > -0.1, "0 is nearest to the paper, and strength grows to both ends"
    mirrored = np.linalg.norm(seen[:100] - seen[::-1][:100], axis=1)
    assert mirrored.min() > 15, "alike and unlike of one strength: 2.3 is a just noticeable difference"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", SEEN_AS)
def test_eight_labels_are_told_apart_and_stand_out_from_the_paper(theme: str, eyes: str) -> None:
    eight = lab(bytes_of(label_palette(theme)[:8]), eyes)
    assert apart(eight) > 15
    assert np.linalg.norm(eight - lab(bytes_of((THEMES[theme].paper,)), eyes), axis=1).min() > 20


def test_colours_follow_the_names_and_not_their_order() -> None:
    names = ["waving", "running", "", "jogging", "running"]
    found = label_colours(names)
    assert found == label_colours(reversed(names)) == label_colours(names + names)
    assert [found[name] for name in ("jogging", "running", "waving")] == list(label_palette("light")[:3])
    assert found[""] == THEMES["light"].muted


@pytest.mark.parametrize("theme", THEMES)
def test_more_labels_than_colours_begin_again(theme: str) -> None:
    names = [f"action {number:02}" for number in range(NAMED_COLOURS + 3)]
    found = [label_colours(names, theme)[name] for name in names]
    assert len(set(found)) == NAMED_COLOURS and found[NAMED_COLOURS:] == found[:3]


def test_a_mixture_lies_between() -> None:
    assert (mixed("#000000", "#FFFFFF", 0.5), mixed("#102030", "#FFFFFF", 0)) == ("#808080", "#102030")
