"""What a run changed: an answer against the one before it, in sentences for people. Pure functions over JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.notebooks.wording import count, number

SEEN = 0.005
"""Numbers are shown with two decimals: less is no change that anybody sees."""
MOST_TOLD = 4

Answer = Mapping[str, Any]


def changes(before: Answer | None, after: Answer | None) -> tuple[str, ...]:
    """One sentence for each thing that changed; empty when nothing did, or when there is nothing to hold it against."""
    if not before or not after or before.get("error"):
        return ()
    if after.get("error"):
        return ("It can no longer be answered.",)
    return (*_made_of(before, after), *_counts(before, after), *_numbers(before, after), *_found(before, after))


def _made_of(before: Answer, after: Answer) -> list[str]:
    old, new = before.get("made_of") or {}, after.get("made_of") or {}
    if not old or not new:
        return []
    if old["encoder"] != new["encoder"]:
        return [f"Encoder: {old['encoder']} → {new['encoder']}."]
    if old["fingerprint"] != new["fingerprint"]:
        return [f"The vectors of {new['encoder']} are made in another way than before."]
    return [_more(new["clips"] - old["clips"], "in the library")] if old["clips"] != new["clips"] else []


def _counts(before: Answer, after: Answer) -> list[str]:
    old, new = before.get("counts") or {}, after.get("counts") or {}
    return [
        _more(new[query]["clips"] - old[query]["clips"], f"in {query}")
        for query in new
        if query in old and new[query]["clips"] != old[query]["clips"]
    ]


def _more(difference: int, where: str) -> str:
    return f"{count(abs(difference), 'clip')} {'more' if difference > 0 else 'fewer'} {where}."


def _numbers(before: Answer, after: Answer) -> list[str]:
    old, new = values(before), values(after)
    shared = [name for name in new if name in old and _differ(old[name], new[name])]
    told = [f"{name}: {number(old[name])} → {number(new[name])}." for name in shared[:MOST_TOLD]]
    if len(shared) > MOST_TOLD:
        told.append(f"{count(len(shared) - MOST_TOLD, 'number')} more changed.")
    return told


def _differ(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) >= SEEN


def _found(before: Answer, after: Answer) -> list[str]:
    """Clips that a search finds now and did not before."""
    old, new = ([film["clip"] for film in answer.get("films") or ()] for answer in (before, after))
    fresh = len(set(new) - set(old))
    if not fresh or "headline" in after:  # the two clips of a comparison stand for it; others may do that as well
        return []
    return [f"{count(fresh, 'clip')} here that {'was' if fresh == 1 else 'were'} not before."]


def values(answer: Answer) -> dict[str, float | None]:
    """{what: similarity} of every number of an answer, one for each pair of a table."""
    rows = {str(row["name"]): row.get("similarity") for row in answer.get("numbers") or () if "similarity" in row}
    if rows:
        return rows
    draw = answer.get("draw") or {}
    names = draw.get("rows") or ()
    if draw.get("form") != "heat" or names != draw.get("columns"):
        return {}
    table = draw["values"]
    return {f"{a} × {b}": table[row][row + at] for row, a in enumerate(names) for at, b in enumerate(names[row:])}
