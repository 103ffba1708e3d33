"""The real running, jogging and walking clips of the KTH actions data set, fetched from where its authors publish them.

Schuldt, Laptev & Caputo, Recognizing Human Actions: A Local SVM Approach, ICPR 2004: 25 people, 4 scenes each, black and
white, 160 x 120, 25 frames a second. Three zip archives of 150 to 250 MB. The addresses are the authors' own
(https://www.csc.kth.se/cvap/actions/); the archives themselves could not be tried from the closed network where this
was written, so the tests use small archives of the same form on a local server.

A download that breaks off goes on from where it was at the next try. An archive is taken apart without trusting it:
only plain .avi files with the names of the data set are written, each to one folder, under limits on number and size.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core import downloads
from core.downloads import Report, ShouldStop
from core.errors import BadInput, Cancelled, DownloadFailed, StorageFailed

ADDRESS = "https://www.csc.kth.se/cvap/actions"
LABELS = ("walking", "jogging", "running")
_MEMBER = re.compile(r"(person\d{2})_[a-z]+_d\d(_uncomp)?\.avi")
_CHUNK_BYTES = 2**18
ERRAND = "Fetching the KTH clips"
_DONE = "complete"  # an empty file that says a folder holds everything of its archive


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one archive may cost. The published ones are a quarter of this or less."""

    archive_bytes: int = 2**30
    file_bytes: int = 64 * 2**20
    total_bytes: int = 4 * 2**30
    files: int = 400


@dataclass(frozen=True, slots=True)
class KthFile:
    """One clip on disk; ``source`` is the person, like ``kth-person07``."""

    path: Path
    label: str
    source: str


def fetch(
    folder: Path,
    labels: tuple[str, ...] = LABELS,
    *,
    progress: Report = lambda _step: None,
    should_stop: ShouldStop = lambda: False,
    address: str = ADDRESS,
    limits: ArchiveLimits = ArchiveLimits(),
) -> list[KthFile]:
    """The clips of ``labels`` below ``folder``, downloaded where they are not there yet.

    Progress counts bytes of one archive after the other. Raises DownloadFailed (no connection, a refusal, an archive that
    is damaged, unlike the data set, or over ``limits``), StorageFailed, Cancelled, and BadInput for a label not in LABELS.
    """
    unknown = [label for label in labels if label not in LABELS]
    if unknown:
        raise BadInput(f"label ({unknown[0]!r}) must be one of {', '.join(LABELS)}; the data set's other actions are not offered")
    found: list[KthFile] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for label in labels:
            target = folder / label
            if not (target / _DONE).exists():
                archive = folder / f"{label}.zip"
                if not archive.exists():
                    url = f"{address}/{label}.zip"
                    downloads.from_url(url, archive, most_bytes=limits.archive_bytes, progress=progress, should_stop=should_stop)
                _unpack(archive, target, limits, should_stop)
                archive.unlink()
            found.extend(_files(target, label))
    except OSError as error:
        if isinstance(error, DownloadFailed):
            raise
        raise StorageFailed(f"folder ({folder}) must take the clips; free space or choose another place ({error})") from error
    return found


def _files(folder: Path, label: str) -> Iterator[KthFile]:
    for path in sorted(folder.glob("*.avi")):
        yield KthFile(path, label, f"kth-{path.name.partition('_')[0]}")


def _unpack(archive: Path, target: Path, limits: ArchiveLimits, should_stop: ShouldStop) -> None:
    """Writes the clips of ``archive`` into the folder ``target`` and marks it complete; a bad archive is removed."""
    target.mkdir(exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened, archive.name, limits)
            left_bytes = limits.total_bytes
            for name, member in members:
                if should_stop():
                    raise Cancelled(f"unpacking {archive.name} was stopped")
                left_bytes -= _extract(opened, member, target / name, min(limits.file_bytes, left_bytes))
    except (zipfile.BadZipFile, DownloadFailed, NotImplementedError, EOFError, RuntimeError, zlib.error) as error:
        if isinstance(error, Cancelled):
            raise
        archive.unlink(missing_ok=True)
        if isinstance(error, DownloadFailed):
            raise
        raise DownloadFailed(f"archive ({archive.name}) must be a whole zip file; fetch it again ({error})") from error
    (target / _DONE).touch()


def _members(opened: zipfile.ZipFile, name: str, limits: ArchiveLimits) -> list[tuple[str, zipfile.ZipInfo]]:
    """The clips with their plain names. A path in the archive is only looked at, never followed."""
    clips: dict[str, zipfile.ZipInfo] = {}
    for member in opened.infolist():
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] in ("", "~") or ":" in parts[0]:
            raise DownloadFailed(f"archive ({name}) must not lead out of its folder ({member.filename[:60]!r}); do not use it")
        if not member.is_dir() and _MEMBER.fullmatch(parts[-1]):
            clips[parts[-1]] = member
    if not clips:
        raise DownloadFailed(
            f"archive ({name}) must hold clips of the data set; none of its {len(opened.infolist())} files is one"
        )
    if len(clips) > limits.files or sum(member.file_size for member in clips.values()) > limits.total_bytes:
        raise DownloadFailed(
            f"archive ({name}) must hold at most {limits.files} clips, {limits.total_bytes} bytes in all; do not use it"
        )
    return sorted(clips.items())


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, most_bytes: int) -> int:
    """Copies one member and returns its size; sizes stated in the archive are not believed."""
    done = 0
    unfinished = path.with_suffix(".part")
    try:
        with opened.open(member) as content, unfinished.open("wb") as file:
            while chunk := content.read(_CHUNK_BYTES):
                done += len(chunk)
                if done > most_bytes:
                    raise DownloadFailed(
                        f"clip ({member.filename[:60]!r}) must be at most {most_bytes} bytes; do not use the archive"
                    )
                file.write(chunk)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return done
