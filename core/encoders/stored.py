"""Weights on disk: a safetensors file and a record that says what it is. Written whole or not at all.

The file's name begins its own sha256; the record ``weights.json`` is replaced last, so a reader sees the old pair or
the new one, never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.clips import Floats
from core.errors import WeightsDamaged, WeightsMissing

RECORD = "weights.json"
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Record:
    """What ``weights.json`` says of the safetensors file beside it.

    ``sha256`` is of the weights file as published, ``stored_sha256`` of the converted file, ``stored_bytes`` its size.
    """

    name: str
    file: str
    stored_sha256: str
    stored_bytes: int
    sha256: str
    source: str
    licence: str


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write(folder: Path, name: str, tensors: Mapping[str, Floats], *, sha256: str, source: str, licence: str) -> Path:
    """Store ``tensors`` as the weights of encoder ``name``; gives the safetensors file. ``folder`` is made if need be."""
    from safetensors.numpy import save

    content = save(dict(sorted(tensors.items())))
    stored_sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{name}-{stored_sha256[:16]}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    replace_whole(path, content)
    record = Record(name, path.name, stored_sha256, len(content), sha256, source, licence)
    replace_whole(folder / RECORD, json.dumps(asdict(record), indent=2).encode())
    return path


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file so that it holds either its old content or the new one, whatever ends the process."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_record(folder: Path) -> Record:
    """Raises WeightsMissing when there is none, WeightsDamaged when it cannot be read."""
    try:
        record = Record(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise WeightsMissing(f"weights record ({folder / RECORD}) must exist; fetch the weights") from error
    except (OSError, ValueError, TypeError) as error:
        raise WeightsDamaged(f"weights record ({folder / RECORD}) must be readable; fetch the weights again") from error
    if Path(record.file).name != record.file:
        raise WeightsDamaged(f"weights record ({folder / RECORD}) must name a file beside it; fetch the weights again")
    return record


def verified_record(path: Path) -> Record:
    """The record of the safetensors file ``path`` after reading the whole file. Raises WeightsMissing, WeightsDamaged."""
    record = read_record(path.parent)
    if record.file != path.name or not path.is_file():
        raise WeightsMissing(f"weights ({path}) must exist and be the file of {path.parent / RECORD}; fetch them")
    found = sha256_of(path)
    if found != record.stored_sha256:
        raise WeightsDamaged(
            f"weights ({path}, sha256 {found}) must have sha256 {record.stored_sha256}; "
            f"fetch them again with: python -m core weights fetch {record.name}"
        )
    return record


def load(path: Path, names: tuple[str, ...] | None = None) -> dict[str, Floats]:
    """The tensors of a verified file, all of them or those of ``names``. Raises WeightsDamaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as stored:
            return {name: stored.get_tensor(name) for name in (names or tuple(stored.keys()))}
    except (OSError, SafetensorError) as error:
        raise WeightsDamaged(f"weights ({path}) must hold the network's tensors; fetch them again ({error})") from error
