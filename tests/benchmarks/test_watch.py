"""What the benchmark of watching counts: right flags, false alarms, stretches found."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.footage import Piece, Truth
from benchmarks.watch import NAIVE, average_precision, best, outcome, thinned
from core.flagging import Course, Reading, flags
from core.flags import Flag

CUTS = ((0.0, 10.0, "calm"), (10.0, 14.0, "fight"), (14.0, 30.0, "calm"), (30.0, 33.0, "fight"))
TRUTH = Truth(tuple(Piece(*cut, "a.mp4") for cut in CUTS))


def flag(start: float, end: float, peak: float, score: float = 1.0) -> Flag:
    return Flag("fight", start, end, peak, 0.5, 0.9, score)


def course(scores: dict[int, float]) -> Course:
    """Windows of 2 s, a second apart, over 33 s; score 0 unless given by the second that they begin."""
    starts = np.arange(32.0)
    values = np.asarray([scores.get(int(start), 0.0) for start in starts])
    return Course("fight", starts, starts + 2.0, values, np.zeros(32), np.zeros(32), 0.5)


def test_a_right_flag_overlaps_by_half_and_a_false_one_peaks_elsewhere() -> None:
    told = outcome(
        [flag(10.5, 14.5, 12.0), flag(9.0, 13.0, 12.0, 2.0), flag(13.0, 20.0, 16.0), flag(20.0, 21.0, 20.5)], TRUTH, "fight"
    )
    assert (told.flags, told.stretches, told.found) == (4, 2, 1)
    assert told.right == 1, "a stretch counts once, however many flags overlap it"
    assert told.alarms == 2, "one grazes a fight and peaks behind it, one is nowhere near"
    assert told.f1 == pytest.approx(2 * 1 / (4 + 2)) and told.hours == pytest.approx(26 / 3600)
    both = told + told
    assert (both.f1, both.alarms, both.hours) == (pytest.approx(told.f1), 4, pytest.approx(52 / 3600))


def test_nothing_flagged_is_nothing_right() -> None:
    told = outcome([], TRUTH, "fight")
    assert (told.f1, told.found, told.alarms, told.stretches) == (0.0, 0, 0, 2)


def test_the_peer_has_no_overlap_and_joins_what_adjoins() -> None:
    peer = thinned(course({10: 1.0, 11: 1.0, 12: 1.0}))
    assert peer.starts.tolist() == list(range(0, 32, 2))
    assert [(one.start_seconds, one.end_seconds) for one in flags(peer, NAIVE)] == [(10.0, 14.0)]


def test_precision_is_high_when_every_fight_scores_above_all_else() -> None:
    fights = dict.fromkeys((10, 11, 12, 30, 31), 1.0)
    assert average_precision(course(fights), TRUTH, "fight") > 0.8
    assert average_precision(course(dict.fromkeys((2, 3, 20), 1.0)), TRUTH, "fight") < 0.25


def test_the_best_threshold_is_found_and_means_fewer_alarms() -> None:
    line = course({10: 0.9, 11: 1.0, 12: 0.9, 20: 0.4, 30: 0.8, 31: 0.8})
    value, told = best(line, Reading(0.0, 1.0, 0.0, 0.01), TRUTH, "fight")
    assert told.f1 == 1.0 and told.alarms == 0 and value > 0.4
