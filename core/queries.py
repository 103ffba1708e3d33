"""The written form of one side of a question, the same in a link, on the command line and on a page.

label:running        every clip with that label
clip:3fa9c1          one clip, by its id or a unique beginning of it (6 digits or more)
action:jogging       one of the encoder's own action names
file:/path/to.mp4    a file that is looked at and not kept
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadQuery

KINDS = ("label", "clip", "action", "file")
LENGTH_LIMIT = 4096  # characters; the longest path Linux opens


@dataclass(frozen=True, slots=True)
class Query:
    """One side of a question: what kind, and its value. ``str(query)`` is its written form."""

    kind: str
    value: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadQuery(f"query kind ({self.kind[:40]!r}) must be one of {', '.join(KINDS)}; write for example label:running")
        if not self.value:
            raise BadQuery(f"query ({self.kind}:) must name something after the colon; write for example label:running")

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def parse(text: str) -> Query:
    """The query that ``text`` writes. Surrounding spaces, and double quotes around the value, are dropped. Raises BadQuery."""
    if len(text) > LENGTH_LIMIT or "\x00" in text:
        raise BadQuery(f"query ({text[:40]!r}...) must be at most {LENGTH_LIMIT} printable characters; shorten it")
    kind, colon, value = text.strip().partition(":")
    if not colon:
        raise BadQuery(f"query ({text[:40]!r}) must have the form kind:value with kind one of {', '.join(KINDS)}")
    value = value.strip()
    if len(value) >= 2 and value.startswith('"') and value.endswith('"'):
        value = value[1:-1]
    return Query(kind.strip().lower(), value)
