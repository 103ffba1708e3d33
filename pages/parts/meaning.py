"""What a number of a comparison means, in sentences. Pure functions over the core's answer."""

from __future__ import annotations

import math
from typing import Protocol

from core.comparing import Comparison, Side
from pages.parts.words import count, similarity

FEW_SOURCES = 3  # below this one person's habits decide the number


class Spread(Protocol):
    """The part of ``core.pairing.Spread`` that is told."""

    low: float
    high: float


def title(side: Side) -> str:
    return f"“{side.title}”" if side.is_action else side.title


def pair_title(comparison: Comparison, row: int, column: int) -> str:
    """ "Running and jogging", "Within running"."""
    if row == column:
        return f"Within {title(comparison.sides[row])}"
    text = f"{title(comparison.sides[row])} and {title(comparison.sides[column])}"
    return text[:1].upper() + text[1:]


def standing(comparison: Comparison, row: int, column: int) -> str:
    """How the number stands among all others: the sentence below it."""
    value, percent = comparison.centred[row, column], comparison.percentile[row, column]
    if not math.isfinite(value):
        return nothing(comparison, row, column)
    if not math.isfinite(percent):
        return "There are no other pairs in this library to hold it against yet."
    among = _among(comparison.sides[row], comparison.sides[column])
    if percent >= 50:
        return f"More alike than {_percent(percent)} of {among}."
    return f"Less alike than {_percent(100 - percent)} of {among}."


def nothing(comparison: Comparison, row: int, column: int) -> str:
    """Why there is no number, and what would give one."""
    if row == column:
        return (
            f"All clips of {title(comparison.sides[row])} come from one source, so nothing can be said about what they share: "
            "add clips of another person or recording."
        )
    return (
        "All clips on both sides come from one source, so they would be alike whatever is done in them: "
        "add clips of another person or recording, or name the sources on the Library page."
    )


def _percent(value: float) -> str:
    """With a space that keeps number and sign on one line; never a rounded 100 % that is not one."""
    return f"{min(value, 99.9):.1f}\u00a0%" if 99 < value < 100 else f"{value:.0f}\u00a0%"


def _among(a: Side, b: Side) -> str:
    of_words = a.is_words or b.is_words
    if a.is_action and b.is_action:
        return (
            "all pairs of the action names that words are read by"
            if of_words
            else "all pairs of the action names this encoder knows"
        )
    if a.is_action or b.is_action:
        return f"all pairings of a clip with {'one of the action names that words are read by' if of_words else 'an action name'}"
    return "all pairs from different sources in this library"


def within(comparison: Comparison, row: int, column: int) -> str:
    """ "Within running 0.55, within jogging 0.49": what the number between two groups is held against."""
    if row == column:
        return ""
    parts = [
        f"within {title(comparison.sides[side])} {similarity(comparison.centred[side, side])}"
        for side in (row, column)
        if math.isfinite(comparison.centred[side, side]) and not comparison.sides[side].is_action
    ]
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def evidence(comparison: Comparison, row: int, column: int, spread: Spread | None) -> str:
    """How many clips and sources stand behind the number, and how widely its pairs lie."""
    sides = [comparison.sides[number] for number in dict.fromkeys((row, column))]
    parts = " against ".join(_made_of(side) for side in sides)
    text = f"{parts[:1].upper()}{parts[1:]}, {count(int(comparison.pairs[row, column]), 'pair')} from different sources"
    if spread is not None and comparison.pairs[row, column] > 1:
        text += f"; the middle half lies between {similarity(spread.low)} and {similarity(spread.high)}"
    return f"{text}."


def _made_of(side: Side) -> str:
    if side.is_words:
        names = {name for one in side.understood for name, _ in one.mix}
        return f"the words {title(side)}, read as {count(len(names), 'action name')}"
    if side.is_action:
        return f"the encoder's own direction for {title(side)}"
    return f"{count(len(side.clips), 'clip')} of {count(len(set(side.sources)), 'source')}"


def caution(comparison: Comparison, row: int, column: int) -> str:
    """A warning where few sources stand behind the number; empty otherwise."""
    fewest = min(
        (len(set(comparison.sides[side].sources)) for side in (row, column) if not comparison.sides[side].is_action), default=99
    )
    if fewest >= FEW_SOURCES:
        return ""
    return f"Only {count(fewest, 'source')} on one side: read it as a first impression, one person's habits weigh much."


def sentence(comparison: Comparison, row: int, column: int) -> str:
    """All of it in one plain text, for lists and files."""
    number = similarity(comparison.centred[row, column])
    return f"{pair_title(comparison, row, column)}: {number}. {standing(comparison, row, column)}".strip()
