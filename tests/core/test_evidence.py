"""What a comparison proves: numbers against their definitions, words against numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.clips import Clip, Gallery, VideoInfo
from core.collecting import Collection, collect
from core.comparing import Comparison, Side, compare, side
from core.evidence import evidence, findings
from core.queries import Query
from core.resampling import Estimate, Permutation
from core.verdicts import Evidence, Verdict, holm, p_text, sources_needed

INFO = VideoInfo("mp4", "h264", 64, 48, 1.0, 10, 10.0)
APART = {"running": (3.0, 0.0), "jogging": (0.0, 3.0), "walking": (-2.0, -2.0)}


def library(people: dict[str, str], *, takes: int = 2, apart: float = 1.0, seed: int = 0) -> Collection:
    """``people`` gives each label the letters of its people; every one of them is filmed ``takes`` times."""
    random = np.random.default_rng(seed)
    habits = {name: 0.5 * random.normal(size=6) for name in "abcdefghijklmnopqrstuvwxyz"}
    clips, rows = [], []
    for label, names in people.items():
        for name in names:
            for _ in range(takes):
                middle = np.zeros(6)
                middle[:2] = apart * np.asarray(APART[label])
                rows.append(middle + habits[name] + 0.3 * random.normal(size=6))
                clips.append(Clip(f"{len(clips):064x}", f"{label} {len(clips)}.mp4", label, name, 1, INFO, 0.0))
    ids = tuple(clip.clip_id for clip in clips)
    vectors = np.asarray(rows, np.float32)
    return collect(clips, Gallery("toy", ids, vectors, np.zeros(len(ids)), np.ones(len(ids))))


def compared(people: dict[str, str], **how: float) -> Comparison:
    collection = library(people, **how)  # type: ignore[arg-type]
    return compare([side(Query("label", label), collection, None) for label in people], collection, None)


def test_five_and_four_people_who_are_worlds_apart() -> None:
    comparison = compared({"running": "abcde", "jogging": "vwxy"})
    found = evidence(comparison)
    assert found.between.centred == comparison.centred[0, 1] and found.between.raw == comparison.raw[0, 1]
    assert found.between.percentile == comparison.percentile[0, 1]
    background = comparison.background
    assert found.between.z == pytest.approx((comparison.centred[0, 1] - background.mean()) / background.std())
    assert found.effect == pytest.approx(np.diag(comparison.centred).mean() - comparison.centred[0, 1], abs=1e-6)
    assert found.p_value == found.smallest_p == 1 / 126 and found.exchanged == "whole sources between the two sides"
    assert found.effect_interval and found.effect_interval.low > 0 and found.verdict is Verdict.CLEARLY
    assert found.auc == 1.0 and found.silhouette > 0.5 and found.energy > 0.5 and found.lacks == ()
    assert found.sentence.startswith(
        "Running and jogging are clearly different to this encoder: clips of one side are more alike"
    )
    assert found.sentence.endswith("p = 0.008, the smallest that 5 and 4 sources allow); 10 clips of 5 sources and 8 of 4.")
    gap = found.effect_interval
    assert f"gap {found.effect:.2f}, 95\u00a0% from {gap.low:.2f} to {gap.high:.2f}" in found.sentence


def test_no_difference_is_not_made_up() -> None:
    found = evidence(compared({"running": "abcde", "jogging": "vwxyz"}, apart=0.0))
    assert found.verdict is Verdict.NONE_SHOWN and found.p_value > 0.05
    assert found.sentence.startswith("No difference between running and jogging is shown: ")
    assert "not reliably more alike than" in found.sentence and f"p = {p_text(found.p_value)}" in found.sentence


def test_people_who_do_both_are_said_to() -> None:
    found = evidence(compared({"running": "abcdef", "jogging": "abcdef"}))
    assert found.test and found.test.arrangements == 64 and found.p_value == 2 / 64
    assert found.exchanged == "the two sides of every source" and "6 of them on both sides" in found.sentence


@pytest.mark.parametrize(
    ("people", "lacking"),
    [
        (
            {"running": "ab", "jogging": "xy"},
            ["1 more for running and 1 more for jogging", "2 more sources for running and 1 more"],
        ),
        ({"running": "abcd", "jogging": "abcd"}, ["2 more sources that do both"]),
        ({"running": "abcde", "jogging": "x"}, ["2 more for jogging", "of jogging have in common", "1 more source for jogging"]),
        (
            {"running": "a", "jogging": "a"},
            ["2 more for running and 2 more for jogging", "of running", "of jogging", "more source"],
        ),
    ],
)
def test_what_is_lacking_is_told_with_how_much(people: dict[str, str], lacking: list[str]) -> None:
    found = evidence(compared(people))
    assert len(found.lacks) == len(lacking), found.lacks
    assert all(text in told for told, text in zip(found.lacks, lacking, strict=True)), found.lacks
    assert found.verdict in (Verdict.UNSAID, Verdict.PROBABLY) and found.smallest_p > 0.05


def test_one_source_alone_says_nothing_and_says_why() -> None:
    found = evidence(compared({"running": "a", "jogging": "a"}))
    assert math.isnan(found.effect) and found.test is None and found.effect_interval is None
    assert "cannot be said yet: all clips are of one source" in found.sentence


def test_a_clip_against_its_own_label_counts_its_person_on_one_side_only() -> None:
    """Swapping the one person who is on both sides would allow no p below a half."""
    collection = library({"running": "abcdefghijklmnopqrstu"}, takes=1)
    clip = collection.clips[0]
    sides = [side(Query("label", "running"), collection, None), side(Query("clip", clip.clip_id), collection, None)]
    found = evidence(compare(sides, collection, None))
    assert found.test and found.test.arrangements == 21 and "count for" in found.exchanged
    assert found.on_both == 1 and "1 clip on both sides" in found.lacks[-1]


def test_directions_have_no_test() -> None:
    collection = library({"running": "abcd"})
    one = side(Query("label", "running"), collection, None)
    along = np.zeros((1, 6), np.float32)
    along[0, 0] = 1.0
    action = Side(Query("action", "jogging"), (), along, along, ("action:jogging",))
    numbers = np.asarray([[0.5, 0.25], [0.25, np.nan]])
    shown = Comparison((one, action), numbers, numbers, 4 * numbers, np.ones((2, 2), int), np.zeros(9), 8, 4)
    found = evidence(shown)
    assert found.verdict is Verdict.NO_TEST and found.test is None and math.isnan(found.effect) and math.isnan(found.auc)
    assert found.between.interval and found.between.interval.low < found.between.interval.value < found.between.interval.high
    assert found.sentence.startswith("Clips of running and the direction of “jogging” are 0.25 (95\u00a0% from ")
    assert found.sentence.endswith("8 clips of 4 sources. A direction has no clips, so there is no test.")
    both = evidence(replace(shown, sides=(action, action)), 0, 1)
    assert both.between.interval is None and "neither an interval nor a test" in both.sentence
    alone = evidence(shown, 1, 1)
    assert "there is no within" in alone.sentence


def test_one_side_alone_has_an_interval() -> None:
    comparison = compared({"running": "abcd", "jogging": "vwxy"})
    found = findings(comparison).of(1, 1)
    assert found.between.centred == comparison.centred[1, 1] and found.between.interval and found.test is None
    assert found.between.interval.high <= 1.0
    assert found.sentence.startswith("Clips of jogging of different sources are ") and "8 clips of 4 sources" in found.sentence


def test_three_sides_are_corrected_for_three_tests_and_taken_together() -> None:
    found = findings(compared({"running": "abcde", "jogging": "vwxyz", "walking": "klmno"}))
    pairs = [one for one in found.pairs if one.first != one.second]
    assert [(one.first, one.second) for one in pairs] == [(0, 1), (0, 2), (1, 2)] and {one.tests for one in pairs} == {3}
    assert [one.p_corrected for one in pairs] == holm([one.p_value for one in pairs])
    assert "after Holm's correction for 3 pairs" in pairs[0].sentence
    assert found.of(2, 0) is pairs[1]
    assert found.overall and found.overall.verdict is Verdict.CLEARLY and found.overall.auc == 1.0
    assert found.overall.sentence.startswith("All 3 together, running, jogging and walking: clips of one action are clearly")
    assert found.overall.sentence.endswith("30 clips of 15 sources.")
    assert findings(compared({"running": "abc", "jogging": "xyz"})).overall is None


def test_holm_by_hand() -> None:
    found = holm([0.01, 0.04, math.nan, 0.03])
    assert found[0] == pytest.approx(0.03) and found[1] == found[3] == pytest.approx(0.06) and math.isnan(found[2])


@pytest.mark.parametrize(
    ("have", "more"),
    [((5, 4, 0), (0, 0, 0)), ((1, 1, 0), (3, 2, 0)), ((6, 1, 0), (0, 1, 0)), ((0, 0, 5), (0, 0, 1)), ((0, 0, 1), (0, 0, 5))],
)
def test_how_many_more_sources_are_needed(have: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    assert sources_needed(*have) == more


@pytest.mark.parametrize(
    ("p", "low", "smallest", "judged"),
    [
        (0.01, 0.1, 0.001, Verdict.CLEARLY),
        (0.01, -0.1, 0.001, Verdict.PROBABLY),
        (0.2, 0.1, 0.001, Verdict.PROBABLY),
        (0.2, -0.1, 0.001, Verdict.NONE_SHOWN),
        (0.2, -0.1, 0.1, Verdict.UNSAID),
        (0.1, 0.1, 0.1, Verdict.PROBABLY),
    ],
)
def test_the_verdict_needs_both_to_be_clear(p: float, low: float, smallest: float, judged: Verdict) -> None:
    shown = evidence(compared({"running": "abc", "jogging": "xyz"}))
    found: Evidence = replace(
        shown,
        effect_interval=Estimate(0.2, low, 0.5, 0.1, 5.0),
        test=Permutation(p, smallest, 20, True),
        p_corrected=p,
        smallest_p=smallest,
    )
    assert found.verdict is judged


@pytest.mark.parametrize(
    ("p", "text"), [(0.31, "0.31"), (0.0079, "0.008"), (0.05, "0.050"), (0.0002, "0.0002"), (1e-9, "below 0.0001")]
)
def test_how_p_is_written(p: float, text: str) -> None:
    assert p_text(p) == text
