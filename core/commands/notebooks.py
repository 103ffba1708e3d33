"""The commands about notebooks: list them, show one, ask its questions anew, write it into a file, take one in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from core import exporting, notebooks
from core.commands.terminal import Json, bar, say, screen, until_interrupted, workbench
from core.store import Cell, Notebook

notebooks_app = typer.Typer(help="Notebooks: list, show, run, export, import.", no_args_is_help=True)
Which = Annotated[int, typer.Argument(help="Number of the notebook; see `notebook list`.")]


@notebooks_app.command("list")
def list_notebooks(
    deleted: Annotated[bool, typer.Option("--deleted", help="What was deleted and can still be brought back.")] = False,
    json: Json = False,
) -> None:
    """The notebooks of the library, the one that was changed last first."""
    with workbench(json) as bench:
        entries = bench.library.notebooks.all(deleted=deleted)
        if json:
            rows = [{"notebook": one.notebook_id, "title": one.title, "cells": one.cells} for one in entries]
            say({"notebooks": rows})
            return
        table = Table("notebook", "cells", "title")
        for entry in entries:
            table.add_row(str(entry.notebook_id), str(entry.cells), entry.title)
        screen.print(table)


@notebooks_app.command()
def show(which: Which, json: Json = False) -> None:
    """The cells of a notebook with their last answers; nothing is asked."""
    with workbench(json) as bench:
        notebook = bench.library.notebooks.get(which)
        say(_answer(notebook)) if json else _print(notebook)


@notebooks_app.command()
def run(which: Which, json: Json = False) -> None:
    """Ask every cell of today's library, keep the answers, and tell what changed. Status 1 when a cell could not be answered."""
    with workbench(json) as bench:
        with bar("running") as move, until_interrupted() as interrupted:
            answers = notebooks.run(bench, which, report=move, should_stop=interrupted)
        notebook = bench.library.notebooks.get(which)
        say(_answer(notebook)) if json else _print(notebook)
        if any(answer.get("error") for answer in answers.values()):
            raise typer.Exit(1)


@notebooks_app.command()
def export(
    which: Which,
    out: Annotated[Path, typer.Argument(help="FILE.html, .zip (HTML with films beside it), .ipynb, .csv or .json.")],
    films: Annotated[bool, typer.Option(help="Films inside the HTML; without them their pictures.")] = True,
    json: Json = False,
) -> None:
    """Write a notebook into a file, with the answers it has now."""
    with workbench(json) as bench:
        notebook = bench.library.notebooks.get(which)
        with bar("exporting") as move:
            made = notebooks.content(bench, notebook, out.suffix.lower(), films=films, report=move)
        exporting.write_bytes(out, made)
        told = {"out": str(out), "bytes": len(made), "cells": len(notebook.cells)}
        say(told) if json else screen.print(f"{out}: {len(notebook.cells)} cells, {len(made):,} bytes", highlight=False)


@notebooks_app.command("import")
def take_in(file: Annotated[Path, typer.Argument(help="FILE.json that `notebook export` wrote.")], json: Json = False) -> None:
    """Make a notebook of somebody else's questions; `notebook run` asks them of this library."""
    with workbench(json) as bench:
        made = notebooks.take_in(bench, notebooks.read(file))
        notebook = bench.library.notebooks.get(made)
        say(_answer(notebook)) if json else screen.print(f"{made}: {notebook.title}", highlight=False)


def _answer(notebook: Notebook) -> dict[str, Any]:
    cells = [
        {**row, "cell": cell.cell_id, "changes": list(notebooks.changes(cell.before, cell.answer))}
        for row, cell in zip(notebooks.as_json(notebook)["cells"], notebook.cells, strict=True)
    ]
    return {"notebook": notebook.notebook_id, "title": notebook.title, "cells": cells}


def _print(notebook: Notebook) -> None:
    screen.print(notebook.title, style="bold", highlight=False)
    for number, cell in enumerate(notebook.cells, 1):
        screen.print(f"\n{number}. {cell.title or notebooks.KIND_NAMES.get(cell.kind, cell.kind)}", style="bold", highlight=False)
        screen.print(_told(cell), highlight=False)
        for mark in notebooks.changes(cell.before, cell.answer):
            screen.print(f"* {mark}", style="yellow", highlight=False)


def _told(cell: Cell) -> str:
    if cell.kind == "text":
        return str(cell.question.get("markdown", ""))
    if cell.answer is None:
        return "Not asked yet."
    if cell.answer.get("error"):
        return str(cell.answer["error"])
    return "\n".join(part for part in (str(cell.answer.get("sentence", "")), notebooks.numbers_text(cell.answer)) if part)
