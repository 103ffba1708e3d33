"""Where a text, or a value of JSON, speaks of a clip: by its id, by a beginning of it, or by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.clips import Clip
from core.store.clip_rows import PREFIX_LEAST

ERASED = "(erased clip)"
_IDS = re.compile(rf"[0-9a-f]{{{PREFIX_LEAST},64}}")


def speaks_of(value: Any, clips: Sequence[Clip]) -> bool:
    """Whether any text inside ``value`` (JSON: text, number, list, object) names one of ``clips``."""
    if isinstance(value, str):
        return without(value, clips) != value
    if isinstance(value, dict):
        return any(speaks_of(key, clips) or speaks_of(inner, clips) for key, inner in value.items())
    return isinstance(value, list) and any(speaks_of(inner, clips) for inner in value)


def without(text: str, clips: Sequence[Clip]) -> str:
    """``text`` with every mention of ``clips`` replaced by ERASED."""
    for clip in clips:
        text = _IDS.sub(lambda found, clip_id=clip.clip_id: ERASED if clip_id.startswith(found[0]) else found[0], text)  # type: ignore[misc]
        if clip.name:
            text = re.sub(rf"(?<!\w){re.escape(clip.name)}(?!\w)", ERASED, text)
    return text
