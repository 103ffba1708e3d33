"""The library: ledger, media, lock and index as one thing, which one process has open at a time.

Something is acknowledged when the ledger has committed it. A media file that no clip row owns is therefore an orphan,
swept at the next opening, even while a job waits: a job item names the file it came from, and takes it in again.
Uploads in ``incoming/`` stay as long as an unfinished job item names them.

Every method may be called from any thread. Changes of clips and vectors go one after the other; readers do not wait.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from core.clips import Clip, ClipEmbeddings, Floats, Gallery, Match, Window
from core.errors import BadEmbedding, BadInput, BadSetting, LibraryDamaged
from core.store import clip_rows, comparisons, embedding_rows, job_book, notes, scans
from core.store.chroma import ChromaIndex
from core.store.clip_rows import Labelling
from core.store.comparisons import Comparison
from core.store.concepts import Concepts
from core.store.contents import LedgerContents
from core.store.derived import derived_name
from core.store.embedding_rows import StoredEncoder
from core.store.erasing import erase_traces, pending_erase
from core.store.files import empty_folder, make_folder, place, remove_file, storage_errors, write_temporary, write_whole
from core.store.generations import Generations, NoGenerations
from core.store.index import MemoryIndex
from core.store.job_book import JobBook
from core.store.keeper import IndexKeeper
from core.store.ledger import Ledger
from core.store.lock import LibraryLock
from core.store.media import MediaFolder, StoredMedia, checked_id
from core.store.notebooks import Notebooks
from core.store.projections import Projections
from core.store.repair import RepairReport, sweep_derived, sweep_incoming
from core.store.rules import Rules
from core.store.scans import Scans
from core.store.schema import now_seconds

INDEXES = ("chroma", "memory")


class Library(JobBook):
    """One library on disk; make it with ``Library.open``. Its job methods are JobBook's.

    ``repaired`` says what the opening found and mended.
    """

    repaired: RepairReport

    @classmethod
    def open(cls, home: Path, *, index: str = "chroma") -> Self:
        """Lock, open or make, and repair the library at ``home``. ``index`` is one of INDEXES.

        Raises LibraryLocked, LibraryDamaged, SchemaTooNew, StorageFailed.
        """
        if index not in INDEXES:
            raise BadSetting(f"index ({index!r}) must be one of {', '.join(INDEXES)}")
        home = make_folder(Path(home).absolute())
        lock = LibraryLock(home / "lock")
        ledger = None
        try:
            ledger = Ledger(home / "ledger.sqlite")
            library = cls(home, lock, ledger, index=index)
            library.repaired = library._repair()
            return library
        except BaseException:
            if ledger is not None:
                ledger.close()
            lock.release()
            raise

    def __init__(self, home: Path, lock: LibraryLock, ledger: Ledger, *, index: str) -> None:
        super().__init__(ledger, make_folder(home / "incoming"))
        self.home, self._lock = home, lock
        self._temp, self._derived = make_folder(home / "temp"), make_folder(home / "derived")
        self._media = MediaFolder(home / "media", self._temp)
        self._changing = threading.RLock()
        self.notebooks, self.projections = Notebooks(ledger), Projections(ledger)
        self.rules = Rules(ledger)
        self.concepts = Concepts(ledger)
        self.scans = Scans(ledger)
        contents = LedgerContents(ledger)
        if index == "chroma":
            self._keeper = IndexKeeper(Generations(home / "index"), contents, ChromaIndex)
        else:
            self._keeper = IndexKeeper(NoGenerations(home / "index"), contents, lambda _folder: MemoryIndex())

    def close(self) -> None:
        """Safe to call twice."""
        with self._changing:
            try:
                self._keeper.close()
            finally:
                self._ledger.close()
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def revision(self) -> int:
        """Grows with each change of clips, labels or embeddings, over the library's whole life: caches key on it."""
        return self._ledger.revision

    # Media

    def put_media(self, path: Path) -> StoredMedia:
        """Take a file in, under its content's hash. Not acknowledged by itself: ``add`` its clip, or ``drop_media`` it.

        Raises BadClip("unreadable") and StorageFailed.
        """
        return self._media.put(path)

    def drop_media(self, clip_id: str) -> None:
        """Remove a file that was taken in but became no clip; nothing happens to a clip's own."""
        with self._changing:
            if self.find(clip_id) is None:
                self._media.remove(clip_id)

    def media_path(self, clip_id: str) -> Path:
        """Where a clip's file is; its name has no suffix. Raises UnknownName for what cannot be a clip id."""
        return self._media.path(clip_id)

    def media_suffix(self, clip_id: str) -> str:
        """The suffix the file came with, such as ".mp4"; "" when it had none."""
        with self._ledger.reading() as connection:
            return clip_rows.suffix(connection, clip_id)

    def thumbnail_path(self, clip_id: str) -> Path:
        """Where the thumbnail is, or would be: not every clip has one."""
        return self._derived / f"{checked_id(clip_id)}.jpg"

    def playback_path(self, clip_id: str) -> Path:
        """Where the copy for browsers is, or would be: only clips that a browser cannot play have one."""
        return self._derived / f"{checked_id(clip_id)}.mp4"

    def overlay_path(self, clip_id: str, kind: str) -> Path:
        """Where the film of the clip with ``kind`` drawn over it is, or would be."""
        return self._derived / f"{checked_id(clip_id)}.{kind}.mp4"

    def make_overlay(self, clip_id: str, kind: str, write: Callable[[Path], object]) -> Path:
        """Let ``write`` make that film at the path given to it; it appears wholly or not at all."""
        return self._make_derived(clip_id, self.overlay_path(clip_id, kind), write)

    def make_thumbnail(self, clip_id: str, jpeg: bytes) -> Path:
        """Write, or replace, a clip's thumbnail. Raises UnknownName and StorageFailed."""
        return self._make_derived(clip_id, self.thumbnail_path(clip_id), lambda path: path.write_bytes(jpeg))

    def make_playback(self, clip_id: str, write: Callable[[Path], object]) -> Path:
        """Let ``write`` make the copy for browsers at the path given to it; it appears wholly or not at all."""
        return self._make_derived(clip_id, self.playback_path(clip_id), write)

    def derived(self, clip_id: str, name: str) -> bytes | None:
        """What ``keep_derived`` kept under this name; None when there is nothing."""
        path = self._derived / derived_name(clip_id, name)
        with storage_errors("reading what was worked out of a clip"):
            return path.read_bytes() if path.exists() else None

    def keep_derived(self, clip_id: str, name: str, content: bytes) -> None:
        """Keep something worked out of a clip, until the clip is erased or something else is kept under that name.

        A name has parts with points between them; what a pair of clips gave has the id of the other clip as a part, and goes
        when either is erased. Raises BadInput for a name that no file can have, UnknownName and StorageFailed.
        """
        self._make_derived(clip_id, self._derived / derived_name(clip_id, name), lambda path: path.write_bytes(content))

    def _make_derived(self, clip_id: str, destination: Path, write: Callable[[Path], object]) -> Path:
        def adopt(temporary: Path) -> None:
            with self._changing, self._ledger.reading() as connection:
                clip_rows.existing(connection, [clip_id])  # it may have been erased while ``write`` took its time
                place(temporary, destination)

        write_temporary(write, adopt, temp=self._temp, suffix=destination.suffix)
        return destination

    def incoming_folder(self) -> Path:
        """A new, empty folder for uploads; a job item for each (``temporary=True``) keeps them until it is done."""
        return make_folder(self._incoming / secrets.token_hex(8))

    # Clips

    def clip(self, clip_id: str, *, deleted: bool | None = False) -> Clip:
        """The clip with this id, or the only one whose id begins so (6 digits or more). UnknownName, BadQuery.

        Looked for among the live clips, or among the ``deleted`` ones, or (None) among all.
        """
        with self._ledger.reading() as connection:
            return clip_rows.by_prefix(connection, clip_id, deleted=deleted)

    def find(self, clip_id: str) -> Clip | None:
        """The clip with exactly this id, deleted or not; None when there is none."""
        with self._ledger.reading() as connection:
            return clip_rows.find(connection, clip_id)

    def clips(self, *, deleted: bool = False) -> list[Clip]:
        """All live clips, or all deleted ones, in the order they were added."""
        with self._ledger.reading() as connection:
            return clip_rows.listed(connection, deleted=deleted)

    def add(
        self,
        clip: Clip,
        embeddings: ClipEmbeddings | None = None,
        *,
        thumbnail: bytes | None = None,
        job: tuple[int, int] | None = None,
        suffix: str | None = None,
    ) -> None:
        """Add a clip whose media is in already, its vectors, and the end of its job item, in one transaction.

        The clip is acknowledged when this returns. A live clip of the same content keeps its name and labels and gets
        the vectors; a deleted one comes back with the new labels and keeps its vectors by other encoders.
        ``job`` is (job_id, position); ``suffix`` is the name's own unless given.
        Raises BadInput (no media), BadLabel, FingerprintMismatch, UnknownName (job), StorageFailed.
        """
        upload = None
        with self._changing:
            if not self._media.has(clip.clip_id):
                raise BadInput(f"clip ({clip.clip_id}) must have its media in the library first; call put_media")
            former = self._before_change([clip.clip_id])
            if thumbnail is not None:
                write_whole(self.thumbnail_path(clip.clip_id), lambda path: path.write_bytes(thumbnail), temp=self._temp)
            with self._ledger.writing(change=True) as connection:
                clip_rows.put(connection, clip, Path(clip.name).suffix if suffix is None else suffix)
                if embeddings is not None:
                    embedding_rows.put(connection, clip.clip_id, embeddings)
                vectors = embedding_rows.of_clip(connection, clip.clip_id)
                if job is not None:
                    windows = len(embeddings.windows) if embeddings is not None else 0
                    upload = job_book.finish(connection, *job, "added", clip_id=clip.clip_id, windows=windows)
            for fingerprint, rows in vectors:
                self._keeper.put(clip.clip_id, fingerprint, rows, former_windows=former.get(fingerprint, {}).get(clip.clip_id, 0))
        self._drop_uploads([upload])

    def relabel(
        self, clip_ids: Iterable[str], *, label: str | None = None, source: str | None = None, name: str | None = None
    ) -> tuple[Labelling, ...]:
        """Set what is not None for all of them; what stood there before, for ``relabel_each`` to put back.

        Raises BadLabel and UnknownName; then nothing is changed.
        """
        with self._changing, self._ledger.writing(change=True) as connection:
            wanted = [
                Labelling(
                    clip.clip_id,
                    clip.label if label is None else label,
                    clip.source if source is None else source,
                    clip.name if name is None else name,
                )
                for clip in clip_rows.existing(connection, clip_ids)
            ]
            return clip_rows.relabel(connection, wanted)

    def relabel_each(self, labellings: Sequence[Labelling]) -> tuple[Labelling, ...]:
        """Set each as given; what stood there before. Raises BadLabel and UnknownName; then nothing is changed."""
        with self._changing, self._ledger.writing(change=True) as connection:
            return clip_rows.relabel(connection, labellings)

    def delete(self, clip_ids: Iterable[str]) -> tuple[str, ...]:
        """Take clips out of every answer, so that ``restore`` can undo it; no file is removed. Raises UnknownName.

        The ids of those that were live: what ``restore`` must be given to undo exactly this.
        """
        wanted = list(clip_ids)
        with self._changing:
            windows = self._before_change(wanted)
            with self._ledger.writing(change=True) as connection:
                deleted = clip_rows.set_deleted(connection, wanted, now_seconds())
            for fingerprint, counts in windows.items():
                self._keeper.remove(fingerprint, counts)
        return deleted

    def restore(self, clip_ids: Iterable[str]) -> tuple[str, ...]:
        """Undo ``delete``; the ids of those that were deleted. Raises UnknownName."""
        wanted = list(clip_ids)
        with self._changing:
            self._before_change(wanted)
            with self._ledger.writing(change=True) as connection:
                restored = clip_rows.set_deleted(connection, wanted, None)
                vectors = [(clip_id, embedding_rows.of_clip(connection, clip_id)) for clip_id in restored]
            for clip_id, of_clip in vectors:
                for fingerprint, rows in of_clip:
                    self._keeper.put(clip_id, fingerprint, rows)
        return restored

    def erase(self, clip_ids: Iterable[str]) -> None:
        """Remove clips for good: no byte of their media, pictures, vectors, ids or names stays in the library's folder.

        Job items, comparisons, maps and cells of notebooks with them go too. The index is built anew, so it takes seconds per
        ten thousand windows. Cut short by a kill, it is completed at the next opening. What the file system or a backup keeps of
        removed files is beyond its reach. Raises UnknownName (nothing is erased) and StorageFailed.
        """
        with self._changing:
            with self._ledger.reading() as connection:
                doomed = clip_rows.existing(connection, clip_ids)
            if doomed:
                erase_traces(self.home, self._ledger, self._media, self._keeper, doomed)
                self._keeper.ready()

    # Embeddings

    def remember_encoder(
        self, fingerprint: str, encoder: str, dimension: int, provenance: Mapping[str, Any] | None = None
    ) -> None:
        """Before its first vectors. Saying it again is fine; another dimension is a FingerprintMismatch."""
        row = StoredEncoder(fingerprint, encoder, dimension, provenance or {}, now_seconds())
        with self._changing, self._ledger.writing() as connection:
            embedding_rows.remember_encoder(connection, row)

    def encoders(self) -> list[StoredEncoder]:
        """Whose vectors the library knows, in the order they came."""
        with self._ledger.reading() as connection:
            return embedding_rows.known_encoders(connection)

    def add_embeddings(self, clip_id: str, embeddings: ClipEmbeddings) -> None:
        """Add, or replace, a clip's vectors by one encoder. Raises UnknownName and FingerprintMismatch."""
        with self._changing:
            former = self._before_change([clip_id]).get(embeddings.fingerprint, {}).get(clip_id, 0)
            with self._ledger.writing(change=True) as connection:
                clip = clip_rows.existing(connection, [clip_id])[0]
                embedding_rows.put(connection, clip_id, embeddings)
            if clip.deleted_at is None:
                self._keeper.put(clip_id, embeddings.fingerprint, embeddings.vectors, former_windows=former)

    def has_embeddings(self, clip_id: str, fingerprint: str) -> bool:
        with self._ledger.reading() as connection:
            return embedding_rows.has(connection, clip_id, fingerprint)

    def embeddings(self, clip_id: str, fingerprint: str) -> ClipEmbeddings | None:
        """One live clip's exact vectors by one encoder; None when that encoder has not seen it."""
        found = self.gallery(fingerprint, [clip_id])
        spans = zip(found.start_seconds, found.end_seconds, strict=True)
        windows = tuple(Window(float(start), float(end)) for start, end in spans)
        return ClipEmbeddings(fingerprint, windows, found.vectors) if windows else None

    def count_embedded(self, fingerprint: str) -> int:
        """How many live clips have vectors by this encoder."""
        with self._ledger.reading() as connection:
            return len(embedding_rows.window_counts(connection, fingerprint))

    def embedded(self, fingerprint: str) -> frozenset[str]:
        """The ids of the live clips that have vectors by this encoder."""
        with self._ledger.reading() as connection:
            return frozenset(embedding_rows.window_counts(connection, fingerprint))

    def gallery(self, fingerprint: str, clip_ids: Sequence[str] | None = None) -> Gallery:
        """The exact vectors of the live clips, read-only, in the order of ``clip_ids`` or the order they were added.

        Clips that this encoder has not seen are left out. For an encoder the library does not know: (0, 0) vectors.
        """
        with self._ledger.reading() as connection:
            dimensions = {row.fingerprint: row.dimension for row in embedding_rows.known_encoders(connection)}
            return embedding_rows.gallery(connection, fingerprint, dimensions.get(fingerprint, 0), clip_ids)

    def nearest(self, fingerprint: str, vector: Floats, k: int = 10, *, without: Collection[str] = ()) -> list[Match]:
        """The ``k`` windows most similar to ``vector`` (D,), best first, ties by clip and window; ``without`` some clips.

        Raises FingerprintMismatch (unknown encoder or other dimension) and BadEmbedding (no direction, not finite).
        """
        query = np.asarray(vector, np.float32)
        if query.ndim != 1:
            raise BadEmbedding(f"vector (shape {query.shape}) must have one axis (D,)")
        with self._ledger.reading() as connection:
            embedding_rows.required_encoder(connection, fingerprint, len(query))
            skipped = embedding_rows.windows_by_fingerprint(connection, without).get(fingerprint, {}) if without else {}
        found = self._keeper.nearest(fingerprint, query, k + sum(skipped.values()))
        kept = [(key, similarity) for key, similarity in found if key.clip_id not in skipped][:k]
        return [Match(key.clip_id, key.window, similarity, rank) for rank, (key, similarity) in enumerate(kept, 1)]

    # Comparisons

    def remember_comparison(self, title: str, payload: Mapping[str, Any]) -> int:
        """Keep what was asked and answered, as JSON; the id it is kept by."""
        with self._ledger.writing() as connection:
            return comparisons.remember(connection, title, payload)

    def recent_comparisons(self, limit: int = 10) -> list[Comparison]:
        """Newest first."""
        with self._ledger.reading() as connection:
            return comparisons.recent(connection, limit)

    # Notes

    def remember_note(self, name: str, value: Any) -> None:
        """Keep something small as JSON, in place of what was kept by that name. It must not speak of a clip."""
        with self._ledger.writing() as connection:
            notes.put(connection, name, value)

    def note(self, name: str) -> Any:
        """What was kept by that name; None when nothing was."""
        return self.notes(name).get(name)

    def notes(self, beginning: str = "") -> dict[str, Any]:
        """Everything kept by names that begin so."""
        with self._ledger.reading() as connection:
            return notes.found(connection, beginning)

    def forget_note(self, name: str) -> None:
        """Nothing happens when there is none of that name."""
        with self._ledger.writing() as connection:
            notes.drop(connection, name)

    # Soundness

    def problems(self, *, progress: Callable[[int, int], object] = lambda _done, _total: None) -> list[str]:
        """Read everything again, every media file included; what is wrong, one sentence each. ``progress(done, total)``."""
        found = [f"ledger: {text}" for text in self._ledger.problems()]
        with self._ledger.reading() as connection:
            known = sorted(clip_rows.all_ids(connection))
        for done, clip_id in enumerate(known):
            progress(done, len(known))
            if not self._media.is_sound(clip_id):
                found.append(f"clip {clip_id}: its media file is missing or changed; erase the clip and add it again")
        progress(len(known), len(known))
        if problem := self._keeper.problem():
            found.append(f"index: {problem}; it will be built anew at the next start")
        return found

    def _before_change(self, clip_ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """{fingerprint: {clip id: windows}} that these clips have now.

        Where there are any, the index opens before they change: it then bears the mark of use, so that after a kill
        between ledger and index the next opening compares every vector.
        """
        with self._ledger.reading() as connection:
            windows = embedding_rows.windows_by_fingerprint(connection, clip_ids)
        if windows:
            self._keeper.ready()
        return windows

    def _repair(self) -> RepairReport:
        began = time.monotonic()
        self._refuse_lost_ledger()
        temp_removed = empty_folder(self._temp)
        with self._ledger.writing() as connection:
            known, jobs_requeued = clip_rows.all_ids(connection), job_book.requeue(connection)
            scans.requeue(connection)
            waiting = job_book.waiting_paths(connection)
        orphans = self._media.sweep(known)
        derived = sweep_derived(self._derived, known)
        incoming = sweep_incoming(self._incoming, waiting)
        erase_completed = pending_erase(self.home)
        if erase_completed:
            erase_traces(self.home, self._ledger, self._media, self._keeper, [])
        if self._keeper.ended_uncleanly:
            self._keeper.ready()
        return RepairReport(
            orphan_media_removed=orphans,
            orphan_derived_removed=derived,
            temp_removed=temp_removed,
            incoming_removed=incoming,
            jobs_requeued=jobs_requeued,
            erase_completed=erase_completed,
            index_rebuilt=self._keeper.rebuilt > 0,
            index_caught_up=self._keeper.caught_up,
            media_missing=tuple(sorted(known - self._media.present().keys())),
            seconds=time.monotonic() - began,
        )

    def _refuse_lost_ledger(self) -> None:
        """A new ledger beside old media means that somebody lost the ledger: sweeping would now destroy the rest."""
        if self._ledger.was_new and self._media.present():
            self._ledger.close()
            for suffix in ("", "-wal", "-shm"):
                remove_file(self.home / f"ledger.sqlite{suffix}")
            raise LibraryDamaged(
                f"library ({self.home}) has media but its ledger.sqlite is gone; restore that file from a backup, or name an "
                "empty folder and add the files in media/ again"
            )
