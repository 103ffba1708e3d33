"""Augmentation: what is embedded and kept, and that a choice is taken only where sources left out are told better."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import augmenting, judging
from core.augmenting import CHOICES, Augmenter, _gain, _judged, retimed
from core.clips import Window
from core.concepts import NONE, Example
from core.errors import BadInput
from core.lessons import Lesson, material
from core.manifest import Item
from core.teaching import Teacher
from tests.core.planted import plant_groups
from tests.tiny import make_clips, toy_bench


def test_altered_copies_of_every_example_are_embedded_once_and_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(augmenting, "ALL_RIGHT", 2.0)  # these few are told apart without it
    with toy_bench(home) as bench:
        items = [Item(path, "ab"[at % 2], f"person {at // 2}") for at, path in enumerate(make_clips(tmp_path, 4))]
        bench.run_job(bench.enqueue(items))
        shown = tuple(Example(clip.clip_id, "a" if clip.label == "a" else NONE) for clip in bench.library.clips())
        lesson, augmenter = Lesson("a", shown), Augmenter(bench)
        assert augmenter.lacking(lesson) == 4 * sum(map(len, CHOICES.values()))
        found = augmenter.choose(lesson, ("mirror", "light"))
        assert [one.names for one in found.gains[:2]] == [("mirror",), ("light",)]
        assert found.sentence.startswith(("Taken", "None was taken"))
        assert augmenter.lacking(lesson, ("mirror", "light")) == 0
        altered = augmenter.altered(lesson, ("mirror", "light"))
        assert {number: rows.shape for number, rows in altered.items()} == {at: (3, bench.spec().dimension) for at in range(4)}
        windows = material(bench, lesson, altered).windows
        assert windows.aside.sum() == 12 and windows.weights.sum() == pytest.approx(4), "an example counts 1 however altered"
        plain, taught = (Teacher(bench).try_out(replace(lesson, augment=names)).concept for names in ((), ("mirror",)))
        assert taught.augment == ("mirror",) and not np.allclose(taught.prototypes, plain.prototypes)
        with pytest.raises(BadInput, match="mirror, light"):
            augmenter.choose(lesson, ("upside-down",))


def test_a_choice_is_taken_where_sources_left_out_are_told_better(home: Path, tmp_path: Path) -> None:
    """Copies that lie where other people will: they help. Copies that lie on the other side: they do not."""
    with toy_bench(home) as bench:
        ids = plant_groups(bench, tmp_path, ["a", "b"], 6, noise=3.0)
        shown = tuple(Example(one, "a" if name == "a" else NONE) for name, each in ids.items() for one in each)
        lesson, axes = Lesson("a", shown), np.eye(bench.spec().dimension, dtype=np.float32)
        bare = _judged("prototype", material(bench, lesson).windows)
        assert bare.value < 0.95

        def altered(own: int, other: int) -> judging.Windows:
            return material(bench, lesson, {at: axes[[own if at < 6 else other]] for at in range(12)}).windows

        helps, hurts = (_gain(("x",), bare, _judged("prototype", altered(*sides))) for sides in ((0, 1), (1, 0)))
        assert helps.taken and helps.rise.value > 0.05 and "taken" in helps.sentence
        assert not hurts.taken and hurts.rise.value < 0 and "not taken" in hurts.sentence


def test_nothing_is_tried_where_there_is_nothing_to_raise(home: Path, tmp_path: Path) -> None:
    with toy_bench(home) as bench:
        ids = plant_groups(bench, tmp_path, ["a", "b"], 3)
        shown = tuple(Example(one, "a" if name == "a" else NONE) for name, each in ids.items() for one in each)
        found = Augmenter(bench).choose(Lesson("a", shown))
        assert found.names == found.gains == () and "nothing to raise" in found.sentence


def test_faster_reads_more_of_the_clip_and_never_beyond_it() -> None:
    assert retimed(Window(2.0, 4.0), 1.25, 10.0) == Window(1.75, 4.25)
    assert retimed(Window(0.0, 2.0), 1.25, 10.0) == Window(0.0, 2.5)
    assert retimed(Window(8.0, 10.0), 1.25, 10.0) == Window(7.5, 10.0)
    assert retimed(Window(0.0, 2.0), 1.25, 2.0) == Window(0.0, 2.0)
    assert retimed(Window(2.0, 4.0), 0.5, 10.0) == Window(2.5, 3.5)
