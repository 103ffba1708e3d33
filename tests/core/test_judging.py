"""Choosing a head: sources are left out whole, what is within the spread goes to ridge, and what cannot be judged says so."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from core import judging
from core.judging import Windows, average_precisions, hold_out, judge, preferred, splits


def windows(sources: str, targets: str, *, per: int = 2, noise: float = 0.1, confounded: bool = False) -> Windows:
    """Examples of one class ("1") and of none ("0"), each of ``per`` windows; ``confounded`` ones look like their source, too."""
    random = np.random.default_rng(0)
    shown = np.asarray([[one == "1"] for one in targets])
    middles = np.zeros((len(sources), 24))
    middles[:, 0] = np.where(shown[:, 0], 1.0, -1.0)
    if confounded:
        middles[:, 0] = 0
        for at, source in enumerate(sources):
            middles[at, 1 + ord(source) - ord("a")] = 1.0
    rows = middles.repeat(per, axis=0) + noise * random.normal(size=(len(sources) * per, 24))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    count = len(rows)
    spans = np.stack([np.arange(count) % per, np.arange(count) % per + 1.0], axis=1).astype(float)
    return Windows(
        rows.astype(np.float32),
        np.arange(len(sources)).repeat(per),
        spans,
        np.ones(count),
        np.zeros(count, bool),
        ("fight",),
        shown,
        tuple(sources),
        tuple(f"clip {at}" for at in range(len(sources))),
    )


def test_a_source_is_never_scored_by_what_learnt_it() -> None:
    """Here nothing but the source tells the examples apart: left out by source, scores must say nothing of the class."""
    given = windows("aaabbbcccddd", "111111000000", confounded=True)
    split = splits(given)
    assert split.by_source and len(split.tests) == 4
    for test in split.tests:
        own = {given.sources[given.examples[row]] for row in np.flatnonzero(test)}
        rest = {given.sources[given.examples[row]] for row in np.flatnonzero(~test)}
        assert not own & rest
    apart = judging.auc(hold_out("ridge", given, split).by_example())
    assert apart < 0.6
    by_clip = judging.Splits(tuple(given.examples == at for at in range(12)), False)
    assert judging.auc(hold_out("ridge", given, by_clip).by_example()) > 0.9


def test_of_one_source_clips_are_left_out_and_that_is_said() -> None:
    given = windows("aaaabb", "111000")
    split = splits(given)
    assert not split.by_source and len(split.tests) == 6
    choice = judge(given, split)
    assert "on clips left out" in choice.why and "on another source it may do worse" in choice.why
    assert not choice.held_out["knn"].by_source


@pytest.mark.parametrize("targets", ["1000", "1111", "1"])
def test_where_no_class_can_be_left_out_nothing_is(targets: str) -> None:
    given = windows("abcd"[: len(targets)], targets)
    assert splits(given).tests == ()
    assert len(hold_out("prototype", given, splits(given))) == 0


def test_rows_aside_are_learnt_from_and_never_scored() -> None:
    given = windows("abcdef", "111000")
    aside = np.zeros(len(given.rows), bool)
    aside[1::2] = True
    given = judging.Windows(
        given.rows, given.examples, given.spans, given.seconds, aside, given.classes, given.targets, given.sources, given.clip_ids
    )
    assert len(hold_out("prototype", given, splits(given))) == 6
    assert given.weights.tolist() == [0.5] * 12


def test_many_sources_are_dealt_into_few_folds() -> None:
    names = [chr(ord("a") + at) for at in range(26)]
    given = windows("".join(names), "10" * 13)
    split = splits(given)
    assert len(split.tests) == 20 and split.by_source
    assert np.sum(split.tests, axis=0).tolist() == [1] * len(given.rows)


def test_average_precision_and_auc_are_those_of_scikit_learn_with_ties_and_weights() -> None:
    random = np.random.default_rng(3)
    scores, targets = random.integers(0, 6, 40).astype(float), random.random(40) < 0.4
    weights = random.integers(0, 3, (5, 40)).astype(float)
    expected = [average_precision_score(targets, scores, sample_weight=row) for row in weights]
    assert np.allclose(average_precisions(scores, targets, weights), expected)
    held = judging.HeldOut(
        ("a",),
        scores[:, None],
        targets[:, None],
        ("x",) * 40,
        np.ones(40),
        ("c",) * 40,
        np.zeros((40, 2)),
        np.arange(40),
    )
    assert judging.auc(held) == pytest.approx(roc_auc_score(targets, scores))


def test_within_the_spread_the_preferred_head_is_kept_and_only_then() -> None:
    steady = np.full(100, 0.9)
    wavering = steady + np.tile([0.05, -0.05], 50)
    assert preferred({"ridge": 0.88, "svm": 0.9}, {"ridge": wavering, "svm": steady})[0] == "ridge"
    assert preferred({"ridge": 0.8, "svm": 0.9}, {"ridge": wavering, "svm": steady})[0] == "svm"
    assert preferred({"prototype": 0.9, "ridge": 0.9}, {"prototype": steady, "ridge": steady}) == ("ridge", 0.0)
    beaten = {"prototype": 0.89, "ridge": 0.7, "svm": 0.9}
    assert preferred(beaten, {"prototype": wavering, "ridge": steady, "svm": steady})[0] == "prototype"


def test_a_choice_tells_its_reasons_with_numbers() -> None:
    choice = judge(windows("abcdef", "101010"), splits(windows("abcdef", "101010")))
    assert choice.kind == "ridge" and len(choice.scores) == 5
    assert choice.why.startswith("ridge: average precision 1.00 (1.00 to 1.00) on sources left out")
    hopeless = windows("abcdef", "101010", noise=50.0)
    assert "not surely better than chance (0.50)" in judge(hopeless, splits(hopeless)).why


def test_between_heads_somebody_may_stop() -> None:
    class StopHere(Exception): ...

    def step(at: int, kind: str) -> None:
        assert kind == judging.HEADS[at]
        if at == 2:
            raise StopHere

    with pytest.raises(StopHere):
        judge(windows("abcd", "1010"), splits(windows("abcd", "1010")), step=step)
