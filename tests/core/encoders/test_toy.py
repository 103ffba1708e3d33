from __future__ import annotations

import numpy as np
import pytest

from core import encoders
from core.errors import NoActionHead


def test_a_reader_can_predict_its_numbers() -> None:
    frames = np.zeros((1, 8, 32, 32, 3), np.uint8)
    frames[:, :, :16, :16] = (255, 0, 0)  # top left red
    frames[:, :, :16, 16:] = (0, 255, 0)  # top right green
    frames[:, :, 16:, :16] = (0, 0, 255)  # bottom left blue
    frames[:, :, 16:, 16:] = 51  # bottom right a fifth of white
    vector = encoders.build("toy", weights=None).embed(frames)[0]
    assert vector.tolist() == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1, 0.2, 0.2, 0.2, 0, 0.1])


def test_change_counts_from_one_moment_to_the_next() -> None:
    frames = np.zeros((1, 8, 32, 32, 3), np.uint8)
    frames[:, 1::2] = 255  # black, white, black, white ...: every step changes everything
    assert encoders.build("toy", weights=None).embed(frames)[0, 12] == pytest.approx(1.0)


def test_a_black_still_window_has_a_direction() -> None:
    vector = encoders.build("toy", weights=None).embed(np.zeros((1, 8, 32, 32, 3), np.uint8))[0]
    assert vector.tolist() == pytest.approx([0] * 13 + [0.1])


def test_it_has_no_classifier() -> None:
    toy = encoders.build("toy", weights=None)
    with pytest.raises(NoActionHead, match="toy"):
        toy.logits(np.zeros((1, 8, 32, 32, 3), np.uint8))
    with pytest.raises(NoActionHead, match="toy"):
        encoders.load_head("toy", None)


@pytest.mark.parametrize("shape", [(8, 32, 32, 3), (1, 7, 32, 32, 3), (1, 8, 32, 31, 3), (1, 8, 32, 32, 1)])
def test_other_shapes_are_refused_with_both_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"frames \(uint8 .*must be uint8 .*\(8, 32, 32, 3\) for toy"):
        encoders.build("toy", weights=None).embed(np.zeros(shape, np.uint8))


def test_other_types_are_refused() -> None:
    with pytest.raises(ValueError, match="float32"):
        encoders.build("toy", weights=None).embed(np.zeros((1, 8, 32, 32, 3), np.float32))  # type: ignore[arg-type]


def test_no_windows_give_no_rows() -> None:
    assert encoders.build("toy", weights=None).embed(np.zeros((0, 8, 32, 32, 3), np.uint8)).shape == (0, 14)
