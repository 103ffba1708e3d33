"""Comparisons by literals: small hand-made vectors whose every similarity can be worked out on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.clips import Clip, ClipEmbeddings, Gallery, VideoInfo, Window
from core.collecting import Collection, collect
from core.comparing import by_clip, by_label, compare, file_side, part_side, same_fingerprint, side, text_side
from core.encoders import ActionHead
from core.errors import BadQuery, FingerprintMismatch, NoActionHead, NotEnoughData, UnknownName
from core.mixing import Understood, directions
from core.pairing import clip_table, spread, typical_pair
from core.queries import Query, parse

INFO = VideoInfo("mov,mp4", "h264", 64, 48, 1.0, 10, 10.0)
NAN = math.nan


def clip(letter: str, label: str = "", source: str = "", name: str = "") -> Clip:
    return Clip(letter * 64, name or f"{letter}.mp4", label, source, 1, INFO, 0.0)


def collection(*rows: tuple[Clip, list[float]]) -> Collection:
    """One window per clip."""
    vectors = np.asarray([vector for _, vector in rows], np.float32)
    ids = tuple(clip.clip_id for clip, _ in rows)
    spans = np.arange(len(rows), dtype=np.float64)
    return collect([clip for clip, _ in rows], Gallery("toy-1", ids, vectors, spans, spans + 1))


def sides(of: Collection, *texts: str, head: ActionHead | None = None):  # type: ignore[no-untyped-def]
    return compare([side(parse(text), of, head) for text in texts], of, head)


# Unit vectors on the four half axes: the mean clip is zero, so centred and raw cosines are the same, and each is 1, 0 or -1.
COMPASS = collection(
    (clip("a", "run", "anna"), [1, 0]),
    (clip("b", "run", "bert"), [0, 2]),
    (clip("c", "walk", "anna"), [-3, 0]),
    (clip("d", "walk", "bert"), [0, -1]),
)


# -- the collection -----------------------------------------------------------------------------------------------------


def test_windows_of_a_clip_become_one_unit_row_and_the_mean_clip_is_taken_away() -> None:
    two = [clip("a"), clip("b")]
    ids = (two[0].clip_id, two[0].clip_id, two[1].clip_id)
    vectors = np.asarray([[1, 0], [0, 5], [0, 1]], np.float32)
    found = collect(two, Gallery("toy-1", ids, vectors, np.zeros(3), np.ones(3)))
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found.raw, [[half, half], [0, 1]], atol=1e-6)
    np.testing.assert_allclose(found.mean, [half / 2, (half + 1) / 2], atol=1e-6)
    np.testing.assert_allclose(found.centred[0], -found.centred[1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found.centred, axis=1), 1, atol=1e-6)


def test_clips_that_came_or_went_between_two_readings_are_left_out() -> None:
    known, gone, new = clip("a"), clip("b"), clip("c")
    vectors = np.eye(2, dtype=np.float32)
    found = collect([known, gone], Gallery("toy-1", (new.clip_id, known.clip_id), vectors, np.zeros(2), np.ones(2)))
    assert [one.clip_id for one in found.clips] == [known.clip_id]
    np.testing.assert_array_equal(found.raw, [[0, 1]])


@pytest.mark.parametrize("dimension", [0, 2])
def test_no_embeddings_at_all_is_said(dimension: int) -> None:
    nothing = Gallery("toy-1", (), np.zeros((0, dimension), np.float32), np.zeros(0), np.zeros(0))
    with pytest.raises(NotEnoughData):
        collect([clip("a")], nothing)


# -- means over pairs ---------------------------------------------------------------------------------------------------


def test_groups_are_means_over_pairs_of_different_sources() -> None:
    found = sides(COMPASS, "label:run", "label:walk")
    # run x walk without one source: anna's run (1,0) . bert's walk (0,-1) = 0, bert's run (0,1) . anna's walk (-1,0) = 0.
    # Within: (1,0).(0,1) = 0. With the pairs of one source in it, run x walk would be (0 + 0 - 1 - 1) / 4 = -0.5.
    np.testing.assert_allclose(found.raw, [[0, 0], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(found.centred, [[0, 0], [0, 0]], atol=1e-6)
    assert found.pairs.tolist() == [[1, 2], [2, 1]]
    assert (found.library_clips, found.library_sources) == (4, 2)


def test_the_diagonal_is_within_and_the_rest_between() -> None:
    of = collection(
        (clip("a", "run", "1"), [1, 0]),
        (clip("b", "run", "2"), [1, 0]),
        (clip("c", "run", "3"), [0, 1]),
        (clip("d", "walk", "4"), [-1, 0]),
        (clip("e", "walk", "5"), [-1, 0]),
        (clip("f", "walk", "6"), [0, -1]),
    )
    found = sides(of, "label:run", "label:walk")
    # Within: pairs (1, 0, 0) -> 1/3. Between: 9 pairs: (a,d) (a,e) (b,d) (b,e) -1, (c,f) -1, others 0 -> -5/9.
    np.testing.assert_allclose(found.raw, [[1 / 3, -5 / 9], [-5 / 9, 1 / 3]], atol=1e-6)
    assert found.pairs.tolist() == [[3, 9], [9, 3]]
    np.testing.assert_array_equal(found.centred, found.centred.T)


def test_the_library_mean_is_taken_away() -> None:
    """Three unit vectors 120 degrees apart seen from far away: raw cosines near 1, centred ones exactly -1/2."""
    corners = [(math.cos(angle), math.sin(angle)) for angle in (0, 2 * math.pi / 3, 4 * math.pi / 3)]
    of = collection(
        *((clip(letter, letter, letter), [0.1 * x, 0.1 * y, 1.0]) for letter, (x, y) in zip("abc", corners, strict=True))
    )
    found = sides(of, "label:a", "label:b", "label:c")
    expected = (1 - 0.005) / (1 + 0.01)  # (0.1^2 cos 120 + 1) / (0.1^2 + 1)
    np.testing.assert_allclose(found.raw[[0, 0, 1], [1, 2, 2]], expected, atol=1e-5)
    np.testing.assert_allclose(found.centred[[0, 0, 1], [1, 2, 2]], -0.5, atol=1e-5)


def test_without_a_pair_of_different_sources_there_is_no_number() -> None:
    of = collection((clip("a", "run", "anna"), [1, 0]), (clip("b", "walk", "anna"), [0, 1]))
    found = sides(of, "label:run", "label:walk")
    for table in (found.raw, found.centred, found.percentile):
        assert np.isnan(table).all()
    assert found.pairs.tolist() == [[0, 0], [0, 0]]
    assert found.background.size == 0


def test_a_clip_of_unknown_source_is_its_own_source() -> None:
    of = collection((clip("a", "run"), [1, 0]), (clip("b", "run"), [0, 1]), (clip("c", "walk", "anna"), [-1, -1]))
    found = sides(of, "label:run", "clip:aaaaaa", "clip:bbbbbb")
    assert found.pairs.tolist() == [[1, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert found.raw[0, 1] == pytest.approx(0)  # a against b; a against itself is left out


def test_a_clip_against_its_own_group_is_not_compared_with_itself() -> None:
    found = sides(COMPASS, "clip:aaaaaa", "label:run")
    assert found.pairs.tolist() == [[0, 1], [1, 1]]
    np.testing.assert_allclose(found.centred, [[NAN, 0], [0, 0]], atol=1e-6)


# -- the background -----------------------------------------------------------------------------------------------------


def test_the_percentile_is_the_share_of_the_background_below() -> None:
    """Six pairs of different sources, whose centred cosines are known, and where the two labels stand among them."""
    of = collection(
        (clip("a", "run", "1"), [1, 0]),
        (clip("b", "run", "2"), [1, 0]),
        (clip("c", "walk", "3"), [-1, 0]),
        (clip("d", "walk", "4"), [-1, 0]),
    )
    found = sides(of, "label:run", "label:walk")
    np.testing.assert_allclose(np.sort(found.background), [-1, -1, -1, -1, 1, 1], atol=1e-6)
    # Between (-1): none below, four ties count half -> 2/6. Within (1): four below, two ties -> 5/6.
    np.testing.assert_allclose(found.percentile, [[500 / 6, 200 / 6], [200 / 6, 500 / 6]], atol=1e-6)


def test_the_background_never_crosses_a_source() -> None:
    found = sides(COMPASS, "label:run", "label:walk")
    np.testing.assert_allclose(np.sort(found.background), [0, 0, 0, 0], atol=1e-6)  # of 6 pairs, two are of one person
    np.testing.assert_allclose(found.percentile, 50)


# -- actions ------------------------------------------------------------------------------------------------------------

HEAD = ActionHead(
    ("jogging", "walking the dog", "Zumba"), np.asarray([[10, 1], [10, -1], [13, 0]], np.float32), np.zeros(3, np.float32)
)


def test_directions_are_the_rows_without_what_all_share() -> None:
    found = directions(HEAD)
    # The mean row is (11, 0): (-1, 1), (-1, -1) and (2, 0) are left.
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found, [[-half, half], [-half, -half], [1, 0]], atol=1e-6)


def test_an_action_is_compared_by_its_direction() -> None:
    found = sides(COMPASS, "label:run", "action:zumba", head=HEAD)
    assert str(found.sides[1].query) == "action:Zumba" and found.sides[1].title == "Zumba"
    # Zumba is (1, 0): against a (1, 0) and b (0, 1) -> (1 + 0) / 2, both of them: an action is of no source.
    np.testing.assert_allclose(found.centred, [[0, 0.5], [0.5, NAN]], atol=1e-6)
    assert found.pairs.tolist() == [[1, 2], [2, 0]]
    # Background of the pair: 4 clips x 3 actions. Above 0.5: half (5 of them: b,jog; c,jog; c,walk; d,walk = 0.707; a,Zumba 1).
    assert found.background.shape == (12,)
    assert found.percentile[0, 1] == pytest.approx(100 * 7 / 12)
    # The diagonal of the clips keeps its own background, clip x clip.
    assert found.percentile[0, 0] == pytest.approx(50)


def test_two_actions_are_compared_among_all_actions() -> None:
    found = sides(COMPASS, "action:jogging", "action:walking the dog", head=HEAD)
    half = math.sqrt(0.5)
    np.testing.assert_allclose(found.centred, [[NAN, 0], [0, NAN]], atol=1e-6)
    np.testing.assert_allclose(np.sort(found.background), [-half, -half, 0], atol=1e-6)
    assert found.percentile[0, 1] == pytest.approx(100 * 2.5 / 3)


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("label:ruming", "run"),
        ("label:WALK", "walk"),
        ("label:zzz", "run, walk"),
        ("action:walkin", "walking the dog"),
        ("action:joging", "jogging"),
    ],
)
def test_an_unknown_name_gives_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(UnknownName, match=f"try .*{hint}"):
        side(parse(text), COMPASS, HEAD)


def test_a_clip_must_be_named_uniquely() -> None:
    of = collection((clip("a"), [1, 0]), (Clip("a" * 63 + "b", "x", "", "", 1, INFO, 0.0), [0, 1]))
    with pytest.raises(UnknownName, match="of 2"):
        side(Query("clip", "aaaaaa"), of, None)
    assert side(Query("clip", "a" * 63 + "b"), of, None).title == "x"
    with pytest.raises(UnknownName, match="of 0"):
        side(Query("clip", "bbbbbb"), of, None)


def test_an_action_needs_a_classifier() -> None:
    with pytest.raises(NoActionHead, match="i3d-rgb"):
        side(parse("action:jogging"), COMPASS, None)


def test_fingerprints_do_not_mix() -> None:
    same_fingerprint("toy-1", "toy-1")
    with pytest.raises(FingerprintMismatch, match=r"toy-1.*i3d-2"):
        same_fingerprint("toy-1", "i3d-2")


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(NotEnoughData):
        compare([], COMPASS, None)


# -- files, tables, small libraries -------------------------------------------------------------------------------------


def test_a_file_is_pooled_and_centred_like_a_clip() -> None:
    """The library's own clip as a file: as similar to everything as the clip is, and to the clip itself."""
    of = collection((clip("a", "run", "1"), [1, 0, 2]), (clip("b", "run", "2"), [0, 1, 2]), (clip("c", "walk", "3"), [1, 1, 0]))
    query = parse("file:/tmp/a.mp4")
    stranger = Clip("0" * 64, "a.mp4", "", "file:/tmp/a.mp4", 1, INFO, 0.0)
    found = compare(
        [file_side(query, stranger, np.asarray([[2, 0, 4]], np.float32), of), side(parse("clip:aaaaaa"), of, None)], of, None
    )
    assert found.centred[0, 1] == pytest.approx(1, abs=1e-6) and found.pairs[0, 1] == 1
    assert found.library_clips == 3


