"""PNG heatmaps: the right colours in the right order, for names of any kind."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest

from core import pictures
from core.clips import Provenance
from core.colours import THEMES

PROVENANCE = Provenance("i3d-rgb", "0123456789abcdef", clips=40, sources=5, version="0.1.0")


def pixels(png: bytes) -> np.ndarray:
    return np.round(matplotlib.image.imread(io.BytesIO(png))[..., :3] * 255).astype(int)


def rows_with(image: np.ndarray, colour: str) -> np.ndarray:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    near = np.abs(image[:, : int(0.8 * image.shape[1])] - wanted).max(axis=2) <= 3  # the colour bar is on the right
    return np.flatnonzero(near.sum(axis=1) > 40)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_alike_is_teal_unlike_is_brown_and_row_0_is_on_top(theme: str) -> None:
    image = pixels(pictures.heatmap_png(np.array([[0.5], [-0.5]]), ["alike", "unlike"], ["a"], theme=theme))
    alike, unlike = THEMES[theme].diverging[-1][1], THEMES[theme].diverging[0][1]
    assert rows_with(image, alike).size > 50
    assert rows_with(image, alike).max() < rows_with(image, unlike).min()
    paper = THEMES[theme].paper
    assert tuple(image[0, 0]) == tuple(int(paper[i : i + 2], 16) for i in (1, 3, 5))


def test_names_with_dollars_and_markup_are_only_names() -> None:
    names = ["$\\frac{1}{", "<b>bold</b>", "a very long name of a clip that has no end.mp4", "跑步"]
    png = pictures.heatmap_png(np.full((4, 4), np.nan), names, names, title="$x", provenance=PROVENANCE, colorbar_title="$")
    assert png.startswith(b"\x89PNG")


def test_a_large_matrix_with_groups_stays_a_picture_of_ordinary_size() -> None:
    groups = [f"action {row // 24}" for row in range(240)]
    png = pictures.heatmap_png(np.zeros((240, 240)), groups, groups, row_groups=groups, column_groups=groups)
    height, width, _ = pixels(png).shape
    assert 600 < height < 2000
    assert 600 < width < 2000


def test_a_matrix_of_another_shape_than_its_names_is_refused() -> None:
    with pytest.raises(ValueError, match="one row per row name"):
        pictures.heatmap_png(np.zeros((2, 3)), ["a", "b"], ["a", "b"])
