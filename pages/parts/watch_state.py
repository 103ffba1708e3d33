"""What the Watch page remembers of one browser tab: the question, what can be taken back, and how far the browser was heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from pages.parts.state import session
from pages.parts.watch_asking import WatchAsked


@dataclass(slots=True)
class OnWatch:
    asked: WatchAsked = field(default_factory=WatchAsked)
    address: dict[str, tuple[str, ...]] | None = None
    """The query parameters as the page wrote them last; others mean that a link was followed."""
    done: list[tuple[int, str, str]] = field(default_factory=list)
    """Decisions that can be taken back, the last one at the end: flag, verdict, verdict before."""
    handled: int = 0
    """The highest serial of the browser that was heard."""
    order: tuple[int, ...] = ()
    """The flags as they were listed last."""
    stale: set[str] = field(default_factory=set)
    """Concepts with verdicts that their thresholds do not know of yet."""
    notes: dict[str, str] = field(default_factory=dict)
    """By concept what the verdicts did to its threshold."""
    noticed: int = 0
    """The newest notice that was told in passing."""
    making_rule: bool = False
    """Somebody came to the form of a rule from a dry run."""
    folder: str = ""
    """What is to be scanned outside the library; never in the address."""


def here() -> OnWatch:
    state = session()
    if state.watch is None:
        state.watch = OnWatch()
    found: OnWatch = state.watch
    return found
