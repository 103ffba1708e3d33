"""Weights that somebody carried here: a file, or a folder of them, recognised and taken in without any internet.

A file is known by its sha256, else by its name (or the name of a folder that is called like an encoder). Nothing is believed
because of its name: where the publisher's sha256 is known it must match, and where it is not, the network's layers must.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clips import Progress
from core.downloads import Report, ShouldStop
from core.encoders import EncoderSpec, own, stored
from core.errors import BadInput, Cancelled, MotionbookError, WeightsDamaged
from core.weights import published
from core.weights.fetching import import_file
from core.weights.standing import status

IMPORTED, HERE, UNLIKE, DAMAGED, FAILED, UNKNOWN = "imported", "already here", "unlike", "damaged", "failed", "unknown"
OUTCOMES = (IMPORTED, HERE, UNLIKE, DAMAGED, FAILED, UNKNOWN)
MOST_FILES = 10_000
_NUMBERED = re.compile(r" ?\(\d+\)(?=\.)")  # what browsers add to the name of a file that they have fetched before
_SUFFIXES = {".pth", ".pt", ".pyth", ".ckpt", ".bin", ".safetensors", ".onnx", ".npz", ".h5", ".gz", ".tgz", ".tar", ".whl"}
_OURS = re.compile(r"(?P<name>[\w-]+)-[0-9a-f]{16}\.safetensors")


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one file, or of one encoder that it was tried for.

    ``outcome`` is one of OUTCOMES, ``encoder`` the one it is for ("" when unknown); ``message`` says more, both hashes of a
    damaged file included. ``path`` is where the weights are now, None when they were not taken.
    """

    file: Path
    outcome: str
    encoder: str = ""
    message: str = ""
    path: Path | None = None

    @property
    def refused(self) -> bool:
        return self.outcome in (DAMAGED, FAILED, UNLIKE)


def take(
    place: Path,
    cache: Path,
    specs: Sequence[EncoderSpec],
    *,
    progress: Report = lambda _step: None,
    should_stop: ShouldStop = lambda: False,
) -> list[Carried]:
    """Look at a file, or at every file below a folder, and take in what belongs to one of ``specs``.

    Files that no encoder can want (by suffix and name) are told as unknown without being read. A bad file does not
    keep the others out. Raises BadInput when there is nothing to look at or far too much, Cancelled.
    """
    files = _files(place)
    found: list[Carried] = []
    for number, file in enumerate(files):
        if should_stop():
            raise Cancelled(f"importing {place} was stopped; what was taken in stays")
        progress(Progress(number, len(files), file.name))
        found += _take_one(file, cache, specs)
    progress(Progress(len(files), len(files), place.name))
    return found


def _files(place: Path) -> list[Path]:
    if not place.exists():
        raise BadInput(f"path ({place}) must exist; name a weights file, or a folder that holds some")
    found = list(_below(place))
    if not found:
        raise BadInput(f"folder ({place}) must hold weights files; it is empty")
    return found


def _below(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    entries = (path for path in place.rglob("*") if not any(part.startswith(".") for part in path.relative_to(place).parts))
    for number, path in enumerate(sorted(path for path in entries if path.is_file())):
        if number >= MOST_FILES:
            raise BadInput(f"folder ({place}) must hold at most {MOST_FILES} files; name the one with the weights in it")
        yield path


def _take_one(file: Path, cache: Path, specs: Sequence[EncoderSpec]) -> list[Carried]:
    named = recognise(file, "", specs)
    if not named and file.suffix.lower() not in _SUFFIXES:
        return [Carried(file, UNKNOWN, message="no encoder has weights of this name")]
    try:
        sha256 = stored.sha256_of(file)
    except OSError as error:
        return [Carried(file, FAILED, message=f"file ({file}) must be readable; {error}")]
    candidates = recognise(file, sha256, specs)
    if not candidates:
        return [Carried(file, UNKNOWN, message=_stranger(file, sha256))]
    tried = [_try(file, sha256, spec, cache) for spec in candidates]
    taken = [one for one in tried if not one.refused]
    return taken or tried  # a name that several share, like model.safetensors, is the one's that its layers fit


def recognise(file: Path, sha256: str, specs: Sequence[EncoderSpec]) -> list[EncoderSpec]:
    """The encoders that a file may be for: by its hash, else by its folder's name, else by its own name."""
    sources = {spec.name: spec for spec in specs if spec.weights is not None and not own.is_own(spec)}
    by_hash = [spec for spec in sources.values() if sha256 and sha256 in _hashes(spec)]
    if by_hash:
        return by_hash
    name = _NUMBERED.sub("", file.name).casefold()
    by_name = [spec for spec in sources.values() if name in _names(spec)]
    in_folder = [spec for spec in by_name if spec.name == file.parent.name]
    return in_folder or by_name


def _hashes(spec: EncoderSpec) -> set[str]:
    return {spec.weights.sha256, spec.weights.download_sha256} if spec.weights else set()


def _names(spec: EncoderSpec) -> set[str]:
    return {name.casefold() for name in published.names(spec.weights)} if spec.weights else set()


def _try(file: Path, sha256: str, spec: EncoderSpec, cache: Path) -> Carried:
    state = status(spec, cache)
    if state.path is not None:
        if sha256 in _hashes(spec) or sha256 == state.sha256:
            return Carried(file, HERE, spec.name, "the same weights are here already", state.path)
        if not _hashes(spec) - {""}:
            return Carried(
                file, UNLIKE, spec.name,
                f"file ({file.name}, sha256 {sha256}) must be the one that is here (sha256 {state.sha256}); to replace that, "
                f"run: python -m core weights import {spec.name} {file}",
            )  # fmt: skip
    try:
        return Carried(file, IMPORTED, spec.name, "", import_file(spec, file, cache))
    except WeightsDamaged as error:
        return Carried(file, DAMAGED, spec.name, str(error))
    except MotionbookError as error:
        return Carried(file, FAILED, spec.name, str(error))


def _stranger(file: Path, sha256: str) -> str:
    ours = _OURS.fullmatch(file.name)
    if ours:
        return (
            f"this is Motionbook's own converted form of {ours['name']}'s weights, which no publisher's hash vouches for; "
            "carry the published file instead"
        )
    return f"no encoder has weights of this name or of sha256 {sha256}"
