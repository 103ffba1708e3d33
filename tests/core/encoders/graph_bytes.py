"""The bytes of small ONNX files and SavedModels, written by hand: no library of this environment writes them.

Field numbers are those of onnx.proto3 (ONNX 1.15, IR version 8), and of TensorFlow's saved_model.proto, meta_graph.proto,
graph.proto, node_def.proto, attr_value.proto and tensor.proto.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FLOAT = 1  # in both
_INT32 = 3  # TensorFlow's


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _value(name: str, shape: list[int | str]) -> bytes:
    """ValueInfoProto of a float tensor; a text among the sizes is one that is open."""
    sizes = b"".join(_part(1, _part(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    return _part(1, name) + _part(2, _part(1, _number(1, _FLOAT) + _part(2, sizes)))


def _node(kind: str, inputs: list[str], output: str, attributes: bytes = b"") -> bytes:
    return b"".join(_part(1, name) for name in inputs) + _part(2, output) + _part(4, kind) + attributes


def _tensor(name: str, values: NDArray[np.float32], beside: str) -> bytes:
    """TensorProto with its numbers inside, or in the file ``beside``."""
    told = b"".join(_number(1, size) for size in values.shape) + _number(2, _FLOAT) + _part(8, name)
    if not beside:
        return told + _part(9, values.astype("<f4").tobytes())
    return told + _part(13, _part(1, "location") + _part(2, beside)) + _number(14, 1)


def onnx_flat_product(weight: NDArray[np.float32], shape: list[int | str], *, beside: str = "") -> bytes:
    """A network with one input ``frames``, flattened behind its first axis and multiplied with ``weight``.

    Its outputs are ``flat`` (B, N) and ``embedding`` (B, D). With ``beside``, that file holds the weight.
    """
    graph = b"".join(
        (
            _part(1, _node("Flatten", ["frames"], "flat")),  # behind axis 1, its default
            _part(1, _node("MatMul", ["flat", "weight"], "embedding")),
            _part(2, "graph"),
            _part(5, _tensor("weight", weight, beside)),
            _part(11, _value("frames", shape)),
            _part(12, _value("flat", ["b", weight.shape[0]])),
            _part(12, _value("embedding", ["b", weight.shape[1]])),
        )
    )
    return _number(1, 8) + _part(8, _number(2, 13)) + _part(7, graph)


def _attribute(key: str, value: bytes) -> bytes:
    return _part(5, _part(1, key) + _part(2, value))


def _tf_node(name: str, op: str, inputs: list[str], *attributes: bytes) -> bytes:
    return _part(1, _part(1, name) + _part(2, op) + b"".join(_part(3, one) for one in inputs) + b"".join(attributes))


def _tf_shape(sizes: list[int]) -> bytes:
    """TensorShapeProto; -1 is a size that is open."""
    return b"".join(_part(2, _number(1, size if size >= 0 else 2**64 + size)) for size in sizes)


def _tf_constant(name: str, values: NDArray[Any], kind: int) -> bytes:
    tensor = _number(1, kind) + _part(2, _tf_shape(list(values.shape))) + _part(4, values.tobytes())
    return _tf_node(name, "Const", [], _attribute("dtype", _number(6, kind)), _attribute("value", _part(8, tensor)))


def _tf_named(field: int, key: str, tensor: str, shape: list[int]) -> bytes:
    """One entry of a signature's inputs or outputs."""
    told = _part(1, f"{tensor}:0") + _number(2, _FLOAT) + _part(3, _tf_shape(shape))
    return _part(field, _part(1, key) + _part(2, told))


def saved_model_flat_product(
    weight: NDArray[np.float32],
    sizes: list[int],
    *,
    tag: str = "serve",
    signature: str = "serving_default",
    then: str = "Identity",
) -> bytes:
    """saved_model.pb: one input ``frames`` (B, *sizes), flattened, multiplied with ``weight``, given to ``then``.

    Its outputs are ``embedding`` (B, D) and ``flat`` (B, N).
    """
    float_type = _attribute("T", _number(6, _FLOAT))
    frames = [-1, *sizes]
    graph = b"".join(
        (
            _tf_node(
                "x", "Placeholder", [], _attribute("dtype", _number(6, _FLOAT)), _attribute("shape", _part(7, _tf_shape(frames)))
            ),
            _tf_constant("sizes", np.array([-1, len(weight)], "<i4"), _INT32),
            _tf_node("flat", "Reshape", ["x", "sizes"], float_type, _attribute("Tshape", _number(6, _INT32))),
            _tf_constant("weight", weight.astype("<f4"), _FLOAT),
            _tf_node("product", "MatMul", ["flat", "weight"], float_type),
            _tf_node("y", then, ["product"], float_type),
            _part(4, _number(1, 1087)),  # the version of operations that TensorFlow 2.9 wrote
        )
    )
    called = b"".join(
        (
            _tf_named(1, "frames", "x", frames),
            _tf_named(2, "embedding", "y", [-1, weight.shape[1]]),
            _tf_named(2, "flat", "flat", [-1, len(weight)]),
            _part(3, "tensorflow/serving/predict"),
        )
    )
    about = _part(1, _part(4, tag) if tag else b"")
    meta = about + _part(2, graph) + _part(5, _part(1, signature) + _part(2, called))
    return _number(1, 1) + _part(2, meta)
