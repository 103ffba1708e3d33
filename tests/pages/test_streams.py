"""What the streams of an encoder say alone, in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from core.clips import Section
from core.comparing import Comparison
from pages.parts.streams import sentence

NAN = np.full((1, 1), np.nan)


def reading(stream: str, percentile: float) -> tuple[Section, Comparison]:
    percentiles = np.full((1, 1), percentile)
    return Section(stream, stream, 0, 1, 1.0), Comparison((), NAN, NAN, percentiles, NAN, NAN, 1, 1)


@pytest.mark.parametrize(
    ("rgb", "skeleton", "told"),
    [
        (90, 10, "Alike in scenery, unlike in body movement."),
        (50, 10, "Unlike in body movement."),
        (90, 50, "Alike in scenery."),
        (90, 80, "Alike in every stream."),
        (5, 10, "Unlike in every stream."),
        (50, 50, ""),
        (np.nan, np.nan, ""),
    ],
)
def test_what_stands_out_is_told(rgb: float, skeleton: float, told: str) -> None:
    assert sentence([reading("rgb", rgb), reading("skeleton", skeleton)], 0, 0) == told
