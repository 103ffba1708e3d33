"""Short films for grids of many clips: a stretch of each clip, small enough that dozens can be loaded and several play at once.

A small film that any browser plays is its own preview. Of all others the stretch is cut out and scaled down, in a thread and a
decoder process of its own, and kept beside the clip, so that it goes when the clip is erased.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.clips import Clip
from core.decoding import Decoder, playable_in_browser
from core.errors import MotionbookError
from core.workbench import Workbench

SMALL_BYTES = 4 * 2**20
"""Up to here a film is served whole: cutting would cost more than it saves."""
LONG_SIDE_PX = 480  # a card is at most about 300 px wide; twice that on a fine screen would be wasted on a thumbnail
LONGEST_SECONDS = 20.0
MP4 = "video/mp4"
_FORMS = {"webm": "video/webm", "matroska,webm": "video/webm", "ogg": "video/ogg"}

Stretch = tuple[str, float, float]
"""A clip's id and the seconds from and to."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A film to go round in between ``start_seconds`` and ``end_seconds`` of itself. ``form`` is its MIME type."""

    content: Path | bytes
    form: str
    start_seconds: float
    end_seconds: float


class Previewer:
    """Makes and remembers previews for one library. Safe from any thread; close it."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._wanted: list[Stretch] = []
        self._failed: dict[Stretch, str] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False

    def get(self, clip: Clip, start_seconds: float, end_seconds: float) -> Preview | None:
        """The preview of a stretch; None while there is none: ``want`` it, then. Raises StorageFailed."""
        whole = self._whole(clip)
        if whole is not None:
            form = _FORMS.get(clip.info.container, MP4) if whole == self._bench.library.media_path(clip.clip_id) else MP4
            return Preview(whole, form, start_seconds, end_seconds)
        content = self._bench.library.derived(clip.clip_id, _name(start_seconds, end_seconds))
        return None if content is None else Preview(content, MP4, 0.0, _length(start_seconds, end_seconds))

    def failure(self, clip: Clip, start_seconds: float, end_seconds: float) -> str:
        """Why there will be no preview of this stretch; "" where nothing is known to be wrong."""
        return self._failed.get((clip.clip_id, start_seconds, end_seconds), "")

    def want(self, stretches: Sequence[Stretch]) -> int:
        """From now on these are made, the first first, in place of what was wanted before; how many are left to make."""
        with self._lock:
            self._wanted = [stretch for stretch in stretches if stretch not in self._failed]
            if self._wanted and self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
                self._thread.start()
            return len(self._wanted)

    def close(self) -> None:
        """Stop after the film under way. Safe to call twice."""
        with self._lock:
            self._closing, self._wanted, thread = True, [], self._thread
        if thread is not None:
            thread.join(timeout=30)

    def _whole(self, clip: Clip) -> Path | None:
        """The clip's own file, or its copy for browsers, where either can be served as it is."""
        library = self._bench.library
        path = library.media_path(clip.clip_id) if playable_in_browser(clip.info) else library.playback_path(clip.clip_id)
        try:
            return path if path.stat().st_size <= SMALL_BYTES else None
        except OSError:  # there is no such file
            return None

    def _work(self) -> None:
        with Decoder(self._bench.settings.limits) as decoder:
            while (stretch := self._next()) is not None:
                try:
                    self._make(decoder, *stretch)
                except MotionbookError as error:
                    self._failed[stretch] = str(error)
                except Exception as error:  # a defect of ours, or a library that closes: neither may end in an endless trial
                    logging.getLogger("motionbook").warning("no preview of %s: %r", stretch, error)
                    self._failed[stretch] = "something unexpected happened"

    def _next(self) -> Stretch | None:
        with self._lock:
            if not self._wanted:
                self._thread = None
                return None
            return self._wanted.pop(0)

    def _make(self, decoder: Decoder, clip_id: str, start_seconds: float, end_seconds: float) -> None:
        library, name = self._bench.library, _name(start_seconds, end_seconds)
        if library.derived(clip_id, name) is not None:
            return
        span = (start_seconds, start_seconds + _length(start_seconds, end_seconds))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "preview.mp4"
            decoder.transcode(library.media_path(clip_id), path, span=span, long_side_px=LONG_SIDE_PX)
            library.keep_derived(clip_id, name, path.read_bytes())


def _length(start_seconds: float, end_seconds: float) -> float:
    return min(end_seconds - start_seconds, LONGEST_SECONDS)


def _name(start_seconds: float, end_seconds: float) -> str:
    return f"preview.{round(start_seconds * 1000)}-{round(end_seconds * 1000)}.mp4"
