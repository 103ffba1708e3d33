"""Rows of notebooks: the cells, their answers, and the history. Each function works inside the caller's transaction.

A notebook is small, so a change writes it anew as a whole: its state (title and cells) goes into the tables and, as JSON,
into the history. Answers can be large, never change, and are named by id in both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from core.clips import Clip
from core.errors import BadInput, UnknownName
from core.store.naming import speaks_of, without
from core.store.schema import cell_answers, cells, notebook_steps, notebooks, now_seconds

MOST_STEPS = 50
"""How far undo reaches."""
MOST_CELLS = 200

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One pinned question. ``answer`` is what was answered last, ``before`` what stood there before the last run.

    ``question``, ``answer`` and ``before`` are JSON. ``answer_id`` and ``before_id`` are 0 without one.
    """

    kind: str
    title: str
    question: dict[str, Any]
    note: str = ""
    cell_id: int = 0
    answer_id: int = 0
    before_id: int = 0
    answer: Answer | None = None
    before: Answer | None = None


@dataclass(frozen=True, slots=True)
class Notebook:
    """``undo`` and ``redo`` say what these would take back or do again; empty when there is nothing."""

    notebook_id: int
    title: str
    cells: tuple[Cell, ...]
    created_at: float
    changed_at: float
    deleted_at: float | None = None
    undo: str = ""
    redo: str = ""

    def cell(self, cell_id: int) -> Cell:
        """Raises UnknownName."""
        for cell in self.cells:
            if cell.cell_id == cell_id:
                return cell
        raise UnknownName(f"cell ({cell_id}) must be one of notebook {self.notebook_id}; reload the page, it may be gone")


@dataclass(frozen=True, slots=True)
class NotebookEntry:
    """A line of the list of notebooks."""

    notebook_id: int
    title: str
    cells: int
    changed_at: float


@dataclass(frozen=True, slots=True)
class State:
    """What the history keeps of a notebook: all that undo brings back."""

    title: str
    cells: tuple[Cell, ...] = field(default_factory=tuple)

    def text(self) -> str:
        kept = [{name: value for name, value in asdict(cell).items() if name not in ("answer", "before")} for cell in self.cells]
        return json.dumps({"title": self.title, "cells": kept}, ensure_ascii=False, allow_nan=False)


def state_of(text: str) -> State:
    """Out of the history's JSON."""
    kept = json.loads(text)
    return State(kept["title"], tuple(Cell(**cell) for cell in kept["cells"]))


def listed(connection: Connection, *, deleted: bool) -> list[NotebookEntry]:
    """The one that was changed last comes first."""
    count = select(func.count()).where(cells.c.notebook_id == notebooks.c.notebook_id).scalar_subquery()
    gone = notebooks.c.deleted_at.is_not(None)
    rows = connection.execute(
        select(notebooks.c.notebook_id, notebooks.c.title, count.label("cells"), notebooks.c.changed_at)
        .where(gone if deleted else ~gone)
        .order_by(notebooks.c.changed_at.desc(), notebooks.c.notebook_id.desc())
    ).mappings()
    return [NotebookEntry(**row) for row in rows]


def read(connection: Connection, notebook_id: int) -> Notebook:
    """With its answers, deleted or not. Raises UnknownName."""
    row = _row(connection, notebook_id)
    found = connection.execute(select(cells).where(cells.c.notebook_id == notebook_id).order_by(cells.c.position)).mappings()
    answers = {
        answer.answer_id: json.loads(answer.payload)
        for answer in connection.execute(select(cell_answers).where(cell_answers.c.notebook_id == notebook_id))
    }
    made = tuple(
        Cell(
            kind=cell["kind"],
            title=cell["title"],
            question=json.loads(cell["question"]),
            note=cell["note"],
            cell_id=cell["cell_id"],
            answer_id=cell["answer_id"] or 0,
            before_id=cell["before_id"] or 0,
            answer=answers.get(cell["answer_id"]),
            before=answers.get(cell["before_id"]),
        )
        for cell in found
    )
    here, back, forth = _steps_around(connection, notebook_id, row["step_id"])
    undo, redo = (here.what if here and back else ""), (forth.what if forth else "")
    kept = {name: row[name] for name in ("title", "created_at", "changed_at", "deleted_at")}
    return Notebook(notebook_id, cells=made, undo=undo, redo=redo, **kept)


