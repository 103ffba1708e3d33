"""Notebooks: every change is kept at once and can be taken back; an erased clip leaves no trace in any of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadInput, UnknownName
from core.store import Cell, Library
from core.store.notebook_rows import MOST_STEPS
from tests.core.store.conftest import SCHEMA_5, Maker
from tests.core.store.test_erase import NAME, traces

ASKED = {"queries": ["label:running", "label:jogging"], "encoder": "toy"}
TABLES = ("cells", "cell_answers", "notebook_steps", "notebooks")


def comparison(title: str = "running, jogging", **question: object) -> Cell:
    return Cell("comparison", title, {**ASKED, **question})


def text(markdown: str) -> Cell:
    return Cell("text", "", {"markdown": markdown})


def titles(library: Library, notebook_id: int) -> list[str]:
    return [cell.title for cell in library.notebooks.get(notebook_id).cells]


def rows(home: Path, table: str) -> int:
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return int(found)


def test_a_notebook_is_kept_with_its_cells_in_order(library: Library, reopen: Callable[[Library], Library]) -> None:
    shelf = library.notebooks
    made = shelf.create("  Running \n against jogging ")
    first = shelf.add(made, comparison("one"), answer={"numbers": {"similarity": 0.5}})
    second = shelf.add(made, text("# why"), at=0)
    shelf.change(made, first, note="all of *KTH*")
    library = reopen(library)
    found = library.notebooks.get(made)
    assert (found.title, [cell.cell_id for cell in found.cells]) == ("Running against jogging", [second, first])
    assert found.cells[1] == Cell("comparison", "one", ASKED, "all of *KTH*", first, found.cells[1].answer_id, 0,
                                  {"numbers": {"similarity": 0.5}})  # fmt: skip
    assert [(entry.notebook_id, entry.cells) for entry in library.notebooks.all()] == [(made, 2)]
    library.close()


def test_every_change_can_be_taken_back_and_done_again(library: Library) -> None:
    shelf = library.notebooks
    made = shelf.create("a")
    states = [shelf.get(made)]
    one = shelf.add(made, comparison("one"), answer={"n": 1})
    states.append(shelf.get(made))
    two = shelf.add(made, comparison("two"))
    states.append(shelf.get(made))
    for change in (
        lambda: shelf.move(made, two, 0),
        lambda: shelf.answer(made, {one: {"n": 2}, two: {"n": 3}}),
        lambda: shelf.change(made, one, title="uno"),
        lambda: shelf.change(made, one, question={**ASKED, "encoder": "x3d_s"}),
        lambda: shelf.remove(made, one),
        lambda: shelf.rename(made, "b"),
    ):
        change()
        states.append(shelf.get(made))
    for state in reversed(states[:-1]):
        assert shelf.undo(made)
        found = shelf.get(made)
        assert (found.title, found.cells) == (state.title, state.cells)
    assert shelf.undo(made) == "" and shelf.get(made).undo == ""
    for state in states[1:]:
        assert shelf.redo(made)
        found = shelf.get(made)
        assert (found.title, found.cells) == (state.title, state.cells)
    assert shelf.redo(made) == ""
    shelf.undo(made)
    assert shelf.get(made).redo == "renamed the notebook to b"
    shelf.add(made, text("x"))
    assert shelf.get(made).redo == "" and shelf.redo(made) == "", "a new change ends what could be done again"


def test_what_changes_nothing_is_no_step(library: Library) -> None:
    made = library.notebooks.create("a")
    one = library.notebooks.add(made, comparison("one"))
    library.notebooks.move(made, one, 5)
    library.notebooks.change(made, one, title="one", question=ASKED)
    assert library.notebooks.get(made).undo == "pinned one"


def test_the_history_is_bounded_and_lets_go_of_answers(library: Library) -> None:
    shelf, home = library.notebooks, library.home
    made = shelf.create("a")
    one = shelf.add(made, comparison())
    for number in range(MOST_STEPS + 10):
        shelf.answer(made, {one: {"n": number}})
    assert rows(home, "notebook_steps") == MOST_STEPS
    assert rows(home, "cell_answers") == MOST_STEPS + 1, "those of the steps that are left, and what stood before the oldest"
    undone = 0
    while shelf.undo(made):
        undone += 1
    cell = shelf.get(made).cell(one)
    assert undone == MOST_STEPS - 1 and cell.answer == {"n": 10} and cell.before == {"n": 9}


def test_the_answer_before_is_the_last_good_one(library: Library) -> None:
    shelf = library.notebooks
    made = shelf.create("a")
    one = shelf.add(made, comparison(), answer={"n": 1})
    shelf.answer(made, {one: {"n": 2}, 999: {"n": 0}})
    assert (shelf.get(made).cell(one).before, shelf.get(made).cell(one).answer) == ({"n": 1}, {"n": 2})
    for _ in range(2):
        shelf.answer(made, {one: {"error": "label:jogging is gone"}})
        assert shelf.get(made).cell(one).before == {"n": 2}
    shelf.change(made, one, question={**ASKED, "encoder": "x3d_s"})
    assert shelf.get(made).cell(one).answer is None and shelf.get(made).cell(one).before is None


def test_several_notebooks_are_duplicated_deleted_and_brought_back(library: Library) -> None:
    shelf = library.notebooks
    first = shelf.create("first")
    one = shelf.add(first, comparison("one"), answer={"n": 1})
    copy = shelf.duplicate(first)
    shelf.remove(first, one)
    assert [cell.answer for cell in shelf.get(copy).cells] == [{"n": 1}] and titles(library, first) == []
    shelf.delete(first)
    assert [entry.title for entry in shelf.all()] == ["first (copy)"]
    assert [entry.title for entry in shelf.all(deleted=True)] == ["first"]
    shelf.restore(first)
    assert {entry.title for entry in shelf.all()} == {"first", "first (copy)"}
    shelf.forget(first)
    with pytest.raises(UnknownName):
        shelf.get(first)
    assert rows(library.home, "notebooks") == 1


def test_what_does_not_fit_is_refused_and_changes_nothing(library: Library) -> None:
    shelf = library.notebooks
    made = shelf.create("a")
    for wrong in (
        lambda: shelf.create("  "),
        lambda: shelf.rename(made, "x" * 201),
        lambda: shelf.add(made, text("x" * 20_001)),
        lambda: shelf.move(made, 99, 0),
        lambda: shelf.get(99),
        lambda: shelf.delete(99),
    ):
        with pytest.raises((BadInput, UnknownName)):
            wrong()
    with pytest.raises(ValueError):
        shelf.add(made, comparison(), answer={"n": float("nan")})
    assert shelf.get(made).cells == () and shelf.get(made).title == "a"


def test_notebooks_are_no_change_of_the_clips(library: Library) -> None:
    before = library.revision
    library.notebooks.add(library.notebooks.create("a"), comparison())
    assert library.revision == before


def test_a_library_of_version_2_gets_its_notebooks_and_keeps_what_it_had(home: Path) -> None:
    with Library.open(home, index="memory") as library:
        library.remember_comparison("kept", {"a": 1})
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        fresh = {row[0]: row[1] for row in connection.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name != 'x'")}
        for table in (*TABLES, "projections", *SCHEMA_5):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE facts SET value = 2 WHERE name = 'schema_version'")
    connection.close()
    with Library.open(home, index="memory") as library:
        made = library.notebooks.create("a")
        library.notebooks.add(made, comparison("one"), answer={"n": 1})
        assert titles(library, made) == ["one"] and [one.title for one in library.recent_comparisons()] == ["kept"]
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        columns = {table: [row[1:4] for row in connection.execute(f"PRAGMA table_info({table})")] for table in TABLES}
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert names == set(fresh), "a migrated ledger has the tables and indexes of a new one"
    new = home.with_name("new")
    Library.open(new, index="memory").close()
    with sqlite3.connect(new / "ledger.sqlite") as connection:
        assert columns == {table: [row[1:4] for row in connection.execute(f"PRAGMA table_info({table})")] for table in TABLES}
    connection.close()


def test_an_erased_clip_leaves_no_trace_in_any_notebook(library: Library, maker: Maker) -> None:
    path = maker.folder / NAME
    path.write_bytes(b"x" * 3000)
    clip_id = maker.add(library, path=path, name=NAME)
    other = maker.add(library)
    shelf = library.notebooks
    made, aside = shelf.create("a"), shelf.create(f"about {NAME}")
    shelf.add(made, comparison("kept"), answer={"n": 1})
    shelf.add(made, comparison("by beginning", queries=[f"clip:{clip_id[:9]}", "label:jogging"]), answer={"n": 2})
    answered = shelf.add(made, comparison("answered"), answer={"films": [clip_id, other]})
    shelf.add(made, Cell("clips", NAME, {"clips": [clip_id]}))
    shelf.add(made, text(f'see "{NAME}" and clip:{clip_id[:12]}, not {other[:12]}'))
    gone = shelf.add(made, comparison(f"deleted {NAME}"))
    shelf.remove(made, gone)
    shelf.change(made, answered, note=f"{NAME}!")
    shelf.answer(made, {answered: {"films": [other]}})
    shelf.duplicate(made)
    shelf.delete(aside)
    needles = {
        "id": clip_id.encode(),
        "prefix": clip_id[:9].encode(),
        "name": NAME.encode(),
        "json": NAME.encode("unicode_escape"),
    }
    assert {trace.split(" in ")[0] for trace in traces(library.home, needles)} >= {"id", "prefix", "name"}
    library.erase([clip_id])
    assert traces(library.home, needles) == []
    found = shelf.get(made)
    assert [cell.title for cell in found.cells] == ["kept", "answered", ""]
    assert found.cells[0].answer == {"n": 1} and found.cells[1].answer == {"films": [other]} and found.cells[1].before is None
    assert found.cells[2].question == {"markdown": f'see "(erased clip)" and clip:(erased clip), not {other[:12]}'}
    while shelf.undo(made):
        assert all(cell.answer is None or clip_id not in str(cell.answer) for cell in shelf.get(made).cells)
    assert shelf.get(aside).title == "about (erased clip)"
    library.close()
    assert traces(library.home, needles) == []
