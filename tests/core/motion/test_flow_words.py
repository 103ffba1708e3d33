from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.clips import Floats
from core.motion.flow_actor import Actor
from core.motion.flow_patches import LENGTH, patches
from core.motion.flow_words import Words, fisher, words


def moving(*, steps: int = 40, speed: float = 1.0) -> Actor:
    """A quarter of the window moves to the right, the rest is still."""
    velocity = np.zeros((steps, 24, 24, 2), np.float32)
    velocity[:, :12, :12, 0] = speed
    return Actor(velocity, 0.1)


def test_only_what_moves_is_a_patch() -> None:
    found = patches(moving())
    assert found.shape == (7 * 4 * 4, LENGTH) and found.dtype == np.float32
    assert patches(moving(speed=0.01)).shape == (0, LENGTH)


def test_halves_of_a_patch_have_length_one_whatever_the_speed() -> None:
    slow, fast = patches(moving(speed=1.0)), patches(moving(speed=4.0))
    ways = LENGTH // 3
    assert np.allclose(np.linalg.norm(fast[:, :ways], axis=1), 1, atol=0.05)
    assert np.allclose(slow, fast, atol=0.1)


def test_a_glimpse_has_patches_too() -> None:
    assert len(patches(moving(steps=2))) == 4 * 4


def test_the_words_kept_here_fit_the_patches() -> None:
    kept = words()
    assert kept.mean.shape == (LENGTH,) and kept.axes.shape == (32, LENGTH)
    assert kept.shares.shape == (32,) and kept.shares.sum() == pytest.approx(1, abs=1e-4)
    assert kept.centres.shape == kept.spreads.shape == (32, 32) and kept.spreads.min() > 0
    assert np.allclose(kept.axes @ kept.axes.T, np.eye(32), atol=1e-4)


def by_hand(patches: Floats, usual: Words) -> NDArray[np.float64]:
    """The formulas of the paper, word by word."""
    chances = usual.shares * np.exp(-0.5 * ((patches[:, None] - usual.centres) / usual.spreads) ** 2).prod(axis=2)
    chances /= usual.spreads.prod(axis=1)
    chances /= chances.sum(axis=1, keepdims=True)
    middles, spreads = np.zeros_like(usual.centres), np.zeros_like(usual.centres)
    for word in range(len(usual.shares)):
        for chance, patch in zip(chances[:, word], patches, strict=True):
            away = (patch - usual.centres[word]) / usual.spreads[word]
            middles[word] += chance * away / (len(patches) * np.sqrt(usual.shares[word]))
            spreads[word] += chance * (away**2 - 1) / (len(patches) * np.sqrt(2 * usual.shares[word]))
    told = np.concatenate([middles.ravel(), spreads.ravel()])
    told = np.sign(told) * np.sqrt(np.abs(told))
    return told / np.linalg.norm(told)


def test_a_fisher_vector_is_that_of_the_paper() -> None:
    random = np.random.default_rng(0)
    usual = Words(np.zeros(2), np.eye(2), np.array([0.25, 0.75]), random.normal(size=(2, 2)), random.uniform(0.5, 2, (2, 2)))
    seen = random.normal(size=(9, 2)).astype(np.float32)
    assert np.allclose(fisher(seen, usual), by_hand(seen, usual), atol=1e-6)
    assert not fisher(np.zeros((0, 2), np.float32), usual).any()
    far = fisher(seen + 1e3, usual)
    assert np.isfinite(far).all() and np.linalg.norm(far) == pytest.approx(1, abs=1e-5)
