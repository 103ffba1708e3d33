"""True erase: nothing of a clip stays in the library's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from core.clips import Clip
from core.store import clip_rows, comparisons, concepts, embedding_rows, job_book, notebook_rows, projections, rules, scans
from core.store.derived import files_of
from core.store.files import fsync_folder, remove_file, storage_errors
from core.store.keeper import IndexKeeper
from core.store.ledger import Ledger
from core.store.media import MediaFolder


def pending_erase(home: Path) -> bool:
    """Whether an erase was cut short; ``erase_traces`` of no clips then completes it, after orphans were swept."""
    return _marker(home).exists()


def erase_traces(home: Path, ledger: Ledger, media: MediaFolder, keeper: IndexKeeper, doomed: Sequence[Clip]) -> None:
    """Remove every trace of ``doomed``. Raises StorageFailed; it is completed at the next opening then.

    The ledger goes first: once it has forgotten, files left by a kill are orphans, which an opening sweeps. The mark
    tells that opening to scrub the ledger's freed pages and to drop the index, too.
    """
    with storage_errors("marking an erase"):
        _marker(home).touch()
        fsync_folder(home)
    clip_ids = [clip.clip_id for clip in doomed]
    uploads = _copies(home / "incoming", doomed)
    paths = [*uploads, *map(media.path, clip_ids)]  # a job that embeds what the library has names its media
    with ledger.writing(change=True) as connection:
        embedding_rows.erase(connection, clip_ids)
        clip_rows.erase(connection, clip_ids)
        job_book.erase(connection, clip_ids, map(str, paths), [clip.name for clip in doomed])
        comparisons.erase(connection, doomed)
        notebook_rows.erase(connection, doomed)
        projections.erase(connection, clip_ids)
        rules.erase(connection, clip_ids, [clip.name for clip in doomed])
        concepts.erase(connection, clip_ids)
        scans.erase(connection, doomed)
    for clip_id in clip_ids:
        media.remove(clip_id)
    for path in files_of(home / "derived", clip_ids):
        remove_file(path)
    for path in uploads:
        remove_file(path)
    keeper.forget()
    ledger.scrub()
    remove_file(_marker(home))


def _copies(folder: Path, doomed: Sequence[Clip]) -> list[Path]:
    """Uploads with the content of one of these clips, which wait for a job to find out that they are duplicates."""
    wanted = {clip.clip_id: clip.bytes for clip in doomed}
    found = []
    with storage_errors("looking through the incoming folder"):
        for path in folder.rglob("*"):
            if path.is_file() and path.stat().st_size in wanted.values():
                with path.open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() in wanted:
                        found.append(path)
    return found


def _marker(home: Path) -> Path:
    return home / "erasing"
