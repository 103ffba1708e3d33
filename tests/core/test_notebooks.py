"""Cells asked of a small real library: what they answer, what a change of the library changes, and what stays in its cell."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from core import notebooks
from core.errors import Cancelled, UnknownName
from core.evidence import evidence
from core.filtering import Filters
from core.manifest import Item
from core.queries import parse
from core.searching import Search, Searcher
from core.sheets import Alignment, Strip
from core.store import Cell
from core.workbench import Workbench
from tests.tiny import make_clip, toy_bench

ASKED = {"queries": ["label:running", "label:jogging"], "encoder": "toy"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Running by three people, jogging by three, one clip without a label, and one more of running that is put aside."""
    folder = tmp_path_factory.mktemp("notebooks")
    clips = [make_clip(folder / "clips" / f"take {number}.mp4", number, count=24) for number in range(8)]
    labels = ["running", "jogging"] * 3 + ["", "running"]
    items = [Item(path, label, f"person {number}") for number, (path, label) in enumerate(zip(clips, labels, strict=True))]
    with toy_bench(folder / "library") as opened:
        opened.run_job(opened.enqueue(items))
        opened.library.delete([opened.library.clips()[-1].clip_id])
        yield opened


def test_a_comparison_gives_the_numbers_of_compare(bench: Workbench) -> None:
    answer = notebooks.ask(bench, "comparison", ASKED)
    comparison = bench.compare([parse(text) for text in ASKED["queries"]], "toy")
    assert [row["name"] for row in answer["numbers"]] == ["within running", "running × jogging", "within jogging"]
    cells = [(0, 0), (0, 1), (1, 1)]
    for name, values in (("similarity", comparison.centred), ("percentile", comparison.percentile), ("raw", comparison.raw)):
        assert [row[name] for row in answer["numbers"]] == pytest.approx([values[cell] for cell in cells])
    assert [row["pairs"] for row in answer["numbers"]] == [3, 9, 3]
    found = evidence(comparison)
    assert answer["headline"]["value"] == pytest.approx(comparison.centred[0, 1])
    assert answer["headline"]["of"] == "running and jogging"
    assert answer["headline"]["interval"] == [found.between.interval.low, found.between.interval.high]
    assert answer["sentence"] == found.sentence and answer["evidence"]["p_value"] == found.p_value
    assert answer["counts"] == {query: {"clips": 3, "sources": 3} for query in ASKED["queries"]}
    assert answer["made_of"] == bench.provenance("toy").as_dict() and answer["revision"] == bench.library.revision
    assert np.allclose(answer["draw"]["values"], comparison.centred, atol=1e-4)
    labels = [bench.library.clip(film["clip"]).label for film in answer["films"]]
    assert labels == ["running", "jogging"]
    json.dumps(answer, allow_nan=False)


def test_a_search_gives_the_numbers_of_the_searcher_in_both_written_forms(bench: Workbench) -> None:
    query = f"clip:{bench.library.clips()[0].clip_id[:12]}"
    asked = Search((parse(query),), "toy", top=3, moments=True, filters=Filters(synthetic=False))
    found = Searcher(bench).find(asked)
    answer = notebooks.ask(bench, "search", asked.params())
    assert [(row["clip"], row["start"], row["end"]) for row in answer["numbers"]] == [
        (one.clip.clip_id, round(one.start_seconds, 3), round(one.end_seconds, 3)) for one in found.matches
    ]
    for name in ("similarity", "percentile", "raw"):
        assert [row[name] for row in answer["numbers"]] == pytest.approx([getattr(one, name) for one in found.matches], abs=1e-6)
    assert len({row["name"] for row in answer["numbers"]}) == 3 and answer["sentence"] == found.sentence
    assert [film["clip"] for film in answer["films"]] == [one.clip.clip_id for one in found.matches]
    assert all(0 <= film["start"] < film["end"] for film in answer["films"] if film["end"] is not None)
    old = notebooks.ask(bench, "search", {"query": query, "count": 3, "encoder": "toy"})
    plain = Searcher(bench).find(Search((parse(query),), "toy", top=3))
    assert [row["clip"] for row in old["numbers"]] == [one.clip.clip_id for one in plain.matches]
    assert "Of 6 other clips" in old["sentence"]


def test_heatmaps_of_the_library_and_of_queries(bench: Workbench) -> None:
    whole = notebooks.ask(bench, "heat", {"by": "label", "encoder": "toy"})
    assert whole["draw"]["rows"] == ["jogging", "running"] and "Most alike" not in whole["sentence"]
    clips = notebooks.ask(bench, "heat", {"by": "clip", "queries": ASKED["queries"], "encoder": "toy"})
    assert clips["draw"]["groups"] == ["running"] * 3 + ["jogging"] * 3
    figure = notebooks.figure(clips)
    assert figure is not None and np.asarray(figure.data[0].z).shape == (6, 6)
    assert notebooks.figure(notebooks.ask(bench, "clips", {"clips": [bench.library.clips()[0].clip_id]})) is None


