"""Where weights are kept, and whether they are the right ones."""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.encoders import joint_mark, own, registry, stored
from core.encoders.spec import EncoderSpec
from core.errors import PackageMissing, StorageFailed, WeightsDamaged, WeightsMissing
from core.weights import published

OPTIONAL = "pip install -r requirements.txt -r requirements-optional.txt"


def folder(spec: EncoderSpec, cache: Path) -> Path:
    """Where the weights of an encoder are kept."""
    return cache / "weights" / spec.name


def place_of(spec: EncoderSpec, cache: Path) -> Path | None:
    """Where the published file may be put by hand; None for an encoder without weights of its own."""
    return folder(spec, cache) / Path(spec.weights.file_name).name if spec.weights else None


def lacking(spec: EncoderSpec) -> tuple[str, ...]:
    """The optional packages that an encoder or its parts need and that are not installed."""
    needed = [*spec.needs, *(name for part in spec.parts for name in registry.spec(part).needs)]
    return tuple(dict.fromkeys(name for name in needed if not _installed(name)))


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def locate(spec: EncoderSpec, cache: Path) -> Path | None:
    """The stored weights, None for an encoder that needs none of its own. Quick: ``verify`` and loading read every byte.

    Raises WeightsMissing, which names the file, its place and the command, WeightsDamaged, and PackageMissing; for parts too.
    """
    packages = lacking(spec)
    if packages:
        raise PackageMissing(needs_packages(spec, packages))
    for part in spec.parts:
        found_file(registry.spec(part), cache)
    return found_file(spec, cache)


def found_file(spec: EncoderSpec, cache: Path) -> Path | None:
    """As ``locate``, of the encoder itself and whatever is installed."""
    if spec.weights is None:
        return None
    if own.is_own(spec):
        return own.located(spec)
    place = folder(spec, cache)
    try:
        record = stored.read_record(place)
    except WeightsMissing as error:
        raise _missing(spec, cache) from error
    check_origin(spec, record.sha256, place / record.file)
    path = place / record.file
    if not path.is_file():
        raise _missing(spec, cache)
    if path.stat().st_size != record.stored_bytes:
        raise WeightsDamaged(
            f"weights ({path}, {path.stat().st_size} bytes) must have {record.stored_bytes} bytes; "
            f"fetch them again with: python -m core weights fetch {spec.name}"
        )
    return path


def needs_packages(spec: EncoderSpec, packages: tuple[str, ...]) -> str:
    """What to do about packages that are not installed, in words."""
    many = "packages" if len(packages) > 1 else "package"
    return f"encoder ({spec.name}) must have the optional {many} {', '.join(packages)} installed; run: {OPTIONAL}"


def weights_sha256(spec: EncoderSpec, cache: Path) -> str:
    """Of the weights as published, "" for an encoder without: what a fingerprint is made with.

    For an encoder with parts the parts' fingerprints, so that it changes with any of them. Raises WeightsMissing,
    WeightsDamaged.
    """
    if spec.parts:
        parts = [registry.spec(part) for part in spec.parts]
        return joint_mark([part.fingerprint(weights_sha256(part, cache)) for part in parts])
    path = locate(spec, cache)
    if own.is_own(spec):
        return own.verified(spec)
    return "" if path is None else stored.read_record(path.parent).sha256


def check_origin(spec: EncoderSpec, sha256: str, file: Path) -> None:
    """Where a sha256 is published, nothing else is taken. Without one, the first fetch's is recorded and kept."""
    assert spec.weights is not None
    expected = published.stated(spec.weights)
    if not sha256.startswith(expected):
        raise WeightsDamaged(
            f"weights ({file}, made from sha256 {sha256}) must be made from sha256 {expected.ljust(9, '…')}; "
            f"fetch them again with: python -m core weights fetch {spec.name}"
        )


def _missing(spec: EncoderSpec, cache: Path) -> WeightsMissing:
    """The exact file, its exact place, and what gets it."""
    assert spec.weights is not None
    return WeightsMissing(
        f"weights of {spec.name} ({spec.weights.described}) must be in {folder(spec, cache)}; "
        f"get them with: python -m core weights fetch {spec.name}; "
        f"or put {spec.weights.file_name} into that folder first, and the same command takes it from there"
    )


@contextmanager
def scratch(spec: EncoderSpec, cache: Path) -> Iterator[Path]:
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