def create(connection: Connection, title: str) -> int:
    """A notebook without cells; its id."""
    now = now_seconds()
    added = connection.execute(insert(notebooks).values(title=title, step_id=0, created_at=now, changed_at=now))
    notebook_id = int(added.inserted_primary_key[0]) if added.inserted_primary_key else 0
    write(connection, notebook_id, State(title), "made the notebook")
    return notebook_id


def add_answer(connection: Connection, notebook_id: int, answer: Answer) -> int:
    """Keep an answer; the id that a cell names it by. ``answer`` must be JSON: ValueError, TypeError otherwise."""
    payload = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    added = connection.execute(insert(cell_answers).values(notebook_id=notebook_id, payload=payload))
    return int(added.inserted_primary_key[0]) if added.inserted_primary_key else 0


def write(connection: Connection, notebook_id: int, state: State, what: str) -> tuple[int, ...]:
    """Put ``state`` in place of what the notebook was, as a new step called ``what``; the cells' ids.

    Cells without an id get one. What had been undone can no longer be done again.
    """
    if len(state.cells) > MOST_CELLS:
        raise BadInput(f"cells ({len(state.cells)}) must be at most {MOST_CELLS} in one notebook; begin another one")
    here = _row(connection, notebook_id)["step_id"]
    state = replace(state, cells=_replace_cells(connection, notebook_id, state))
    connection.execute(delete(notebook_steps).where(notebook_steps.c.notebook_id == notebook_id, notebook_steps.c.step_id > here))
    values = {"notebook_id": notebook_id, "what": what, "state": state.text(), "made_at": now_seconds()}
    added = connection.execute(insert(notebook_steps).values(**values))
    _stand_at(connection, notebook_id, state.title, added.inserted_primary_key[0] if added.inserted_primary_key else 0)
    _forget_the_oldest(connection, notebook_id)
    return tuple(cell.cell_id for cell in state.cells)


def step(connection: Connection, notebook_id: int, *, back: bool) -> str:
    """Undo, or redo; what was taken back or done again, empty when there was nothing."""
    here, before, after = _steps_around(connection, notebook_id, _row(connection, notebook_id)["step_id"])
    target = before if back else after
    if here is None or target is None:
        return ""
    state = state_of(target.state)
    _replace_cells(connection, notebook_id, state)
    _stand_at(connection, notebook_id, state.title, target.step_id)
    return str(here.what if back else target.what)


def set_deleted(connection: Connection, notebook_id: int, moment: float | None) -> None:
    """Delete (at ``moment``) or bring back (None)."""
    _row(connection, notebook_id)
    connection.execute(update(notebooks).where(notebooks.c.notebook_id == notebook_id).values(deleted_at=moment))


def forget(connection: Connection, notebook_id: int) -> None:
    """Remove a notebook for good, with all that belongs to it."""
    _row(connection, notebook_id)
    for table in (cells, cell_answers, notebook_steps, notebooks):
        connection.execute(delete(table).where(table.c.notebook_id == notebook_id))


def erase(connection: Connection, doomed: Sequence[Clip]) -> None:
    """Remove every trace of these clips from all notebooks, the deleted ones and the history included.

    An answer that names one is removed (its cell stands there as if it had not been run yet), a cell that asks about one
    is removed, and in people's own texts a mention is replaced.
    """
    gone = [row.answer_id for row in connection.execute(select(cell_answers)) if speaks_of(json.loads(row.payload), doomed)]
    for answer_id in gone:
        connection.execute(delete(cell_answers).where(cell_answers.c.answer_id == answer_id))
    lost = frozenset(gone)
    for row in connection.execute(select(notebook_steps.c.step_id, notebook_steps.c.state, notebook_steps.c.what)).all():
        values = {"state": _cleaned(state_of(row.state), doomed, lost).text(), "what": without(row.what, doomed)}
        if values != {"state": row.state, "what": row.what}:
            connection.execute(update(notebook_steps).where(notebook_steps.c.step_id == row.step_id).values(**values))
    for notebook_id, title, step_id in connection.execute(
        select(notebooks.c.notebook_id, notebooks.c.title, notebooks.c.step_id)
    ).all():
        whole = read(connection, notebook_id)
        state = _cleaned(State(whole.title, whole.cells), doomed, lost)
        _replace_cells(connection, notebook_id, state)
        if state.title != title:
            _stand_at(connection, notebook_id, state.title, step_id)


