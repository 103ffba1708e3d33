"""The command that searches: what in this library looks like this?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from core import answers, exporting
from core.commands import words
from core.commands.terminal import Encoder, Json, Random, say, screen, workbench
from core.errors import BadInput
from core.searching import TOP, Found, Results, Searcher, read

Names = list[str] | None


def search(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY...",
            help='clip:ID@2.0-4.5 label:NAME concept:NAME action:NAME text:"WORDS" file:PATH, joined by AND, -; several at once',
        ),
    ],
    top: Annotated[int, typer.Option("--top", help="How many matches.")] = TOP,
    moments: Annotated[bool, typer.Option("--moments", help="Every moment of a clip that matches, not only its best.")] = False,
    own: Annotated[str, typer.Option(help="Matches of the query's own source: mark, show or hide.")] = "mark",
    no_fold: Annotated[bool, typer.Option("--no-fold", help="Do not put clips that are nearly the same under one.")] = False,
    more: Annotated[Names, typer.Option(metavar="ID@2.0-4.5", help="A match that is right.")] = None,
    less: Annotated[Names, typer.Option(metavar="ID@2.0-4.5", help="A match that is wrong.")] = None,
    label: Annotated[Names, typer.Option(help="Only clips of this label; several mean any; '' is none.")] = None,
    source: Annotated[Names, typer.Option(help="Only clips of this source.")] = None,
    after: Annotated[str, typer.Option(metavar="DAY", help="Only clips added on 2026-11-24 or later, UTC.")] = "",
    before: Annotated[str, typer.Option(metavar="DAY", help="Only clips added before.")] = "",
    shortest: Annotated[str, typer.Option("--min", metavar="SECONDS", help="Only clips that last so long.")] = "",
    longest: Annotated[str, typer.Option("--max", metavar="SECONDS", help="Only clips that last no longer.")] = "",
    synthetic: Annotated[str, typer.Option(metavar="only|no", help="Only drawn clips, or none.")] = "",
    weight: Annotated[Names, typer.Option("--weight", metavar="STREAM=NUMBER", help="How much a stream counts.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Also write the matches to this file.")] = None,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """What in the library looks like this? The best moment of each clip, the most alike first."""
    with workbench(json, random_weights=random_weights) as bench:
        written = {
            "q": texts,
            "encoder": encoder or "",
            "top": str(top),
            "moments": str(int(moments)),
            "own": own,
            "fold": str(int(not no_fold)),
            "more": [_clip(text) for text in more or ()],
            "less": [_clip(text) for text in less or ()],
            "label": label or [],
            "source": source or [],
            "after": after,
            "before": before,
            "min": shortest,
            "max": longest,
            "synthetic": synthetic,
            "w": [text.replace("=", ":", 1) for text in weight or ()],
        }
        asked, complaints = read(written, files=True)
        if complaints:
            raise BadInput(complaints[0])
        words.fetch_if_needed(bench, asked.queries, encoder)
        found = Searcher(bench).find(asked)
        if csv:
            exporting.write_bytes(csv, exporting.search_csv(found).encode())
        if json:
            say(answers.search(found))
        else:
            _print(found)


def _clip(text: str) -> str:
    return text if ":" in text else f"clip:{text}"


def _print(found: Results) -> None:
    screen.print(found.sentence, highlight=False, style="bold")
    words.tell(found.understood)
    table = Table("", "similarity", "percentile", "seconds", "label", "source", "name", "clip")
    for match in found.matches:
        for one in (match, *match.folded):
            table.add_row(*_row(one, folded=one is not match))
    screen.print(table)
    windows = f"{found.windows:,} windows of {found.clips:,} clips in {found.seconds:.2f} s"
    left = [f"{found.filtered_windows:,} windows filtered out"] if found.filtered_windows else []
    left += [f"{found.hidden:,} clips of the query's own source hidden"] if found.hidden else []
    screen.print(", ".join([f"{found.provenance.encoder}: {windows}", *left]), style="dim", highlight=False)


def _row(one: Found, *, folded: bool) -> tuple[str, ...]:
    place = "-" if one.percentile != one.percentile else f"{one.percentile:.1f}"
    return (
        "=" if folded else str(one.rank),
        f"{one.similarity:.2f}",
        place,
        f"{one.start_seconds:.1f}-{one.end_seconds:.1f}",
        one.clip.label,
        f"{one.clip.source}{' (own)' if one.own_source else ''}",
        one.clip.name,
        one.clip.clip_id[:8],
    )
