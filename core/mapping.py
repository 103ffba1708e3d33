"""The map of a library: each clip, or each moment, as a place in two dimensions, made in the background and kept.

What is laid out are the centred, weighed rows that every similarity is reckoned from, so that near on the map means alike in
the numbers, as far as two dimensions allow.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from core.clips import Clip, Floats, Progress
from core.errors import BadInput, Cancelled, NotEnoughData
from core.projecting import METHODS, NAMES, OF, Layout, from_key, project
from core.projector import STOPPED, place
from core.sheets import Places, Stamp
from core.store import StoredProjection
from core.workbench import Workbench

__all__ = ["METHODS", "NAMES", "OF", "Layout", "Mapper", "Points", "Projection", "drawn", "points"]

ERRAND = "Making the map"
WHOLE = -1
"""The window of a place that stands for a whole clip."""
Weights = tuple[tuple[str, float], ...]
Report = Callable[[Progress], None]
Stop = Callable[[], bool]


def _silent(_: Progress) -> None: ...


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """N clips or moments in one encoder's space: ``rows`` (N, D) are centred and weighed.

    ``clips`` are the N owners, ``windows`` (N,) has WHOLE for clips, ``spans`` (N, 2) are start and end seconds.
    """

    clips: tuple[Clip, ...]
    windows: NDArray[np.int32]
    spans: NDArray[np.float64]
    rows: Floats

    @property
    def sources(self) -> list[str]:
        return [clip.split_source for clip in self.clips]

    @property
    def labels(self) -> list[str]:
        return [clip.label for clip in self.clips]

    @property
    def clip_ids(self) -> tuple[str, ...]:
        return tuple(clip.clip_id for clip in self.clips)


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A map. The N places are of clips that are live now; ``windows`` and ``spans`` are as in Points.

    ``new`` clips came to this encoder since it was made, ``gone`` ones have left; ``notes`` say what else should be known of it.
    """

    fingerprint: str
    settings: Layout
    clip_ids: tuple[str, ...]
    windows: NDArray[np.int32]
    spans: NDArray[np.float64]
    places: Floats
    made_at: float
    revision: int
    notes: tuple[str, ...] = ()
    new: int = 0
    gone: int = 0

    @property
    def current(self) -> bool:
        """Whether making it again would give the same."""
        return not (self.new or self.gone)

    @property
    def sentence(self) -> str:
        """ "3 clips are new since this map was made and 1 is gone"; "" for a map of what is here now."""
        parts = [f"{self.new} {'clip is' if self.new == 1 else 'clips are'} new"] if self.new else []
        parts += [f"{self.gone} {'clip is' if self.gone == 1 else 'clips are'} gone"] if self.gone else []
        return f"{' and '.join(parts)} since this map was made; make it again to see them in place." if parts else ""


def points(bench: Workbench, encoder: str | None = None, *, of: str = "clips", weights: Weights = ()) -> Points:
    """What there is to lay out or to cluster. Raises NotEnoughData, WeightsMissing, UnknownName for a stream."""
    collection = bench.collection(encoder)
    if weights:
        collection = collection.weighed(dict(weights))
    if of == "clips":
        spans = np.asarray([(0.0, clip.info.duration_seconds) for clip in collection.clips]).reshape(-1, 2)
        return Points(collection.clips, np.full(len(collection.clips), WHOLE, np.int32), spans, collection.centred)
    known = {clip.clip_id: clip for clip in collection.clips}
    gallery = bench.library.gallery(bench.fingerprint(encoder))
    kept = np.asarray([clip_id in known for clip_id in gallery.clip_ids], bool)  # the library may have changed meanwhile
    owners = [clip_id for clip_id in gallery.clip_ids if clip_id in known]
    counted: dict[str, count[int]] = defaultdict(count)
    windows = np.asarray([next(counted[owner]) for owner in owners], np.int32)
    spans = np.stack([gallery.start_seconds[kept], gallery.end_seconds[kept]], axis=1)
    _, rows = collection.place(gallery.vectors[kept], [f"{row}" for row in range(len(owners))])
    return Points(tuple(known[owner] for owner in owners), windows, spans, rows)


