"""What opening a library mends by itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from core.store.derived import owners
from core.store.files import storage_errors


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What the last opening found and mended. ``media_missing``: clips whose file is gone, which nothing can mend."""

    orphan_media_removed: int = 0
    orphan_derived_removed: int = 0
    temp_removed: int = 0
    incoming_removed: int = 0
    jobs_requeued: int = 0
    erase_completed: bool = False
    index_rebuilt: bool = False
    index_caught_up: int = 0
    """Windows that a kill had kept from the index, or from leaving it."""
    media_missing: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def anything(self) -> bool:
        """Whether there is something worth telling."""
        counts = (
            self.orphan_media_removed,
            self.orphan_derived_removed,
            self.temp_removed,
            self.incoming_removed,
            self.jobs_requeued,
        )
        return bool(any(counts) or self.erase_completed or self.index_rebuilt or self.media_missing)


def sweep_incoming(folder: Path, wanted: Collection[str]) -> int:
    """Remove the uploads that no unfinished job item names, and the folders that are empty then; how many files."""
    keep = {Path(path).resolve() for path in wanted}
    removed = 0
    with storage_errors("sweeping the incoming folder"):
        for path in sorted(folder.rglob("*"), reverse=True):  # what is inside a folder comes before the folder
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.resolve() not in keep:
                path.unlink()
                removed += 1
    return removed


def sweep_derived(folder: Path, known: Collection[str]) -> int:
    """Remove thumbnails, browser copies and what else was worked out of clips of which one is not here; how many files."""
    orphans = [path for path in folder.iterdir() if not owners(path.name) or any(one not in known for one in owners(path.name))]
    with storage_errors("sweeping the derived folder"):
        for path in orphans:
            path.unlink()
    return len(orphans)
