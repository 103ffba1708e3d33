"""TensorFlow SavedModels: folders that map frames to a vector, as TensorFlow Hub publishes them.

OpenVINO reads most of them by itself, which is quicker and needs no TensorFlow. What it cannot read runs in TensorFlow on the
CPU, where that optional package is installed (requirements-optional.txt).
"""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders import stored
from core.encoders.graph_engine import GraphEngine, NotReadable
from core.encoders.network import Engine
from core.encoders.row import Making
from core.encoders.spec import RANDOM_SHA256, EncoderSpec
from core.errors import BadEncoder, PackageMissing, WeightsDamaged, WeightsMissing

_GRAPH = "saved_model.pb"
_MOST_BYTES = 4 * 2**30
_MOST_FILES = 1000
_AXES = {"BTHWC": (0, 1, 2, 3, 4), "BTCHW": (0, 1, 4, 2, 3), "BCTHW": (0, 4, 1, 2, 3)}
_SIGNATURES = ("serving_default", "default")  # of TensorFlow 2, and of TensorFlow Hub's older modules


def convert(file: Path, spec: EncoderSpec) -> dict[str, NDArray[np.uint8]]:
    """The files of a published archive (tar, compressed or not) by their path in the model's folder, as bytes.

    A SavedModel is not plain tensors: it is kept whole, inside the safetensors file that keeps the weights of other encoders.
    Raises WeightsDamaged for anything but plain files under relative names.
    """
    try:
        with tarfile.open(file) as archive:
            members = [member for member in archive if not member.isdir()]
            _check(members, file)
            content = {PurePosixPath(member.name): _bytes(archive.extractfile(member)) for member in members}
    except (tarfile.TarError, OSError, EOFError) as error:
        raise WeightsDamaged(f"weights ({file.name}) must be the archive of a SavedModel; fetch them again ({error})") from error
    roots = [path.parent for path in content if path.name == _GRAPH]
    if len(roots) != 1:
        raise WeightsDamaged(f"weights ({file.name}) must hold one {_GRAPH} for {spec.name}; this is another file")
    return {str(path.relative_to(roots[0])): value for path, value in content.items() if path.is_relative_to(roots[0])}


def _check(members: list[tarfile.TarInfo], file: Path) -> None:
    for member in members:
        path = PurePosixPath(member.name)
        if not member.isfile() or path.is_absolute() or ".." in path.parts or "\\" in member.name:
            raise WeightsDamaged(f"weights ({file.name}) must hold plain files only, not {member.name!r}; do not use this file")
    if len(members) > _MOST_FILES or sum(member.size for member in members) > _MOST_BYTES:
        raise WeightsDamaged(f"weights ({file.name}) must have at most {_MOST_FILES} files of {_MOST_BYTES} bytes together")


def _bytes(stream: IO[bytes] | None) -> NDArray[np.uint8]:
    assert stream is not None  # plain files have content
    return np.frombuffer(stream.read(), np.uint8)


def make_engine(making: Making) -> Engine:
    """The engine of a stored archive, which is unpacked once beside the forms kept for this machine.

    Raises WeightsMissing when there is none, PackageMissing, BadEncoder.
    """
    if making.load is None or making.sha256 == RANDOM_SHA256:
        raise WeightsMissing(f"weights of {making.spec.name} must be fetched first; a SavedModel has no form with random weights")
    options = dict(making.options)
    folder = making.kept / f"saved-model-{making.sha256[:16]}"
    for name, content in making.load().items():  # always, so that a damaged copy mends itself: it is quick
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or place.read_bytes() != content.tobytes():
            stored.replace_whole(place, content.tobytes())
    return engine(making.spec, folder, layout="BTHWC", output=options["output"], fast=making.precision == "fast")


