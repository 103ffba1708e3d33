"""Takes: clips that were recorded or dropped for asking only. Nothing of them is in the library unless somebody keeps it.

Their files lie in the library's folder for what comes in and go when they are discarded, when the library closes, or, after a
kill, when it opens next. Their vectors are in memory only.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

from core.clips import Clip, ClipEmbeddings, Progress, VideoInfo, clip_name
from core.decoding import Decoder, playable_in_browser
from core.embedding import LOOK_SECONDS, Embedder
from core.errors import Cancelled, StorageFailed, UnknownName
from core.ingesting import check_file
from core.manifest import Item
from core.settings import DecodingLimits
from core.store import Library

MOST = 50  # takes at once; the one longest untouched goes, and a link that names it says so
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Take:
    """``take_id`` is the sha256 of the content, as a clip's id would be."""

    take_id: str
    name: str
    path: Path
    info: VideoInfo
    taken_at: float
    """Seconds since 1970, UTC."""

    @property
    def query(self) -> str:
        """The query expression that asks for it."""
        return f"take:{self.take_id[:12]}"


class Takes:
    """The takes of one open library. Safe from any thread.

    Args:
        keep: adds items to the library as a job; its id.
    """

    def __init__(
        self,
        library: Library,
        limits: DecodingLimits,
        decoder: Decoder,
        embedder: Embedder,
        keep: Callable[[Item, str | None], int],
    ) -> None:
        self._library, self._limits, self._decoder, self._embedder, self._keep = library, limits, decoder, embedder, keep
        self._takes: dict[str, Take] = {}
        self._vectors: dict[tuple[str, str], ClipEmbeddings] = {}
        self._lock = threading.RLock()

    def take(self, content: bytes | Path, name: str) -> Take:
        """Look at a clip without adding it: its bytes, or a file, which is copied. The same content again is the same take.

        Raises BadClip, by name, for what is no clip, and StorageFailed.
        """
        if isinstance(content, Path):
            check_file(content, self._limits)
        folder = self._library.incoming_folder()
        path = folder / f"take{Path(name).suffix[:6].lower()}"
        try:
            take_id = _write(content, path)
            check_file(path, self._limits)
            made = Take(take_id, clip_name(Path(name).name), path, self._decoder.probe(path), time.time())
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StorageFailed(f"{name[:60]} cannot be written to the library ({error.strerror}); free some space") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._lock:
            known = self._takes.pop(take_id, None)
            if known is not None:
                shutil.rmtree(folder, ignore_errors=True)
            self._takes[take_id] = known or made  # at the end: it was touched last
            old = list(self._takes)[:-MOST]
        for one in old:
            self.discard(one)
        return known or made

    def get(self, beginning: str) -> Take:
        """The take whose id begins so. Raises UnknownName."""
        with self._lock:
            found = [take for take_id, take in self._takes.items() if take_id.startswith(beginning)]
        if len(found) != 1 or len(beginning) < 6:
            raise UnknownName(
                f"take ({beginning[:64]}) must be one that is still here; it was for asking only and is gone: "
                "record or drop it again"
            )
        return found[0]

    def all(self) -> list[Take]:
        """The newest first."""
        with self._lock:
            return sorted(self._takes.values(), key=lambda take: -take.taken_at)

    def discard(self, take_id: str) -> None:
        """Remove its file and vectors; nothing happens when it is gone already."""
        with self._lock:
            take = self._takes.pop(take_id, None)
            for key in [key for key in self._vectors if key[0] == take_id]:
                del self._vectors[key]
        if take is not None:
            shutil.rmtree(take.path.parent, ignore_errors=True)

    def keep(self, take_id: str, label: str = "", source: str = "", encoder: str | None = None) -> int:
        """Add it to the library, as a job whose id this is; it can be asked for as a take as long as it is one.

        Raises UnknownName, BadLabel, WeightsMissing and StorageFailed.
        """
        take = self.get(take_id)
        copy = self._library.incoming_folder() / take.path.name
        try:
            shutil.copyfile(take.path, copy)  # the job removes its file, the take keeps its own
        except OSError as error:
            raise StorageFailed(f"{take.name} cannot be written to the library ({error.strerror}); free some space") from error
        return self._keep(Item(copy, label, source, take.name), encoder)

    def embeddings(
        self,
        take_id: str,
        encoder: str,
        *,
        progress: Callable[[Progress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> ClipEmbeddings:
        """Its windows by one encoder: computed once, ahead of the queue. Raises UnknownName, BadClip, EncoderError, Cancelled."""
        take = self.get(take_id)
        known = self._vectors.get((take.take_id, encoder))
        if known is not None:
            return known

        def report(done: int, total: int) -> None:
            progress(Progress(done, total, take.name))

        stopped = f"Embedding {take.name} was stopped."
        if should_stop():
            raise Cancelled(stopped)
        future = self._embedder.submit(take.path, encoder, urgent=True, on_progress=report)
        while not wait([future], timeout=LOOK_SECONDS).done:
            if should_stop():
                self._embedder.cancel(future)
                raise Cancelled(stopped)
        found = future.result().embeddings
        with self._lock:
            if take.take_id in self._takes:
                self._vectors[take.take_id, encoder] = found
        return found

    def embedded(self, take_id: str, encoder: str) -> bool:
        """Whether ``embeddings`` answers at once."""
        return (self.get(take_id).take_id, encoder) in self._vectors

    def clip(self, take_id: str) -> Clip:
        """The take as a clip that is in no library; of the same content as one that is there, it is of that one's source."""
        take = self.get(take_id)
        twin = self._library.find(take.take_id)
        source = twin.split_source if twin else f"take:{take.take_id}"
        return Clip(take.take_id, take.name, "", source, take.path.stat().st_size, take.info, take.taken_at)

    def playable(self, take_id: str) -> Path:
        """A file that any browser plays: the take itself, or a copy transcoded once. Raises UnknownName and BadClip."""
        take = self.get(take_id)
        if playable_in_browser(take.info):
            return take.path
        copy = take.path.with_name("playable.mp4")
        with self._lock:
            if not copy.exists():
                self._decoder.transcode(take.path, copy)
        return copy

    def close(self) -> None:
        """Remove them all. Safe to call twice."""
        for take in self.all():
            self.discard(take.take_id)


def _write(content: bytes | Path, destination: Path) -> str:
    """The sha256 of what was written."""
    seen = hashlib.sha256()
    with destination.open("wb") as target:
        if isinstance(content, bytes):
            seen.update(content)
            target.write(content)
            return seen.hexdigest()
        with content.open("rb") as source:
            while chunk := source.read(CHUNK_BYTES):
                seen.update(chunk)
                target.write(chunk)
    return seen.hexdigest()