def test_by_label_is_the_centred_means() -> None:
    found = by_label(COMPASS)
    assert found.names == ("run", "walk") and found.clips == ()
    np.testing.assert_allclose(found.similarity, [[0, 0], [0, 0]], atol=1e-6)
    with pytest.raises(NotEnoughData, match="no clip has a label"):
        by_label(collection((clip("a"), [1, 0]), (clip("b"), [0, 1])))


def test_by_clip_is_ordered_by_label_source_and_name_with_the_unlabelled_last() -> None:
    of = collection(
        (clip("a", "", "", "z.mp4"), [1, 0]),
        (clip("b", "walk", "bert"), [0, 1]),
        (clip("c", "walk", "anna", "2.mp4"), [-1, 0]),
        (clip("d", "walk", "anna", "1.mp4"), [0, -1]),
        (clip("e", "run", "bert"), [1, 1]),
    )
    found = by_clip(of)
    assert "".join(one.clip_id[0] for one in found.clips) == "edcba"
    assert found.names == ("e.mp4", "1.mp4", "2.mp4", "b.mp4", "z.mp4")
    assert found.labels == ("run", "walk", "walk", "walk", "")
    np.testing.assert_allclose(np.diag(found.raw), 1, atol=1e-6)
    assert found.raw[0, 4] == pytest.approx(math.sqrt(0.5)) and found.raw[1, 3] == pytest.approx(-1)


