"""Adding clips: hash -> media -> probe -> windows -> embed -> ledger -> index, a few clips ahead.

A job and its items are rows of the ledger, so a kill at any moment loses nothing that was acknowledged, and the next
process resumes the job. This module runs in the process that holds the library; the networks run elsewhere.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.clips import Clip, ClipEmbeddings, Progress
from core.comparing import same_fingerprint
from core.embedding import Embedded, Embedder
from core.errors import (
    BadClip,
    FingerprintMismatch,
    LibraryError,
    MotionbookError,
    WeightsDamaged,
    WeightsMissing,
    WorkerDied,
    from_reason,
)
from core.settings import DecodingLimits
from core.store import JobItem, Library, StoredMedia

NO_PARTS: Mapping[str, str] = MappingProxyType({})
CLIPS_AHEAD = 4  # clips that may be with the worker at once: enough that decoding never waits for the ledger
LOOK_SECONDS = 0.25  # how often a wait looks up whether somebody wants to stop
FOR_EVERY_CLIP = (LibraryError, WeightsMissing, WeightsDamaged, FingerprintMismatch)
"""What is true for every clip that follows: the job ends with it, and no clip is blamed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not added, for a stable ``reason`` and in words."""

    path: Path
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of a job. ``windows`` counts the embeddings that were made, ``seconds`` the time it took."""

    added: int
    duplicates: int
    refused: tuple[Refusal, ...]
    windows: int
    seconds: float
    cancelled: int = 0


@dataclass(slots=True, eq=False)
class _Flight:
    """A clip that is with the worker."""

    item: JobItem
    media: StoredMedia
    future: Future[Embedded]
    tries: int = 1


