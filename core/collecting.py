"""A library in one encoder's space: a vector per clip, and what they have in common taken away.

The streams of an encoder with parts are pooled and centred each by itself: a library filmed before one wall would otherwise
take away most of the scenery's stream and little of the motion's, and the balance between them would be the wall's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.clips import Clip, Floats, Gallery, Section
from core.errors import NotEnoughData, UnknownName
from core.similarity import centre, pool, weigh


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Every live clip of a library in one encoder's space.

    Args:
        clips: N of them.
        streams: (N, D) rows whose sections are unit rows each, the pooled directions of a clip's windows.
        mean: (D,) of ``streams``.
        sections: where the streams stand, and how much each counts in ``raw`` and ``centred``.
    """

    clips: tuple[Clip, ...]
    streams: Floats
    mean: Floats
    sections: tuple[Section, ...]
    raw: Floats
    """(N, D) unit rows."""
    centred: Floats
    """(N, D) rows after each stream's mean was taken away; unit rows, but for streams in which a clip is the mean."""

    @property
    def sources(self) -> list[str]:
        return [clip.split_source for clip in self.clips]

    @property
    def labels(self) -> list[str]:
        return [clip.label for clip in self.clips]

    @property
    def looks(self) -> Floats:
        """(N, d) unit rows of what the clips look like: the RGB stream, or the whole where that is no part of the encoder.

        A copy of a film stays nearer to it in RGB than in the other streams (docs/search.md).
        """
        rgb = next((section for section in self.sections if section.stream == "rgb"), None)
        return self.streams[:, rgb.start : rgb.stop] if rgb is not None else self.raw

    def place(self, vectors: Floats, owners: Sequence[str]) -> tuple[Floats, Floats]:
        """Raw and centred rows (M, D) of M owners that need not be in the library, out of their windows' (W, D)."""
        _, streams = pool_streams(vectors, owners, self.sections)
        return weigh(streams, self.sections), _centred(streams, self.mean, self.sections)

    def weighed(self, weights: Mapping[str, float]) -> Collection:
        """The same clips with other weights of the streams, by name; 0 leaves a stream out. Nothing is embedded again.

        Raises UnknownName for a stream that is not here and BadInput when nothing is left.
        """
        known = {section.stream for section in self.sections}
        if unknown := sorted(weights.keys() - known):
            raise UnknownName(f"stream ({unknown[0]}) must be one of {', '.join(sorted(known))}; choose one of these")
        sections = tuple(replace(section, weight=weights.get(section.stream, section.weight)) for section in self.sections)
        return _collection(self.clips, self.streams, sections)


def collect(clips: Sequence[Clip], gallery: Gallery, sections: Sequence[Section] = ()) -> Collection:
    """Those of ``clips`` that have embeddings in ``gallery``. Raises NotEnoughData without any.

    ``sections`` say where the streams of its vectors stand; none means a single one.
    """
    known = {clip.clip_id: clip for clip in clips}
    wanted = [clip_id in known for clip_id in gallery.clip_ids]  # the library may have changed between the two readings
    if not any(wanted):
        raise NotEnoughData("the library holds no clips for this encoder yet; add some, or make the samples")
    places = tuple(sections) or (Section("all", "", 0, gallery.vectors.shape[1], 1.0),)
    owners, streams = pool_streams(gallery.vectors[wanted], [clip_id for clip_id in gallery.clip_ids if clip_id in known], places)
    return _collection(tuple(known[owner] for owner in owners), streams, places)


def pool_streams(vectors: Floats, owners: Sequence[str], sections: Sequence[Section]) -> tuple[tuple[str, ...], Floats]:
    """The M different owners, and (M, D) rows: per section the mean direction of an owner's windows (W, D)."""
    pooled = [pool(vectors[:, section.start : section.stop], owners) for section in sections]
    return pooled[0][0], np.hstack([rows for _, rows in pooled])


def _collection(clips: tuple[Clip, ...], streams: Floats, sections: tuple[Section, ...]) -> Collection:
    mean = streams.astype(np.float64).mean(axis=0).astype(np.float32)
    return Collection(clips, streams, mean, sections, weigh(streams, sections), _centred(streams, mean, sections))


def _centred(streams: Floats, mean: Floats, sections: Sequence[Section]) -> Floats:
    parts = [centre(streams[:, at.start : at.stop], mean[at.start : at.stop]) for at in sections]
    return weigh(np.hstack(parts), sections)
