"""The command line: a thin face over the workbench, and the contract for scripts.

Exit status: 0 all was done; 1 something was refused or found wrong; 2 the command was misspelt; 3 an error, named;
4 ``scan --fail-on-flag`` found something.
With ``--json`` standard output holds one JSON object and nothing else, an error included; only a misspelt command gives none.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.table import Table

from core import answers, checkup, evidence, exporting, manifest, queries
from core.commands import choosing, guard, models, notebooks, teach, time, watch, words
from core.commands import map as maps
from core.commands import search as searches
from core.commands import why as reasons
from core.commands.terminal import (
    Clips,
    Encoder,
    Json,
    Random,
    bar,
    complaints,
    say,
    screen,
    tell_findings,
    telling,
    until_interrupted,
    workbench,
)
from core.errors import BadInput
from core.ingesting import AddReport
from core.settings import Settings
from core.workbench import Workbench

app = typer.Typer(
    help="Compare human actions in video.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.add_typer(models.weights_app, name="weights")
app.add_typer(notebooks.notebooks_app, name="notebook")
app.add_typer(teach.concepts_app, name="concepts")
app.command("encoders")(models.list_encoders)
app.command()(choosing.choose)
app.command()(choosing.disagree)
app.command()(time.align)
app.command()(time.cadence)
app.command()(time.find)
app.command()(searches.search)
app.command("words")(words.words)
app.command()(teach.teach)
app.command()(reasons.why)
app.command()(reasons.scenery)
app.command("map")(maps.lay_out)
app.command("clusters")(maps.group)
app.command("suspects")(maps.suspect)
app.command("leakage")(maps.leak)
app.command("watch")(guard.watch)
app.command()(watch.scan)
app.add_typer(watch.flags_app, name="flags")


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
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY QUERY...",
            help='label:NAME source:NAME clip:ID@2.0-4.5 concept:NAME action:NAME text:"WORDS" file:PATH, joined by AND and -',
        ),
    ],
    encoder: Encoder = None,
    weight: Annotated[
        list[str] | None, typer.Option("--weight", metavar="STREAM=NUMBER", help="How much a stream counts, such as rgb=0.5.")
    ] = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """How alike are two or more actions?"""
    with workbench(json, random_weights=random_weights) as bench:
        if len(texts) < 2:
            raise BadInput(
                f"compare must be given at least two queries, not {len(texts)}; for example label:running label:jogging"
            )
        asked = [queries.parse(text) for text in texts]
        words.fetch_if_needed(bench, asked, encoder)
        result = bench.compare(asked, encoder, weights=_weights(weight or []))
        alone, provenance = bench.compare_streams(asked, encoder), bench.provenance(encoder)
        found = evidence.findings(result)
        if json:
            say(answers.compare(result, provenance, alone, found))
            return
        for one in (one for one in found.pairs if one.first != one.second):
            screen.print(one.sentence, highlight=False, style="bold")
            for lacking in one.lacks:
                screen.print(f"  {lacking}", highlight=False, style="dim")
        if found.overall:
            screen.print(found.overall.sentence, highlight=False, style="bold")
        words.tell(one for side in result.sides for one in side.understood)
        names = [str(side.query) for side in result.sides]
        screen.print(_table(names, names, result.centred, "Centred similarity (0 = any two clips of this library)"))
        screen.print(_table(names, names, result.percentile, "Percentile in the library's background", digits=0))
        for section, reading in alone:
            screen.print(_table(names, names, reading.centred, f"The {section.stream} stream alone"))
        screen.print(f"{provenance.encoder}, {provenance.clips} clips of {provenance.sources} sources", style="dim")


def _weights(texts: list[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for text in texts:
        stream, _, number = text.partition("=")
        try:
            weights[stream] = float(number)
        except ValueError:
            raise BadInput(f"weight ({text!r}) must be a stream and a number, such as rgb=0.5; correct it") from None
        if not 0 <= weights[stream] < math.inf:
            raise BadInput(f"weight ({text!r}) must be 0 or more; 0 leaves the stream out")
    return weights


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
        told = answers.evaluation(result)
        for method, one in told.pop("clusters").items():
            told |= {f"{method} {name}": value for name, value in one.items()}
        for name, value in told.items():
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
        tell_findings({"problems": problems, "clips": len(bench.library.clips())}, problems, json, "Everything is sound.")


@app.command()
def doctor(json: Json = False) -> None:
    """What this machine has, and what is missing."""
    with telling(json):
        found = checkup.examine(Settings.from_environment())
        tell_findings(found, found["problems"], json, "Nothing is missing.")


def main() -> NoReturn:
    app()
    raise SystemExit(0)


if __name__ == "__main__":
    main()
