"""Media files, each once, under the sha256 of its content: ``media/ab/ab12...``."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import BadClip, UnknownName
from core.store.files import make_folder, place, remove_file, storage_errors

_BLOCK_BYTES = 2**20
_CLIP_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A file that is in the library's media folder, durably. ``bytes`` is its size."""

    clip_id: str
    bytes: int
    path: Path


def checked_id(clip_id: str) -> str:
    """``clip_id`` when it has the form of one; anything else never reaches the file system. Raises UnknownName."""
    if not _CLIP_ID.fullmatch(clip_id):
        raise UnknownName(f"clip id ({clip_id[:80]!r}) must be 64 hex digits; take it from `list`")
    return clip_id


class MediaFolder:
    """``folder`` holds the media, ``temp`` the copies in the making; both on one file system."""

    def __init__(self, folder: Path, temp: Path) -> None:
        self._folder, self._temp = make_folder(folder), make_folder(temp)

    def path(self, clip_id: str) -> Path:
        return self._folder / checked_id(clip_id)[:2] / clip_id

    def put(self, source: Path) -> StoredMedia:
        """Copy a file in, streaming; nothing happens when its content is here already.

        Raises BadClip("unreadable") when ``source`` cannot be read and StorageFailed when the copy cannot be written.
        """
        try:
            reading = source.open("rb")
        except OSError as error:
            raise BadClip(
                "unreadable", f"{source.name} cannot be opened ({error.strerror}); check its path and rights"
            ) from error
        temporary = self._temp / secrets.token_hex(8)
        try:
            with reading:
                clip_id, size = self._copy(reading, temporary)
            return self._adopt(temporary, clip_id, size)
        finally:
            temporary.unlink(missing_ok=True)

    def _copy(self, reading: IO[bytes], temporary: Path) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with storage_errors("copying a clip into the library"), temporary.open("wb") as writing:
            while block := _read_block(reading):
                digest.update(block)
                size += len(block)
                writing.write(block)
        return digest.hexdigest(), size

    def _adopt(self, temporary: Path, clip_id: str, size: int) -> StoredMedia:
        destination = self.path(clip_id)
        with storage_errors("storing a clip"):
            if not destination.exists() or destination.stat().st_size != size:
                place(temporary, destination)
        return StoredMedia(clip_id, size, destination)

    def has(self, clip_id: str) -> bool:
        return self.path(clip_id).is_file()

    def remove(self, clip_id: str) -> bool:
        return remove_file(self.path(clip_id))

    def is_sound(self, clip_id: str) -> bool:
        """Whether the file is here and its content still has the hash that names it. Reads the whole file."""
        if not self.has(clip_id):
            return False
        with storage_errors("reading a stored clip"), self.path(clip_id).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == clip_id

    def present(self) -> dict[str, Path]:
        """Every file of the folder by its name, which is a clip id unless somebody else put it there."""
        with storage_errors("listing the media folder"):
            return {path.name: path for folder in self._folder.iterdir() if folder.is_dir() for path in folder.iterdir()}

    def sweep(self, known: Collection[str]) -> int:
        """Remove the files that no clip of ``known`` owns; how many there were."""
        orphans = [path for name, path in self.present().items() if name not in known and _CLIP_ID.fullmatch(name)]
        return sum(remove_file(path) for path in orphans)


def _read_block(reading: IO[bytes]) -> bytes:
    try:
        return reading.read(_BLOCK_BYTES)
    except OSError as error:
        raise BadClip("unreadable", f"a file cannot be read to its end ({error.strerror}); check its medium") from error
