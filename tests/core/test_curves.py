"""Curves against scikit-learn on the same vectors, and what examples are taken for."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from core import curves
from core.calibrating import held_out_confidence
from core.concepts import Scale
from core.held_out import HeldOut
from core.operating import material
from tests.core.test_calibrating import TEN_AND_FOUR, held_out


def many() -> HeldOut:
    """Forty examples and sixty others that overlap, with ties."""
    random = np.random.default_rng(7)
    return held_out(np.round(random.normal(1, 1, 40), 1).tolist(), np.round(random.normal(0, 1, 60), 1).tolist())


def test_average_precision_and_areas_are_those_of_scikit_learn() -> None:
    held = many()
    targets, scores = held.targets[:, 0], held.scores[:, 0]
    swept = curves.sweep(material(held))
    precision, area = curves.average_precision(swept), curves.roc_area(swept)
    assert precision.value == pytest.approx(metrics.average_precision_score(targets, scores))
    assert area.value == pytest.approx(metrics.roc_auc_score(targets, scores))
    assert precision.low < precision.value < precision.high and area.low < area.value < area.high


def test_both_curves_run_through_the_points_of_scikit_learn() -> None:
    held = many()
    targets, scores = held.targets[:, 0], held.scores[:, 0]
    precisions, recalls, _ = metrics.precision_recall_curve(targets, scores)
    trade = curves.precision_recall(held, threshold=0.5)
    ours = set(zip(trade.x.round(9).tolist(), trade.y.round(9).tolist(), strict=True))
    theirs = set(zip(recalls[:-1].round(9).tolist(), precisions[:-1].round(9).tolist(), strict=True))
    assert ours == theirs and trade.mark is not None and "others fire" in trade.alt
    false, missed, _ = metrics.det_curve(targets, scores)
    error = curves.detection_error(held, threshold=0.5)
    ours = set(zip(error.x.round(9).tolist(), error.y.round(9).tolist(), strict=True))
    assert set(zip(false.round(9).tolist(), missed.round(9).tolist(), strict=True)) <= ours
    assert ((error.low <= error.high) & (error.low >= 0)).all() and len(error.band_x) == 100


def test_confidences_are_held_against_what_is_right_as_scikit_learn_does() -> None:
    held = many()
    sheet = curves.reliability(held)
    share, mean = calibration_curve(held.targets[:, 0], held_out_confidence(held, 0), n_bins=10)
    assert sheet.right == pytest.approx(share) and sheet.confidence == pytest.approx(mean) and sheet.counts.sum() == 100
    assert 0 < sheet.error < 0.25 and (sheet.low <= sheet.right).all()


def test_too_few_for_a_curve_are_said_and_drawn_as_nothing() -> None:
    for held in (held_out([], []), held_out([1.0], []), held_out([], [1.0, 2.0])):
        for sheet in (curves.precision_recall(held, threshold=1.0), curves.detection_error(held)):
            assert not len(sheet.x) and "too few" in sheet.alt
    assert "too few" in curves.reliability(held_out([1.0, 2.0], [])).alt


def test_a_confusion_matrix_says_what_each_example_is_taken_for() -> None:
    scores = np.asarray([[2.0, 0.0], [0.2, 1.5], [0.0, 3.0], [0.1, 0.2], [1.2, 1.1], [-1.0, -1.0]])
    targets = np.asarray([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1], [0, 0]], bool)
    held = HeldOut(
        ("fight", "fall"),
        scores,
        targets,
        tuple("aabbcd"),
        np.ones(6),
        tuple("abcdef"),
        np.tile([0.0, 1.0], (6, 1)),
        np.arange(6),
    )
    sheet = curves.confusion(held, (0.5, 0.5), (Scale(), Scale()))
    assert sheet.counts.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert sheet.row_texts() == ["fight 2 of 3", "fall 1 of 2", "nothing 1 of 1"]
    assert sheet.recalls[0][0] == pytest.approx(2 / 3) and "Most often wrong: fight taken for fall, 1 times." in sheet.alt


def test_without_a_threshold_nothing_is_marked() -> None:
    assert curves.precision_recall(TEN_AND_FOUR).mark is None
