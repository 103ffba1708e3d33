"""The commands about choosing an encoder: which one to take, and where two of them disagree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import answers, exporting
from core.adviser import Adviser, Verdict
from core.choosing import SAMPLE_CLIPS, Candidate, duration
from core.commands.terminal import Json, Random, bar, complaints, say, screen, until_interrupted, workbench
from core.disagreeing import Disagreement, RankedPair
from core.errors import BadInput, Cancelled
from core.workbench import Workbench


def choose(
    names: Annotated[list[str] | None, typer.Argument(help="Encoders; all that are ready when none is named.")] = None,
    measure: Annotated[bool, typer.Option("--measure", help="Time them and embed the clips of the exam first.")] = False,
    clips: Annotated[int, typer.Option(help="Labelled clips to embed for the exam; 0 for all.", min=0)] = SAMPLE_CLIPS,
    use: Annotated[str | None, typer.Option(help="From now on use this encoder; the library is embedded with it now.")] = None,
    out: Annotated[Path | None, typer.Option(help="FILE.html: speed against quality as a figure.")] = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Which encoder should this library use? Quality on its own labels against speed on this machine."""
    with workbench(json, random_weights=random_weights) as bench:
        _checked(out)
        adviser = Adviser(bench)
        if measure:
            with bar("measuring") as move, until_interrupted() as interrupted:
                verdict = adviser.measure(names or (), most=clips, report=move, should_stop=interrupted)
        else:
            verdict = adviser.verdict(names or (), most=clips)
        if out is not None:
            _write_chart(verdict, out)
        if use is not None:
            _take_up(bench, use)
        if json:
            told = answers.advice(verdict.advice, verdict.candidates, verdict.failures)
            say({"in_use": bench.default, **told, "out": str(out) if out else None})
        else:
            _print(verdict, bench.default)
        if verdict.failures:
            raise typer.Exit(1)


def _checked(out: Path | None) -> None:
    if out is not None and out.suffix.lower() != ".html":
        raise BadInput(f"--out ({out.name}) must end in .html")


def _take_up(bench: Workbench, encoder: str) -> None:
    """Embed what is missing, here and now; the encoder before it answers until that is done."""
    job_id = bench.use(encoder)
    if job_id is None:
        return
    with bar(f"embedding with {encoder}") as move, until_interrupted() as interrupted:
        bench.run_job(job_id, on_progress=move, should_stop=interrupted)
        if interrupted():
            raise Cancelled(f"embedding was stopped; {bench.default} goes on answering, and `add --resume` embeds the rest")


def _print(verdict: Verdict, in_use: str) -> None:
    table = Table("encoder", "finds it first", "95 %", "a window", "a minute of video", "clips it lacks")
    for one in verdict.candidates:
        table.add_row(one.encoder, *_numbers(one), str(one.missing))
    screen.print(table)
    screen.print(verdict.advice.sentence, highlight=False)
    for note in verdict.advice.notes:
        screen.print(note, style="dim", highlight=False)
    screen.print(f"In use: {in_use}. {verdict.stamp}", style="dim", highlight=False)
    for failure in verdict.failures:
        complaints.print(failure, highlight=False, soft_wrap=True)


def _numbers(one: Candidate) -> tuple[str, str, str, str]:
    quality, pace = ("-", "-"), ("-", "-")
    if one.exam is not None:
        found = one.exam.found_first
        quality = (f"{found.value:.2f}", f"{found.low:.2f} to {found.high:.2f}")
    if one.speed is not None:
        pace = (duration(one.speed.seconds_per_window.median), duration(one.speed.seconds_per_minute.median))
    return (*quality, *pace)


def _write_chart(verdict: Verdict, out: Path) -> None:
    from core import figures  # plotly takes a second to import; only this option needs it
    from core.choosing import chart

    names, seconds, quality = chart(verdict.candidates)
    told = verdict.advice
    figure = figures.speed_quality(
        names, seconds, quality, take=told.take, frontier=told.frontier, title="Speed against quality", stamp=verdict.stamp
    )
    exporting.write_bytes(out, figures.to_html(figure, title="Speed against quality").encode())


def disagree(
    first: str,
    second: str,
    out: Annotated[Path | None, typer.Option(help="FILE.html: the pairs' percentiles as a figure.")] = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Where do two encoders disagree about the library?"""
    with workbench(json, random_weights=random_weights) as bench:
        _checked(out)
        found = Adviser(bench).disagree(first, second)
        if out is not None:
            _write_ranks(found, out)
        if json:
            say({**answers.disagreement(found), "out": str(out) if out else None})
            return
        screen.print(found.sentence, highlight=False)
        screen.print(f"Linear CKA {found.cka:.2f}; Jaccard of the neighbours {found.overlap.jaccard:.2f}", highlight=False)
        for name, other, pairs in ((found.a, found.b, found.alike_in_a), (found.b, found.a, found.alike_in_b)):
            screen.print(_pairs(f"Alike in {name}, not in {other}", found, pairs))


def _pairs(title: str, found: Disagreement, pairs: tuple[RankedPair, ...]) -> Table:
    table = Table("clip", "label", "clip", "label", found.a, found.b, title=title, title_justify="left")
    for pair in pairs:
        clips = (pair.first.clip_id[:12], pair.first.label, pair.second.clip_id[:12], pair.second.label)
        table.add_row(*clips, f"{pair.percentile_a:.1f} %", f"{pair.percentile_b:.1f} %")
    return table


def _write_ranks(found: Disagreement, out: Path) -> None:
    from core import figures  # plotly takes a second to import; only this option needs it

    marked = [
        [(pair.percentile_a, pair.percentile_b, f"{pair.first.name}\n{pair.second.name}") for pair in pairs]
        for pairs in (found.alike_in_a, found.alike_in_b)
    ]
    figure = figures.rank_agreement(
        found.percentiles_a,
        found.percentiles_b,
        (found.a, found.b),
        alike_in_a=marked[0],
        alike_in_b=marked[1],
        title=f"{found.a} against {found.b}",
        stamp=f"{found.pairs:,} pairs of {found.clips:,} clips from {found.sources} sources",
    )
    exporting.write_bytes(out, figures.to_html(figure, title=f"{found.a} against {found.b}").encode())