def test_a_library_of_one_clip() -> None:
    """It is its own mean, so nothing is left of it once the mean is gone, and no number comes out of that."""
    of = collection((clip("a", "run", "anna"), [3, 4]))
    assert by_clip(of).similarity.tolist() == [[0]] and by_clip(of).raw == pytest.approx(1)
    found = sides(of, "label:run", "clip:aaaaaa")
    assert np.isnan(found.centred).all() and not found.pairs.any()


def test_a_library_of_two_clips() -> None:
    """Without their mean any two clips point away from each other: -1, and the only pair there is."""
    of = collection((clip("a", "run", "anna"), [3, 4]), (clip("b", "walk", "bert"), [4, 3]))
    found = sides(of, "label:run", "label:walk")
    assert found.raw[0, 1] == pytest.approx(0.96) and found.centred[0, 1] == pytest.approx(-1)
    assert found.percentile[0, 1] == 50 and np.isnan(found.percentile[0, 0])


def test_what_stands_behind_a_cell() -> None:
    found = sides(COMPASS, "label:run", "label:walk")
    table = clip_table(found)
    assert table.names == ("a.mp4", "b.mp4", "c.mp4", "d.mp4") and table.sides == (0, 0, 1, 1) and table.left_out == 0
    np.testing.assert_allclose(table.similarity, [[1, 0, -1, 0], [0, 1, 0, -1], [-1, 0, 1, 0], [0, -1, 0, 1]], atol=1e-6)
    assert typical_pair(*found.sides) in {(0, 1), (1, 0)}, "never two clips of one person"
    seen = spread(*found.sides)
    assert seen is not None and (seen.pairs, seen.low, seen.median, seen.high) == (2, 0, 0, 0)
    alone = collection((clip("a", "run", "anna"), [1, 0]), (clip("b", "walk", "anna"), [0, 1]))
    both = sides(alone, "label:run", "label:walk").sides
    assert typical_pair(*both) is None and spread(*both) is None
    assert clip_table(found, most=2).left_out == 2


