"""Every window of every live clip of a library in one encoder's space, as searches look through them; kept and shared.

A row is a window after the library's mean clip was taken away and its streams were weighed: what ``Collection.place`` makes of
a window that stands alone, so that a product with a centred side is the similarity which Compare shows. Streams that count
nothing have no columns. A space is made once for a library's windows and weights, whatever asks for it and from which thread;
another label or source of a clip needs no new rows.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core import comparing
from core.clips import Clip, Floats, Section
from core.collecting import Collection
from core.encoders import ActionHead
from core.scanning import Scan
from core.similarity import Similarities
from core.workbench import Workbench

MOST_KEPT_BYTES = 2 << 30
"""Of one library's spaces together; the newest stays, whatever its size."""
_BATCH = 4096  # windows placed at a time: the doubles on the way stay below 200 MB

Kinds = tuple[bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """N windows of M clips.

    Args:
        collection: the clips, and what else is said of the library in this space.
        scan: looks through the (N, d) rows, d being the ``columns`` that count.
        columns: (D,) of the embedding's columns, which have a row's.
        clip_rows: (N,) of each window, its clip's place in ``collection.clips``.
        numbers: (N,) of each window, its number within its clip.
        start_seconds, end_seconds: (N,).
    """

    collection: Collection
    scan: Scan
    columns: NDArray[np.bool_]
    clip_rows: NDArray[np.intp]
    numbers: NDArray[np.intp]
    start_seconds: NDArray[np.float64]
    end_seconds: NDArray[np.float64]
    backgrounds: dict[Kinds, Similarities]
    """Sorted, by kinds; filled as they are asked for."""

    def background(self, kinds: Kinds, head: ActionHead | None) -> Similarities:
        """The similarities of all pairs of such kinds in this library, sorted: what a percentile is measured against."""
        if kinds not in self.backgrounds:
            self.backgrounds[kinds] = np.sort(comparing.background(kinds, self.collection, head), axis=None)
        return self.backgrounds[kinds]


class _Kept:
    """The spaces of one workbench, the latest used last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.spaces: dict[tuple[str, tuple[Section, ...]], Space] = {}


_KEPT: weakref.WeakKeyDictionary[Workbench, _Kept] = weakref.WeakKeyDictionary()
_KEPT_LOCK = threading.Lock()


def space(bench: Workbench, collection: Collection, encoder: str | None = None) -> Space:
    """The windows behind ``collection``, which is of ``encoder`` and weighed as somebody wants it."""
    with _KEPT_LOCK:
        kept = _KEPT.setdefault(bench, _Kept())
    fingerprint = bench.fingerprint(encoder)
    key = (fingerprint, collection.sections)
    with kept.lock:  # the second who asks waits for the first rather than making the same rows again
        known = kept.spaces.pop(key, None)
        if known is None or not _same_windows(known.collection, collection):
            known = _made(bench, collection, fingerprint)
        elif known.collection is not collection:
            known = replace(known, collection=collection, backgrounds=_still_true(known, collection))
        kept.spaces[key] = known
        while len(kept.spaces) > 1 and sum(one.scan.bytes for one in kept.spaces.values()) > MOST_KEPT_BYTES:
            del kept.spaces[next(iter(kept.spaces))]
        return known


def _same_windows(known: Collection, now: Collection) -> bool:
    """Whether the same clips make the same mean: a clip's windows never change under one fingerprint."""
    return [clip.clip_id for clip in known.clips] == [clip.clip_id for clip in now.clips] and np.array_equal(known.mean, now.mean)


def _still_true(known: Space, now: Collection) -> dict[Kinds, Similarities]:
    """A background leaves out pairs of one source, so it holds as long as the sources do."""
    return known.backgrounds if known.collection.sources == now.sources else {}


def _made(bench: Workbench, collection: Collection, fingerprint: str) -> Space:
    ids = {clip.clip_id: row for row, clip in enumerate(collection.clips)}
    gallery = bench.library.gallery(fingerprint)
    wanted = np.array([clip_id in ids for clip_id in gallery.clip_ids], dtype=bool)  # the library may have changed in between
    clip_rows = np.array([ids[clip_id] for clip_id in gallery.clip_ids if clip_id in ids], dtype=np.intp)
    columns = _columns(collection)
    return Space(
        collection,
        Scan(_placed(gallery.vectors[wanted], collection, columns)),
        columns,
        clip_rows,
        _numbers(clip_rows),
        gallery.start_seconds[wanted],
        gallery.end_seconds[wanted],
        {},
    )


def _placed(vectors: Floats, collection: Collection, columns: NDArray[np.bool_]) -> Floats:
    rows = np.empty((len(vectors), int(columns.sum())), np.float32)
    for start in range(0, len(vectors), _BATCH):
        batch = vectors[start : start + _BATCH]
        rows[start : start + _BATCH] = collection.place(batch, [str(row) for row in range(len(batch))])[1][:, columns]
    return rows


def _columns(collection: Collection) -> NDArray[np.bool_]:
    columns = np.zeros(collection.raw.shape[1], dtype=bool)
    for section in collection.sections:
        columns[section.start : section.stop] = section.weight > 0
    return columns


def _numbers(clip_rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Windows of one clip stand together, in time order: 0, 1, 2... of each."""
    firsts = np.flatnonzero(np.diff(clip_rows, prepend=-1))
    counts = np.diff(np.append(firsts, len(clip_rows)))
    return np.arange(len(clip_rows)) - np.repeat(firsts, counts)


def rows_of_clips(space: Space, clips: Sequence[Clip]) -> NDArray[np.bool_]:
    """(N,) whether a window is of one of ``clips``."""
    ids = {clip.clip_id for clip in clips}
    return np.array([clip.clip_id in ids for clip in space.collection.clips], dtype=bool)[space.clip_rows]
