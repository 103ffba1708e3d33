"""What is on disk for an encoder, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.encoders import own, registry, stored
from core.encoders.spec import EncoderSpec
from core.errors import WeightsDamaged, WeightsMissing
from core.weights.keeping import found_file, lacking, needs_packages, place_of

READY, MISSING, DAMAGED, NO_PACKAGE, NO_PART = "ready", "missing", "damaged", "package-missing", "part-missing"
STATES = (READY, MISSING, DAMAGED, NO_PACKAGE, NO_PART)


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """What is on disk for an encoder.

    Args:
        name: the encoder's.
        ready: complete by name and size (``verify`` reads every byte), and what it needs is installed.
        path: the stored file; None without one.
        bytes: of the stored file, of all parts' together for an encoder with parts; 0 when it is not there.
        sha256: of the weights as published, "" when unknown yet.
        source, licence: of the weights.
        state: one of STATES.
        problem: why it is not ready and what to do, in words; "" when it is.
        file_name: of the published file; "" for an encoder that needs none.
        place: where that file may be put by hand; None when it needs none.
        download_bytes: of the published file, 0 when unknown.
        partial_bytes: of a download that broke off and goes on from there.
        parts: the encoders that it is put together from.
        packages: optional packages that it needs and that are not installed.
    """

    name: str
    ready: bool
    path: Path | None
    bytes: int
    sha256: str
    source: str
    licence: str
    state: str = READY
    problem: str = ""
    file_name: str = ""
    place: Path | None = None
    download_bytes: int = 0
    partial_bytes: int = 0
    parts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


def verify(spec: EncoderSpec, cache: Path) -> WeightsStatus:
    """Read every byte and compare. Raises WeightsMissing, WeightsDamaged, which names both hashes."""
    for part in spec.parts:
        verify(registry.spec(part), cache)
    path = found_file(spec, cache)
    if own.is_own(spec):
        own.verified(spec)
    elif path is not None:
        stored.verified_record(path)
    return status(spec, cache)


def status(spec: EncoderSpec, cache: Path) -> WeightsStatus:
    """What is there; raises nothing."""
    if spec.parts:
        return _status_of_parts(spec, cache)
    if spec.weights is None:
        return _with_packages(spec, WeightsStatus(spec.name, True, None, 0, "", "none needed", spec.licence))
    if own.is_own(spec):
        return _with_packages(spec, _status_of_own(spec))
    source = spec.weights
    path, record, state, problem = None, None, READY, ""
    try:
        path = found_file(spec, cache)
        assert path is not None  # this encoder has weights
        record = stored.read_record(path.parent)
    except (WeightsMissing, WeightsDamaged) as error:
        path, state, problem = None, MISSING if isinstance(error, WeightsMissing) else DAMAGED, str(error)
    found = WeightsStatus(
        name=spec.name,
        ready=record is not None,
        path=path,
        bytes=record.stored_bytes if record else 0,
        sha256=record.sha256 if record else source.sha256,
        source=record.source if record else source.described,
        licence=source.licence,
        state=state,
        problem=problem,
        file_name=source.file_name,
        place=place_of(spec, cache),
        download_bytes=source.size_bytes,
        partial_bytes=_partial_bytes(spec, cache),
    )
    return _with_packages(spec, found)


def _status_of_own(spec: EncoderSpec) -> WeightsStatus:
    assert spec.weights is not None
    try:
        path, problem = own.located(spec), ""
    except WeightsMissing as error:
        path, problem = None, str(error)
    return WeightsStatus(
        name=spec.name,
        ready=path is not None,
        path=path,
        bytes=sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file()) if path else 0,
        sha256=spec.weights.sha256,
        source=spec.weights.described,
        licence=spec.weights.licence,
        state=MISSING if problem else READY,
        problem=problem,
        file_name=Path(spec.weights.file_name).name,
        place=Path(spec.weights.file_name),
    )


def _status_of_parts(spec: EncoderSpec, cache: Path) -> WeightsStatus:
    parts = [status(registry.spec(part), cache) for part in spec.parts]
    wanting = [part for part in parts if not part.ready]
    return _with_packages(
        spec,
        WeightsStatus(
            name=spec.name,
            ready=not wanting,
            path=None,
            bytes=sum(part.bytes for part in parts),
            sha256="",
            source=f"those of {', '.join(spec.parts)}",
            licence="; ".join(dict.fromkeys(part.licence for part in parts)),
            state=NO_PART if wanting else READY,
            problem="; ".join(f"part {part.name} is not ready: {part.problem}" for part in wanting),
            download_bytes=sum(part.download_bytes for part in parts),
            parts=spec.parts,
        ),
    )


def _with_packages(spec: EncoderSpec, found: WeightsStatus) -> WeightsStatus:
    packages = lacking(spec)
    if not packages:
        return found
    problem = needs_packages(spec, packages) + (f"; and {found.problem}" if found.problem else "")
    return replace(found, ready=False, state=NO_PACKAGE, problem=problem, packages=packages)


def _partial_bytes(spec: EncoderSpec, cache: Path) -> int:
    place = place_of(spec, cache)
    try:
        return place.with_name(f"{place.name}.part").stat().st_size if place else 0
    except OSError:
        return 0
