"""Searches against an exhaustive one in float64 that shares no code with them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from core.errors import BadQuery, NotEnoughData, UnknownName
from core.exporting import search_csv
from core.filtering import Filters
from core.queries import Query, parse
from core.searching import NEARLY_THE_SAME, Found, Results, Search, Searcher
from core.spaces import space
from core.workbench import Workbench
from tests.searchable import DAY, searchable


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with searchable(tmp_path_factory.mktemp("searching") / "library") as made:
        yield made


def find(bench: Workbench, *texts: str, **options: Any) -> Results:
    return Searcher(bench).find(Search(tuple(map(parse, texts)), **options))


def clip_of(bench: Workbench, number: int) -> str:
    return next(clip.clip_id for clip in bench.library.clips() if clip.name == f"clip {number}")


class Exhaustive:
    """Every window of the library, centred, in float64."""

    def __init__(self, bench: Workbench) -> None:
        gallery = bench.library.gallery(bench.fingerprint())
        self.clips = {clip.clip_id: clip for clip in bench.library.clips()}
        self.owners = gallery.clip_ids
        self.raw = _unit(gallery.vectors.astype(np.float64))
        self.pooled = {
            one: _unit(self.raw[[owner == one for owner in self.owners]].mean(axis=0)) for one in dict.fromkeys(self.owners)
        }
        self.mean = np.mean(list(self.pooled.values()), axis=0)
        self.centred = _unit(self.raw - self.mean)
        self.spans = list(zip(gallery.start_seconds.tolist(), gallery.end_seconds.tolist(), strict=True))

    def part(self, clip_id: str, start: float = 0.0, end: float = 1e9) -> tuple[np.ndarray, np.ndarray]:
        """Raw and centred direction of a part of a clip."""
        rows = [row for row, (at, to) in enumerate(self.spans) if self.owners[row] == clip_id and at < end and to > start]
        raw = _unit(self.raw[rows].mean(axis=0))
        return raw, _unit(raw - self.mean)

    def label(self, label: str) -> tuple[np.ndarray, np.ndarray]:
        found = [one for one in self.pooled if self.clips[one].label == label]
        return (
            _unit(np.mean([self.pooled[one] for one in found], axis=0)),
            _unit(np.mean([_unit(self.pooled[one] - self.mean) for one in found], axis=0)),
        )

    def ranking(self, direction: np.ndarray) -> list[tuple[float, int]]:
        similar = (self.centred @ direction).round(7)
        return sorted(((value, row) for row, value in enumerate(similar)), key=lambda pair: (-pair[0], pair[1]))


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def told(matches: tuple[Found, ...]) -> list[tuple[str, int]]:
    return [(one.clip.name, one.window) for one in matches]


def best_moments(truth: Exhaustive, direction: np.ndarray, allowed: Any, count: int) -> list[tuple[str, float]]:
    best: dict[str, tuple[float, float]] = {}
    for value, row in truth.ranking(direction):
        if allowed(truth.clips[truth.owners[row]], truth.spans[row]):
            best.setdefault(truth.clips[truth.owners[row]].name, (value, truth.spans[row][0]))
    return [(name, start) for name, (_, start) in best.items()][:count]


def shown(matches: tuple[Found, ...]) -> list[tuple[str, float]]:
    return [(one.clip.name, one.start_seconds) for one in matches]


# -- what is found -------------------------------------------------------------------------------------------------------


def test_a_clip_finds_the_best_moment_of_every_other_clip(bench: Workbench) -> None:
    truth, wanted = Exhaustive(bench), clip_of(bench, 7)
    raw, centred = truth.part(wanted)
    found = find(bench, f"clip:{wanted}", fold=False, top=500)
    assert shown(found.matches) == best_moments(truth, centred, lambda clip, _: clip.clip_id != wanted, 500)
    assert [one.rank for one in found.matches] == list(range(1, 60))
    for one in found.matches[:10]:
        row = next(row for row, owner in enumerate(truth.owners) if owner == one.clip.clip_id) + one.window
        assert one.similarity == pytest.approx(truth.centred[row] @ centred, abs=1e-6)
        assert one.raw == pytest.approx(truth.raw[row] @ raw, abs=1e-6)
        assert (one.start_seconds, one.end_seconds) == truth.spans[row]
    assert found.clips == 59 and found.windows == len(truth.owners) - truth.owners.count(wanted)


def test_similarity_and_percentile_are_what_compare_shows(bench: Workbench) -> None:
    wanted = parse(f"clip:{clip_of(bench, 12)}")
    one = next(one for one in find(bench, str(wanted), top=500).matches if one.clip.info.duration_seconds == 1)
    compared = bench.compare([wanted, Query("clip", one.clip.clip_id)])
    assert (one.similarity, one.raw) == pytest.approx((compared.centred[0, 1], compared.raw[0, 1]), abs=1e-6)
    assert one.percentile == pytest.approx(compared.percentile[0, 1], abs=0.05)  # the pair itself counts half, or not


def test_a_part_of_a_clip_does_not_find_the_windows_it_is_made_of(bench: Workbench) -> None:
    truth = Exhaustive(bench)
    wanted = max(truth.pooled, key=truth.owners.count)
    _, centred = truth.part(wanted, 0.0, 0.4)
    found = find(bench, f"clip:{wanted}@0-0.4", fold=False, top=500)
    allowed = lambda clip, span: clip.clip_id != wanted or span[0] >= 0.4  # noqa: E731
    assert shown(found.matches) == best_moments(truth, centred, allowed, 500)
    itself = next(one for one in found.matches if one.clip.clip_id == wanted)
    assert itself.own_source and itself.start_seconds >= 0.4


def test_a_label_finds_with_its_prototype_what_has_other_labels(bench: Workbench) -> None:
    truth = Exhaustive(bench)
    _, centred = truth.label("running")
    found = find(bench, "label:running", fold=False, top=20)
    assert shown(found.matches) == best_moments(truth, centred, lambda clip, _: clip.label != "running", 20)


def test_several_queries_are_the_mean_of_their_prototypes_and_minus_takes_one_away(bench: Workbench) -> None:
    truth, one = Exhaustive(bench), clip_of(bench, 9)
    (_, running), (_, clip) = truth.label("running"), truth.part(one)
    both = find(bench, "label:running", f"clip:{one}", fold=False)
    own = lambda found, _: found.label != "running" and found.clip_id != one  # noqa: E731
    assert shown(both.matches) == best_moments(truth, _unit(running + clip), own, 24)
    less = find(bench, f"clip:{one} - label:running", fold=False)
    assert shown(less.matches) == best_moments(truth, _unit(clip - running), lambda found, _: found.clip_id != one, 24)
    assert less.matches[0].similarity > both.matches[0].similarity or less.matches[0].clip != both.matches[0].clip


def test_moments_leaves_out_what_overlaps_a_better_moment_of_its_clip(bench: Workbench) -> None:
    truth, wanted = Exhaustive(bench), clip_of(bench, 7)
    _, centred = truth.part(wanted)
    kept: list[tuple[str, float]] = []
    for _, row in truth.ranking(centred):
        name, start = truth.clips[truth.owners[row]].name, truth.spans[row][0]
        if truth.owners[row] != wanted and not any(name == other and abs(start - at) < 1 for other, at in kept):
            kept.append((name, start))
    found = find(bench, f"clip:{wanted}", moments=True, fold=False, top=500)
    assert shown(found.matches) == kept
    assert len(kept) > len({name for name, _ in kept}), "some clip is there twice"


def test_nearly_the_same_clips_are_folded_under_the_best(bench: Workbench) -> None:
    truth = Exhaustive(bench)
    first = clip_of(bench, 3)
    flat = find(bench, f"clip:{first}", top=500, fold=False)
    assert {one.clip.name for one in flat.matches[:2]} == {"clip 50", "clip 51"}
    assert truth.pooled[clip_of(bench, 50)] @ truth.pooled[clip_of(bench, 51)] > NEARLY_THE_SAME
    found = find(bench, f"clip:{first}", top=57)
    assert len(found.matches) == 57
    assert [one.clip.name for one in found.matches[0].folded] == [flat.matches[1].clip.name]
    assert found.matches[0].folded[0].rank == 1 and found.matches[1].rank == 2
    nested = [one.clip.name for match in found.matches for one in match.folded]
    assert len(nested) == 2, "one of 50 and 51, one of 7 and 52"
    moments = find(bench, f"clip:{first}", top=500, moments=True)
    assert {"clip 50", "clip 51"} - {one.clip.name for one in moments.matches} == {found.matches[0].folded[0].clip.name}


def test_own_sources_are_marked_or_hidden(bench: Workbench) -> None:
    wanted = clip_of(bench, 12)
    marked = find(bench, f"clip:{wanted}", top=500, fold=False)
    assert {one.clip.name for one in marked.matches if one.own_source} == {f"clip {n}" for n in range(0, 60, 6) if n != 12}
    assert marked.hidden == 0
    hidden = find(bench, f"clip:{wanted}", top=500, own="hide", fold=False)
    assert shown(hidden.matches) == [
        pair for pair, one in zip(shown(marked.matches), marked.matches, strict=True) if not one.own_source
    ]
    assert hidden.hidden == 9 and hidden.clips == 50
    alone = find(bench, f"clip:{clip_of(bench, 5)}", top=500, own="hide", fold=False)  # of no source: it is its own
    assert len(alone.matches) == 59 and alone.hidden == 0


# -- filters -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        (Filters(labels=("waving",)), lambda clip: clip.label == "waving"),
        (Filters(labels=("", "running")), lambda clip: clip.label in ("", "running")),
        (Filters(sources=("anna", "bert")), lambda clip: clip.source in ("anna", "bert")),
        (Filters(added_after=20 * DAY, added_before=30 * DAY), lambda clip: 20 <= clip.added_at / DAY < 30),
        (Filters(shortest_seconds=1.5, longest_seconds=2), lambda clip: clip.info.duration_seconds in (1.5, 2.0)),
        (Filters(synthetic=True), lambda clip: clip.synthetic),
        (Filters(labels=("running",), synthetic=False), lambda clip: clip.label == "running" and not clip.synthetic),
    ],
)
def test_filters_hold_and_the_rest_is_exact(bench: Workbench, filters: Filters, keeps: Any) -> None:
    truth, wanted = Exhaustive(bench), clip_of(bench, 7)
    _, centred = truth.part(wanted)
    found = find(bench, f"clip:{wanted}", filters=filters, fold=False, top=500)
    kept = [clip for clip in truth.clips.values() if keeps(clip)]
    assert 0 < len(kept) < 60
    assert shown(found.matches) == best_moments(truth, centred, lambda clip, _: keeps(clip) and clip.clip_id != wanted, 500)
    assert found.filtered_windows == sum(not keeps(truth.clips[owner]) for owner in truth.owners)


def test_a_label_joined_with_something_that_looks_like_something_says_where_to_look(bench: Workbench) -> None:
    wanted = clip_of(bench, 7)
    joined = find(bench, f"clip:{wanted} AND label:running AND source:anna", fold=False)
    filtered = find(bench, f"clip:{wanted}", filters=Filters(labels=("running",), sources=("anna",)), fold=False)
    assert joined.matches and told(joined.matches) == told(filtered.matches)
    assert [str(query) for query in joined.search.queries] == [f"clip:{wanted} AND label:running AND source:anna"]
    both = find(bench, "label:running AND source:anna", fold=False, top=500)
    names = {one.clip.name for one in both.matches}
    assert "clip 0" not in names and {"clip 4", "clip 6"} <= names, "two places alone are what is looked for"
    with pytest.raises(UnknownName, match="label:flying"):
        find(bench, f"clip:{wanted} AND label:flying")


def test_filters_that_leave_nothing_are_no_error(bench: Workbench) -> None:
    found = find(bench, f"clip:{clip_of(bench, 7)}", filters=Filters(labels=("flying",)))
    assert found.matches == () and found.windows == 0 and "filters leave no clip" in found.sentence
    only_own = find(bench, f"clip:{clip_of(bench, 12)}", filters=Filters(sources=("anna",)), own="hide")
    assert only_own.matches == () and only_own.hidden == 9 and "hidden" in only_own.sentence


# -- feedback ------------------------------------------------------------------------------------------------------------


def test_feedback_moves_the_direction_as_rocchio_says(bench: Workbench) -> None:
    truth = Exhaustive(bench)
    wanted, liked, other, disliked = (clip_of(bench, number) for number in (7, 11, 14, 20))
    (_, start), (_, more), (_, part), (_, less) = (
        truth.part(wanted), truth.part(liked), truth.part(other, 0.0, 0.4), truth.part(disliked),
    )  # fmt: skip
    direction = _unit(start + 0.75 * (more + part) / 2 - 0.15 * less)
    likes = (parse(f"clip:{liked}"), parse(f"clip:{other}@0-0.4"))
    found = find(bench, f"clip:{wanted}", more=likes, less=(parse(f"clip:{disliked}"),), fold=False, top=500)
    assert shown(found.matches) == best_moments(truth, direction, lambda clip, _: clip.clip_id not in (wanted, disliked), 500)
    assert found.matches[0].similarity == pytest.approx(
        max(value for value, row in truth.ranking(direction) if truth.owners[row] not in (wanted, disliked)), abs=1e-6
    )


def test_what_was_disliked_is_not_found_again(bench: Workbench) -> None:
    wanted = clip_of(bench, 7)
    first = find(bench, f"clip:{wanted}", top=1).matches[0]
    again = find(bench, f"clip:{wanted}", top=500, less=(first.query,), fold=False)
    assert first.clip.clip_id not in {one.clip.clip_id for one in again.matches}
    moments = find(bench, f"clip:{wanted}", top=500, less=(first.query,), moments=True, fold=False)
    left = [one for one in moments.matches if one.clip.clip_id == first.clip.clip_id]
    assert all(one.start_seconds >= first.end_seconds or one.end_seconds <= first.start_seconds for one in left)


# -- words and trouble ---------------------------------------------------------------------------------------------------


def test_the_sentence_says_what_was_found_among_how_many(bench: Workbench) -> None:
    found = find(bench, f"clip:{clip_of(bench, 7)}", own="hide", fold=False)
    best = found.matches[0]
    assert found.sentence.startswith(f"Of {found.clips} other clips, most like clip 7 is {best.clip.name}")
    assert f"{best.similarity:.2f}, more alike than {int(best.percentile)} %" in found.sentence
    assert found.provenance.encoder == "toy" and found.provenance.clips == 60 and found.seconds > 0


def test_what_cannot_be_asked(bench: Workbench) -> None:
    with pytest.raises(BadQuery, match="at least one query"):
        find(bench)
    with pytest.raises(UnknownName):
        find(bench, "label:flying")
    wanted = f"clip:{clip_of(bench, 7)}"
    with pytest.raises(NotEnoughData, match="direction of its own"):
        find(bench, f"{wanted} - {wanted}")


def test_everybody_shares_the_same_rows_whoever_asks_first(bench: Workbench) -> None:
    wanted = f"clip:{clip_of(bench, 7)}"
    sides, collection, _ = bench.sides([parse(wanted)])
    with ThreadPoolExecutor(8) as pool:
        spaces = list(pool.map(lambda _: space(bench, collection), range(8)))
        found = list(pool.map(lambda _: told(find(bench, wanted).matches), range(8)))
    assert all(one.scan is spaces[0].scan for one in spaces) and all(one == found[0] for one in found)
    assert len(sides) == 1 and len(spaces[0].clip_rows) == len(bench.library.gallery(bench.fingerprint()).clip_ids)


def test_matches_as_csv_hold_what_is_folded_and_nothing_that_a_spreadsheet_runs(bench: Workbench) -> None:
    first = clip_of(bench, 50)
    bench.library.relabel([first], label="=1+1")
    try:
        found = find(bench, f"clip:{clip_of(bench, 3)}", top=2)
    finally:
        bench.library.relabel([first], label="waving")
    lines = search_csv(found).splitlines()
    assert lines[0] == f"# search: q=clip:{clip_of(bench, 3)} top=2" and "# encoder: toy" in lines
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [(row["rank"], row["folded"]) for row in rows] == [("1", "no"), ("1", "yes"), ("2", "no")]
    every = [one for match in found.matches for one in (match, *match.folded)]
    assert [float(row["similarity"]) for row in rows] == pytest.approx([one.similarity for one in every], abs=1e-6)
    assert "'=1+1" in {row["label"] for row in rows}


def test_a_new_label_is_filtered_by_at_once_and_makes_no_new_rows(tmp_path: Any) -> None:
    with searchable(tmp_path / "library", clips=12) as bench:
        wanted, relabelled = clip_of(bench, 7), clip_of(bench, 8)
        before = find(bench, f"clip:{wanted}")
        bench.library.relabel([relabelled], label="flying")
        after = find(bench, f"clip:{wanted}", filters=Filters(labels=("flying",)))
        assert [one.clip.clip_id for one in after.matches] == [relabelled] and after.matches[0].clip.label == "flying"
        bench.library.delete([relabelled])
        gone = find(bench, f"clip:{wanted}")
        assert gone.clips == before.clips - 1 and relabelled not in {one.clip.clip_id for one in gone.matches}
