"""A notebook as .ipynb: it asks ``core`` the same questions, and stands there with the numbers as they were last seen."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import v4

from core.errors import MotionbookError
from core.notebooks import wording
from core.notebooks.asking import search_of
from core.notebooks.drawing import picture
from core.notebooks.running import shown
from core.store import Cell, Notebook

_SETUP = '''"""Needs Motionbook beside it (run Jupyter from its folder), and the library, which no other program may hold open."""
from core import notebooks
from core.queries import parse
from core.settings import Settings
from core.workbench import Workbench

bench = Workbench(Settings.from_environment())  # MOTIONBOOK_HOME says which library'''


def ipynb_of(notebook: Notebook) -> str:
    """The JSON of the file, format 4.5."""
    cells = [v4.new_markdown_cell(f"# {_inert(notebook.title)}"), v4.new_code_cell(_SETUP)]
    for number, cell in enumerate(notebook.cells, 1):
        cells += _cells(cell, number)
    cells.append(v4.new_code_cell("bench.close()"))
    for number, made in enumerate(cells):
        made["id"] = f"cell-{number}"
    made = v4.new_notebook(cells=cells, metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        "title": notebook.title,
    })  # fmt: skip
    return str(nbformat.writes(made))


def _cells(cell: Cell, number: int) -> list[Any]:
    if cell.kind == "text":
        return [v4.new_markdown_cell(str(cell.question.get("markdown", "")))]
    answer = shown(cell)
    told = [f"## {_inert(cell.title)}"]
    if answer is not None:
        told += [_inert(str(answer.get("sentence", ""))), f"*{_inert(wording.stamp(answer))}*"]
    if (cell.answer or {}).get("error"):
        told.append(f"**It can no longer be answered:** {_inert(str((cell.answer or {})['error']))}")
    if cell.note:
        told.append(cell.note)
    return [v4.new_markdown_cell("\n\n".join(part for part in told if part)), _code(cell, answer, number)]


def _code(cell: Cell, answer: Mapping[str, Any] | None, number: int) -> Any:
    """A comparison goes through ``Workbench.compare``, a search through ``Searcher``; others as the notebook asks them."""
    source = {"comparison": _compared, "search": _searched}.get(cell.kind, _asked)(cell)
    made = v4.new_code_cell(source)
    text = numbers_text(answer) if answer is not None else ""
    if text:
        made["outputs"] = [v4.new_output("stream", name="stdout", text=f"{text}\n")]
        made["execution_count"] = number + 1
    drawn = picture(answer, title=cell.title)
    if drawn is not None:
        data = {"image/png": base64.b64encode(drawn).decode(), "text/plain": "the figure as it was last seen"}
        made["outputs"].append(v4.new_output("display_data", data=data))
    return made


def _compared(cell: Cell) -> str:
    question = cell.question
    queries = ", ".join(f"parse({query!r})" for query in question.get("queries") or ())
    weights = f", weights={dict(question['weights'])!r}" if question.get("weights") else ""
    encoder = repr(str(question["encoder"])) if question.get("encoder") else "None"
    return (
        f"comparison = bench.compare([{queries}], {encoder}{weights})\n"
        "print(notebooks.numbers_text(notebooks.compared(comparison)))"
    )


def _searched(cell: Cell) -> str:
    try:
        written = search_of(cell.question).params()
    except MotionbookError:  # the cell itself says what is wrong with it
        return _asked(cell)
    return (
        "from core.searching import Searcher, read\n\n"
        f"search, _ = read({written!r})\n"
        "print(notebooks.numbers_text(notebooks.searched(Searcher(bench).find(search))))"
    )


def _asked(cell: Cell) -> str:
    question = json.loads(json.dumps(cell.question))
    return f"answer = notebooks.ask(bench, {cell.kind!r}, {question!r})\nprint(notebooks.numbers_text(answer))"


def numbers_text(answer: Mapping[str, Any]) -> str:
    """The numbers of an answer as plain text, a line each; the error where there is one."""
    if answer.get("error"):
        return str(answer["error"])
    lines = [_line(row) for row in answer.get("numbers") or ()]
    if not lines:
        draw = answer.get("draw") or {}
        table = draw.get("values") or ()
        rows = zip(draw.get("rows") or (), table, strict=False)
        lines = [f"{name}: {' '.join(_number(value) for value in row)}" for name, row in rows]
    return "\n".join(lines) or str(answer.get("sentence", ""))


def _line(row: Mapping[str, Any]) -> str:
    told = [f"{name} {_number(row[name])}" for name in ("similarity", "percentile", "raw") if name in row]
    told += [f"{name} {row[name]}" for name in ("pairs", "label", "seconds") if row.get(name) not in (None, "")]
    return f"{row['name']}: {', '.join(told)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value + 0.0:.4f}"


def _inert(text: str) -> str:
    """Names inside Markdown stay names."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+!|~$<>&" else letter for letter in text)
