"""What every command shares: one JSON object or words, errors by name, a progress bar, and an end in good order."""

from __future__ import annotations

import contextlib
import json as json_text
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core import answers
from core.clips import Progress as Step
from core.errors import MotionbookError
from core.settings import Settings
from core.workbench import Workbench

screen = Console(markup=False, emoji=False)  # names come from people: brackets in them are brackets
complaints = Console(stderr=True, markup=False, emoji=False)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, nothing else.")]
Encoder = Annotated[str | None, typer.Option("--encoder", help="Name of the encoder; see `encoders`.")]
Random = Annotated[bool, typer.Option("--random-weights", hidden=True, help="Only for tests of the machinery.")]
Clips = Annotated[list[str], typer.Argument(help="Clip ids, or unique beginnings of them.")]


def say(answer: dict[str, Any]) -> None:
    """The one JSON object."""
    text = json_text.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")  # UTF-8 whatever the terminal is set to
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def telling(json: bool) -> Iterator[None]:
    """Named errors in place of tracebacks; a defect of ours shows both."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except Exception as failure:
        if isinstance(failure, MotionbookError):
            named = failure
        else:
            traceback.print_exc()
            named = MotionbookError(f"something unexpected happened: {failure!r}")
        if json:
            say(answers.error(named))
        else:
            complaints.print(f"{named.reason}: ", style="bold red", end="")
            complaints.print(str(named), highlight=False, soft_wrap=True)
        raise typer.Exit(3) from failure


@contextlib.contextmanager
def workbench(json: bool, *, random_weights: bool = False) -> Iterator[Workbench]:
    with telling(json), Workbench(Settings.from_environment(random_weights=random_weights)) as bench:
        yield bench


@contextlib.contextmanager
def bar(title: str) -> Iterator[Callable[[Step], None]]:
    """A progress bar on a terminal, silence elsewhere. Gives the function that moves it."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda step: shown.update(
            task, completed=step.done, total=step.total or None, description=f"{title} {step.label}"[:60]
        )


@contextlib.contextmanager
def until_interrupted() -> Iterator[Callable[[], bool]]:
    """Ctrl-C, or a polite kill, asks to stop in good order; a second one ends at once."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_findings(found: dict[str, Any], problems: list[str], json: bool, good: str) -> None:
    if json:
        say(found)
    else:
        for name, value in found.items():
            if name != "problems":
                screen.print(f"{name.replace('_', ' '):18} {value}", highlight=False)
        for problem in problems:
            screen.print(f"! {problem}", style="red")
        if not problems:
            screen.print(good, style="green")
    if problems:
        raise typer.Exit(1)
