"""What the figures of the Time page say when they are taken along."""

from __future__ import annotations

from core import sheets
from core.clips import Clip
from core.strips import Strip
from core.timelines import Alignment, Repetition
from core.workbench import Workbench
from pages.parts.time_asking import TimeAsked

_NO_NETWORK = "counted on the motion between pictures, without a network"


def agreeing(bench: Workbench, asked: TimeAsked, found: Alignment) -> sheets.Alignment:
    names = (found.a.clip.name, found.b.clip.name)
    note = "each clip's own mean taken away" + (", the first looked for inside the second" if found.within else "")
    return sheets.Alignment(
        values=found.similarity, row_seconds=found.a.seconds, column_seconds=found.b.seconds, path=found.path, names=names,
        score=found.score, title=f"{names[0]} along {names[1]}",
        stamp=sheets.Stamp(bench.provenance(asked.encoder), (asked.a, asked.b), note),
    )  # fmt: skip


def finding(bench: Workbench, asked: TimeAsked, clip: Clip, found: Strip) -> sheets.Strip:
    return sheets.Strip(
        seconds=found.seconds, similarity=found.similarity, peaks=found.peaks, query=asked.q, clip=clip.name,
        title=f"Where is {asked.q} in {clip.name}?",
        stamp=sheets.Stamp(bench.provenance(asked.encoder), (asked.q, asked.a), "smoothed a little"),
    )  # fmt: skip


def repeating(clip: Clip, found: Repetition) -> sheets.SelfSimilarity:
    per_minute = found.cadence.per_minute
    told = "" if per_minute is None else f", {per_minute:.0f} a minute"
    return sheets.SelfSimilarity(
        values=found.similarity, seconds=found.seconds, period=60 / per_minute if per_minute else None, name=clip.name,
        title=f"{clip.name} against itself{told}", stamp=sheets.Stamp(queries=(f"clip:{clip.clip_id}",), note=_NO_NETWORK),
    )  # fmt: skip
