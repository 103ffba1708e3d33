"""The bytes of a small ONNX file, written by hand: no library of this environment writes them.

Field numbers are those of onnx.proto3 (ONNX 1.15, IR version 8).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FLOAT = 1


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


def flat_product(weight: NDArray[np.float32], shape: list[int | str], *, beside: str = "") -> bytes:
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
