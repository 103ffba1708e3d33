"""Words as mixes of action names, by literals: three names along the axes of a plane."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.encoders import ActionHead
from core.errors import UnknownName
from core.mixing import LEAST_SHARE, Understood, as_written, direction, directions, shares, understand
from core.queries import parse

NAMES = ("jogging", "running on treadmill", "cooking")
HEAD = ActionHead(NAMES, np.asarray([[3, 1], [1, 3], [-1, -1]], np.float32), np.zeros(3, np.float32))
"""Their mean is (1, 1), so the centred directions are (1, 0) and its like."""


def test_shares_are_a_softmax_over_the_nearest_names() -> None:
    found = shares(np.asarray([[0.8, 0.7, 0.1]]), names=2, temperature=0.1)[0]
    np.testing.assert_allclose(found, [math.e / (math.e + 1), 1 / (math.e + 1), 0], atol=1e-6)


def test_names_that_change_nothing_are_left_out() -> None:
    found = shares(np.asarray([[1.0, 0.2, 0.1]]), names=3, temperature=0.1)[0]
    np.testing.assert_allclose(found, [1, 0, 0])
    assert math.exp(-8) < LEAST_SHARE


def test_fewer_names_than_are_looked_for() -> None:
    np.testing.assert_allclose(shares(np.asarray([[0.3, 0.3]]), names=5)[0], [0.5, 0.5])


def test_words_are_understood_with_their_shares_largest_first() -> None:
    found = understand("running", np.asarray([0.6, 0.62, 0.0], np.float32), NAMES)
    assert [name for name, _ in found.mix] == ["running on treadmill", "jogging"]
    assert sum(share for _, share in found.mix) == pytest.approx(1, abs=2e-3)
    assert found.closeness == 0.62 and not found.corrected and not found.doubtful
    assert found.sentence.startswith("running: running on treadmill 0.55, jogging 0.45")


def test_a_long_tail_is_counted_and_says_what_it_weighs() -> None:
    told = Understood("moving", tuple((f"name {number}", 0.125) for number in range(8)), 0.6)
    assert told.names(str.upper) == ", ".join(f"NAME {number} 0.12" for number in range(5)) + " and 3 more that share 0.38"
    assert Understood("moving", told.mix[:6], 0.6).sentence.endswith("name 4 0.12 and 1 more with 0.12")
    assert "more" not in Understood("moving", told.mix[:5], 0.6).sentence


def test_words_far_from_every_name_are_doubtful() -> None:
    assert understand("sitting", np.asarray([0.2, 0.3, 0.1], np.float32), NAMES).doubtful


def test_a_mix_that_somebody_wrote_adds_up_to_one() -> None:
    found = as_written(parse('text:"running"{Jogging=0.6,cooking=0.2}'), NAMES)
    assert found == Understood("running", (("jogging", 0.75), ("cooking", 0.25)))
    assert found.corrected and not found.doubtful


def test_a_mix_of_other_names_is_refused_with_what_is_near() -> None:
    with pytest.raises(UnknownName, match=r"action \('joging'\) must be one that is here; try jogging"):
        as_written(parse('text:"running"{joging=1}'), NAMES)


def test_the_direction_of_a_mix_is_the_sum_of_its_names_directions() -> None:
    np.testing.assert_allclose(directions(HEAD)[:2], [[1, 0], [0, 1]], atol=1e-6)
    raw, centred = direction((("jogging", 0.75), ("running on treadmill", 0.25)), HEAD)
    np.testing.assert_allclose(centred, [[0.75 / math.hypot(0.75, 0.25), 0.25 / math.hypot(0.75, 0.25)]], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(raw), 1, atol=1e-6)
    assert raw[0, 0] > raw[0, 1] > 0


def test_many_names_equally_far_are_all_kept() -> None:
    np.testing.assert_allclose(shares(np.full((1, 400), 0.2), names=400), np.full((1, 400), 1 / 400), atol=1e-6)
