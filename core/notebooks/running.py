"""Cells of a notebook run against today's library; the answers are kept as one step that can be undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.clips import Progress
from core.errors import Cancelled, MotionbookError
from core.notebooks import slow
from core.notebooks.asking import ask
from core.notebooks.question import Answer, Report, Stop
from core.store import Cell, Notebook
from core.workbench import Workbench

SLOW = frozenset({"alignment", "strip", "scenery", "why"})
"""Kinds that may have to embed windows anew: they belong into an errand, not into a click."""


def pin(bench: Workbench, notebook_id: int, kind: str, title: str, question: Mapping[str, Any]) -> int:
    """A new cell at the end, answered at once unless windows would have to be embedded for it; its id."""
    answer = ask(bench, kind, question) if kind != "text" and _at_once(bench, kind, question) else None
    return bench.library.notebooks.add(notebook_id, Cell(kind, title, dict(question)), answer=answer)


def _at_once(bench: Workbench, kind: str, question: Mapping[str, Any]) -> bool:
    try:
        return kind not in SLOW or slow.ready(bench, kind, question)
    except MotionbookError:  # asking says the same, and the cell keeps it
        return True


def run(
    bench: Workbench,
    notebook_id: int,
    cell_ids: Collection[int] | None = None,
    *,
    report: Report = lambda _: None,
    should_stop: Stop = lambda: False,
) -> dict[int, Answer]:
    """Ask these cells, or all of them, anew and keep the answers; {cell id: answer}. Raises UnknownName and Cancelled.

    Stopped in the middle, what was answered until then is kept.
    """
    notebook = bench.library.notebooks.get(notebook_id)
    wanted = [cell for cell in runnable(notebook) if cell_ids is None or cell.cell_id in cell_ids]
    answers: dict[int, Answer] = {}
    try:
        for done, cell in enumerate(wanted):
            if should_stop():
                raise Cancelled("the notebook was stopped; run it again for the rest")
            report(Progress(done, len(wanted), cell.title))
            answers[cell.cell_id] = ask(bench, cell.kind, cell.question, report=report, should_stop=should_stop)
    finally:
        if answers:
            bench.library.notebooks.answer(notebook_id, answers)
    return answers


def runnable(notebook: Notebook) -> list[Cell]:
    """The cells that ask something."""
    return [cell for cell in notebook.cells if cell.kind != "text"]


def stale(bench: Workbench, cell: Cell) -> bool:
    """Whether the library has changed since the cell was answered, or it never was."""
    return cell.kind != "text" and (cell.answer is None or cell.answer.get("revision") != bench.library.revision)


def shown(cell: Cell) -> Answer | None:
    """The answer to draw: the last one, or the good one before it where the last run failed."""
    return cell.before if cell.answer is not None and cell.answer.get("error") else cell.answer
