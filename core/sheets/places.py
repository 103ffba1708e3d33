"""The map of a library as a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.sheets.base import Numbers, Sheet, Table, fits, known, some

MOST_GROUPS = 16
"""That get a name and a colour of their own; the others share one."""
OTHERS = "others"
UNGROUPED = "none"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places(Sheet):
    """N places in two dimensions.

    Args:
        places: (N, 2).
        names: N names of clips.
        groups: N labels, sources or clusters; "" for none.
        grouped_by: what the groups are: "label", "source" or "cluster".
        method: how it was laid out: "UMAP".
        spans: (N, 2) start and end seconds.
        clip_ids: N.
    """

    places: Numbers
    names: Sequence[str]
    groups: Sequence[str]
    spans: Numbers
    clip_ids: Sequence[str]
    grouped_by: str = "label"
    method: str = ""

    def __post_init__(self) -> None:
        for name in ("places", "spans"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64).reshape(-1, 2))
        counts = {len(self.places), len(self.names), len(self.groups), len(self.spans), len(self.clip_ids)}
        fits(len(counts) == 1, f"places, names, groups, spans and clip_ids must be of one length, not {sorted(counts)}")

    def shown(self) -> list[tuple[str, list[int]]]:
        """The groups that are drawn, the largest first, with their rows; then the rest, and those in none."""
        counts = Counter(group for group in self.groups if group)
        order = sorted(counts, key=lambda name: (-counts[name], name))
        alone = order if len(order) <= MOST_GROUPS else order[: MOST_GROUPS - 1]
        rows: dict[str, list[int]] = {name: [] for name in alone}
        rest: dict[str, list[int]] = {OTHERS: [], UNGROUPED: []}
        for row, group in enumerate(self.groups):
            (rows[group] if group in rows else rest[OTHERS if group else UNGROUPED]).append(row)
        return [*rows.items(), *((name, found) for name, found in rest.items() if found)]

    @property
    def alt(self) -> str:
        counts = Counter(group for group in self.groups if group)
        told = [f"{name} ({many})" for name, many in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
        by = f" by {self.method}" if self.method else ""
        return f"Map of {len(self.places):,} places{by}, coloured by {self.grouped_by}: {some(told) or 'none has any'}."

    def table(self) -> Table:
        rows: list[list[object]] = [
            [clip, name, group, known(start), known(end), known(x), known(y)]
            for clip, name, group, (start, end), (x, y) in zip(
                self.clip_ids, self.names, self.groups, self.spans, self.places, strict=True
            )
        ]
        return ["clip", "name", self.grouped_by, "start_seconds", "end_seconds", "x", "y"], rows
