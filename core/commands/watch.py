"""The commands that look for concepts: a scan of files, folders and clips, a dry run, and the flags that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import answers, cutlists, exporting, queries
from core.clips import clip_name
from core.commands.terminal import Encoder, Json, Random, bar, complaints, say, screen, until_interrupted, workbench
from core.errors import BadInput, BadQuery, UnknownName, from_reason
from core.flagging import Reading
from core.flags import Flag
from core.lessons import lesson_of
from core.looking import DryRun
from core.rules import FLAGGED
from core.teaching import Teacher
from core.watching import ScanReport, Watch, Watcher
from core.workbench import Workbench

_USUAL = Reading()
_CLIPS = ("label", "source", "clip", "clips")

flags_app = typer.Typer(help="What scans found: list it, say what is right, take it along.", no_args_is_help=True)

Concepts = Annotated[list[str] | None, typer.Option("--concept", help="What to look for; several may be named.")]
Ids = Annotated[list[int], typer.Argument(metavar="FLAG...", help="Numbers of flags; see `flags list`.")]
OfScan = Annotated[int | None, typer.Option("--scan", help="Only of this scan.")]
OfConcept = Annotated[str, typer.Option("--concept", help="Only of this concept.")]
OfVerdict = Annotated[str | None, typer.Option("--verdict", help="Only accepted, rejected or open ones.")]


def scan(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|FOLDER|QUERY...", help="Files, folders, or clips: label:NAME source:NAME clip:ID."),
    ] = None,
    concept: Concepts = None,
    smoothing: Annotated[float, typer.Option(help="Seconds over which scores are smoothed.", min=0)] = _USUAL.smoothing_seconds,
    off: Annotated[
        float, typer.Option(help="A flag lasts while the odds are this share of those that begin it.")
    ] = _USUAL.off_share,
    minimum: Annotated[float, typer.Option(help="Seconds that a flag must last.", min=0)] = _USUAL.minimum_seconds,
    gap: Annotated[float, typer.Option(help="Flags nearer than these seconds are one.", min=0)] = _USUAL.gap_seconds,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="What would have fired in the library, or in these clips; nothing is kept.")
    ] = False,
    resume: Annotated[int | None, typer.Option("--resume", metavar="SCAN", help="Go on with a scan that was stopped.")] = None,
    fail_on_flag: Annotated[bool, typer.Option("--fail-on-flag", help=f"End with status {FLAGGED} when anything fires.")] = False,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Where in files, folders or clips does a concept show? What is found is kept, with how far the scan came."""
    with workbench(json, random_weights=random_weights) as bench:
        watcher = Watcher(bench)
        if resume is None and not concept:
            raise BadInput("--concept must name what to look for; see `concepts list`, or teach one with `teach`")
        if resume is not None:
            watcher.resume(resume, background=False)
            done, single = _run(watcher, resume), False
        else:
            watch = Watch(tuple(concept or ()), Reading(smoothing, off, minimum, gap), encoder or "")
            clips, paths = _places(bench, texts or [])
            if dry_run:
                _tell_dry_run(bench, _dry_run(watcher, watch, clips, paths, texts or []), json, fail_on_flag)
                return
            single = len(texts or []) == 1 and len(paths) == 1 and not paths[0].is_dir()
            title = clip_name(", ".join(Path(text).name or text for text in texts or []))
            scan_id = watcher.begin(title, watch, clips=clips, paths=paths, background=False)
            done = _run(watcher, scan_id)
        if single and done.refused and not done.flags:
            watcher.forget(done.scan_id)
            raise from_reason(done.refused[0].reason, done.refused[0].message)
        _tell(bench, done, json, single=single)
        if done.state != "done":
            complaints.print(f"Interrupted; nothing is lost. `python -m core scan --resume {done.scan_id}` goes on.")
        if fail_on_flag and done.flags:
            raise typer.Exit(FLAGGED)
        if done.refused or done.state != "done":
            raise typer.Exit(1)


def _run(watcher: Watcher, scan_id: int) -> ScanReport:
    with bar("scanning") as move, until_interrupted() as interrupted:
        return watcher.run(scan_id, move, interrupted)


