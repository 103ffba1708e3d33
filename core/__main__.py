"""The command line: a thin face over the workbench, and the contract for scripts.

Exit status: 0 all was done; 1 something was refused or found wrong; 2 the command was misspelt; 3 an error, named.
With ``--json`` standard output holds one JSON object and nothing else, an error included; only a misspelt command gives none.
"""

from __future__ import annotations

import contextlib
import json as json_text
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from core import answers, checkup, encoders, exporting, manifest, queries, weights
from core.clips import Progress as Step
from core.errors import BadInput, MotionbookError
from core.ingesting import AddReport
from core.settings import Settings
from core.workbench import Workbench

app = typer.Typer(
    help="Compare human actions in video.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
weights_app = typer.Typer(help="The networks' weights on this machine.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")

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


@app.command()
def add(
    paths: Annotated[list[Path] | None, typer.Argument(help="Video files, or folders to search for them.")] = None,
    manifest_file: Annotated[Path | None, typer.Option("--manifest", help="CSV with the columns path,label,group.")] = None,
    label: Annotated[str, typer.Option(help="Label for all of them.")] = "",
    labels_from_folders: Annotated[
        bool, typer.Option("--labels-from-folders", help="The parent folder's name as label.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Only finish what an interrupted add left.")] = False,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Add clips to the library. Without PATH, all files of the manifest are added; with both, it gives their labels."""
    with workbench(json, random_weights=random_weights) as bench:
        if resume:
            job_ids = bench.unfinished()
        else:
            job_ids = [bench.enqueue(_items(paths or [], manifest_file, label, labels_from_folders), encoder)]
        with bar("adding") as move, until_interrupted() as interrupted:
            reports = [bench.run_job(job_id, on_progress=move, should_stop=interrupted) for job_id in job_ids]
            stopped = interrupted()
        report = _sum(reports)
        if json:
            say(answers.add(report))
        else:
            _print_report(report)
        if stopped:
            complaints.print("Interrupted; nothing is lost. `python -m core add --resume` adds the rest.")
        if report.refused or stopped:
            raise typer.Exit(1)


def _items(paths: list[Path], manifest_file: Path | None, label: str, labels_from_folders: bool) -> list[manifest.Item]:
    if not paths and manifest_file is None:
        raise BadInput("add must be told what to add; name files, folders or a --manifest")
    if label and labels_from_folders:
        raise BadInput("--label and --labels-from-folders must not be given together; choose one")
    said = manifest.read(manifest_file) if manifest_file else []
    if not paths:
        return said
    items = manifest.expand(paths, label=label, labels_from_folders=labels_from_folders)
    if not items:
        raise BadInput(f"{', '.join(map(str, paths))} must hold video files; none was found by its suffix")
    return manifest.annotate(items, said)


def _sum(reports: list[AddReport]) -> AddReport:
    return AddReport(
        sum(report.added for report in reports),
        sum(report.duplicates for report in reports),
        tuple(refusal for report in reports for refusal in report.refused),
        sum(report.windows for report in reports),
        sum(report.seconds for report in reports),
        sum(report.cancelled for report in reports),
    )


def _print_report(report: AddReport) -> None:
    screen.print(
        f"{report.added} added, {report.duplicates} already here, {len(report.refused)} refused; "
        f"{report.windows} windows in {report.seconds:.1f} s"
    )
    for refusal in report.refused:
        screen.print(f"  {refusal.path}: {refusal.reason}: {refusal.message}", highlight=False, soft_wrap=True)


@app.command()
def compare(
    texts: Annotated[list[str], typer.Argument(metavar="QUERY QUERY...", help="label:NAME clip:ID action:NAME file:PATH")],
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """How alike are two or more actions?"""
    with workbench(json, random_weights=random_weights) as bench:
        if len(texts) < 2:
            raise BadInput(
                f"compare must be given at least two queries, not {len(texts)}; for example label:running label:jogging"
            )
        result = bench.compare([queries.parse(text) for text in texts], encoder)
        provenance = bench.provenance(encoder)
        if json:
            say(answers.compare(result, provenance))
            return
        names = [str(side.query) for side in result.sides]
        screen.print(_table(names, names, result.centred, "Centred similarity (0 = any two clips of this library)"))
        screen.print(_table(names, names, result.percentile, "Percentile in the library's background", digits=0))
        screen.print(f"{provenance.encoder}, {provenance.clips} clips of {provenance.sources} sources", style="dim")


def _table(rows: list[str], columns: list[str], values: Any, title: str, digits: int = 2) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    for name, row in zip(rows, values, strict=True):
        table.add_row(name, *("-" if value != value else f"{value:.{digits}f}" for value in row))
    return table


@app.command()
def matrix(
    out: Annotated[Path, typer.Option(help="FILE.html, FILE.png or FILE.csv")],
    by: Annotated[str, typer.Option(help="label or clip")] = "label",
    encoder: Encoder = None,
    json: Json = False,
) -> None:
    """The heatmap of the whole library as a file."""
    from core import figures, pictures  # plotly and matplotlib take a second to import; only this command needs them

    with workbench(json) as bench:
        if by not in ("label", "clip"):
            raise BadInput(f"--by ({by!r}) must be label or clip")
        kind = out.suffix.lower()
        if kind not in (".html", ".png", ".csv"):
            raise BadInput(f"--out ({out.name}) must end in .html, .png or .csv")
        result, provenance = bench.matrix(by, encoder), bench.provenance(encoder)
        title = f"Similarity by {by}"
        if kind == ".csv":
            exporting.write_bytes(out, exporting.matrix_csv(result).encode())
        elif kind == ".png":
            exporting.write_bytes(
                out, pictures.heatmap_png(result.similarity, result.names, result.names, title=title, provenance=provenance)
            )
        else:
            figure = figures.heatmap(result.similarity, result.names, result.names, title=title, provenance=provenance)
            exporting.write_bytes(out, figures.to_html(figure).encode())
        if json:
            say({**answers.matrix(result, provenance), "out": str(out)})
        else:
            screen.print(f"{out}: {len(result.names)} x {len(result.names)}")


@app.command()
def evaluate(encoder: Encoder = None, json: Json = False) -> None:
    """How well does an encoder separate the library's own labels, never across one source?"""
    with workbench(json) as bench:
        result = bench.evaluate(encoder)
        if json:
            say(answers.evaluation(result))
            return
        for name, value in answers.evaluation(result).items():
            screen.print(f"{name.replace('_', ' '):24} {value:.3f}" if isinstance(value, float) else f"{name:24} {value}")


@app.command()
def export(out: Annotated[Path, typer.Argument(help="FILE.npz")], encoder: Encoder = None, json: Json = False) -> None:
    """All window embeddings as an NPZ file."""
    with workbench(json) as bench:
        if out.suffix != ".npz":
            raise BadInput(f"export file ({out.name}) must end in .npz")
        provenance = bench.provenance(encoder)
        gallery = bench.library.gallery(bench.fingerprint(encoder))
        exporting.save_npz(out, gallery, {clip.clip_id: clip for clip in bench.library.clips()}, provenance)
        rows, dimension = gallery.vectors.shape
        say({"out": str(out), "windows": rows, "dimension": dimension}) if json else screen.print(f"{out}: {rows} x {dimension}")


@app.command("list")
def list_clips(
    deleted: Annotated[bool, typer.Option("--deleted", help="What was removed and can still be restored.")] = False,
    json: Json = False,
) -> None:
    """The clips of the library."""
    with workbench(json) as bench:
        clips = bench.library.clips(deleted=deleted)
        if json:
            say({"clips": [answers.clip(clip) for clip in clips]})
            return
        table = Table("clip", "label", "source", "seconds", "name")
        for clip in clips:
            table.add_row(clip.clip_id[:12], clip.label, clip.source, f"{clip.info.duration_seconds:.1f}", clip.name)
        screen.print(table)
        screen.print(f"{len(clips)} clips")


@app.command()
def remove(clips: Clips, json: Json = False) -> None:
    """Take clips out of every answer. `restore` brings them back; `erase` is for ever."""
    _change(clips, json, "removed", lambda bench, ids: bench.library.delete(ids))


@app.command()
def restore(clips: Clips, json: Json = False) -> None:
    """Bring removed clips back."""
    _change(clips, json, "restored", lambda bench, ids: bench.library.restore(ids), deleted=True)


@app.command()
def erase(clips: Clips, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, json: Json = False) -> None:
    """Destroy clips: no byte of the file, its thumbnail or its vectors stays in the library."""
    if not yes and not (sys.stdin.isatty() and typer.confirm(f"Erase {len(clips)} clip(s) for ever?", err=True)):
        with telling(json):
            raise BadInput("erase must be confirmed; answer yes, or add --yes in a script")
    _change(clips, json, "erased", lambda bench, ids: bench.library.erase(ids), deleted=None)


def _change(
    texts: list[str], json: bool, done: str, change: Callable[[Workbench, list[str]], object], deleted: bool | None = False
) -> None:
    with workbench(json) as bench:
        ids = [bench.library.clip(text, deleted=deleted).clip_id for text in texts]
        change(bench, ids)
        say({done: ids}) if json else screen.print(f"{len(ids)} {done}")


@app.command()
def verify(json: Json = False) -> None:
    """Check every stored byte: media against their hashes, the ledger, the index."""
    with workbench(json) as bench:
        problems = bench.library.problems()
        _tell_findings({"problems": problems, "clips": len(bench.library.clips())}, problems, json, "Everything is sound.")


@app.command()
def doctor(json: Json = False) -> None:
    """What this machine has, and what is missing."""
    with telling(json):
        found = checkup.examine(Settings.from_environment())
        _tell_findings(found, found["problems"], json, "Nothing is missing.")


def _tell_findings(found: dict[str, Any], problems: list[str], json: bool, good: str) -> None:
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


@app.command("encoders")
def list_encoders(json: Json = False) -> None:
    """The networks that can embed clips."""
    with workbench(json) as bench:
        rows = [_encoder_row(bench, name) for name in encoders.names()]
        if json:
            say({"default": bench.settings.encoder, "encoders": rows})
            return
        table = Table("encoder", "ready", "clips", "D", "window", "title")
        for row in rows:
            ready = "yes" if row["ready"] else "weights missing"
            table.add_row(
                row["encoder"], ready, str(row["clips"]), str(row["dimension"]), f"{row['window_seconds']:g} s", row["title"]
            )
        screen.print(table)


def _encoder_row(bench: Workbench, name: str) -> answers.Answer:
    spec = encoders.spec(name)
    ready = weights.status(spec, bench.settings.cache).ready
    count = bench.library.count_embedded(bench.fingerprint(name)) if ready else 0
    return answers.encoder(spec, ready=ready, embedded_clips=count)


@weights_app.command("list")
def weights_list(json: Json = False) -> None:
    """Which weights are here."""
    with telling(json):
        cache = Settings.from_environment().cache
        rows = [answers.weights(weights.status(encoders.spec(name), cache)) for name in encoders.names()]
        if json:
            say({"cache": str(cache), "weights": rows})
            return
        table = Table("encoder", "ready", "licence", "source")
        for row in rows:
            table.add_row(row["encoder"], "yes" if row["ready"] else "no", row["licence"], row["source"])
        screen.print(table)


@weights_app.command("fetch")
def weights_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Encoders; the default one when none is named.")] = None,
    json: Json = False,
) -> None:
    """Download, verify and convert weights. Does nothing for what is here and sound."""
    with telling(json):
        settings = Settings.from_environment()
        paths: dict[str, str | None] = {}
        for name in names or [settings.encoder]:
            with bar(f"fetching {name}") as move:
                stored = weights.fetch(encoders.spec(name), settings.cache, progress=move)
                paths[name] = str(stored) if stored else None
        if json:
            say({"fetched": paths})
        else:
            for name, path in paths.items():
                screen.print(f"{name}: {path or 'needs no weights'}", highlight=False, soft_wrap=True)


@weights_app.command("import")
def weights_import(name: str, file: Path, json: Json = False) -> None:
    """Take weights from a file, for machines without internet."""
    with telling(json):
        path = weights.import_file(encoders.spec(name), file, Settings.from_environment().cache)
        say({"imported": {name: str(path)}}) if json else screen.print(f"{name}: {path}", highlight=False)


@weights_app.command("verify")
def weights_verify(json: Json = False) -> None:
    """Check the weights that are here against their hashes."""
    with telling(json):
        cache, problems, sound = Settings.from_environment().cache, [], []
        for name in encoders.names():
            spec = encoders.spec(name)
            if spec.needs_weights and weights.status(spec, cache).ready:
                try:
                    weights.verify(spec, cache)
                    sound.append(name)
                except MotionbookError as failure:
                    problems.append(str(failure))
        _tell_findings({"sound": sound, "problems": problems}, problems, json, "All weights that are here are sound.")


def main() -> NoReturn:
    app()
    raise SystemExit(0)


if __name__ == "__main__":
    main()