class Mapper:
    """Makes the maps of one workbench. Holds nothing of its own, so make one wherever it is needed."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def kept(self, layout: Layout, encoder: str | None = None) -> Projection | None:
        """The map that was made by ``layout`` and is still kept, with what has changed since. Raises WeightsMissing."""
        found = self._bench.library.projections.find(self._bench.fingerprint(encoder), layout.key)
        return self._now(found, encoder) if found is not None else None

    def layouts(self, encoder: str | None = None) -> list[Layout]:
        """Of every kept map, the newest first."""
        return [from_key(key) for key in self._bench.library.projections.settings(self._bench.fingerprint(encoder))]

    def forget(self, layout: Layout, encoder: str | None = None) -> None:
        self._bench.library.projections.forget(self._bench.fingerprint(encoder), layout.key)

    def make(
        self, layout: Layout, encoder: str | None = None, *, report: Report = _silent, should_stop: Stop = _never
    ) -> Projection:
        """Lay out what is here now, and keep it. Raises NotEnoughData for nothing to lay out, Cancelled, WorkerDied."""
        began = time.monotonic()
        revision = self._bench.library.revision
        found = points(self._bench, encoder, of=layout.of, weights=layout.weights)
        said = f"placing {len(found.clips):,} {layout.of} by {NAMES[layout.method]}"
        report(Progress(0, 0, said))
        if layout.method == "pca":
            placed = project(found.rows, layout)
        else:

            def waiting() -> None:
                report(Progress(0, 0, f"{said}, {time.monotonic() - began:.0f} s"))

            placed = place(found.rows, layout, should_stop=should_stop, waiting=waiting)
        if should_stop():
            raise Cancelled(STOPPED)
        stored = StoredProjection(
            self._bench.fingerprint(encoder),
            layout.key,
            revision,
            found.clip_ids,
            found.windows,
            found.spans,
            placed.places,
            placed.notes,
            time.time(),
        )
        return self._now(self._bench.library.projections.keep(stored), encoder)

    def begin(self, layout: Layout, encoder: str | None = None) -> None:
        """``make`` as an errand: ``bench.errands`` tells how it goes, and stops it at once. Raises BadInput while one is on."""
        self._bench.fingerprint(encoder)

        def work(report: Report, should_stop: Stop) -> None:
            self.make(layout, encoder, report=report, should_stop=should_stop)

        self._bench.errands.start(ERRAND, work)

    def _now(self, found: StoredProjection, encoder: str | None) -> Projection:
        try:
            live = {clip.clip_id for clip in self._bench.collection(encoder).clips}
        except NotEnoughData:
            live = set()
        mapped, here = set(found.clip_ids), found.only(live)
        return Projection(
            found.fingerprint,
            from_key(found.settings),
            here.clip_ids,
            here.windows,
            here.spans,
            here.places,
            found.made_at,
            found.revision,
            found.notes,
            new=len(live - mapped),
            gone=len(mapped - live),
        )


def drawn(
    bench: Workbench, made: Projection, encoder: str | None = None, *, grouped_by: str = "label", groups: Sequence[str] = ()
) -> Places:
    """The map as a sheet for ``core.figures`` and ``core.pictures``; ``groups`` (N,) are needed when not by label or source.

    Raises BadInput for another ``grouped_by`` without them.
    """
    clips = {clip.clip_id: clip for clip in bench.library.clips()}
    here = [clips[clip_id] for clip_id in made.clip_ids]
    if not groups:
        if grouped_by not in ("label", "source"):
            raise BadInput(f"grouped_by ({grouped_by!r}) must be label or source; or give the groups")
        groups = [clip.label if grouped_by == "label" else clip.source for clip in here]
    what = "clips" if made.settings.of == "clips" else "moments"
    return Places(
        title=f"Map of {len(here):,} {what} by {grouped_by}",
        stamp=Stamp(bench.provenance(encoder), note=made.settings.title),
        places=made.places,
        names=[clip.name for clip in here],
        groups=list(groups),
        spans=made.spans,
        clip_ids=made.clip_ids,
        grouped_by=grouped_by,
        method=NAMES[made.settings.method],
    )
