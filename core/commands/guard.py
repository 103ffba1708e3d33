"""The command that watches: a camera, a webcam, a file played in its own time, or a folder for new files."""

from __future__ import annotations

import contextlib
import json as json_text
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from typing import Annotated, Any

import typer

from core import answers
from core.acting import Messenger
from core.arrivals import Arrivals
from core.commands.terminal import Random, complaints, screen, telling, until_interrupted
from core.decoding import streams
from core.errors import BadClip, BadInput, MotionbookError
from core.flags import Flag
from core.guarding import LOOK_SECONDS, TAKE_SECONDS, Eye, act
from core.onlooking import Seen
from core.rules import FLAGGED, Rule, Rulebook
from core.settings import Settings
from core.watching import Watch, Watcher
from core.workbench import Workbench

Names = list[str] | None


def watch(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="rtsp://..., http://..., webcam:0, FILE or FOLDER")],
    concept: Annotated[Names, typer.Option("--concept", metavar="NAME", help="What to look for; several may be named.")] = None,
    rule: Annotated[Names, typer.Option("--rule", metavar="NAME", help="An armed rule that acts on what is seen here.")] = None,
    seconds: Annotated[float, typer.Option("--for", metavar="SECONDS", help="End after so long; else at Ctrl-C.", min=0)] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="JSON lines: one object for each flag as it fires.")] = False,
    random_weights: Random = False,
) -> None:
    """Watch SOURCE until it ends: what begins and what is over, as it happens. A rule that says "exit" ends it with status 4."""
    settings = Settings.from_environment(random_weights=random_weights)
    with telling(json), _lines(json), Workbench(settings) as bench, until_interrupted() as interrupted:
        rules = [_armed(Rulebook(bench), name) for name in rule or ()]
        names = tuple(dict.fromkeys([*(concept or ()), *(one.concept for one in rules)]))
        if not names:
            raise BadInput("watch () must be told what to look for; give --concept or --rule")
        end = time.monotonic() + seconds if seconds else float("inf")
        teller = Teller(bench, rules, json)
        try:
            look = _folder if Path(source).is_dir() else _stream
            look(bench, source, Watch(names), teller, lambda: interrupted() or teller.leave or time.monotonic() >= end)
        except MotionbookError:
            teller.close(silent=True)
            raise
        teller.close()
        if teller.leave:
            raise typer.Exit(FLAGGED)


@contextlib.contextmanager
def _lines(json: bool) -> Iterator[None]:
    """An error as a line among the lines."""
    try:
        yield
    except MotionbookError as error:
        if not json:
            raise
        _print(answers.error(error))
        raise typer.Exit(3) from error


def _print(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json_text.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


class Teller:
    """Prints what is seen, and lets rules act. ``leave``: one of them ends the command."""

    def __init__(self, bench: Workbench, rules: Sequence[Rule], json: bool) -> None:
        self._book, self._rules, self._json = Rulebook(bench), rules, json
        self._messenger = Messenger() if any("webhook" in rule.actions for rule in rules) else None
        self._began, self._words = time.monotonic(), ""
        self.leave = False
        self.flags, self.windows = 0, 0

    def flag(self, flag: Flag, place: str, *, event: str = "flag", late_seconds: float | None = None) -> None:
        """``event``: "began" and "ended" of a stream, "flag" of a file."""
        late = {} if late_seconds is None else {"late_seconds": round(late_seconds, 3)}
        self._line({"event": event, **flag.as_dict(), **late, "where": place})
        if event == "ended":
            return
        self.flags += 1
        for rule in self._rules:
            if rule.fires_for(flag.concept):
                act(self._book, self._messenger, rule, flag, place)
                self.leave = self.leave or "exit" in rule.actions

    def say(self, words: str) -> None:
        """How the source is; each change once."""
        if words != self._words:
            self._words = words
            if self._json:
                self._line({"event": "state", "words": words})
            else:
                complaints.print(words, style="dim", highlight=False)

    def close(self, *, silent: bool = False) -> None:
        """Send what waits, and say how it went."""
        if self._messenger is not None:
            self._messenger.close()
        if silent:
            return
        seconds = round(time.monotonic() - self._began, 3)
        self._line({"event": "end", "flags": self.flags, "windows": self.windows, "seconds": seconds})

    def _line(self, line: dict[str, Any]) -> None:
        if self._json:
            _print(line)
        elif line["event"] == "end":
            screen.print(
                f"{line['flags']} flags, {line['windows']} windows in {line['seconds']:.0f} s", style="dim", highlight=False
            )
        elif "concept" in line:
            late = f", {line['late_seconds']:.1f} s late" if "late_seconds" in line else ""
            span = f"{line['start_seconds']:.1f}-{line['end_seconds']:.1f} s"
            sure = f"{line['similarity']:.2f}, {100 * line['confidence']:.0f} % sure{late}"
            screen.print(f"{line['event']:5} {line['concept']} {span} in {line['where']}: {sure}", highlight=False)


def _armed(book: Rulebook, name: str) -> Rule:
    rule = book.named(name)
    if not rule.armed:
        raise BadInput(f"rule ({name}) must be armed; try it with a dry run and arm it on the Watch page")
    return rule


def _stream(bench: Workbench, source: str, watch: Watch, teller: Teller, should_stop: Callable[[], bool]) -> None:
    """The person at this machine's own command line may name any camera; the kinds of addresses are the same as everywhere."""
    address = f"{streams.FILE}{Path(source).absolute()}" if Path(source).is_file() else source
    place = Path(source).name if address.startswith(streams.FILE) else streams.shown(address)
    heard: Queue[Seen] = Queue()
    eye = Eye(bench, address, watch, heard.put, hosts=streams.trusting(address, bench.settings.stream_hosts))

    def tell() -> None:
        seen = heard.get(timeout=TAKE_SECONDS)
        event = "ended" if seen.over else "began"
        teller.flag(seen.flag, place, event=event, late_seconds=None if seen.over else seen.late_seconds)

    try:
        while not should_stop():
            over = eye.over
            teller.say(eye.state.words)
            try:
                tell()
            except Empty:
                if over:
                    break
    finally:
        eye.close()
        teller.windows = eye.onlooker.windows
    while not heard.empty():
        tell()


def _folder(bench: Workbench, source: str, watch: Watch, teller: Teller, should_stop: Callable[[], bool]) -> None:
    folder, watcher = Path(source).absolute(), Watcher(bench)
    watcher.panel(watch)  # what is wrong with the concepts is told now, not with the first file
    arrivals = Arrivals(folder)
    while not should_stop():
        for path in arrivals.look(time.monotonic()):
            try:
                found = watcher.scan_file(path, watch, should_stop=should_stop)
                teller.windows += found.windows
                for flag in found.flags:
                    teller.flag(flag, path.name)
            except BadClip as error:
                teller.say(f"{error.reason}: {error}")
            arrivals.done(path)
        teller.say(f"watching {folder.name} for new files")
        time.sleep(LOOK_SECONDS)