@pytest.mark.parametrize(
    ("kind", "question", "told"),
    [
        ("comparison", {**ASKED, "queries": ["label:running", "label:gone"]}, "label ('gone') must be one that is here"),
        ("comparison", {**ASKED, "encoder": "nosuch"}, "nosuch"),
        ("comparison", {"queries": []}, "queries"),
        ("comparison", {"queries": [1, {}]}, "queries"),
        ("comparison", {**ASKED, "weights": ["rgb"]}, "weights"),
        ("comparison", {**ASKED, "weights": {"nosuch": 1}}, "nosuch"),
        ("comparison", {"queries": ["file:/etc/passwd", "label:running"]}, "command line only"),
        ("search", {"query": "label:running", "count": 10**9}, "count"),
        ("search", {"query": " FILE:/etc/passwd"}, "command line only"),
        ("search", {"q": ["label:running", "file:/etc/passwd"]}, "command line only"),
        ("search", {"q": "label:running", "own": "burn"}, "mark, show, hide"),
        ("search", {"q": [{"label": 1}]}, "must be 1 to"),
        ("comparison", {"queries": ["label:running AND (label:jogging - file:/etc/passwd)"]}, "command line only"),
        ("clips", {"clips": ["ffffffffffff"]}, "ffffffffffff"),
        ("heat", {"by": "label", "queries": ["nonsense"]}, "nonsense"),
        ("alignment", {"a": "label:running", "b": "x", "encoder": "toy"}, "must be a clip"),
        ("strip", {"clip": "clip:ffffffffffff", "query": "label:running"}, "ffffffffffff"),
        ("scenery", {"a": "clip:ffffffffffff", "b": "clip:eeeeeeeeeeee"}, "ffffffffffff"),
        ("teleport", {}, "newer Motionbook"),
    ],
)
def test_what_cannot_be_answered_stays_in_its_cell(bench: Workbench, kind: str, question: dict, told: str) -> None:
    answer = notebooks.ask(bench, kind, question)
    assert told in answer["error"] and answer["reason"] and answer["at"]


def test_running_marks_what_the_library_changed(bench: Workbench) -> None:
    shelf = bench.library.notebooks
    made = shelf.create("a")
    first = notebooks.pin(bench, made, "comparison", "one", ASKED)
    shelf.add(made, Cell("text", "", {"markdown": "# words"}))
    search = notebooks.pin(bench, made, "search", "near", {"query": "label:jogging", "count": 2, "encoder": "toy"})
    notebooks.run(bench, made)
    cell = shelf.get(made).cell(first)
    assert notebooks.changes(cell.before, cell.answer) == () and not notebooks.stale(bench, cell)
    (aside,) = bench.library.clips(deleted=True)
    bench.library.restore([aside.clip_id])
    try:
        assert notebooks.stale(bench, shelf.get(made).cell(first))
        assert notebooks.run(bench, made, [first]).keys() == {first}
        cell = shelf.get(made).cell(first)
        marks = notebooks.changes(cell.before, cell.answer)
        assert marks[:2] == ("1 clip more in the library.", "1 clip more in label:running.")
        old, new = (answer["numbers"][1]["similarity"] for answer in (cell.before, cell.answer))
        assert f"running × jogging: {old:.2f} → {new:.2f}.".replace("-", "−") in marks
        assert notebooks.stale(bench, shelf.get(made).cell(search)), "only the cell that was asked ran"
    finally:
        bench.library.delete([aside.clip_id])


def test_a_cell_that_fails_keeps_its_last_answer_to_be_shown(bench: Workbench) -> None:
    shelf = bench.library.notebooks
    made = shelf.create("a")
    one = notebooks.pin(bench, made, "comparison", "one", ASKED)
    other = notebooks.pin(bench, made, "search", "two", {"query": "label:running", "count": 1, "encoder": "toy"})
    jogging = [clip.clip_id for clip in bench.library.clips() if clip.label == "jogging"]
    bench.library.relabel(jogging, label="trotting")
    try:
        notebooks.run(bench, made)
        cell = shelf.get(made).cell(one)
        assert "label ('jogging')" in cell.answer["error"] and notebooks.shown(cell)["headline"]["of"] == "running and jogging"
        assert notebooks.changes(cell.before, cell.answer) == ("It can no longer be answered.",)
        assert "error" not in shelf.get(made).cell(other).answer
    finally:
        bench.library.relabel(jogging, label="jogging")


