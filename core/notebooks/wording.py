"""The words of a notebook's answers: pure functions over numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from core.colours import signed
from core.comparing import Comparison, Side


def title_of(side: Side) -> str:
    return f"“{side.title}”" if side.is_action else side.title


def listed(names: Sequence[str]) -> str:
    """ "running", "running and jogging", "running, jogging and walking"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def number(value: float | None) -> str:
    """Two decimals and a true minus sign; a dash for what does not exist."""
    return "–" if value is None else signed(value, 2)


def compared(comparison: Comparison, row: int, column: int) -> str:
    """What one number of a comparison says."""
    names = list(dict.fromkeys(title_of(comparison.sides[side]) for side in (row, column)))
    subject = first_up(listed(names)) if len(names) > 1 else f"Within {names[0]}"
    value, percent = float(comparison.centred[row, column]), float(comparison.percentile[row, column])
    if not math.isfinite(value):
        return f"{subject}: no number, since all clips are of one source. Add clips of another person or recording."
    told = f"{subject}: {number(value)}."
    if math.isfinite(percent):
        share, more = (percent, "More") if percent >= 50 else (100 - percent, "Less")
        told += f" {more} alike than {_percent(share)} of {_among(comparison.sides[row], comparison.sides[column])}."
    within = [
        f"within {title_of(comparison.sides[side])} {number(float(comparison.centred[side, side]))}"
        for side in dict.fromkeys((row, column))
        if row != column and not comparison.sides[side].is_action and math.isfinite(comparison.centred[side, side])
    ]
    return f"{told} {first_up(listed(within))}." if within else told


def _percent(value: float) -> str:
    return f"{min(value, 99.9):.1f}\u00a0%" if 99 < value < 100 else f"{value:.0f}\u00a0%"


def _among(a: Side, b: Side) -> str:
    if a.is_action and b.is_action:
        return "all pairs of the action names this encoder knows"
    if a.is_action or b.is_action:
        return "all pairings of a clip with an action name"
    return "all pairs from different sources"


def when(moment_seconds: float) -> str:
    """ "24 November 2026, 15:04" in local time."""
    moment = time.localtime(moment_seconds)
    return f"{moment.tm_mday} {time.strftime('%B %Y, %H:%M', moment)}"


def stamp(answer: Mapping[str, Any] | None) -> str:
    """What an answer is of, in one line: encoder, clips, sources, when. Empty for one that says nothing of it."""
    if not answer or not answer.get("at"):
        return ""
    made_of = answer.get("made_of")
    moment = when(float(answer["at"]))
    if not made_of:
        return moment
    told = f"{made_of['encoder']} · {count(made_of['clips'], 'clip')} of {count(made_of['sources'], 'source')} in the library"
    return f"{told} · {moment}"
