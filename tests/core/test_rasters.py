"""Matrices as PNG: read back by another decoder, byte for byte."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core import pictures, rasters
from core.colours import SCALES, THEMES


def similarities(rows: int, seed: int = 0) -> np.ndarray:
    """Cosines of noisy clips of ten actions: as hard to pack as real ones."""
    random = np.random.default_rng(seed)
    clips = 0.5 * random.normal(size=(10, 64))[np.sort(random.integers(0, 10, rows))] + random.normal(size=(rows, 64))
    clips -= clips.mean(axis=0)
    clips /= np.linalg.norm(clips, axis=1, keepdims=True)
    return clips @ clips.T


def read(png: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_grey_picture_holds_the_values_within_its_quantisation() -> None:
    values = similarities(60)
    values[3, 4] = np.nan
    cells = read(pictures.grey_png(values, -0.5, 0.75))
    assert cells.shape == (60, 60) and cells.dtype == np.uint8
    back = rasters.restored(cells, -0.5, 0.75)
    assert np.argwhere(cells == 0).tolist() == [[3, 4]] == np.argwhere(np.isnan(back)).tolist()
    error = np.nanmax(np.abs(back - np.clip(values, -0.5, 0.75)))
    assert 0 < error <= rasters.quantisation(-0.5, 0.75) * (1 + 1e-9) and rasters.quantisation(-0.5, 0.75) == 1.25 / 508


def test_the_ends_are_1_and_255_and_what_lies_beyond_is_clipped() -> None:
    cells = read(rasters.grey_png(np.array([[-9.0, -1.0, 0.0, 1.0, 9.0, np.inf]]), -1.0, 1.0))
    assert cells.tolist() == [[1, 1, 128, 255, 255, 0]]


@pytest.mark.parametrize("values", [similarities(30), np.add.outer(np.arange(30.0), np.arange(40.0)), np.zeros((1, 7))])
def test_every_filter_is_undone_by_a_foreign_decoder(values: np.ndarray) -> None:
    low, high = float(values.min()), float(values.max()) + 1.0
    np.testing.assert_array_equal(read(rasters.grey_png(values, low, high)), rasters.quantised(values, low, high))


def test_a_million_noisy_cells_are_less_than_a_megabyte() -> None:
    values = similarities(1000)
    assert len(rasters.grey_png(values, float(values.min()), float(values.max()))) < 1_000_000
    smooth = np.cos(np.subtract.outer(np.arange(1000), np.arange(1000)) / 40)
    assert len(rasters.grey_png(smooth, -1, 1)) < 100_000


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", SCALES)
def test_a_coloured_picture_shows_the_scale_and_each_level_has_its_own_colour(theme: str, scale: str) -> None:
    stops = getattr(THEMES[theme], scale)
    levels = np.concatenate([[np.nan], np.linspace(0, 1, 255)])[None, :]
    pixels = read(rasters.coloured_png(levels, 0.0, 1.0, stops))[0]
    assert pixels[0].tolist()[3] == 0 and set(pixels[1:, 3]) == {255}
    colours = [tuple(int(channel) for channel in pixel[2::-1]) for pixel in pixels]
    assert len(set(colours)) == 256
    for place, colour in stops:
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        assert np.abs(np.array(colours[1 + round(place * 254)]) - wanted).max() <= 3


def test_texts_travel_inside_in_any_script() -> None:
    png = rasters.grey_png(np.zeros((1, 1)), 0, 1, texts={"Comment": "läuft 跑"})
    assert b"iTXtComment\x00\x00\x00\x00\x00" + "läuft 跑".encode() in png and read(png).tolist() == [[1]]


@pytest.mark.parametrize(
    ("values", "ends"), [(np.zeros(3), (0, 1)), (np.zeros((0, 2)), (0, 1)), (np.eye(2), (1, 1)), (np.eye(2), (0, np.nan))]
)
def test_what_makes_no_picture_is_refused(values: np.ndarray, ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        rasters.grey_png(values, *ends)
