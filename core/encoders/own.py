"""Encoders of one's own, without code: a TOML file that says what a network wants, beside the network's file.

The file is a TorchScript archive, a program of torch.export, an ONNX file or a TensorFlow SavedModel folder. It is used from
where it lies, never copied, and its sha256 is part of the encoder's fingerprint. docs/adding-an-encoder.md has the steps.
"""

from __future__ import annotations

import difflib
import hashlib
import mmap
import re
import tomllib
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.clips import Framing
from core.encoders import stored
from core.encoders.own_keys import KEYS, checked, text_lines
from core.encoders.protocol import ActionHead
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.errors import BadEncoder, WeightsDamaged, WeightsMissing
from core.sampling import Sampling

FORMATS = {".pt": "torchscript", ".pt2": "torch.export", ".onnx": "onnx", "": "saved-model"}
"""By the ending of the network's file; a folder without one is a SavedModel."""
_TOML_BYTES = 2**20
_EXTERNAL = re.compile(rb"\n\x08location\x12([\x01-\x7f])")  # protobuf: key "location", then its value's length and text
"""How an ONNX file names another file that holds its weights."""


def is_own(spec: EncoderSpec) -> bool:
    """Whether an encoder is somebody's own file rather than a built-in row."""
    return spec.weights is not None and spec.weights.kind == "file"


def read_folder(folder: Path, *, taken: Collection[str]) -> tuple[dict[str, Row], list[BadEncoder]]:
    """The encoders of all ``*.toml`` files, by name, and what is wrong with the others. No folder means no encoders.

    ``taken`` are names that they must not have.
    """
    found: dict[str, Row] = {}
    problems: list[BadEncoder] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            row = read(file)
            name = row.spec.name
            if name in taken or name in found:
                whose = "a built-in encoder" if name in taken else "another file here"
                raise BadEncoder(f"{file.name}: name ({name!r}) must not be that of {whose}; choose another name")
            found[name] = row
        except BadEncoder as error:
            problems.append(error)
    return found, problems


def read(file: Path) -> Row:
    """The encoder that a TOML file describes. Raises BadEncoder, which names the file, the key and the rule."""
    told = _told(file)
    unknown = next((key for key in told if key not in KEYS), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, KEYS, 1)
        raise BadEncoder(
            f"{file.name}: key ({unknown!r}) must be one of {', '.join(KEYS)}; "
            + (f"write {near[0]}" if near else "leave it out")
        )
    values = {key: checked(file, key, told) for key in KEYS}
    path, form = _network_file(file, values["file"])
    names, head = _classifier(file, values["actions"], values["head"])
    try:
        spec = _spec(values, path, len(names))
    except ValueError as error:  # the rules that hold between keys
        raise BadEncoder(f"{file.name}: {error}; correct it there") from error
    options = (("format", form), ("layout", values["layout"]), ("output", str(values["output"])))
    if head is None:
        return Row(spec, engine="core.encoders.own_engine", options=options)
    classifier = (("actions", str(file.parent / values["actions"])), ("head", str(head)))
    return Row(spec, engine="core.encoders.own_engine", head=("weight", "bias"), options=options + classifier)