def test_moments_are_read_once_and_drawn(bench: Workbench) -> None:
    """Slow kinds are not answered by the click that pins them, unless all was embedded before."""
    shelf, (a, b, *_) = bench.library.notebooks, bench.library.clips()
    made = shelf.create("a")
    question = {"a": f"clip:{a.clip_id[:12]}", "b": f"clip:{b.clip_id[:12]}", "encoder": "toy"}
    cell = notebooks.pin(bench, made, "alignment", "along", question)
    assert shelf.get(made).cell(cell).answer is None
    strip = notebooks.pin(bench, made, "strip", "where", {"query": "label:running", "clip": question["b"], "encoder": "toy"})
    notebooks.run(bench, made)
    answer = shelf.get(made).cell(cell).answer
    sheet = notebooks.sheet(answer)
    assert isinstance(sheet, Alignment) and sheet.score == pytest.approx(answer["headline"]["value"])
    assert sheet.values.shape == (len(sheet.row_seconds), len(sheet.column_seconds)) and len(sheet.path) > 1
    again = notebooks.pin(bench, made, "alignment", "along", question)
    found = shelf.get(made)
    assert found.cell(again).answer["draw"] == answer["draw"]
    assert isinstance(notebooks.sheet(found.cell(strip).answer), Strip)
    assert all(notebooks.figure(found.cell(one).answer) is not None for one in (cell, strip))
    assert notebooks.picture(answer)[:4] == b"\x89PNG"


def test_stopped_in_the_middle_what_was_answered_is_kept(bench: Workbench) -> None:
    shelf = bench.library.notebooks
    made = shelf.create("a")
    cells = [shelf.add(made, Cell("comparison", str(number), ASKED)) for number in range(3)]
    seen: list[str] = []
    with pytest.raises(Cancelled):
        notebooks.run(bench, made, report=lambda step: seen.append(step.label), should_stop=lambda: len(seen) >= 2)
    assert [cell.answer is not None for cell in shelf.get(made).cells] == [True, True, False] and seen == ["0", "1"]
    with pytest.raises(UnknownName):
        notebooks.run(bench, 999)
    assert cells


MADE_OF = {"encoder": "toy", "fingerprint": "toy-1", "clips": 5, "sources": 2, "version": "1"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, {"made_of": MADE_OF}, ()),
        ({"error": "x"}, {"made_of": MADE_OF}, ()),
        ({"made_of": MADE_OF}, {"made_of": {**MADE_OF, "encoder": "fused"}}, ("Encoder: toy → fused.",)),
        (
            {"made_of": MADE_OF},
            {"made_of": {**MADE_OF, "fingerprint": "toy-2"}},
            ("The vectors of toy are made in another way than before.",),
        ),
        ({"made_of": MADE_OF}, {"made_of": {**MADE_OF, "clips": 3}}, ("2 clips fewer in the library.",)),
        (
            {"numbers": [{"name": "a", "similarity": 0.101}, {"name": "b", "similarity": None}]},
            {"numbers": [{"name": "a", "similarity": 0.104}, {"name": "b", "similarity": -0.2}]},
            ("b: – → −0.20.",),
        ),
        (
            {"draw": {"form": "heat", "rows": ["a", "b"], "columns": ["a", "b"], "values": [[1, 0.1], [0.1, 1]]}},
            {"draw": {"form": "heat", "rows": ["a", "b"], "columns": ["a", "b"], "values": [[1, 0.3], [0.3, 1]]}},
            ("a × b: 0.10 → 0.30.",),
        ),
        ({"films": [{"clip": "a"}]}, {"films": [{"clip": "a"}, {"clip": "b"}]}, ("1 clip here that was not before.",)),
    ],
)
def test_changes_in_words(before: dict | None, after: dict, told: tuple[str, ...]) -> None:
    assert notebooks.changes(before, after) == told


def test_many_changed_numbers_are_counted() -> None:
    numbers = [[{"name": str(row), "similarity": value} for row in range(7)] for value in (0.1, 0.2)]
    marks = notebooks.changes({"numbers": numbers[0]}, {"numbers": numbers[1]})
    assert len(marks) == 5 and marks[-1] == "3 numbers more changed."


@pytest.mark.parametrize(
    ("markdown", "absent", "present"),
    [
        ("<script>alert(1)</script>", "<script", "&lt;script&gt;"),
        ('<img src=x onerror="x">', "<img", "&lt;img"),
        ("![x](https://example.org/x.png)", "<img", "https://example.org/x.png"),
        ("[x](javascript:alert(1))", 'href="javascript', "javascript:alert"),
        ("[x](data:text/html;base64,AA)", 'href="data', ""),
        ("[x](file:///etc/passwd)", 'href="file', ""),
        ("[x](//example.org)", 'href="//', 'href="#"'),
        ("[x](https://example.org)", "<script", 'rel="noopener noreferrer"'),
        ("| a |\n|---|\n| 1 |", "<script", "<table>"),
    ],
)
def test_markdown_is_made_safe(markdown: str, absent: str, present: str) -> None:
    made = notebooks.html_of(markdown)
    assert absent not in made and present in made
