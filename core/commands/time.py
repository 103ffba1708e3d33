"""The commands about time: where two clips agree, how a clip repeats itself, and where in a clip something happens."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer
from rich.table import Table

from core.answers import number
from core.cadence import Cadence
from core.clips import Clip
from core.commands.terminal import Encoder, Json, Random, bar, say, screen, until_interrupted, workbench
from core.errors import BadInput
from core.queries import parse
from core.strips import Strip
from core.timelines import Alignment, Span, Timelines
from core.workbench import Workbench

Ranged = Annotated[str, typer.Argument(metavar="CLIP", help="Clip id or its beginning; ID@2.0-4.5 is a range of it in seconds.")]
_BARE = re.compile(r"[0-9a-fA-F]{6,64}(@.*)?")


def align(
    first: Ranged,
    second: Ranged,
    inside: Annotated[bool, typer.Option("--inside", help="Find all of the first somewhere in the second.")] = False,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Where do two clips, or two ranges, agree? The path on which their moments meet."""
    with workbench(json, random_weights=random_weights) as bench:
        asked, times = [_clip_and_span(bench, text) for text in (first, second)], Timelines(bench)
        with bar("reading") as move, until_interrupted() as interrupted:
            lines = [times.timeline(clip.clip_id, encoder, span, progress=move, should_stop=interrupted) for clip, span in asked]
        found = times.align(*lines, within=True if inside else None)
        if json:
            say(alignment(found))
            return
        chance = found.chance
        screen.print(f"similarity along the path {found.score:.2f}; shuffled {chance.mean:.2f}", highlight=False)
        told = "too short to tell from chance" if chance.p_value is None else f"p {chance.p_value:.2f}"
        screen.print(f"{told}; the second at {found.speed:.2f} times the speed of the first", highlight=False)
        table = Table(first, second)
        for a, b in found.path:
            table.add_row(f"{a:.2f} s", f"{b:.2f} s")
        screen.print(table)


def cadence(
    clips: Annotated[list[str], typer.Argument(metavar="CLIP...", help="Clip ids, or ranges such as ID@2.0-4.5.")],
    json: Json = False,
) -> None:
    """How often a minute does a movement repeat? Of a walk or a run: steps."""
    with workbench(json) as bench:
        asked, times = [_clip_and_span(bench, text) for text in clips], Timelines(bench)
        with bar("watching") as move, until_interrupted() as interrupted:
            told = [times.cadence(clip.clip_id, span, progress=move, should_stop=interrupted) for clip, span in asked]
        if json:
            say({"clips": [rhythm(clip, span, one) for (clip, span), one in zip(asked, told, strict=True)]})
            return
        table = Table("clip", "a minute", "from", "to", "confidence", "why not")
        for (clip, _), one in zip(asked, told, strict=True):
            values = ("-" if value is None else f"{value:.0f}" for value in (one.per_minute, one.low, one.high))
            table.add_row(clip.name, *values, f"{one.confidence:.2f}", one.reason)
        screen.print(table)


def find(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, such as label:running.")],
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="Clip id, or its beginning.")],
    fast: Annotated[bool, typer.Option("--fast", help="Only with the windows that the library has already.")] = False,
    encoder: Encoder = None,
    json: Json = False,
    random_weights: Random = False,
) -> None:
    """Where in a long clip does something happen? Its similarity over time, and the peaks."""
    with workbench(json, random_weights=random_weights) as bench:
        found_clip, span = _clip_and_span(bench, clip)
        if span is not None:
            raise BadInput(f"clip ({clip[:60]}) must be a whole clip to be looked through; leave the range out")
        asked = parse(query)
        with bar("reading") as move, until_interrupted() as interrupted:
            found = Timelines(bench).strip(
                asked, found_clip.clip_id, encoder, finer=not fast, progress=move, should_stop=interrupted
            )
        if json:
            spec = bench.spec(encoder)
            say({"query": str(asked), "clip": found_clip.clip_id, "encoder": spec.name, **strip(found)})
            return
        if not found.peaks:
            screen.print(f"{asked} stands out nowhere in {found_clip.name}.", highlight=False)
        table = Table("peak", "from", "to", "similarity")
        for place, peak in enumerate(found.peaks, 1):
            table.add_row(str(place), f"{peak.start_seconds:.1f} s", f"{peak.end_seconds:.1f} s", f"{peak.similarity:.2f}")
        screen.print(table)


def _clip_and_span(bench: Workbench, text: str) -> tuple[Clip, Span | None]:
    """ "3fa9c1", "clip:3fa9c1" or either with a range behind it. Raises BadInput, BadQuery, UnknownName."""
    query = parse(f"clip:{text}" if _BARE.fullmatch(text) else text)
    if query.kind != "clip":
        raise BadInput(f"clip ({text[:60]!r}) must be a clip id, or a range of one such as 3fa9c1@2.0-4.5; see `list`")
    return bench.library.clip(query.value), query.span


def alignment(found: Alignment) -> dict[str, Any]:
    """``path`` are knots (seconds of a, of b), linear between them; ``table`` is every moment of a against every one of b."""
    return {
        "encoder": found.a.encoder,
        "fingerprint": found.a.fingerprint,
        "a": {"clip": found.a.clip.clip_id, "span": list(found.a.span), "seconds": found.a.seconds.round(3).tolist()},
        "b": {"clip": found.b.clip.clip_id, "span": list(found.b.span), "seconds": found.b.seconds.round(3).tolist()},
        "inside": found.within,
        "path": [[round(a, 3), round(b, 3)] for a, b in found.path],
        "similarity": number(found.score),
        "speed": number(found.speed),
        "chance": {
            "similarity": number(found.chance.mean),
            "high": number(found.chance.high),
            "p_value": found.chance.p_value,
            "smallest_p": found.chance.smallest_p,
        },
        "table": found.similarity.round(4).tolist(),
    }


def rhythm(clip: Clip, span: Span | None, told: Cadence) -> dict[str, Any]:
    return {
        "clip": clip.clip_id,
        "name": clip.name,
        "label": clip.label,
        "span": list(span) if span else None,
        "per_minute": told.per_minute,
        "low": told.low,
        "high": told.high,
        "confidence": round(told.confidence, 4),
        "moving_seconds": round(told.moving_seconds, 3),
        "reason": told.reason,
    }


def strip(found: Strip) -> dict[str, Any]:
    return {
        "own_source": found.own_source,
        "seconds": found.seconds.round(3).tolist(),
        "similarity": found.similarity.round(5).tolist(),
        "exact": found.exact.round(5).tolist(),
        "peaks": [
            {
                "start_seconds": round(peak.start_seconds, 3),
                "end_seconds": round(peak.end_seconds, 3),
                "peak_seconds": round(peak.peak_seconds, 3),
                "similarity": round(peak.similarity, 5),
            }
            for peak in found.peaks
        ],
    }