def _told(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _TOML_BYTES:
            raise BadEncoder(f"{file.name} must have at most {_TOML_BYTES} bytes; it is no description of an encoder")
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadEncoder(f"{file.name} must be readable; check its permissions ({error})") from error
    except ValueError as error:  # of TOML, and of UTF-8
        raise BadEncoder(f"{file.name} must be TOML in UTF-8; correct it ({error})") from error


def _network_file(file: Path, name: str) -> tuple[Path, str]:
    path = _beside(file, "file", name)
    form = FORMATS.get(path.suffix.lower())
    if form is None or path.is_dir() != (form == "saved-model"):
        raise BadEncoder(
            f"{file.name}: file ({name!r}) must be TorchScript (.pt), torch.export (.pt2), ONNX (.onnx) "
            "or the folder of a SavedModel; export the network to one of these"
        )
    if form == "saved-model" and not (path / "saved_model.pb").is_file():
        raise BadEncoder(f"{file.name}: file ({name!r}) must be a folder with saved_model.pb in it; name that folder")
    return path, form


def _beside(file: Path, key: str, name: str) -> Path:
    if Path(name).name != name:
        raise BadEncoder(f"{file.name}: {key} ({name!r}) must be the plain name of a file; put it beside {file.name}")
    path = (file.parent / name).absolute()
    if not path.exists():
        raise BadEncoder(f"{file.name}: {key} ({name!r}) must be a file; put it into {file.parent}")
    return path


def _classifier(file: Path, actions: str, head: str) -> tuple[tuple[str, ...], Path | None]:
    """The names of its actions and the file of its weights; both or neither."""
    if not actions and not head:
        return (), None
    if not (actions and head):
        raise BadEncoder(f"{file.name}: actions and head ({actions!r}, {head!r}) must come together; give both or neither")
    return text_lines(file, _beside(file, "actions", actions)), _beside(file, "head", head)


def _spec(values: dict[str, Any], path: Path, actions: int) -> EncoderSpec:
    crop_px = values["crop_px"]
    return EncoderSpec(
        name=values["name"],
        title=values["title"],
        family="own",
        stream="rgb",
        frames=values["frames"],
        sampling=Sampling(values["window_seconds"], values["stride_seconds"]),
        framing=Framing(crop_px, values["short_side_px"] or crop_px, values["framing"]),
        mean=values["mean"],
        std=values["std"],
        layer=f"output {values['output']} of the file, frames as {values['layout']}",
        dimension=values["dimension"],
        actions=actions,
        weights=WeightsSource(kind="file", file_name=str(path), sha256=values["sha256"], licence=values["licence"]),
        licence=values["licence"],
        paper=values["paper"],
        top1=None,
        top1_source="",
        code_version=1,
    )


# -- the file itself -------------------------------------------------------------------------------------------------


def located(spec: EncoderSpec) -> Path:
    """The network's file or folder. Raises WeightsMissing when it is gone."""
    assert spec.weights is not None
    path = Path(spec.weights.file_name)
    if not path.exists():
        raise WeightsMissing(f"file of {spec.name} ({path}) must exist; put it back, or remove its TOML file")
    return path


def verified(spec: EncoderSpec) -> str:
    """The sha256 of the file after comparing it with the one its TOML states. Raises WeightsMissing, WeightsDamaged."""
    path = located(spec)
    sha256 = digest(path)
    assert spec.weights is not None
    if spec.weights.sha256 and sha256 != spec.weights.sha256:
        raise WeightsDamaged(
            f"file of {spec.name} ({path}, sha256 {sha256}) must have sha256 {spec.weights.sha256}, as its TOML file says; "
            "get the right file, or correct sha256"
        )
    return sha256


def digest(path: Path) -> str:
    """The sha256 of a network's file; of a folder, or of an ONNX file with its weights beside it, that of all their sums.

    Read again only after a size or time has changed. Raises WeightsMissing, WeightsDamaged.
    """
    try:
        files = tuple(_files(path))
        return _digest(path, tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))
    except OSError as error:
        raise WeightsMissing(f"file ({path}) must be readable; check that it is there ({error})") from error


@lru_cache(maxsize=64)
def _digest(path: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    if len(files) == 1 and files[0][0] == path:
        return stored.sha256_of(path)
    told = "".join(f"{stored.sha256_of(file)} {file.relative_to(path.parent).as_posix()}\n" for file, _, _ in files)
    return hashlib.sha256(told.encode()).hexdigest()


def _files(path: Path) -> Iterator[Path]:
    """All files that make the network: those of a folder, or the file and what an ONNX file names beside it."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
        return
    yield path
    if path.suffix.lower() == ".onnx":
        yield from _external(path, path.stat().st_size, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _external(path: Path, size: int, _changed_ns: int) -> tuple[Path, ...]:
    if size == 0:
        return ()
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = {content[match.end() : match.end() + match[1][0]] for match in _EXTERNAL.finditer(content)}
    names = sorted(name.decode("utf-8", "replace") for name in found)
    for name in names:
        if Path(name).name != name or not (path.parent / name).is_file():
            raise WeightsDamaged(f"file ({path.name}) names its weights ({name!r}), which must lie beside it; put them there")
    return tuple(path.parent / name for name in names)


def load_head(row: Row) -> ActionHead:
    """The classifier that somebody gave with the encoder. Raises BadEncoder."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    options = dict(row.options)
    file = Path(options["head"])
    try:
        tensors = load_file(file)
        weight, bias = tensors["weight"], tensors["bias"]
    except (OSError, SafetensorError, KeyError) as error:
        raise BadEncoder(f"head ({file.name}) must be a safetensors file with weight and bias; make it so ({error})") from error
    expected = (row.spec.actions, row.spec.dimension)
    if weight.shape != expected or bias.shape != expected[:1]:
        raise BadEncoder(
            f"weight and bias of {file.name} {weight.shape}, {bias.shape} must be {expected}, {expected[:1]}: "
            "a row for each line of actions, a column for each number of the embedding; make them so"
        )
    return ActionHead(text_lines(file, Path(options["actions"])), weight.astype("float32"), bias.astype("float32"))
