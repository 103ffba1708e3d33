"""What is left of a similarity, on vectors made up so that the answer is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.clips import Clip, Gallery, Section, VideoInfo
from core.collecting import Collection, collect
from core.similarity import unit
from core.surviving import KINDS, Altered, Scenery, Survival, altered_mean, percent, survive

RANDOM = np.random.default_rng(3)
D, CLIPS = 24, 40
INFO = VideoInfo("mov,mp4", "h264", 64, 48, 2.0, 20, 10.0)
SCENE, MOTION = slice(0, 12), slice(12, 24)


def clip(number: int) -> Clip:
    return Clip(f"{number:064x}", f"{number}.mp4", "", f"person {number}", 1, INFO, 0.0)


def library(rows: np.ndarray) -> Collection:
    clips = [clip(number) for number in range(len(rows))]
    at = np.zeros(len(rows))
    return collect(clips, Gallery("toy-1", tuple(one.clip_id for one in clips), rows.astype(np.float32), at, at + 1))


def altered(rows: np.ndarray, **changes: np.ndarray) -> Altered:
    """One window (1, D) as filmed, and as each kind has it: as filmed, unless ``changes`` say otherwise."""
    kinds = [changes.get(kind.replace("-", "_"), rows) for kind in KINDS]
    return Altered(rows.astype(np.float32)[None], np.stack(kinds).astype(np.float32)[:, None])


def frozen(row: np.ndarray) -> np.ndarray:
    """The scene stays; every frozen film moves alike, which is not at all."""
    still = row.copy()
    still[MOTION] = 0.7
    return still


def answer(a: np.ndarray, b: np.ndarray, rows: np.ndarray) -> Scenery:
    collection = library(np.vstack([a, b, rows]))
    parts = {clip(n).clip_id: altered(row, frozen=frozen(row)) for n, row in enumerate((a, b))}
    references = [altered(row, frozen=frozen(row)) for row in rows[:8]]
    return survive(clip(0), clip(1), parts, references, collection, encoder="toy", fingerprint="toy-1")


def test_alike_in_scene_survives_freezing_and_alike_in_motion_does_not() -> None:
    rows = RANDOM.normal(size=(CLIPS, D))
    same_scene, same_motion = RANDOM.normal(size=(2, D)), RANDOM.normal(size=(2, D))
    same_scene[1, SCENE] = same_scene[0, SCENE]
    same_motion[1, MOTION] = same_motion[0, MOTION]
    for pair, (low, high) in ((same_scene, (0.8, 5.0)), (same_motion, (-5.0, 0.5))):
        found = answer(*pair, rows)
        assert found.similarity > 0.2
        share = found.survives("frozen")
        assert share is not None and low < share < high
        assert found.survives("reversed") == pytest.approx(1.0, abs=0.25), "nothing changed but the mean that is taken away"


def test_a_stream_of_which_nothing_is_left_makes_no_two_clips_alike() -> None:
    """Two films without motion have the same motion vector; that is no likeness of theirs."""
    rows = RANDOM.normal(size=(CLIPS, D))
    nothing = np.ones(D)
    parts = {clip(n).clip_id: altered(rows[n], frozen=nothing) for n in range(2)}
    references = [altered(row, frozen=nothing) for row in rows[2:10]]
    collection = library(rows)
    found = survive(clip(0), clip(1), parts, references, collection, encoder="toy", fingerprint="toy-1")
    assert found.survivals[0].similarity == pytest.approx(0, abs=1e-6)
    assert found.survivals[0].chance == pytest.approx(0, abs=1e-6)


def test_the_mean_of_a_few_altered_clips_comes_near_that_of_all() -> None:
    rows = RANDOM.normal(size=(CLIPS, D)) + 0.5
    after = np.stack([frozen(row) for row in rows])
    collection = library(rows)
    references = [altered(row, frozen=frozen(row)) for row in rows[:8]]
    truth = unit(after).mean(axis=0)
    plain = unit(after[:8]).mean(axis=0)
    found = altered_mean(collection, references, 0)
    assert np.linalg.norm(found - truth) < 0.8 * np.linalg.norm(plain - truth)
    np.testing.assert_array_equal(altered_mean(collection, references[:2], 0), collection.mean)


def test_streams_stand_apart() -> None:
    rows = RANDOM.normal(size=(CLIPS, D))
    rows[1, SCENE] = rows[0, SCENE]
    plain = library(rows)
    sections = (Section("rgb", "one", 0, 12, 1.0), Section("flow", "other", 12, 24, 0.25))
    ids = tuple(one.clip_id for one in plain.clips)
    gallery = Gallery("x-1", ids, rows.astype(np.float32), np.zeros(CLIPS), np.ones(CLIPS))
    collection = collect(plain.clips, gallery, sections)
    parts = {clip(n).clip_id: altered(rows[n]) for n in range(2)}
    found = survive(clip(0), clip(1), parts, [], collection, encoder="x", fingerprint="x-1")
    rgb, flow = found.streams
    assert (rgb.stream, rgb.weight, flow.stream, flow.weight) == ("rgb", 0.8, "flow", 0.2)
    assert rgb.similarity == pytest.approx(1, abs=1e-5) and flow.similarity < 0.9
    assert 0.8 * rgb.similarity + 0.2 * flow.similarity == pytest.approx(found.similarity, abs=1e-6)
    assert found.chance is None and found.survivals[0].chance is None


def scenery(similarity: float, **shares: float) -> Scenery:
    survivals = tuple(Survival(kind, 0.0, shares.get(kind.replace("-", "_"), 0.0), 1.0, None) for kind in KINDS)
    return Scenery(clip(0), clip(1), "toy", "toy-1", similarity, survivals, (), None, 0)


STAYS = "of the similarity stays: this encoder compares"


@pytest.mark.parametrize(
    ("frozen", "actor_hidden", "scene_hidden", "told"),
    [
        (0.2, 0.0, 0.0, f"20\u00a0% {STAYS} movement here."),
        (0.5, 0.0, 0.0, f"50\u00a0% {STAYS} both movement and single pictures here."),
        (0.82, 0.8, 0.1, f"82\u00a0% {STAYS} scenery here."),
        (0.82, 0.1, 0.8, f"82\u00a0% {STAYS} how people look and stand here"),
        (1.2, 0.9, 0.8, f"Without motion all {STAYS} scenery and the looks of people here"),
    ],
)
def test_the_sentence_says_what_the_numbers_say(frozen: float, actor_hidden: float, scene_hidden: float, told: str) -> None:
    assert told in scenery(0.4, frozen=frozen, actor_hidden=actor_hidden, scene_hidden=scene_hidden).sentence


def test_no_similarity_has_no_shares() -> None:
    found = scenery(-0.03)
    assert found.sentence == "There is no similarity to explain: as filmed it is −0.03, about that of any two clips here."
    assert "no similarity" not in dataclasses.replace(found, similarity=0.2).sentence
    assert [percent(share) for share in (None, 0.0, 0.5, 1.3)] == ["–", "nothing", "50\u00a0%", "all"]
