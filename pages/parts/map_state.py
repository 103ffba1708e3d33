"""What is chosen on the map, and what was kept aside: it lasts while somebody looks at other pages and comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.mapping import Projection
from pages.parts.state import session

Numbers = NDArray[np.intp]
NONE: Numbers = np.zeros(0, np.intp)


@dataclass(slots=True)
class OnMap:
    """``points`` are numbers of places of the map whose ``mark`` is here; ``clip_ids`` are the owners of all its places."""

    mark: tuple[object, ...] = ()
    clip_ids: tuple[str, ...] = ()
    points: Numbers = field(default_factory=lambda: NONE)
    seen: int = 0
    """The last choice of the browser that ``points`` knows of."""
    changed: bool = False
    """Something was chosen or opened inside the map's fragment, and the page around it does not know yet."""
    pointed: int = -1
    opened: int = -1
    cluster: int | None = None
    """The cluster that is chosen as a whole."""
    wanted: int | None = None
    """A cluster that a link names, chosen as soon as clusters are known."""
    aside: tuple[str, ...] = ()
    """The clips of selection A."""
    fine: set[tuple[str, str]] = field(default_factory=set)
    """Clips and labels that somebody looked at and found right."""

    def follow(self, shown: Projection) -> None:
        """From now on ``points`` are of this map; what was chosen on another stays chosen, by clip."""
        mark = (shown.fingerprint, shown.settings.key, shown.made_at, len(shown.clip_ids))
        if mark == self.mark:
            return
        chosen = self.chosen_clips()
        self.mark, self.clip_ids = mark, shown.clip_ids
        self.pointed = self.opened = -1
        self.points = self.places_of(chosen)

    def places_of(self, clip_ids: Iterable[str]) -> Numbers:
        """All places of these clips."""
        wanted = set(clip_ids)
        return np.flatnonzero(np.fromiter((owner in wanted for owner in self.clip_ids), bool, len(self.clip_ids)))

    def choose(self, points: Numbers, cluster: int | None = None) -> None:
        self.points, self.cluster, self.wanted = points, cluster, None

    def choose_clips(self, clip_ids: Iterable[str]) -> None:
        self.choose(self.places_of(clip_ids))

    def chosen_clips(self) -> list[str]:
        """The clips of what is chosen, each once, in the order of the map."""
        return list(dict.fromkeys(self.clip_ids[point] for point in self.points))

    def follow_cluster(self, cluster: int | None) -> None:
        self.wanted, self.cluster = cluster, cluster


def here() -> OnMap:
    state = session()
    if state.map is None:
        state.map = OnMap()
    found: OnMap = state.map
    return found