class Ingestor:
    """Runs one job of ``library``: make one per job.

    Args:
        fingerprint: of the job's encoder, already known to the library.
        parts: fingerprints of that encoder's parts by name, known as well: what the library has of them is not computed
            again, and what is computed is kept, so that changing between an encoder and its parts costs nothing.
        on_progress: hears of every item that begins or ends.
        should_stop: asked several times a second; stopped, the job stays open and the next run resumes it.
        prepare: makes an item's file when its turn comes; most jobs have theirs already.
    """

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        limits: DecodingLimits,
        job_id: int,
        fingerprint: str,
        *,
        parts: Mapping[str, str] = NO_PARTS,
        on_progress: Callable[[Progress], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
        prepare: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self._library, self._embedder, self._limits = library, embedder, limits
        self._job_id, self._fingerprint, self._parts = job_id, fingerprint, parts
        self._encoder = library.job(job_id).encoder
        self._on_progress, self._should_stop, self._prepare = on_progress, should_stop, prepare
        self._flights: deque[_Flight] = deque()

    def run(self) -> AddReport:
        """Work through the job's open items to the end, to its cancellation, or until ``should_stop`` says so.

        What FOR_EVERY_CLIP names is raised: nothing more could be acknowledged. Items that were under way then, or when
        it stopped, wait for the next run; those of a cancelled job are cancelled.
        """
        started = time.monotonic()
        try:
            while not self._stopping():
                item = self._library.next_item(self._job_id) if len(self._flights) < CLIPS_AHEAD else None
                if item is not None:
                    self._start(item)
                elif self._flights:
                    self._land()
                else:
                    self._library.finish_job(self._job_id)
                    break
        finally:
            for flight in self._flights:
                self._embedder.cancel(flight.future)
            for flight in self._flights:
                self._put_back(flight.item, flight.media)
        return report(self._library, self._job_id, time.monotonic() - started)

    def _put_back(self, item: JobItem, media: StoredMedia | None = None) -> None:
        """The item waits for the next run, or is cancelled with its job."""
        try:
            if media is not None:
                self._library.drop_media(media.clip_id)
            cancelled = self._library.job(self._job_id).state == "cancelled"
            self._finish(item, "cancelled" if cancelled else "queued")
        except LibraryError:
            pass  # a disk that refuses even this: the next opening of the library does the same

    def _stopping(self) -> bool:
        return self._should_stop() or self._library.job(self._job_id).state == "cancelled"

    def _start(self, item: JobItem) -> None:
        """Take the file in and send it to the worker, unless the library has it already."""
        self._say(item)
        try:
            path = Path(item.path)
            self._prepare(path)
            check_file(path, self._limits)
            media = self._take_in(path)
        except BadClip as error:
            self._finish(item, "refused", error=error)
            return
        except MotionbookError:
            self._put_back(item)
            raise
        if media is None:
            self._put_back(item)
        elif self._library.has_embeddings(media.clip_id, self._fingerprint):
            self._take_back(item, media.clip_id)
        else:
            self._flights.append(_Flight(item, media, self._submit(media)))

    def _take_in(self, path: Path) -> StoredMedia | None:
        """The file in the library's media; None when somebody wants to stop before that is settled."""
        media = self._library.put_media(path)
        while any(flight.media.clip_id == media.clip_id for flight in self._flights):
            if self._stopping():
                return None
            self._land()  # the same content is on its way: its fate decides whether this one is a duplicate
        return media if media.path.exists() else self._library.put_media(path)  # a refusal took the file with it

    def _take_back(self, item: JobItem, clip_id: str) -> None:
        """The library has this content: a duplicate, or a deleted clip that somebody wants again."""
        clip = self._library.find(clip_id)
        if clip is not None and clip.deleted_at is not None:
            self._library.restore([clip_id])
            self._library.relabel([clip_id], label=item.label or None, source=item.source or None, name=item.name or None)
            self._finish(item, "added", clip_id=clip_id)
        else:
            self._finish(item, "duplicate", clip_id=clip_id)

    def _submit(self, media: StoredMedia) -> Future[Embedded]:
        return self._embedder.submit(media.path, self._encoder, known=self._known(media.clip_id), thumbnail=True)

    def _known(self, clip_id: str) -> dict[str, ClipEmbeddings]:
        """What the library holds of this clip by parts of the encoder."""
        found = {name: self._library.embeddings(clip_id, fingerprint) for name, fingerprint in self._parts.items()}
        return {name: embeddings for name, embeddings in found.items() if embeddings is not None}

    def _land(self) -> None:
        """Wait for the oldest clip and write down what became of it."""
        flight = self._flights[0]
        while not self._arrived(flight.future):
            if self._stopping():
                return
        try:
            self._commit(flight, flight.future.result())
        except FOR_EVERY_CLIP:
            raise  # the clip is still among the flights, and goes back into the queue with them
        except WorkerDied as error:
            self._try_again(flight, error)
            return
        except MotionbookError as error:
            self._refuse(flight, error)
        self._flights.popleft()

    @staticmethod
    def _arrived(future: Future[Embedded]) -> bool:
        try:
            future.exception(timeout=LOOK_SECONDS)
        except NotYet:
            return future.done()
        return True

    def _try_again(self, flight: _Flight, error: WorkerDied) -> None:
        """The worker died with several clips on board: each gets one more try, alone, so that only the culprit is refused."""
        if flight.tries > 1:
            self._flights.popleft()
            self._refuse(flight, BadClip("decoder-died", f"{flight.item.name} ended the worker twice; {error}"))
            return
        while not all(self._arrived(waiting.future) for waiting in self._flights):
            if self._stopping():
                return
        flight.future, flight.tries = self._submit(flight.media), 2
        self._land()

    def _refuse(self, flight: _Flight, error: MotionbookError) -> None:
        """The worker knows the file by its content's hash only; people know it by its name."""
        message = str(error).replace(flight.media.clip_id, flight.item.name)
        self._library.drop_media(flight.media.clip_id)
        self._finish(flight.item, "refused", error=from_reason(error.reason, message))

    def _commit(self, flight: _Flight, embedded: Embedded) -> None:
        """Acknowledge: the clip, its embeddings and the item's end in one transaction of the ledger."""
        item, media = flight.item, flight.media
        same_fingerprint(embedded.embeddings.fingerprint, self._fingerprint)
        clip = Clip(
            clip_id=media.clip_id,
            name=item.name,
            label=item.label,
            source=item.source,
            bytes=media.bytes,
            info=embedded.info,
            added_at=time.time(),
            synthetic=item.synthetic,
        )
        known = self._library.find(media.clip_id)
        if known is not None and known.deleted_at is None:  # here already, but not yet in this encoder's space
            self._library.add_embeddings(media.clip_id, embedded.embeddings)
            self._keep_parts(media.clip_id, embedded)
            self._finish(item, "added", clip_id=media.clip_id, windows=len(embedded.embeddings.windows))
            return
        self._library.add(clip, embedded.embeddings, thumbnail=embedded.thumbnail or None, job=(item.job_id, item.position))
        self._keep_parts(media.clip_id, embedded)
        self._say(item)

    def _keep_parts(self, clip_id: str, embedded: Embedded) -> None:
        """Beside the acknowledged embeddings: should a kill take these, they are only computed again when asked for."""
        for part in embedded.parts:
            self._library.add_embeddings(clip_id, part)

    def _finish(
        self, item: JobItem, state: str, *, clip_id: str | None = None, error: MotionbookError | None = None, windows: int = 0
    ) -> None:
        reason, message = (error.reason, str(error)) if error else (None, None)
        self._library.finish_item(
            item.job_id, item.position, state, clip_id=clip_id, reason=reason, message=message, windows=windows
        )
        self._say(item)

    def _say(self, item: JobItem) -> None:
        job = self._library.job(self._job_id)
        self._on_progress(Progress(job.done, job.total, item.name))


def check_file(path: Path, limits: DecodingLimits) -> None:
    """Refuse by name what is no readable regular file of an acceptable size, before a byte is copied. Raises BadClip."""
    if "\ufffd" in str(path) and not path.exists():
        raise BadClip("unreadable", f"{path.name} must have a name and folders in UTF-8; rename what holds other bytes")
    try:
        size_bytes = path.stat().st_size
        regular = path.is_file()
        if regular:
            path.open("rb").close()
    except OSError as error:
        raise BadClip(
            "unreadable", f"{path.name} cannot be opened ({error.strerror}); check the path and its permissions"
        ) from error
    except ValueError as error:  # a NUL in the path
        raise BadClip("unreadable", f"{str(path)!r} is not a path; {error}") from error
    if not regular:
        raise BadClip("unreadable", f"{path.name} must be a regular file; name the video itself")
    if size_bytes > limits.file_bytes:
        raise BadClip("too-large", f"{path.name} ({size_bytes >> 20} MiB) must be at most {limits.file_bytes >> 20} MiB; cut it")


def report(library: Library, job_id: int, seconds: float) -> AddReport:
    """What the ledger says became of a job."""
    job = library.job(job_id)
    refused = tuple(
        Refusal(Path(item.path), item.reason or "", item.message or "") for item in library.job_items(job_id, state="refused")
    )
    counts = job.counts
    return AddReport(counts["added"], counts["duplicate"], refused, job.windows, seconds, counts["cancelled"])
