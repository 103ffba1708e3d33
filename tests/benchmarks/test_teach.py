"""The few-shot episodes: no source on both sides, and the heads that are reckoned from dot products are the app's own."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.teach import Labelled, binary_ridge, draw, nearest_mean, predicted, ridge
from core.heads import fit


def six_labels() -> Labelled:
    """Two folders of six labels; of each label seven sources, which all labels of a folder share, with two clips each."""
    made = [(f"{folder}{label}", f"{folder} {source}", folder) for folder in "xy" for label in "abcdef" for source in range(7)]
    labels, sources, folders = (np.repeat(np.asarray(column), 2) for column in zip(*made, strict=True))
    return Labelled(np.arange(len(labels)), labels, sources, folders, {})


@pytest.mark.parametrize("within", [True, False])
def test_no_source_teaches_and_asks_and_every_way_is_one_action(within: bool) -> None:
    of = six_labels()
    drawn = draw(of, 5, 60, within)
    assert drawn is not None and drawn.support.shape == (60, 5, 5) and drawn.queries.shape == (60, 5)
    for support, queries in zip(drawn.support, drawn.queries, strict=True):
        assert not set(of.sources[support].ravel()) & set(of.sources[queries])
        assert (of.labels[support] == of.labels[queries][:, None]).all() and len(set(of.labels[queries])) == 5
        assert all(len(set(of.sources[own])) == 5 for own in support)
        assert len(set(of.folders[queries])) == 1 or not within
    assert draw(of, 7, 1, within) is None, "seven sources are too few for seven shots and a query"


def test_heads_from_dot_products_are_those_of_the_app() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(40, 12))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    support, queries = random.permutation(40)[:12].reshape(1, 3, 4), np.arange(37, 40)[None]
    flat, owners = support.ravel(), np.repeat(np.arange(3), 4)
    app = fit("ridge", rows[flat], owners[:, None] == np.arange(3)).scores(rows[queries[0]])
    np.testing.assert_allclose(ridge(rows @ rows.T, support, queries)[0], app, atol=1e-5)
    own = np.zeros(40, bool)
    own[flat[:4]] = True
    alone = fit("ridge", rows[flat], own[flat][:, None]).scores(rows)[:, 0]
    np.testing.assert_allclose(binary_ridge(rows @ rows.T, flat, own), alone, atol=1e-5)
    labels = np.repeat(["a", "b", "c", "d"], 10)
    train, test = np.arange(0, 40, 2), np.arange(1, 40, 2)
    means = np.stack([rows[train][labels[train] == name].mean(axis=0) for name in "abcd"])
    nearest = (rows[test] @ means.T / np.linalg.norm(means, axis=1)).argmax(axis=1)
    assert (predicted("nearest mean", rows, labels, train, test) == np.asarray(list("abcd"))[nearest]).all()
    ways = np.stack([train[labels[train] == name] for name in "abcd"])[None]
    assert (nearest_mean(rows @ rows.T, ways, test[None])[0].argmax(axis=1) == nearest).all()
