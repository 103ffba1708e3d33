from __future__ import annotations

import numpy as np
import pytest

from core.held_out import HeldOut


def held_out() -> HeldOut:
    return HeldOut(
        classes=("fight",),
        scores=np.asarray([[0.1], [0.9], [-0.5], [0.3]]),
        targets=np.asarray([[True], [True], [False], [False]]),
        sources=("anna", "anna", "bert", "cara"),
        seconds=np.asarray([2.0, 1.0, 2.0, 4.0]),
        clip_ids=("aa", "aa", "bb", "cc"),
        spans=np.asarray([[0.0, 2.0], [1.0, 3.0], [0.0, 2.0], [3.0, 7.0]]),
        examples=np.asarray([0, 0, 2, 1]),
    )


def test_an_example_is_as_good_as_its_best_window() -> None:
    one = held_out().by_example()
    assert one.examples.tolist() == [0, 1, 2]
    assert one.scores[:, 0].tolist() == [0.9, 0.3, -0.5]
    assert one.clip_ids == ("aa", "cc", "bb") and one.sources == ("anna", "cara", "bert")
    assert one.seconds.tolist() == [3.0, 4.0, 2.0]
    assert one.spans.tolist() == [[0.0, 3.0], [3.0, 7.0], [0.0, 2.0]]
    assert one.targets[:, 0].tolist() == [True, False, False]


def test_rows_are_chosen_by_mask_and_the_negatives_show_no_class() -> None:
    of_none = held_out().rows(held_out().negatives)
    assert len(of_none) == 2 and of_none.sources == ("bert", "cara") and of_none.seconds.sum() == 6.0


def test_columns_of_unlike_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one row for each"):
        HeldOut(
            ("a",), np.zeros((2, 1)), np.zeros((1, 1), bool), ("x",), np.zeros(1), ("aa",), np.zeros((1, 2)), np.zeros(1, int)
        )
