"""Bringing weights: from where they are published, or from a file that lies here already."""

from __future__ import annotations

from pathlib import Path

from core import downloads
from core.downloads import Report, ShouldStop
from core.encoders import own, registry, stored
from core.encoders.spec import EncoderSpec
from core.errors import BadInput, WeightsDamaged, WeightsMissing
from core.weights import published
from core.weights.keeping import check_origin, folder, scratch
from core.weights.standing import verify


def fetch(
    spec: EncoderSpec, cache: Path, progress: Report = lambda _step: None, should_stop: ShouldStop = lambda: False
) -> Path | None:
    """The stored weights, fetched, verified and converted when they are not there whole; None when none are needed.

    An encoder with parts has its parts fetched, and None is given. Raises WeightsMissing when the source cannot be reached,
    WeightsDamaged when it gives something else, StorageFailed, Cancelled.
    """
    for part in spec.parts:
        fetch(registry.spec(part), cache, progress, should_stop)
    source = spec.weights
    if source is None:
        return None
    if own.is_own(spec):
        return own.located(spec)
    try:
        return verify(spec, cache).path
    except (WeightsMissing, WeightsDamaged):
        pass  # that is what fetching is for
    with scratch(spec, cache) as work:
        for name in published.names(source):
            if (folder(spec, cache) / name).is_file():
                return take_in(spec, cache, folder(spec, cache) / name, work)
        download = published.get(source, folder(spec, cache), work, progress, should_stop)
        try:
            return take_in(spec, cache, download, work, source.described)
        finally:
            download.unlink(missing_ok=True)


def import_file(spec: EncoderSpec, file: Path, cache: Path) -> Path:
    """Take the weights from a file that somebody carried here: the download itself, or the weights file inside it.

    Where the publisher's sha256 is known it must match. Raises BadInput, WeightsMissing, WeightsDamaged, StorageFailed.
    """
    if spec.parts:
        raise BadInput(f"encoder ({spec.name}) must be one that has weights of its own; import those of {', '.join(spec.parts)}")
    if spec.weights is None:
        raise BadInput(f"encoder ({spec.name}) must be one that has weights; this one needs none")
    if own.is_own(spec):
        raise BadInput(f"encoder ({spec.name}) must be one whose weights are kept here; yours stay at {spec.weights.file_name}")
    if not file.is_file():
        raise WeightsMissing(f"file ({file}) must exist; give the path of {spec.weights.file_name}")
    with scratch(spec, cache) as work:
        return take_in(spec, cache, file, work)


def take_in(spec: EncoderSpec, cache: Path, file: Path, work: Path, source: str = "") -> Path:
    """Verify a download or the weights file inside it, convert it and keep it; ``file`` itself stays where it is.

    ``work`` is a folder for what is taken out of an archive. Raises WeightsDamaged, StorageFailed.
    """
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
    check_origin(spec, sha256, file)
    tensors = registry.convert(spec.name, file)
    path = stored.write(
        folder(spec, cache), spec.name, tensors,
        sha256=sha256, source=source or f"file {file.name}", licence=spec.weights.licence,
    )  # fmt: skip
    _remove_older(path, spec)
    return path


def _remove_older(path: Path, spec: EncoderSpec) -> None:
    for other in path.parent.glob(f"{spec.name}-*.safetensors"):
        if other != path:
            other.unlink(missing_ok=True)