def engine(spec: EncoderSpec, path: Path, *, layout: str, output: str, fast: bool) -> Engine:
    """What runs the SavedModel folder ``path``.

    Raises BadEncoder, and PackageMissing when OpenVINO cannot and TensorFlow is not installed.
    """
    try:
        return GraphEngine(spec, path, layout=layout, output=output, fast=fast)
    except NotReadable as error:
        try:
            return TensorFlowEngine(spec, path, layout=layout, output=output)
        except ImportError:
            raise PackageMissing(
                f"package (tensorflow) must be installed for {spec.name}, whose network OpenVINO cannot run; "
                f"install it with: pip install -r requirements-optional.txt ({error})"
            ) from error


class TensorFlowEngine:
    """Fulfils ``network.Engine``, on the CPU in float32, whatever the SavedModel holds. Raises BadEncoder, ImportError."""

    batch = 1

    def __init__(self, spec: EncoderSpec, path: Path, *, layout: str, output: str) -> None:
        import tensorflow

        self._tensorflow: Any = tensorflow
        tensorflow.config.set_visible_devices([], "GPU")
        self._spec, self._axes, self._name = spec, _AXES[layout], path.name
        self._model = _loaded(tensorflow, path)  # the function below lives only as long as its model
        self._function = _signature(self._model, path)
        self._input, shape = _one_input(self._function, path)
        self._output = _one_output(self._function, output, path)
        self.described = f"TensorFlow {tensorflow.__version__} on CPU, float32"
        taken = [(1, *spec.frames_shape)[axis] for axis in self._axes]
        if not shape.is_compatible_with(taken):
            raise self._wrong_input(f"{taken}; the model says {shape}")
        self.run(np.zeros((1, *spec.frames_shape), np.uint8))  # what is wrong shows now, not in the middle of a job

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        mean, std = np.array(self._spec.mean, np.float32), np.array(self._spec.std, np.float32)
        x = np.ascontiguousarray(((frames / np.float32(255) - mean) / std).transpose(self._axes), dtype=np.float32)
        try:
            y = self._function(**{self._input: self._tensorflow.constant(x)})[self._output].numpy()
        except (self._tensorflow.errors.OpError, ValueError, TypeError) as error:
            raise self._wrong_input(f"{x.shape}; {error}") from error
        if y.size != len(frames) * self._spec.dimension:
            raise BadEncoder(
                f"output of {self._name} {y.shape} must be one vector of {self._spec.dimension} numbers for each window; "
                "correct output or dimension"
            )
        embeddings: Floats = y.reshape(len(frames), -1).astype(np.float32, copy=False)
        return embeddings

    def _wrong_input(self, told: str) -> BadEncoder:
        return BadEncoder(f"network of {self._name} must take frames of {told[:300]}: correct layout, frames or crop_px")


def _loaded(tensorflow: Any, path: Path) -> Any:
    try:
        try:
            return tensorflow.saved_model.load(str(path))
        except (ValueError, RuntimeError):  # several graphs: TensorFlow Hub's older modules have one for training
            return tensorflow.saved_model.load(str(path), tags=[])
    except Exception as error:  # a damaged folder raises nearly any class
        raise BadEncoder(f"folder ({path.name}) must be a SavedModel; export it anew ({error})") from error


def _signature(model: Any, path: Path) -> Any:
    known = dict(model.signatures)
    name = next((name for name in [*_SIGNATURES, *known] if name in known), None)
    if name is None:
        raise BadEncoder(f"signatures of {path.name} (none) must hold one to call; save the model with a signature")
    return known[name]


def _one_input(function: Any, path: Path) -> tuple[str, Any]:
    """Its name and its shape, with sizes that are open."""
    inputs = dict(function.structured_input_signature[1])
    if len(inputs) != 1:
        raise BadEncoder(f"inputs of {path.name} {list(inputs)} must be one, the frames; save the model that way")
    ((name, tensor),) = inputs.items()
    return str(name), tensor.shape


def _one_output(function: Any, output: str, path: Path) -> str:
    names = sorted(function.structured_outputs)
    if output in names:
        return output
    if output.isdecimal() and int(output) < len(names):
        return str(names[int(output)])
    raise BadEncoder(f"output ({output}) of {path.name} must be one of {', '.join(names)}; correct output")
