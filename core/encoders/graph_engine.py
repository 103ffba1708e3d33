"""Runs a network that OpenVINO reads as it is, without the library it was made with: ONNX files and TensorFlow SavedModels."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clips import Floats
from core.encoders.spec import EncoderSpec
from core.errors import BadEncoder
from core.machine import usable_cores

LAYOUTS = {"BCTHW": "NCDHW", "BTCHW": "NDCHW", "BTHWC": "NDHWC"}
"""The orders of axes in which a network may want its frames, and OpenVINO's names for them."""


class NotReadable(BadEncoder):
    """OpenVINO cannot read or compute the file; another library perhaps can."""


class GraphEngine:
    """Fulfils ``network.Engine``, on the CPU in float32 (bfloat16 where ``fast`` and the processor has it).

    Args:
        spec: says the shape of a window and its normalisation, which becomes part of the graph.
        path: the ONNX file or the SavedModel folder.
        layout: one of LAYOUTS.
        output: name or number of the output that is the embedding.

    Raises BadEncoder when the file's input or output are not as the spec says, and NotReadable.
    """

    def __init__(self, spec: EncoderSpec, path: Path, *, layout: str, output: str, fast: bool = False) -> None:
        from core.encoders.openvino_engine import has_bfloat16

        openvino = _library()
        try:
            model = openvino.Core().read_model(path)
        except RuntimeError as error:
            raise _not_readable(path, error) from error
        self._name, self._dimension = path.name, spec.dimension
        _fix_shape(openvino, model, spec, layout, path.name)
        self._output = _chosen_output(model, output, path)
        self._check(model.output(self._output).partial_shape)
        halved = fast and has_bfloat16()
        settings = {"INFERENCE_PRECISION_HINT": "bf16" if halved else "f32", "INFERENCE_NUM_THREADS": usable_cores()}
        try:
            compiled = openvino.Core().compile_model(_with_normalisation(openvino, model, spec, layout), "CPU", settings)
        except RuntimeError as error:
            raise _not_readable(path, error) from error
        self._request = compiled.create_infer_request()
        self.batch = 4
        precision = "bfloat16" if halved else "float32"
        self.described = f"OpenVINO {openvino.__version__.split('-')[0]} on CPU, {precision}, {path.suffix[1:] or 'SavedModel'}"

    def run(self, frames: NDArray[np.uint8]) -> Floats:
        embeddings = np.empty((len(frames), self._dimension), np.float32)
        for row in range(len(frames)):
            self._request.infer({0: np.ascontiguousarray(frames[row : row + 1])}, share_inputs=True)
            values = self._request.get_output_tensor(self._output).data
            if values.size != self._dimension:
                raise self._wrong_output(str(values.shape))
            embeddings[row] = values.reshape(-1)
        return embeddings

    def _check(self, shape: Any) -> None:
        if shape.is_static and math.prod(shape.to_shape()) != self._dimension:
            raise self._wrong_output(str(shape))

    def _wrong_output(self, shape: str) -> BadEncoder:
        return BadEncoder(
            f"output of {self._name} {shape} must be one vector of {self._dimension} numbers for each window; "
            "correct output or dimension"
        )


def _not_readable(path: Path, error: Exception) -> NotReadable:
    told = " ".join(str(error).split())[-300:]
    return NotReadable(f"file ({path.name}) must be a network that OpenVINO can run; export it anew ({told})")


def _library() -> Any:
    """OpenVINO, after our module that keeps it from reporting to a web service."""
    importlib.import_module("core.encoders.openvino_engine")
    return importlib.import_module("openvino")


def _fix_shape(openvino: Any, model: Any, spec: EncoderSpec, layout: str, name: str) -> None:
    """Give the network's one input the spec's sizes."""
    sizes = dict(zip("BTHWC", (1, *spec.frames_shape), strict=True))
    shape = [sizes[axis] for axis in layout]
    if len(model.inputs) != 1:
        raise BadEncoder(f"inputs of {name} ({len(model.inputs)}) must be one, the frames; export the network that way")
    found = model.input(0).partial_shape
    if not found.compatible(openvino.PartialShape(shape)):
        raise BadEncoder(
            f"input of {name} {found} must take {shape}, which is {layout} by frames and crop_px; "
            "correct layout, frames or crop_px, or export the network anew"
        )
    try:
        model.reshape({0: shape})
    except RuntimeError as error:
        told = " ".join(str(error).split())[-300:]
        raise NotReadable(f"network of {name} must compute frames of {shape}; export it with that size ({told})") from error


def _chosen_output(model: Any, output: str, path: Path) -> int:
    names = [sorted(one.names) for one in model.outputs]
    order = list(range(len(names)))
    if path.is_dir():  # a SavedModel has names and no order: we count by name, as TensorFlow does
        order.sort(key=lambda index: names[index])
    if output.isdecimal() and int(output) < len(order):
        return order[int(output)]
    for index, known in enumerate(names):
        if output in known:
            return index
    told = ", ".join(f"{number} {'/'.join(names[index])}".strip() for number, index in enumerate(order))
    raise BadEncoder(f"output ({output}) of {path.name} must be one of {told}; correct output")


def _with_normalisation(openvino: Any, model: Any, spec: EncoderSpec, layout: str) -> Any:
    """The network with decoded frames as its input: (B, T, H, W, 3) uint8."""
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    taken = steps.input(0)
    taken.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout(LAYOUTS["BTHWC"]))
    taken.model().set_layout(openvino.Layout(LAYOUTS[layout]))
    prepared = taken.preprocess().convert_element_type(openvino.Type.f32)
    prepared.mean([255 * value for value in spec.mean]).scale([255 * value for value in spec.std])
    return steps.build()