def _cleaned(state: State, doomed: Sequence[Clip], lost: frozenset[int]) -> State:
    kept = []
    for cell in state.cells:
        asks_prose = cell.kind == "text"
        if not asks_prose and speaks_of(cell.question, doomed):
            continue
        question = {name: without(str(value), doomed) for name, value in cell.question.items()} if asks_prose else cell.question
        kept.append(
            replace(
                cell,
                title=without(cell.title, doomed),
                note=without(cell.note, doomed),
                question=question,
                answer_id=0 if cell.answer_id in lost else cell.answer_id,
                before_id=0 if cell.before_id in lost else cell.before_id,
            )
        )
    return State(without(state.title, doomed), tuple(kept))


def _row(connection: Connection, notebook_id: int) -> Any:
    row = connection.execute(select(notebooks).where(notebooks.c.notebook_id == notebook_id)).mappings().first()
    if row is None:
        raise UnknownName(f"notebook ({notebook_id}) must be one of this library; `notebook list` shows them")
    return row


def _steps_around(connection: Connection, notebook_id: int, step_id: int) -> tuple[Any, Any, Any]:
    """The step a notebook stands at, the one before it and the one after it; None where there is none."""
    mine = select(notebook_steps).where(notebook_steps.c.notebook_id == notebook_id)
    here, column = mine.where(notebook_steps.c.step_id == step_id), notebook_steps.c.step_id
    before, after = mine.where(column < step_id).order_by(column.desc()).limit(1), mine.where(column > step_id).order_by(column)
    first, second, third = (connection.execute(query).first() for query in (here, before, after.limit(1)))
    return first, second, third


def _stand_at(connection: Connection, notebook_id: int, title: str, step_id: int) -> None:
    values = {"title": title, "step_id": step_id, "changed_at": now_seconds()}
    connection.execute(update(notebooks).where(notebooks.c.notebook_id == notebook_id).values(**values))


def _replace_cells(connection: Connection, notebook_id: int, state: State) -> tuple[Cell, ...]:
    connection.execute(delete(cells).where(cells.c.notebook_id == notebook_id))
    placed = []
    for position, cell in enumerate(state.cells):
        values = {
            "notebook_id": notebook_id,
            "position": position,
            "kind": cell.kind,
            "title": cell.title,
            "note": cell.note,
            "question": json.dumps(cell.question, ensure_ascii=False, allow_nan=False),
            "answer_id": cell.answer_id or None,
            "before_id": cell.before_id or None,
            **({"cell_id": cell.cell_id} if cell.cell_id else {}),
        }
        added = connection.execute(insert(cells).values(**values))
        placed.append(replace(cell, cell_id=int(added.inserted_primary_key[0]) if added.inserted_primary_key else 0))
    return tuple(placed)


def _forget_the_oldest(connection: Connection, notebook_id: int) -> None:
    """Keep MOST_STEPS steps, and the answers that these name."""
    steps = connection.execute(
        select(notebook_steps.c.step_id, notebook_steps.c.state)
        .where(notebook_steps.c.notebook_id == notebook_id)
        .order_by(notebook_steps.c.step_id.desc())
    ).all()
    for row in steps[MOST_STEPS:]:
        connection.execute(delete(notebook_steps).where(notebook_steps.c.step_id == row.step_id))
    states = [state_of(row.state) for row in steps[:MOST_STEPS]]
    named = {number for state in states for cell in state.cells for number in (cell.answer_id, cell.before_id)}
    mine = cell_answers.c.notebook_id == notebook_id
    for row in connection.execute(select(cell_answers.c.answer_id).where(mine)).all():
        if row.answer_id not in named:
            connection.execute(delete(cell_answers).where(cell_answers.c.answer_id == row.answer_id))