def _places(bench: Workbench, texts: Sequence[str]) -> tuple[list[str], list[Path]]:
    """Ids of clips, and files or folders. Raises BadInput, UnknownName."""
    clips: list[str] = []
    paths: list[Path] = []
    for text in texts:
        if (path := Path(text).expanduser()).exists():
            paths.append(path)
            continue
        try:
            query = queries.parse(text)
        except BadQuery as error:
            raise BadInput(
                f"{text[:80]} must be a file or folder that is here, or clips such as label:running; {error}"
            ) from error
        if query.kind == "file":
            paths.append(Path(query.value).expanduser())
        else:
            clips += _clips(bench, query)
    return clips, paths


def _clips(bench: Workbench, query: queries.Query) -> list[str]:
    if query.kind not in _CLIPS or query.span:
        raise BadInput(f"what is scanned ({str(query)[:60]}) must be whole clips: label:, source:, clip: or clips:; name these")
    if query.kind in ("clip", "clips"):
        return [bench.library.clip(beginning).clip_id for beginning in query.value.split(",")]
    found = [clip.clip_id for clip in bench.library.clips() if getattr(clip, query.kind) == query.value]
    if not found:
        raise UnknownName(f"{query.kind} ({query.value[:60]}) must be one of the library's; see `list`")
    return found


def _dry_run(watcher: Watcher, watch: Watch, clips: Sequence[str], paths: Sequence[Path], texts: Sequence[str]) -> DryRun:
    if paths:
        raise BadInput(f"a dry run ({paths[0]}) must be over clips of the library; add the file first, or scan it")
    return watcher.dry_run(watch, clips if texts else None)


def _tell_dry_run(bench: Workbench, found: DryRun, json: bool, fail_on_flag: bool) -> None:
    if json:
        told = {"clips": found.clips, "taught": found.taught, "unseen": found.unseen, "days": round(found.days, 3)}
        flags = [answers.flag(one) for one in found.flags]
        say({"sentence": found.sentence, "flags": flags, "footage_seconds": round(found.seconds, 3), **told})
    else:
        screen.print(found.sentence, highlight=False, style="bold", soft_wrap=True)
        screen.print(_table(bench, found.flags))
    if fail_on_flag and found.flags:
        raise typer.Exit(FLAGGED)


def _tell(bench: Workbench, done: ScanReport, json: bool, *, single: bool) -> None:
    if json:
        refused = [{"path": one.name, "reason": one.reason, "message": one.message} for one in done.refused]
        several = {} if single else {"scan": done.scan_id, "state": done.state, "refused": refused}
        say({**answers.scan(done.flags, done.seconds, done.windows, with_file=not single), **several})
        return
    screen.print(_table(bench, done.flags))
    screen.print(
        f"{len(done.flags)} flags; {done.windows:,} windows in {done.seconds:.1f} s (scan {done.scan_id})", highlight=False
    )
    for one in done.refused:
        screen.print(f"  {one.name}: {one.reason}: {one.message}", highlight=False, soft_wrap=True)


def _table(bench: Workbench, flags: Sequence[Flag]) -> Table:
    names = {clip.clip_id: clip.name for clip in [*bench.library.clips(), *bench.library.clips(deleted=True)]}
    table = Table("flag", "concept", "where", "from", "to", "peak", "sure", "similarity", "verdict")
    for flag in flags:
        times = (f"{value:.1f} s" for value in (flag.start_seconds, flag.end_seconds, flag.peak_seconds))
        where = names.get(flag.clip_id) or Path(flag.path).name
        sure = (f"{100 * flag.confidence:.0f} %", f"{flag.similarity:.2f}")
        table.add_row(str(flag.flag_id or "-"), flag.concept, where, *times, *sure, flag.verdict)
    return table


# -- flags ---------------------------------------------------------------------------------------------------------------------


@flags_app.command("list")
def list_flags(of_scan: OfScan = None, concept: OfConcept = "", verdict: OfVerdict = None, json: Json = False) -> None:
    """The flags of all scans."""
    with workbench(json) as bench:
        found = _chosen(Watcher(bench), of_scan, concept, verdict)
        if json:
            say({"flags": [answers.flag(one) for one in found]})
        else:
            screen.print(_table(bench, found))


@flags_app.command()
def accept(flags: Ids, json: Json = False) -> None:
    """These are right."""
    _decide(flags, "accepted", json)


@flags_app.command()
def reject(flags: Ids, json: Json = False) -> None:
    """These are false alarms."""
    _decide(flags, "rejected", json)


@flags_app.command("reopen")
def reopen(flags: Ids, json: Json = False) -> None:
    """Take back what was said of these."""
    _decide(flags, "", json)


