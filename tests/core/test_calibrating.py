"""Thresholds from targets: the rules at small numbers, and against scikit-learn and scipy on the same vectors."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import _SigmoidCalibration

from core.calibrating import Target, check, choose, conformal_p, needed_negatives, platt, threshold
from core.errors import BadInput, NotEnoughData
from core.held_out import HeldOut
from core.operating import material


def held_out(positives: list[float], negatives: list[float], seconds: float = 360.0) -> HeldOut:
    """One window an example, two examples a source."""
    scores = np.asarray([*positives, *negatives], np.float64)
    count = len(scores)
    return HeldOut(
        classes=("fight",),
        scores=scores[:, None],
        targets=(np.arange(count) < len(positives))[:, None],
        sources=tuple(f"source {number // 2}" for number in range(count)),
        seconds=np.full(count, seconds),
        clip_ids=tuple(f"clip {number}" for number in range(count)),
        spans=np.tile([0.0, seconds], (count, 1)),
        examples=np.arange(count),
    )


TEN_AND_FOUR = held_out([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [4.5, 2.5, -1, -2])


def test_too_few_negatives_promise_no_share_and_say_how_many_are_needed() -> None:
    found = threshold(TEN_AND_FOUR, 0, Target("conformal", 0.05))
    assert not found.possible and found.value == 4.75 and (found.found, found.fired) == (5, 0)
    assert "4 negatives can promise no better than 20 %: need 19 for 5 %." in found.sentence
    assert [needed_negatives(share) for share in (0.05, 0.01, 0.2, 0.5)] == [19, 99, 4, 1]
    enough = threshold(held_out([9.0], list(range(19))), 0, Target("conformal", 0.05))
    assert (enough.possible and enough.value == 18.5 - 0.0 and enough.fired == 0) or enough.found == 0


def test_hours_bound_what_false_alarms_can_be_promised() -> None:
    little = threshold(TEN_AND_FOUR, 0, Target.parse("false-alarms:1"))  # 0.4 hours of other footage
    assert (
        not little.possible and little.value == 4.75 and little.false_alarms_per_hour.high == pytest.approx(3.689 / 0.4, abs=0.01)
    )
    assert "so little can promise no better than 2.5 an hour: need 60 minutes for 1." in little.sentence
    more = threshold(TEN_AND_FOUR, 0, Target.parse("false-alarms:5"))  # two alarms may be expected, so one may be seen
    assert more.possible and more.value == 2.75 and (more.alarms, more.found) == (1, 7)
    assert more.sentence.startswith("Fires on 7 of 10 held-out examples of fight and 2.5 times an hour (0")


def test_what_is_asked_for_is_read_and_refused_by_name() -> None:
    assert Target.parse("conformal:5%") == Target("conformal", 0.05)
    assert Target.parse(Target("precision", 0.9).written) == Target("precision", 0.9)
    for text in ("false-alarms", "false-alarms:x", "alarms:1", "false-alarms:0", "precision:1", "conformal:-1", "precision:nan"):
        with pytest.raises(BadInput, match="must be"):
            Target.parse(text)


def test_without_any_example_there_is_no_threshold_and_without_negatives_no_promise() -> None:
    with pytest.raises(NotEnoughData):
        threshold(held_out([], []), 0, Target())
    for kind, wanted in (("false-alarms", 1.0), ("precision", 0.5), ("conformal", 0.1)):
        found = threshold(held_out([3, 2, 1], []), 0, Target(kind, wanted))
        assert not found.possible and found.found == 3 and "without negatives nothing can be promised" in found.sentence


def test_confidence_is_what_scikit_learn_finds_on_the_same_scores() -> None:
    random = np.random.default_rng(3)
    targets = random.random(80) < 0.3
    scores = random.normal(size=80) + 1.5 * targets
    reference = _SigmoidCalibration().fit(scores, targets.astype(float))
    scale = platt(scores, targets)
    assert scale.confidence(scores) == pytest.approx(reference.predict(scores), abs=1e-5)
    assert platt(scores, np.ones(80, bool)).confidence(scores) == pytest.approx(0.5)
    assert platt(-scores, targets).slope == 0.0, "a head that is worse than chance tells nothing"
    apart = platt(np.asarray([0.0, 0.1, 1.0, 1.1]), np.asarray([False, False, True, True]))
    assert apart.confidence(np.asarray([1.1]))[0] == pytest.approx(0.75, abs=0.02), "few that lie apart give no certainty"


def test_p_values_of_clips_like_the_negatives_are_never_small_too_often() -> None:
    """Of 20,000 clips that are as the 29 negatives, whatever their distribution: P(p <= a) <= a."""
    random = np.random.default_rng(1)
    draws = random.standard_t(2, size=(20_000, 30))
    p = np.asarray([conformal_p(row[:1], row[1:])[0] for row in draws])
    for share in (1 / 30, 0.1, 0.25, 0.5, 0.9):
        assert np.mean(p <= share) <= share + 3 * np.sqrt(share * (1 - share) / len(p))
    assert p.min() == pytest.approx(1 / 30) and np.mean(p <= 0.1) == pytest.approx(0.1, abs=0.01)


def test_a_check_chooses_from_the_other_sources_alone() -> None:
    random = np.random.default_rng(6)
    held = held_out((2 + random.normal(size=12)).tolist(), random.normal(size=60).tolist())
    target = Target("conformal", 0.1)
    found = fired = 0
    for name in sorted(set(held.sources)):
        own = np.asarray(held.sources) == name
        value, _ = choose(material(held.rows(~own)), target)
        left = held.rows(own)
        found += int((left.scores[left.targets] >= value).sum())
        fired += int((left.scores[~left.targets] >= value).sum())
    checked = check(held, 0, target)
    assert (checked.found, checked.fired, checked.rounds, checked.promised) == (found, fired, 36, 36)
    assert checked.kept.value == fired / 60 and checked.sentence.startswith(
        "Checked on 36 left-out sources: asked for at most 10 %"
    )


def test_what_was_promised_is_told_as_kept_missed_or_open() -> None:
    many = held_out([9.0, 9.5, 8.5, 9.2], np.random.default_rng(6).normal(size=100).tolist())
    assert check(many, 0, Target.parse("false-alarms:50")).verdict == "kept", "clips of six minutes give ten an hour at most"
    few = check(TEN_AND_FOUR, 0, Target.parse("false-alarms:1"))
    assert few.verdict == "not proven" and "In 7 of 7 rounds the other sources were too few to promise it." in few.sentence
    alone = check(held_out([1.0, 2.0], []), 0, Target())
    assert alone.verdict == "" and alone.sentence.startswith("Not checked: ")
    # a camera that is unlike all others: nothing that they have tells what it will do
    odd = held_out([0.5, 0.6], [*np.linspace(0, 0.1, 20), 3, 3])
    assert check(odd, 0, Target("conformal", 0.05)).fired == 2


def test_the_worst_source_is_counted_once_more() -> None:
    apart = held_out([9.0, 8.0], [5, 0, 4, 0, 3, 0, *[-1] * 34])
    together = held_out([9.0, 8.0], [5, 4, 3, 0, 0, 0, *[-1] * 34])
    target = Target.parse("false-alarms:1")  # in four hours: four alarms may be expected
    assert threshold(apart, 0, target).value == 1.5, "three were seen, each of another source, and one more"
    assert threshold(together, 0, target).value == 3.5, "two of one source, and these two once more"
