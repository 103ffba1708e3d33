"""The travelling data checks its own shape."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.clips import LABEL_LIMIT, ClipEmbeddings, Framing, Gallery, VideoInfo, Window, clean_label
from core.errors import BadEmbedding, BadLabel


def test_labels_are_tidied() -> None:
    assert clean_label("  hand \t waving\n") == "hand waving"
    assert clean_label("") == ""
    assert clean_label("cafe\u0301") == "caf\u00e9"


@pytest.mark.parametrize("bad", ["a\x00b", "\ud800", "x" * (LABEL_LIMIT + 1), "bell\x07"])
def test_unusable_labels_are_refused(bad: str) -> None:
    with pytest.raises(BadLabel):
        clean_label(bad)


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (-0.1, 1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_windows_are_spans(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="window"):
        Window(start, end)


def test_video_info_is_of_a_video() -> None:
    with pytest.raises(ValueError, match="size and frames"):
        VideoInfo("mp4", "h264", 0, 10, 1.0, 5, 25.0)
    with pytest.raises(ValueError, match="duration"):
        VideoInfo("mp4", "h264", 10, 10, 0.0, 5, 25.0)


@pytest.mark.parametrize("values", [(10, 8, "crop"), (0, 8, "crop"), (8, 8, "fit")])
def test_framings_are_possible(values: tuple[int, int, str]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Framing(*values)


def embeddings(vectors: np.ndarray) -> ClipEmbeddings:
    return ClipEmbeddings("toy-1", tuple(Window(row, row + 1) for row in range(2)), vectors)


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.ones((3, 3), np.float32), np.ones(2, np.float32)])
def test_embeddings_have_one_float32_row_per_window(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="vectors"):
        embeddings(bad)


@pytest.mark.parametrize("bad", [[[0, 0], [1, 1]], [[1, np.nan], [1, 1]], [[1, np.inf], [1, 1]]])
def test_embeddings_have_directions(bad: list[list[float]]) -> None:
    with pytest.raises(BadEmbedding):
        embeddings(np.asarray(bad, dtype=np.float32))


def test_gallery_columns_have_one_length() -> None:
    with pytest.raises(ValueError, match="one length"):
        Gallery("toy-1", ("a",), np.ones((2, 3), np.float32), np.zeros(2), np.ones(2))
