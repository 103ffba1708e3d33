"""The names of the actions that a classifier tells apart, in the order of its logits."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


@cache
def kinetics400() -> tuple[str, ...]:
    """The 400 actions of Kinetics-400, sorted as all its published classifiers sort them (alphabetically)."""
    return tuple((_FOLDER / "kinetics400.txt").read_text(encoding="utf-8").splitlines())
