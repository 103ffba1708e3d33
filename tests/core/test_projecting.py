"""Rows as places: what each method keeps, what small libraries get, and that a map does not turn round from run to run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import BadInput
from core.projecting import Layout, from_key, neighbours_kept, pca, project, turn

RANDOM = np.random.default_rng(3)


def groups(each: int = 12, size: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around three directions, and which one each is of."""
    which = np.repeat(np.arange(3), each)
    rows = np.eye(size)[which] + 0.05 * np.random.default_rng(3).normal(size=(3 * each, size))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), which


def together(places: np.ndarray, which: np.ndarray) -> float:
    """The share of rows whose nearest place is of their own group."""
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(np.mean(which[apart.argmin(axis=1)] == which))


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_what_is_alike_lies_together_and_the_same_seed_gives_the_same_places(method: str) -> None:
    rows, which = groups()
    layout = Layout(method, perplexity=5)
    first, again = project(rows, layout), project(rows, layout)
    assert first.places.shape == (36, 2) and first.places.dtype == np.float32
    assert np.array_equal(first.places, again.places)
    assert together(first.places, which) == 1.0
    assert np.abs(first.places.mean(axis=0)).max() < 1e-3, "around the middle"


def test_pca_holds_the_spread_it_says_and_a_clip_more_does_not_mirror_it() -> None:
    """Of groups of unlike size: three alike have no first axis, and may turn with any clip."""
    rows = groups()[0][6:]
    places, shares = pca(rows)
    exact = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    assert shares == pytest.approx(exact[:2] / exact.sum(), rel=1e-4)
    fewer, _ = pca(rows[:-1])
    assert [np.corrcoef(places[:-1, axis], fewer[:, axis])[0, 1] > 0.9 for axis in range(2)] == [True, True]
    turned, _ = pca(rows[::-1])
    assert turned[::-1] == pytest.approx(places, abs=1e-4), "nor does another order"


def test_a_mirrored_and_turned_map_is_laid_back() -> None:
    onto = RANDOM.normal(size=(30, 2)).astype(np.float32)
    onto -= onto.mean(axis=0)
    angle = 2.1
    spin = np.asarray([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.diag([1.0, -1.0])
    assert turn(onto @ spin + 7.0, onto) == pytest.approx(onto, abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("method", ["umap", "pca", "tsne"])
def test_very_few_clips_get_places_by_pca_and_are_told_so(method: str, count: int) -> None:
    rows, _ = groups()
    placed = project(rows[:: 36 // count][:count], Layout(method))
    assert placed.places.shape == (count, 2) and np.isfinite(placed.places).all()
    assert len(np.unique(placed.places.round(3), axis=0)) == count, "no two in one place"
    if method != "pca":
        assert "PCA placed these" in placed.notes[0]


@pytest.mark.parametrize("method", ["umap", "pca", "tsne"])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_clips_that_are_all_the_same_lie_in_one_place(method: str, value: float) -> None:
    placed = project(np.full((6, 8), value, np.float32), Layout(method))
    assert not placed.places.any(), "scikit-learn's t-SNE would end the process"


def test_fewer_clips_than_neighbours_are_told() -> None:
    rows, _ = groups(each=3)
    placed = project(rows, Layout("tsne", perplexity=30))
    assert placed.notes[0] == "Perplexity 2.7: there are 9 clips." and len(placed.places) == 9


def test_neighbours_kept_is_one_for_the_rows_themselves_and_chance_for_noise() -> None:
    flat = RANDOM.normal(size=(200, 2)).astype(np.float32)
    assert neighbours_kept(flat, 3 * flat) == 1.0
    assert neighbours_kept(flat, RANDOM.normal(size=(200, 2)).astype(np.float32)) == pytest.approx(10 / 199, abs=0.03)
    assert math.isnan(neighbours_kept(flat[:5], flat[:5]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "som"},
        {"of": "frames"},
        {"seed": -1},
        {"neighbours": 1},
        {"neighbours": 201},
        {"min_dist": 1.0},
        {"min_dist": math.nan},
        {"perplexity": 0.5},
        {"weights": (("rgb", -1.0),)},
    ],
)
def test_parameters_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="must be"):
        Layout(**wrong)  # type: ignore[arg-type]


def test_only_what_a_method_uses_tells_two_layouts_apart() -> None:
    assert Layout("pca", seed=3, neighbours=9).key == Layout("pca").key
    assert Layout("umap", perplexity=9).key == Layout("umap").key != Layout("umap", seed=1).key
    assert Layout("pca", weights=(("b", 1.0), ("a", 2.0))).key == Layout("pca", weights=(("a", 2.0), ("b", 1.0))).key
    asked = Layout("umap", "moments", 4, 9, 0.3, weights=(("rgb", 0.5),))
    assert from_key(asked.key) == asked and asked.title == "UMAP of 9 neighbours, least distance 0.3, seed 4"
