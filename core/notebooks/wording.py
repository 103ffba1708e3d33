"""The words of a notebook's answers: pure functions over numbers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from core.colours import signed
from core.comparing import Side


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
