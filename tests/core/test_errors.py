"""The tree is as its outline says, and errors survive the way through a process boundary."""

from __future__ import annotations

import re

import pytest

from core import errors


def all_errors() -> list[type[errors.MotionbookError]]:
    found, pending = [], [errors.MotionbookError]
    while pending:
        kind = pending.pop()
        found.append(kind)
        pending.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__ == "core.errors"]


def test_the_outline_names_every_error_and_no_other() -> None:
    outline = set(re.findall(r"^ *(?:[│├└─ ]*)([A-Z]\w+)(?= |$)", (errors.__doc__ or "").split("Messages have")[0], re.MULTILINE))
    assert {kind.__name__ for kind in all_errors()} <= outline


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_is_also_a_builtin_one(kind: type[errors.MotionbookError]) -> None:
    builtins = {base for base in kind.__mro__ if base.__module__ == "builtins"} - {object, BaseException, Exception}
    assert kind is errors.MotionbookError or builtins, f"{kind.__name__} needs a builtin that callers may catch"


def test_reasons_are_unique() -> None:
    reasons = [kind.reason for kind in all_errors() if kind is not errors.BadClip and "reason" in vars(kind)]
    assert len(reasons) == len(set(reasons))
    assert not set(reasons) & set(errors.BAD_CLIP_REASONS)


@pytest.mark.parametrize("reason", sorted(errors.BAD_CLIP_REASONS))
def test_a_refused_clip_crosses_a_process_boundary(reason: str) -> None:
    again = errors.from_reason(reason, "why")
    assert isinstance(again, errors.BadClip) and again.reason == reason and str(again) == "why"


def test_other_errors_cross_it_too() -> None:
    assert type(errors.from_reason("weights-missing", "x")) is errors.WeightsMissing
    assert type(errors.from_reason("library-locked", "x")) is errors.LibraryLocked
    assert type(errors.from_reason("never heard of", "x")) is errors.MotionbookError


def test_a_clip_is_refused_only_for_a_named_reason() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        errors.BadClip("because", "no")