def _decide(flags: list[int], verdict: str, json: bool) -> None:
    with workbench(json) as bench:
        before = Watcher(bench).decide(flags, verdict)
        told = {"verdict": verdict, "flags": [{"flag": flag_id, "before": before[flag_id]} for flag_id in before]}
        say(told) if json else screen.print(f"{len(before)} {verdict or 'open'}")


@flags_app.command("export")
def export_flags(
    out: Annotated[Path, typer.Argument(help="FILE.csv, .json, .vtt, .ffconcat, or .zip for the clips of the flags.")],
    of_scan: OfScan = None,
    concept: OfConcept = "",
    verdict: OfVerdict = None,
    json: Json = False,
) -> None:
    """The flags as a file for other programs: a table, JSON, subtitles, a cut list for FFmpeg, or their clips."""
    with workbench(json) as bench:
        found, form = _chosen(Watcher(bench), of_scan, concept, verdict), out.suffix.lower().removeprefix(".")
        if not found:
            raise BadInput("flags to export must be at least one; choose fewer conditions, or scan something first")
        if form == "zip":
            cutlists.zip_clips(bench, found, out)
        elif form in cutlists.FORMS:
            about = {"concepts": ", ".join(sorted({flag.concept for flag in found}))}
            made = cutlists.exported(bench, found, form, about)
            out = out.with_name(f"{out.name}.zip") if made.name.endswith(".zip") else out  # a file for each film
            exporting.write_bytes(out, made.content)
        else:
            raise BadInput(f"export file ({out.name}) must end in .{', .'.join(cutlists.FORMS)} or .zip; rename it")
        say({"out": str(out), "flags": len(found)}) if json else screen.print(f"{out}: {len(found)} flags", highlight=False)


@flags_app.command()
def recalibrate(name: Annotated[str, typer.Argument(help="Name of the concept.")], json: Json = False) -> None:
    """Choose a concept's threshold anew by the flags that were accepted and rejected."""
    with workbench(json) as bench:
        found = Watcher(bench).recalibrate(name)
        if json:
            thresholds = [one.value for one in found.concept.thresholds]
            told = {"accepted": found.accepted, "rejected": found.rejected, "left_out": found.left_out}
            say({"concept": name, "sentence": found.sentence, "thresholds": thresholds, **told})
        else:
            screen.print(found.sentence, highlight=False, soft_wrap=True)


@flags_app.command()
def learn(name: Annotated[str, typer.Argument(help="Name of the concept.")], json: Json = False) -> None:
    """Teach a concept again with the flags of clips that were accepted and rejected as further examples."""
    with workbench(json) as bench:
        teacher, more = Teacher(bench), Watcher(bench).examples(name)
        if not more:
            raise BadInput(
                f"flags of {name[:60]} that were looked at (0) must be at least 1, in clips of the library; accept some"
            )
        concept = teacher.get(name)
        lesson = lesson_of(replace(concept, examples=(*concept.examples, *more)))
        with bar("teaching") as move, until_interrupted() as interrupted:
            taught = teacher.teach(lesson, move, interrupted)
        if json:
            say({"concept": taught.name, "learnt": len(more), "examples": len(taught.examples), "why": taught.chosen})
        else:
            screen.print(f"{len(more)} further examples, {len(taught.examples)} in all. {taught.chosen}", soft_wrap=True)


@flags_app.command("scans")
def list_scans(json: Json = False) -> None:
    """The scans there are, the newest first."""
    with workbench(json) as bench:
        found = Watcher(bench).scans(limit=1000)
        if json:
            say({"scans": [answers.scan_row(one) for one in found]})
            return
        table = Table("scan", "title", "state", "done", "flags", "")
        for one in found:
            table.add_row(str(one.scan_id), one.title, one.state, f"{one.done} of {one.total}", str(one.flags), one.message)
        screen.print(table)


def _chosen(watcher: Watcher, of_scan: int | None, concept: str, verdict: str | None) -> list[Flag]:
    if of_scan is not None:
        watcher.scan(of_scan)
    if verdict not in (None, "accepted", "rejected", "open"):
        raise BadInput(f"--verdict ({verdict[:40]!r}) must be accepted, rejected or open; choose one of these")
    return watcher.flags(of_scan, concept=concept, verdict="" if verdict == "open" else verdict)
