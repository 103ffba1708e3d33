"""Comparisons taken apart into clips."""

from __future__ import annotations

import numpy as np

from core import pairing
from core.clips import Clip, ClipEmbeddings, Gallery, VideoInfo, Window
from core.collecting import collect
from core.comparing import Comparison, Side
from core.queries import Query
from core.similarity import centre, unit


def side(name: str, vectors: list[list[float]], sources: str) -> Side:
    rows = unit(np.array(vectors, np.float32))
    info = VideoInfo("mp4", "h264", 8, 8, 1.0, 10, 10.0)
    clips = tuple(Clip(f"{name}{row}".ljust(64, "0"), f"{name}{row}", name, who, 1, info, 0.0) for row, who in enumerate(sources))
    return Side(Query("label", name), clips, rows, rows, tuple(sources))


def of(*sides: Side) -> Comparison:
    empty = np.full((len(sides), len(sides)), np.nan)
    return Comparison(sides, empty, empty, empty, empty, np.zeros(0), 9, 3)


A = side("a", [[1, 0], [0, 1], [1, 1]], "xyz")
B = side("b", [[1, 0], [-1, 0]], "xy")


def test_the_table_holds_every_clip_of_every_side_in_order():
    table = pairing.clip_table(of(A, B))
    assert table.names == ("a0", "a1", "a2", "b0", "b1") and table.sides == (0, 0, 0, 1, 1) and table.left_out == 0
    np.testing.assert_allclose(table.similarity[0], [1, 0, 2**-0.5, 1, -1], atol=1e-6)


def test_the_table_of_two_sides_leaves_out_the_rest():
    table = pairing.clip_table(of(A, B, A), only=(1, 2))
    assert table.names == ("b0", "b1", "a0", "a1", "a2") and table.sides == (1, 1, 2, 2, 2)


def test_windows_stand_against_windows_as_clips_do():
    info = VideoInfo("mp4", "h264", 8, 8, 4.0, 40, 10.0)
    clips = tuple(Clip(name * 64, name, "", "", 1, info, 0.0) for name in "ab")
    vectors = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    windows = tuple(Window(float(at), at + 2.0) for at in range(3))
    moments = (np.arange(5.0), np.arange(5.0) + 2)
    space = collect(clips, Gallery("f", ("a" * 64,) * 3 + ("b" * 64,) * 2, vectors, *moments))
    first, second = ClipEmbeddings("f", windows, vectors[:3]), ClipEmbeddings("f", windows[:2], vectors[3:])
    table = pairing.window_table(space, first, second)
    assert table.row_seconds.tolist() == [1, 2, 3] and table.column_seconds.tolist() == [1, 2]
    expected = centre(unit(vectors), space.mean)
    np.testing.assert_allclose(table.similarity, expected[:3] @ expected[3:].T, atol=1e-6)
    assert pairing.window_table(space, first, second, most=2).row_seconds.tolist() == [1, 3]


def test_too_many_clips_are_thinned_out_evenly_and_counted():
    many = side("m", [[1, number] for number in range(50)], "x" * 50)
    table = pairing.clip_table(of(many, B), most=10)
    assert table.sides == (0,) * 5 + (1,) * 2 and table.left_out == 45
    assert table.names[:5] == ("m0", "m12", "m24", "m37", "m49")


def test_an_action_stands_in_the_table_without_a_clip():
    action = Side(Query("action", "jogging"), (), A.raw[:1], A.centred[:1], ("action:jogging",))
    table = pairing.clip_table(of(B, action))
    assert table.clips[2] is None and table.names[2] == "jogging"


def test_the_typical_pair_is_nearest_to_the_mean_of_pairs_from_different_sources():
    # pairs of unlike sources: a0-b1 -1, a1-b0 0, a2-b0 0.71, a2-b1 -0.71; mean -0.25, so a1-b0 is nearest
    assert pairing.typical_pair(A, B) == (1, 0)
    assert pairing.typical_pair(side("p", [[1, 0]], "x"), side("q", [[1, 0]], "x")) is None


def test_the_spread_counts_each_pair_once():
    spread = pairing.spread(A, A)
    assert spread is not None and spread.pairs == 3
    np.testing.assert_allclose([spread.low, spread.median, spread.high], [2**-1.5, 2**-0.5, 2**-0.5], atol=1e-6)  # 0, 0.71, 0.71
    assert pairing.spread(B, side("q", [[1, 0]], "x")).pairs == 1


def test_a_pair_of_one_source_does_not_count():
    assert pairing.pair(A, 0, B, 0) == (1.0, False)
    assert pairing.pair(A, 0, B, 1) == (-1.0, True)
