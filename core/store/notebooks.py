"""The notebooks of a library: each method is one committed transaction, and one step that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.errors import BadInput
from core.store import notebook_rows as rows
from core.store.ledger import Ledger
from core.store.notebook_rows import Answer, Cell, Notebook, NotebookEntry, State
from core.store.schema import now_seconds

TITLE_LIMIT = 200
TEXT_LIMIT = 20_000
"""Characters of a note or of a text cell."""


class Notebooks:
    """Notebooks kept in ``ledger``. Safe to call from any thread; all methods raise UnknownName for an unknown id."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def all(self, *, deleted: bool = False) -> list[NotebookEntry]:
        """The one that was changed last comes first."""
        with self._ledger.reading() as connection:
            return rows.listed(connection, deleted=deleted)

    def get(self, notebook_id: int) -> Notebook:
        """The whole notebook, answers included."""
        with self._ledger.reading() as connection:
            return rows.read(connection, notebook_id)

    def create(self, title: str) -> int:
        """A new notebook without cells; its id. Raises BadInput for an empty or over-long title."""
        with self._ledger.writing() as connection:
            return rows.create(connection, _title(title))

    def duplicate(self, notebook_id: int) -> int:
        """A copy with a history of its own; its id."""
        with self._ledger.writing() as connection:
            found = rows.read(connection, notebook_id)
            title = f"{found.title[: TITLE_LIMIT - 8]} (copy)"
            copy = rows.create(connection, title)
            kept = {
                number: rows.add_answer(connection, copy, answer)
                for cell in found.cells
                for number, answer in ((cell.answer_id, cell.answer), (cell.before_id, cell.before))
                if answer is not None
            }
            cells = tuple(
                replace(cell, cell_id=0, answer_id=kept.get(cell.answer_id, 0), before_id=kept.get(cell.before_id, 0))
                for cell in found.cells
            )
            rows.write(connection, copy, State(title, cells), f"copied {found.title}")
            return copy

    def delete(self, notebook_id: int) -> None:
        """Put it aside; ``restore`` brings it back."""
        with self._ledger.writing() as connection:
            rows.set_deleted(connection, notebook_id, now_seconds())

    def restore(self, notebook_id: int) -> None:
        """Undo ``delete``."""
        with self._ledger.writing() as connection:
            rows.set_deleted(connection, notebook_id, None)

    def forget(self, notebook_id: int) -> None:
        """Remove it for good."""
        with self._ledger.writing() as connection:
            rows.forget(connection, notebook_id)

    def rename(self, notebook_id: int, title: str) -> None:
        """Raises BadInput for an empty or over-long title."""
        clean = _title(title)
        self._change(notebook_id, f"renamed the notebook to {clean}", lambda state: replace(state, title=clean))

    def add(self, notebook_id: int, cell: Cell, *, at: int | None = None, answer: Answer | None = None) -> int:
        """Put a new cell in, at the end unless ``at`` says where; its id. Raises BadInput for an over-long text."""
        with self._ledger.writing() as connection:
            found = rows.read(connection, notebook_id)
            kept = rows.add_answer(connection, notebook_id, answer) if answer is not None else 0
            fresh = replace(_checked(cell), cell_id=0, answer_id=kept, before_id=0)
            place = len(found.cells) if at is None else min(max(at, 0), len(found.cells))
            cells = (*found.cells[:place], fresh, *found.cells[place:])
            what = "added a text" if cell.kind == "text" else f"pinned {cell.title}"
            return rows.write(connection, notebook_id, State(found.title, cells), what)[place]

    def change(
        self,
        notebook_id: int,
        cell_id: int,
        *,
        title: str | None = None,
        note: str | None = None,
        question: Mapping[str, Any] | None = None,
    ) -> None:
        """Set what is not None. Another question takes the answer away, which was one to the old question."""

        def changed(state: State) -> State:
            cell = _found(state, cell_id)
            new = replace(cell, title=cell.title if title is None else title, note=cell.note if note is None else note)
            if question is not None and dict(question) != cell.question:
                new = replace(new, question=dict(question), answer_id=0, before_id=0)
            return replace(state, cells=tuple(_checked(new) if one.cell_id == cell_id else one for one in state.cells))

        what = "changed a title" if title is not None else "changed a note" if note is not None else "changed a question"
        self._change(notebook_id, what, changed)

    def move(self, notebook_id: int, cell_id: int, to: int) -> None:
        """Put a cell at position ``to``, the nearest there is."""

        def moved(state: State) -> State:
            cell = _found(state, cell_id)
            others = [one for one in state.cells if one.cell_id != cell_id]
            others.insert(min(max(to, 0), len(others)), cell)
            return replace(state, cells=tuple(others))

        self._change(notebook_id, "moved a cell", moved)

    def remove(self, notebook_id: int, cell_id: int) -> None:
        """Take a cell out; undo brings it back with its answer."""

        def without(state: State) -> State:
            gone = _found(state, cell_id)
            return replace(state, cells=tuple(cell for cell in state.cells if cell is not gone))

        self._change(notebook_id, "deleted a cell", without)

    def answer(self, notebook_id: int, answers: Mapping[int, Answer]) -> None:
        """Put new answers in place of the old by the cell's id, as one step; cells that are gone by now are passed over.

        The old answer stays as what was there ``before``, unless it was an error after a good one.
        """
        with self._ledger.writing() as connection:
            found = rows.read(connection, notebook_id)
            kept = {cell.cell_id for cell in found.cells} & answers.keys()
            if not kept:
                return
            ids = {cell_id: rows.add_answer(connection, notebook_id, answers[cell_id]) for cell_id in sorted(kept)}
            cells = tuple(_answered(cell, ids[cell.cell_id]) if cell.cell_id in ids else cell for cell in found.cells)
            what = "ran a cell" if len(kept) == 1 else f"ran {len(kept)} cells"
            rows.write(connection, notebook_id, State(found.title, cells), what)

    def undo(self, notebook_id: int) -> str:
        """Take the last change back; what it was, empty when there is none left."""
        with self._ledger.writing() as connection:
            return rows.step(connection, notebook_id, back=True)

    def redo(self, notebook_id: int) -> str:
        """Do again what was taken back; what it was, empty when there is none."""
        with self._ledger.writing() as connection:
            return rows.step(connection, notebook_id, back=False)

    def _change(self, notebook_id: int, what: str, change: Callable[[State], State]) -> None:
        with self._ledger.writing() as connection:
            found = rows.read(connection, notebook_id)
            before = State(found.title, found.cells)
            after = change(before)
            if after.text() != before.text():
                rows.write(connection, notebook_id, after, what)


def _answered(cell: Cell, answer_id: int) -> Cell:
    failed = cell.answer is not None and bool(cell.answer.get("error"))
    return replace(cell, answer_id=answer_id, before_id=cell.before_id if failed else cell.answer_id)


def _found(state: State, cell_id: int) -> Cell:
    return Notebook(0, state.title, state.cells, 0.0, 0.0).cell(cell_id)


def _title(text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > TITLE_LIMIT:
        raise BadInput(f"title ({clean[:40]!r}) must have 1 to {TITLE_LIMIT} characters; write another one")
    return clean


def _checked(cell: Cell) -> Cell:
    clean = replace(cell, title=" ".join(cell.title.split())[:TITLE_LIMIT])
    longest = max((len(value) for value in (clean.note, *clean.question.values()) if isinstance(value, str)), default=0)
    if longest > TEXT_LIMIT:
        raise BadInput(f"text ({longest} characters) must have at most {TEXT_LIMIT}; make two cells of it")
    return clean
