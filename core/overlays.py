"""Films of clips with what the motion streams see drawn over them: which there are, and the errand that makes more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core import encoders, weights
from core.clips import Progress
from core.errands import Errands
from core.overlaying import KINDS, draw_over, known_kind
from core.settings import Settings
from core.store import Library

DRAWING = "Drawing over the clips"
"""Title of the errand."""


class Overlays:
    """Overlays of one library's clips; a kind is one of ``core.overlaying.KINDS``."""

    def __init__(self, library: Library, settings: Settings, errands: Errands) -> None:
        self._library, self._settings, self._errands = library, settings, errands

    def path(self, clip_id: str, kind: str) -> Path | None:
        """The film of a clip with ``kind`` drawn over it; None while nobody has drawn it."""
        path = self._library.overlay_path(clip_id, known_kind(kind))
        return path if path.exists() else None

    def draw(self, clip_ids: Sequence[str], kind: str) -> None:
        """Begin the errand that draws ``kind`` over those of the clips that lack it.

        Raises BadInput for an unknown kind and while another errand is under way, WeightsMissing before anything is drawn.
        """
        weights.locate(encoders.spec(KINDS[known_kind(kind)]), self._settings.cache)
        lacking = [clip_id for clip_id in dict.fromkeys(clip_ids) if self.path(clip_id, kind) is None]

        def work(report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
            for clip_id in lacking:
                self._draw(clip_id, kind, report, should_stop)

        self._errands.start(DRAWING, work)

    def _draw(self, clip_id: str, kind: str, report: Callable[[Progress], None], should_stop: Callable[[], bool]) -> None:
        media = self._library.media_path(clip_id)

        def write(path: Path) -> None:
            draw_over(media, path, kind, self._settings, report=report, should_stop=should_stop)

        self._library.make_overlay(clip_id, kind, write)
