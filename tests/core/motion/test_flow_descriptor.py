from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.clips import Floats
from core.motion.flow_actor import Actor, follow
from core.motion.flow_blocks import BLOCKS, rhythm
from core.motion.flow_descriptor import CONSTANT, DIMENSION, WHOLE, describe, of_actor, told_apart

SIDE, SECONDS, T = 96, 2.56, 64


def film(moves: str, *, size: float = 1.0, right: bool = True, speed: float = 1.0) -> NDArray[np.uint8]:
    """(T, SIDE, SIDE, 3): a textured body that walks across, or stands and swings an arm up and down."""
    texture = gaussian_filter(np.random.default_rng(0).normal(size=(SIDE, SIDE)), 1.5)
    grey = np.clip(128 + 250 * texture, 30, 255).astype(np.uint8)
    frames = np.repeat(np.full((SIDE, SIDE), 100, np.uint8)[None], T, axis=0)
    high, wide = round(30 * size), round(14 * size)
    for step in range(T):
        seconds = step * SECONDS / T
        x = round(10 + 22 * speed * seconds) if moves == "walk" else 40
        top = 50 - high // 2
        frames[step, top : top + high, x : x + wide] = grey[:high, :wide]
        if moves == "wave":
            arm = round(top + high / 4 + size * 8 * np.sin(2 * np.pi * 1.5 * speed * seconds))
            frames[step, arm : arm + round(5 * size), x + wide : x + 2 * wide] = grey[: round(5 * size), :wide]
    frames = frames if right else frames[:, :, ::-1]
    return np.repeat(frames[..., None], 3, axis=-1)


def alike(one: Floats, other: Floats) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.fixture(scope="module")
def vectors() -> dict[str, Floats]:
    films = {
        "walk": film("walk"),
        "walk left": film("walk", right=False),
        "small walk": film("walk", size=0.7, speed=0.7),
        "wave": film("wave"),
        "small wave": film("wave", size=0.7),
    }
    return {name: describe(frames, SECONDS) for name, frames in films.items()}


def test_a_vector_has_its_shape_and_says_the_same_twice(vectors: dict[str, Floats]) -> None:
    assert vectors["walk"].shape == (DIMENSION,) and vectors["walk"].dtype == np.float32
    assert np.array_equal(vectors["walk"], describe(film("walk"), SECONDS))


def test_an_action_is_like_its_mirror_image(vectors: dict[str, Floats]) -> None:
    assert alike(vectors["walk"], vectors["walk left"]) > 0.9, "not 1: DIS itself is not quite symmetric"
    velocity = np.random.default_rng(0).normal(size=(20, 24, 24, 2)).astype(np.float32)
    assert np.allclose(of_actor(Actor(velocity, 0.1)), of_actor(Actor(velocity, 0.1).mirrored()), atol=1e-6)


def test_the_action_counts_more_than_the_size_of_its_actor(vectors: dict[str, Floats]) -> None:
    assert alike(vectors["walk"], vectors["small walk"]) > alike(vectors["walk"], vectors["wave"]) + 0.1
    assert alike(vectors["wave"], vectors["small wave"]) > alike(vectors["small wave"], vectors["small walk"]) + 0.1


def test_the_rhythm_tells_fast_from_slow() -> None:
    swing = {}
    for hertz in (1.0, 3.0):
        velocity = np.zeros((64, 24, 24, 2), np.float32)
        velocity[..., 1] = np.sin(2 * np.pi * hertz * np.arange(64) / 25)[:, None, None]
        swing[hertz] = rhythm(Actor(velocity, 0.1)).reshape(6, -1).sum(axis=1)
    assert swing[1.0].argmax() == 1 and swing[3.0].argmax() == 4


@pytest.mark.parametrize("value", [0, 7, 200])
def test_a_still_window_is_the_constant_alone(value: int) -> None:
    vector = describe(np.full((T, SIDE, SIDE, 3), value, np.uint8), SECONDS)
    assert vector[-1] == np.float32(CONSTANT) and not vector[:-1].any()


def test_noise_and_borders_give_finite_numbers() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (8, SIDE, SIDE, 3), dtype=np.uint8)
    noise[:, :30] = noise[:, -30:] = 0
    vector = describe(noise, SECONDS)
    assert np.isfinite(vector).all() and np.linalg.norm(vector) > CONSTANT


def test_padding_does_not_change_a_vector() -> None:
    frames = film("wave")
    padded = np.zeros((T, SIDE + 40, SIDE, 3), np.uint8)
    padded[:, 20:-20] = frames
    assert np.array_equal(describe(padded, SECONDS), describe(frames, SECONDS))


def test_repeated_pictures_are_one_that_lasts() -> None:
    pictures = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    found, seconds = told_apart(pictures[[0, 0, 1, 1, 1, 2, 2, 3, 3, 3]], 1.0)
    assert np.array_equal(found, pictures) and np.allclose(seconds, 0.7 / 3), "two moments or three: the clocks beat"
    _, seconds = told_apart(pictures[[0, 1, 1, 1, 1, 1, 1, 2]], 0.8)
    assert np.allclose(seconds, [0.1, 0.6]), "a picture that really lasted"
    held, seconds = told_apart(pictures[[0, 1, 2, 2, 2, 2, 2, 2]], 0.8)
    assert len(held) == 3 and np.allclose(seconds, 0.1), "a clip that ended early"


def test_a_slow_camera_tells_nearly_the_same(vectors: dict[str, Floats]) -> None:
    every_other = film("walk")[np.arange(T) // 2 * 2]
    assert alike(describe(every_other, SECONDS), vectors["walk"]) > alike(vectors["walk"], vectors["wave"]) + 0.3


def test_blocks_fade_with_faint_motion_instead_of_being_blown_up() -> None:
    velocity = np.random.default_rng(0).normal(size=(20, 24, 24, 2)).astype(np.float32)
    clear = of_actor(Actor(velocity, 0.1))
    faint = of_actor(Actor(velocity * 1e-6, 0.1))
    assert np.linalg.norm(clear[2048:-1]) == pytest.approx(WHOLE * np.sqrt(len(BLOCKS)), rel=0.01)
    assert np.linalg.norm(faint) < 0.5 * np.linalg.norm(clear)


def test_the_window_follows_whoever_moves() -> None:
    flow = np.zeros((50, 64, 128, 2), np.float32)
    for step in range(50):
        flow[step, 24:40, 10 + 2 * step : 22 + 2 * step, 0] = 2
    actor = follow(flow, np.full(50, 0.04))
    assert actor.velocity.shape == (50, 24, 24, 2)
    middle = actor.velocity[25, 10:14, 10:14, 0]
    assert (middle > 1).all(), "the body stays in the middle"
    assert np.allclose(middle.mean() * actor.scale * 128, 2 / 0.04, rtol=0.1), "and its speed is that in the picture"
