"""Suggested label errors: exchanged labels are found first, in words, and never by help of their own source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import NotEnoughData
from core.suspects import by_label, suspects
from tests.core.planted import plant, plant_groups
from tests.tiny import toy_bench


def test_exchanged_labels_are_found_first_and_told_in_words(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        with pytest.raises(NotEnoughData):
            suspects(bench)
        ids = plant_groups(bench, tmp_path, ["run", "jog", "wave"], 6)
        plant(bench, tmp_path, np.eye(8)[5:6], "alone", "person 9")
        plant(bench, tmp_path, np.eye(8)[5:6], "", "person 10")
        assert suspects(bench).found == ()
        bench.library.relabel([ids["run"][0]], label="wave")
        found = suspects(bench)
        first = found.found[0]
        assert first.clip.clip_id == ids["run"][0] and first.suggested == "run" and first.strong
        assert first.margin == pytest.approx(first.other - first.own) and len(first.neighbours) == 10
        assert first.votes[0] == ("run", 5) and all(one.source != first.clip.source for one in first.neighbours)
        assert first.sentence.startswith(
            "Labelled wave, looks much more like run: of its 10 nearest clips of other sources 5 are run"
        )
        assert (found.judged, found.unjudged, found.encoder) == (18, 1, "toy")
        assert "1 of 18 labelled clips look more like another label, 1 of them much more. 1 cannot" in found.sentence


def test_the_own_source_has_no_vote(home: Path, tmp_path: Path) -> None:
    """Two clips of one person in one room look alike whatever they do."""
    with toy_bench(home) as bench:
        for label, source in (("a", "x"), ("b", "x"), ("a", "y"), ("b", "z")):
            middle = np.eye(8)[0 if source == "x" else 1 if label == "a" else 2] + 0.3 * np.eye(8)[1 if label == "a" else 2]
            plant(bench, tmp_path, middle[None], label, source)
        assert suspects(bench).found == ()
        for clip in bench.library.clips()[2:]:
            bench.library.relabel([clip.clip_id], label=clip.source)
        with pytest.raises(NotEnoughData, match="two different sources"):
            suspects(bench)


def test_likeness_is_the_mean_of_the_two_nearest_of_each_label() -> None:
    alike = np.asarray([[0.9, 0.5, 0.1, 0.8, -np.inf], [-np.inf] * 5])
    own, other, names = by_label(alike, ["b", "a"], ["a", "a", "a", "b", "b"])
    assert own[0] == pytest.approx(0.8) and other[0] == pytest.approx(0.7) and names[0] == "a"
    assert own[1] == -np.inf