def test_a_table_of_clips_and_actions() -> None:
    table = clip_table(sides(COMPASS, "label:run", "action:Zumba", head=HEAD))
    assert table.clips[2] is None and table.names[2] == "Zumba"
    np.testing.assert_allclose(table.similarity[2], [1, 0, 1], atol=1e-6)


# -- expressions --------------------------------------------------------------------------------------------------------

EAST = ActionHead(("east", "north", "rest"), np.asarray([[1, 0], [0, 1], [-1, -1]], np.float32), np.zeros(3, np.float32))
"""Directions whose mean is zero."""


def rows_of(text: str, of: Collection = COMPASS, head: ActionHead | None = None) -> tuple[list[str], np.ndarray]:
    found = side(parse(text), of, head)
    assert len(found.clips) == len(found.sources)
    return [clip.clip_id[0] for clip in found.clips], found.centred


def test_and_of_two_sets_is_what_is_in_both() -> None:
    assert rows_of("label:run AND source:anna")[0] == ["a"]
    assert rows_of("source:anna")[0] == ["a", "c"]
    assert rows_of(f"clip:{'a' * 12} AND label:run AND source:anna")[0] == ["a"]


def test_and_of_nothing_in_common_says_so() -> None:
    with pytest.raises(NotEnoughData, match="no clip is in all of"):
        rows_of(f"label:run AND clip:{'c' * 12}")
    with pytest.raises(UnknownName, match="anna"):
        rows_of("label:run AND source:ana")


