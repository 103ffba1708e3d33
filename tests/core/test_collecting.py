from __future__ import annotations

import numpy as np
import pytest

from core.clips import Floats, Gallery, Section
from core.collecting import Collection, collect
from core.errors import BadInput, UnknownName
from tests.core.test_comparing import clip

SECTIONS = (Section("rgb", "left", 0, 2, 1.0), Section("skeleton", "right", 2, 4, 1.0))
A, B, C = (clip(letter, "", letter) for letter in "abc")


def two_streams(rows: list[list[float]]) -> Collection:
    """One window per clip; the first two columns are the RGB stream, the others the skeleton's."""
    clips = (A, B, C)[: len(rows)]
    vectors: Floats = np.asarray(rows, np.float32)
    gallery = Gallery("both", tuple(each.clip_id for each in clips), vectors, np.zeros(len(rows)), np.ones(len(rows)))
    return collect(clips, gallery, SECTIONS)


def cosine(collection: Collection, first: int, second: int) -> float:
    return float(collection.raw[first] @ collection.raw[second])


def test_streams_are_unit_rows_each_whatever_their_lengths_were() -> None:
    collection = two_streams([[10, 0, 0, 1], [0, 20, 0, 3]])  # nothing in common, all in common
    assert cosine(collection, 0, 1) == pytest.approx(0.5)


def test_streams_can_be_weighed_anew_and_left_out() -> None:
    collection = two_streams([[1, 0, 0, 1], [0, 1, 0, 1]])
    assert cosine(collection.weighed({"skeleton": 3.0}), 0, 1) == pytest.approx(0.75)
    assert cosine(collection.weighed({"skeleton": 0.0}), 0, 1) == pytest.approx(0.0)
    assert cosine(collection.weighed({"rgb": 0.0}), 0, 1) == pytest.approx(1.0)
    assert cosine(collection.weighed({"rgb": 0.0}).weighed({"rgb": 1.0}), 0, 1) == pytest.approx(0.5), "nothing was lost"


def test_each_stream_loses_its_own_mean() -> None:
    collection = two_streams([[1, 0, 1, 0], [1, 0, 0, 1]])  # the same wall, opposite motions
    assert collection.centred[0] @ collection.centred[1] == pytest.approx(-0.5), "the wall says nothing, the motion -1"


def test_a_clip_from_outside_is_placed_as_those_inside() -> None:
    collection = two_streams([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 1]])
    raw, centred = collection.place(np.asarray([[5, 0, 9, 0]], np.float32), ["new"])
    assert raw[0] == pytest.approx(collection.raw[0])
    assert centred[0] == pytest.approx(collection.centred[0])


def test_unknown_streams_and_no_weight_at_all_are_refused() -> None:
    collection = two_streams([[1, 0, 1, 0], [0, 1, 0, 1]])
    with pytest.raises(UnknownName, match=r"flow.*rgb, skeleton"):
        collection.weighed({"flow": 1.0})
    with pytest.raises(BadInput, match="raise one"):
        collection.weighed({"rgb": 0.0, "skeleton": 0.0})
