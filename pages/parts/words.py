"""How numbers, names and times are written on screens. Pure functions."""

from __future__ import annotations

import math
import re
import time

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])")


def plain(text: str) -> str:
    """``text`` from outside, safe inside Markdown and widget labels: no bold, links, formulas or HTML of its own."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def count(number: int, one: str, many: str = "") -> str:
    """ "1 clip", "2 clips", "12,345 clips"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def similarity(value: float) -> str:
    """Two decimals and a true minus sign; a dash for a number that does not exist."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") if math.isfinite(value) else "–"


def duration(seconds: float) -> str:
    """ "3.2 s", "2 min 5 s", "1 h 10 min"."""
    if seconds < 10:
        return f"{seconds:.1f}\u00a0s"
    if seconds < 90:
        return f"{round(seconds)}\u00a0s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest}\u00a0s" if rest else f"{minutes}\u00a0min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes}\u00a0min" if minutes else f"{hours:,}\u00a0h"


def film(seconds: float) -> str:
    """The same in one unit, for a tile: "45 s", "1.9 min", "12.5 h"."""
    if seconds < 60:
        return f"{seconds:.0f}\u00a0s"
    return f"{seconds / 60:.1f}\u00a0min" if seconds < 3600 else f"{seconds / 3600:,.1f}\u00a0h"


def size(count_bytes: int) -> str:
    """ "12 kB", "3.4 MB"."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6)):
        if count_bytes >= scale:
            return f"{count_bytes / scale:.1f}\u00a0{unit}"
    return f"{max(count_bytes, 1) / 1000:.0f}\u00a0kB" if count_bytes >= 1000 else count(count_bytes, "byte")


def ago(moment_seconds: float, now_seconds: float | None = None) -> str:
    """ "just now", "5 minutes ago", "3 days ago"."""
    passed = (time.time() if now_seconds is None else now_seconds) - moment_seconds
    for seconds, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if passed >= seconds:
            return f"{count(int(passed // seconds), unit)} ago"
    return "just now"