def test_and_of_clips_and_a_direction_moves_every_clip_there() -> None:
    clips, rows = rows_of("label:run AND action:east", head=EAST)
    half = math.sqrt(0.5)
    assert clips == ["a", "b"]
    np.testing.assert_allclose(rows, [[1, 0], [half, half]], atol=1e-6)


def test_and_of_two_directions_is_between_them() -> None:
    found = side(parse("action:east AND action:north"), COMPASS, EAST)
    np.testing.assert_allclose(found.centred, [[math.sqrt(0.5)] * 2], atol=1e-6)
    assert found.is_action and not found.clips and found.sources == ("action:east AND action:north",)


def test_minus_takes_the_prototype_away_and_keeps_clips_and_sources() -> None:
    clips, rows = rows_of(f"label:run - clip:{'b' * 12}")
    half = math.sqrt(0.5)
    assert clips == ["a", "b"]
    np.testing.assert_allclose(rows, [[half, -half], [0, 0]], atol=1e-6)  # what is taken away wholly is alike to nothing
    assert side(parse("label:run - action:north"), COMPASS, EAST).sources == ("anna", "bert")


def test_expressions_are_compared_as_any_side() -> None:
    found = sides(COMPASS, "label:run - action:north", "action:east", "label:walk", head=EAST)
    half = math.sqrt(0.5)
    assert found.centred[0, 1] == pytest.approx((half + 0) / 2, abs=1e-6)  # b minus north is nothing, and alike to nothing
    assert found.pairs.tolist() == [[1, 2, 2], [2, 0, 2], [2, 2, 1]]


def test_part_of_a_clip_is_its_windows_that_overlap() -> None:
    whole = clip("a", "run", "anna")
    windows = tuple(Window(start, start + 1.0) for start in (0.0, 1.0, 2.0))
    embedded = ClipEmbeddings("toy-1", windows, np.asarray([[1, 0], [0, 1], [-1, 0]], np.float32))
    query = parse(f"clip:{'a' * 12}@1.2-2.5")
    found = part_side(query, whole, embedded, COMPASS)
    np.testing.assert_allclose(found.raw, [[-math.sqrt(0.5), math.sqrt(0.5)]], atol=1e-6)
    assert found.title == "a.mp4 from 1.2 to 2.5 s" and found.sources == ("anna",)
    with pytest.raises(BadQuery, match=r"must lie within a\.mp4"):
        part_side(parse(f"clip:{'a' * 12}@3-4"), whole, embedded, COMPASS)


def test_a_part_of_a_clip_stays_a_part_inside_and() -> None:
    query = parse(f"label:run AND clip:{'a' * 12}@0-1")
    found = side(query, COMPASS, None, lambda leaf: file_side(leaf, clip("a"), np.asarray([[0, 1]], np.float32), COMPASS))
    assert [one.clip_id[0] for one in found.clips] == ["a"]
    np.testing.assert_allclose(found.centred, [[0, 1]], atol=1e-6)


def test_words_are_the_direction_of_their_mix() -> None:
    said = Understood("to the north-east", (("east", 0.5), ("north", 0.5)), 0.9)
    found = side(parse('text:"to the north-east"'), COMPASS, EAST, lambda leaf: text_side(leaf, said, EAST))
    np.testing.assert_allclose(found.centred, [[math.sqrt(0.5)] * 2], atol=1e-6)
    assert found.understood == (said,) and found.title == "to the north-east"
    taken = side(parse('label:run - text:"x"'), COMPASS, EAST, lambda leaf: text_side(leaf, said, EAST))
    assert taken.understood == (said,)


def test_what_needs_more_than_a_collection_is_refused_without_it() -> None:
    for text in ('text:"x"', "file:/a.mp4", f"clip:{'a' * 12}@0-1"):
        with pytest.raises(BadQuery, match="ask for one of these"):
            side(parse(text), COMPASS, EAST)
