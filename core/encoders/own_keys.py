"""The keys of an own encoder's TOML file: which there are, what each must be, and what stands in for one left out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.clips import FRAMINGS
from core.encoders.graph_engine import LAYOUTS
from core.errors import BadEncoder

_MOST_ACTIONS = 100_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
REQUIRED = object()
"""Stands where a key has no default."""


@dataclass(frozen=True, slots=True)
class Key:
    """``take`` gives the value as the spec wants it, or raises ValueError or TypeError; ``rule`` says in words what it takes."""

    rule: str
    take: Callable[[Any], Any]
    default: Any = REQUIRED


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def take(value: Any) -> str:
        if not pattern.fullmatch(value):
            raise ValueError
        return str(value)

    return take


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError
    return value.strip()


def _whole(most: int) -> Callable[[Any], int]:
    def take(value: Any) -> int:
        if type(value) is not int or not 1 <= value <= most:  # True is an int as well
            raise ValueError
        return value

    return take


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _positive(value: Any) -> float:
    if _number(value) <= 0:
        raise ValueError
    return float(value)


def _three(take: Callable[[Any], float]) -> Callable[[Any], tuple[float, float, float]]:
    def take_all(value: Any) -> tuple[float, float, float]:
        red, green, blue = (take(one) for one in value)
        return red, green, blue

    return take_all


def _one_of(values: tuple[str, ...]) -> Callable[[Any], str]:
    def take(value: Any) -> str:
        if value not in values:
            raise ValueError
        return str(value)

    return take


def _output(value: Any) -> str:
    if type(value) is int and value >= 0:
        return str(value)
    return _text(value)


_LAYOUTS, _FRAMINGS = tuple(LAYOUTS), tuple(FRAMINGS)
_WORDS = "a text in one line"

KEYS: dict[str, Key] = {
    "name": Key("up to 64 of a-z, 0-9, dot, dash and underscore, a letter or digit first", _matching(_NAME)),
    "title": Key(_WORDS, _text),
    "file": Key("the name of the network's file beside it", _text),
    "frames": Key("a whole number from 1 to 1024", _whole(1024)),
    "window_seconds": Key("a positive number", _positive),
    "stride_seconds": Key("a positive number", _positive),
    "crop_px": Key("a whole number from 1 to 2048", _whole(2048)),
    "short_side_px": Key("a whole number from 1 to 4096, at least crop_px", _whole(4096), None),
    "framing": Key(f"one of {', '.join(_FRAMINGS)}", _one_of(_FRAMINGS), "crop"),
    "mean": Key("three numbers, for R, G and B from 0 to 1", _three(_number)),
    "std": Key("three positive numbers, for R, G and B from 0 to 1", _three(_positive)),
    "layout": Key(f"one of {', '.join(_LAYOUTS)}", _one_of(_LAYOUTS)),
    "output": Key("the number of an output, from 0, or its name", _output, "0"),
    "dimension": Key("a whole number from 1 to 65536", _whole(65536)),
    "licence": Key(_WORDS, _text),
    "paper": Key(_WORDS, _text),
    "sha256": Key("64 of 0-9 and a-f", _matching(_SHA256), ""),
    "actions": Key("the name of a text file beside it, an action a line", _text, ""),
    "head": Key("the name of a safetensors file beside it", _text, ""),
}
"""In the order in which the document lists them."""


def checked(file: Path, key: str, told: Mapping[str, Any]) -> Any:
    """The value of ``key`` as the spec wants it, its default when it may be left out. Raises BadEncoder."""
    rule = KEYS[key]
    if key not in told:
        if rule.default is REQUIRED:
            raise BadEncoder(f"{file.name}: {key} (missing) must be {rule.rule}; add it")
        return rule.default
    try:
        return rule.take(told[key])
    except (ValueError, TypeError) as error:
        raise BadEncoder(f"{file.name}: {key} ({told[key]!r:.100}) must be {rule.rule}; correct it") from error


def text_lines(file: Path, actions: Path) -> tuple[str, ...]:
    """The action names of a text file. Raises BadEncoder, in the name of ``file``, which refers to it."""
    try:
        names = tuple(line.strip() for line in actions.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, ValueError) as error:
        raise BadEncoder(f"{file.name}: actions ({actions.name!r}) must be a text in UTF-8; correct it ({error})") from error
    if not 0 < len(names) <= _MOST_ACTIONS or len(set(names)) < len(names):
        raise BadEncoder(f"{file.name}: actions ({actions.name!r}) must be names without repetition, one a line; correct it")
    return names
