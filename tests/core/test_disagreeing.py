"""Disagreement of two encoders: planted where it must be found, and counted over the right clips and pairs."""

from __future__ import annotations

import numpy as np
import pytest

from core import disagreeing
from core.clips import Clip, Gallery, VideoInfo
from core.collecting import Collection, collect
from core.disagreeing import disagree
from core.errors import BadInput, NotEnoughData

INFO = VideoInfo("mov,mp4", "h264", 64, 48, 1.0, 10, 10.0)


def clips(count: int, people: int = 6) -> list[Clip]:
    return [Clip(f"{n:064x}", f"{n}.mp4", f"action {n % 4}", f"person {n % people}", 1, INFO, 0.0) for n in range(count)]


def space(of: list[Clip], vectors: np.ndarray) -> Collection:
    spans = np.arange(len(of), dtype=np.float64)
    ids = tuple(clip.clip_id for clip in of)
    return collect(of, Gallery("toy-1", ids, vectors.astype(np.float32), spans, spans + 1))


def vectors(count: int, seed: int = 0, dimension: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension))


def test_the_planted_pair_is_found_with_its_similarities_and_places() -> None:
    """Clips 3 and 10 are twins in a and opposites in b; everything else is the same in both."""
    of, first = clips(60), vectors(60)
    first[10] = first[3] + 0.01
    second = first.copy()
    second[10] = -first[3]
    found = disagree(space(of, first), space(of, second), "a", "b")
    top = found.alike_in_a[0]
    assert {top.first.name, top.second.name} == {"3.mp4", "10.mp4"}
    assert top.similarity_a > 0.99 and top.similarity_b < -0.9
    assert top.percentile_a > 99 and top.percentile_b < 1 and top.gap > 98
    assert top.same_label is False
    assert found.spearman > 0.9 and found.cka > 0.8 and found.overlap.share > 0.8
    assert (found.clips, found.sources, found.clips_in_both) == (60, 6, 60)
    assert "largely agree" in found.sentence and "60 clips of 6 sources" in found.sentence


def test_the_other_way_round_is_the_other_list() -> None:
    of = clips(40)
    one, two = space(of, vectors(40, 1)), space(of, vectors(40, 2))
    there, back = disagree(one, two, "a", "b"), disagree(two, one, "b", "a")
    assert [pair.gap for pair in there.alike_in_a] == [-pair.gap for pair in back.alike_in_b]
    assert there.spearman == pytest.approx(back.spearman) and abs(there.spearman) < 0.2
    assert all(pair.gap > 0 for pair in there.alike_in_a) and all(pair.gap < 0 for pair in there.alike_in_b)
    assert there.cka == pytest.approx(back.cka)


def test_no_pair_of_one_source_and_no_clip_more_than_twice() -> None:
    of = clips(40)
    first, second = vectors(40, 1), vectors(40, 2)
    first[7], second[7] = first.mean(axis=0) * 9, -second.mean(axis=0) * 9  # one odd clip
    found = disagree(space(of, first), space(of, second), "a", "b")
    names = [clip.name for pair in found.alike_in_a for clip in (pair.first, pair.second)]
    assert len(found.alike_in_a) == disagreeing.SHOWN_PAIRS
    assert max(names.count(name) for name in names) == disagreeing.OFTEN
    assert all(pair.first.source != pair.second.source for pair in found.alike_in_a + found.alike_in_b)
    assert found.pairs == found.pairs_in_all == 40 * 39 // 2 - sum(n * (n - 1) // 2 for n in (7, 7, 7, 7, 6, 6))
    assert len(found.percentiles_a) == len(found.percentiles_b) == found.pairs


def test_only_clips_in_both_count_whatever_their_order() -> None:
    of, table = clips(30), vectors(30)
    backwards = space(of[::-1][:20], table[::-1][:20])
    found = disagree(space(of, table), backwards, "a", "b")
    assert found.clips == 20
    one = disagree(space(of[10:], table[10:]), backwards, "a", "b")
    assert one.spearman == pytest.approx(1.0) and one.overlap.share == 1.0 and one.alike_in_a == ()


def test_too_many_clips_and_pairs_are_sampled_the_same_way_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    of = clips(80)
    one, two = space(of, vectors(80, 1)), space(of, vectors(80, 1) + 0.5 * vectors(80, 2))
    whole = disagree(one, two, "a", "b")
    monkeypatch.setattr(disagreeing, "MOST_CLIPS", 50)
    monkeypatch.setattr(disagreeing, "MOST_PAIRS", 500)
    some, again = disagree(one, two, "a", "b"), disagree(one, two, "a", "b")
    assert (some.clips, some.clips_in_both) == (50, 80)
    assert 400 < some.pairs < 600 < some.pairs_in_all
    assert some.spearman == pytest.approx(whole.spearman, abs=0.1)
    assert some.alike_in_a == again.alike_in_a and some.spearman == again.spearman


@pytest.mark.parametrize(("count", "people"), [(3, 3), (20, 1)])
def test_too_little_is_said(count: int, people: int) -> None:
    here = space(clips(count, people), vectors(count))
    with pytest.raises(NotEnoughData, match="both a and b"):
        disagree(here, here, "a", "b")


def test_an_encoder_never_disagrees_with_itself() -> None:
    here = space(clips(20), vectors(20))
    with pytest.raises(BadInput, match="two different"):
        disagree(here, here, "a", "a")
