"""The commands that ask an encoder for its reasons: what carries a similarity, and how much of it is motion."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from core.colours import signed
from core.commands.terminal import Encoder, Json, Random, bar, say, screen, until_interrupted, workbench
from core.explained import Half, Why
from core.explaining import Explainer
from core.surviving import TOLD, Scenery, percent

Clip = Annotated[str, typer.Argument(metavar="CLIP", help="A clip's id, or a unique beginning of it.")]


def why(first: Clip, second: Clip, encoder: Encoder = None, json: Json = False, random_weights: Random = False) -> None:
    """Why are two clips alike? Places and moments that carry the similarity, found by hiding them."""
    with workbench(json, random_weights=random_weights) as bench:
        with bar("asking why") as move, until_interrupted() as interrupted:
            found = Explainer(bench).why(first, second, encoder, progress=move, should_stop=interrupted)
        if json:
            say({**found.as_dict(), "sentence": found.sentence})
            return
        screen.print(found.sentence, highlight=False)
        for half in (found.a, found.b):
            screen.print(_map(half))
        screen.print(_provenance(found), style="dim", highlight=False)


def _map(half: Half) -> Table:
    """The numbers of a map, in hundredths."""
    window = f"{half.window.start_seconds:.1f} to {half.window.end_seconds:.1f} s"
    table = Table(
        title=f"{half.clip.name}, {window}: hundredths of similarity lost when hidden", title_justify="left", show_header=False
    )
    for row in half.places:
        table.add_row(*(f"{round(100 * value)}" for value in row))
    return table


def _provenance(found: Why) -> str:
    return f"{found.encoder}, similarity {signed(found.similarity, 2)}, {found.passes} windows embedded in {found.seconds:.0f} s"


def scenery(first: Clip, second: Clip, encoder: Encoder = None, json: Json = False, random_weights: Random = False) -> None:
    """Motion or scenery? How much of the similarity of two clips survives without motion, actor or scene."""
    with workbench(json, random_weights=random_weights) as bench:
        with bar("altering") as move, until_interrupted() as interrupted:
            found = Explainer(bench).scenery(first, second, encoder, progress=move, should_stop=interrupted)
        if json:
            say(found.as_dict())
            return
        screen.print(found.sentence, highlight=False)
        screen.print(_survivals(found))


def _survivals(found: Scenery) -> Table:
    table = Table("both clips", "similarity", "survives", "a clip to itself", "other clips")
    chance = "-" if found.chance is None else signed(found.chance, 2)
    table.add_row("as filmed", signed(found.similarity, 2), "", "", chance)
    for one in found.survivals:
        others = "-" if one.chance is None else signed(one.chance, 2)
        table.add_row(TOLD[one.kind], signed(one.similarity, 2), percent(one.survives), signed(one.itself, 2), others)
    for stream in found.streams:
        table.add_row(f"{stream.stream} alone ({stream.weight:.0%})", signed(stream.similarity, 2), "", "", "")
    return table
