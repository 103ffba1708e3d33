"""Convolutions with fewer multiplications: Winograd's minimal filtering along one axis of an OpenVINO graph.

Four neighbouring outputs of a filter with three taps need 12 multiplications when each is computed by itself, and 6 when
they share them (Winograd 1980; Lavin & Gray 2015, arXiv:1509.09308): six fixed sums of the inputs, one convolution of each
with its own mixture of the taps, four fixed sums of the results. The sums cost memory traffic, the convolutions remain
OpenVINO's own, with one axis fewer. A stride of 2 is first cut into the even and the odd inputs, two channels of a filter
that no longer strides.

Everything stays float32. Numbers differ from the direct way by about 1e-6 of the largest value, as two libraries do
among themselves. In bfloat16 the sums would lose what the tolerance of engines allows: there the direct way stays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from openvino import Model, Node, opset13
from openvino.passes import ConstantFolding, Manager

from core.clips import Floats

Array = NDArray[Any]

_OUTPUTS = 4  # of a tile: six would save little more (8 for 18 instead of 6 for 12) and lose a digit
_POINTS = (0, 1, -1, 2, -2, Fraction(1, 2))  # as Lavin & Gray choose them: small numbers keep rounding small
_TAPS = {1: 3, 2: 7}  # by stride: the widths of filters that gain
_LEAST_DEPTH = 384  # numbers that go into an output of a smaller convolution; below it the sums cost what they save
_LEAST_DEPTH_OF_STEM = 256  # I3D's has 2 x 3 x 7 x 7 = 294; a stem that looks at single pictures would have 42
_FEWEST_MULTIPLICATIONS = 5e7  # a layer this small is done before the sums' threads have met
_LEAST_GAIN = 1.4  # multiplications saved, with the outputs that fill up the last tile counted as work


def multiply_less(model: Model) -> int:
    """Rewrites ``model`` in place and returns how many convolutions changed. Its shapes must be fixed."""
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(model)
    absorb_padding(model)
    count = 0
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Convolution" and (layer := _layer(node)) and (axis := _best_axis(layer)):
            _replace(node, layer, axis)
            count += 1
    model.validate_nodes_and_infer_types()
    return count


# -- padding -----------------------------------------------------------------------------------------------------------


def absorb_padding(model: Model) -> int:
    """Gives convolutions and maximum pools the padding that stands before them as a copy of its own; returns how many."""
    count = 0
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind in ("Convolution", "MaxPool") and (padding := _padding(node.input_value(0).get_node(), kind)):
            _with_padding(node, kind, *padding)
            count += 1
    return count


def _padding(node: Node, kind: str) -> tuple[Array, Array] | None:
    """What a Pad node adds before and after each axis but the first two, if ``kind`` can do that itself."""
    if node.get_type_name() != "Pad" or node.get_attributes()["pad_mode"] != "constant":
        return None
    begin, end, value = (_constant(node.input_value(index)) for index in (1, 2, 3))
    if begin is None or end is None or value is None or begin[:2].any() or end[:2].any() or min(begin.min(), end.min()) < 0:
        return None
    fits = value == 0 if kind == "Convolution" else np.isneginf(value)
    return (begin[2:], end[2:]) if fits else None


def _with_padding(node: Node, kind: str, begin: Array, end: Array) -> None:
    told = node.get_attributes()
    before = [int(own + more) for own, more in zip(told["pads_begin"], begin, strict=True)]
    after = [int(own + more) for own, more in zip(told["pads_end"], end, strict=True)]
    x = node.input_value(0).get_node().input_value(0)
    if kind == "Convolution":
        new = opset13.convolution(x, node.input_value(1), told["strides"], before, after, told["dilations"])
    else:
        rounding = told["rounding_type"]
        new = opset13.max_pool(x, told["strides"], told["dilations"], before, after, told["kernel"], rounding, "explicit")
    node.output(0).replace(new.output(0))


# -- which convolution, along which axis -------------------------------------------------------------------------------


class Layer(NamedTuple):
    """A convolution: kernel (K, C, T, H, W), the shape of its input (N, C, T, H, W), and for T, H, W how it moves."""

    kernel: Floats
    shape: tuple[int, ...]
    strides: list[int]
    before: list[int]
    after: list[int]

    def outputs(self, axis: int) -> int:
        """Its length along ``axis`` (2, 3 or 4) after it."""
        padded = self.shape[axis] + self.before[axis - 2] + self.after[axis - 2]
        return int((padded - self.kernel.shape[axis]) // self.strides[axis - 2] + 1)


def _layer(node: Node) -> Layer | None:
    """A three-dimensional convolution with fixed shape and fixed weights, or None."""
    kernel, shape = _constant(node.input_value(1)), node.input_value(0).get_partial_shape()
    told = node.get_attributes()
    if kernel is None or kernel.ndim != 5 or kernel.dtype != np.float32 or shape.is_dynamic:
        return None
    if any(step != 1 for step in told["dilations"]) or told["auto_pad"] not in ("explicit", "notset", "valid"):
        return None
    return Layer(kernel, tuple(shape.to_shape()), told["strides"], told["pads_begin"], told["pads_end"])


def _best_axis(layer: Layer) -> int:
    """2 for time, 3 for height, 0 when neither gains. Time wins a tie: its parts lie next to each other in memory."""
    multiplications = layer.kernel.size * np.prod([layer.outputs(axis) for axis in (2, 3, 4)])
    if multiplications < _FEWEST_MULTIPLICATIONS:
        return 0
    gains = {axis: _gain(layer, axis) for axis in (2, 3)}
    best = max(gains, key=lambda axis: gains[axis])
    return best if gains[best] >= _LEAST_GAIN else 0


def _gain(layer: Layer, axis: int) -> float:
    stride, taps = layer.strides[axis - 2], layer.kernel.shape[axis]
    depth = stride * layer.kernel[0].size // taps
    if _TAPS.get(stride) != taps or depth < (_LEAST_DEPTH if stride == 1 else _LEAST_DEPTH_OF_STEM):
        return 0
    outputs = layer.outputs(axis)
    tiles = -(-outputs // _OUTPUTS)
    each = stride * (_OUTPUTS + -(-taps // stride) - 1)
    return float(outputs * taps / (tiles * each))


# -- the rewriting -----------------------------------------------------------------------------------------------------


class Transform(NamedTuple):
    """``outputs @ ((taps @ filter) * (inputs @ data))`` is the filter's correlation with the data."""

    inputs: Array  # (n, n)
    taps: Array  # (n, taps)
    outputs: Array  # (outputs, n)


def transform(outputs: int, taps: int) -> Transform:
    """Toom and Cook's way: polynomials multiplied at n - 1 points and at infinity, n = outputs + taps - 1, transposed."""
    points = [Fraction(point) for point in _POINTS[: outputs + taps - 2]]
    inputs, filters = [], []
    for point in points:
        others = [other for other in points if other != point]
        inputs.append([*_polynomial(others), Fraction(0)])
        scale = math.prod((point - other for other in others), start=Fraction(1))
        filters.append([point**power / scale for power in range(taps)])
    inputs.append(_polynomial(points))
    filters.append([Fraction(0)] * (taps - 1) + [Fraction(1)])
    sums = [[point**row for point in points] + [Fraction(int(row == outputs - 1))] for row in range(outputs)]
    return Transform(*(np.array(rows, dtype=np.float64) for rows in (inputs, filters, sums)))


def _polynomial(roots: Sequence[Fraction]) -> list[Fraction]:
    """Coefficients, constant first, of the product of (x - root)."""
    product = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *product], [*product, Fraction(0)]
        product = [left - root * right for left, right in zip(shifted, scaled, strict=True)]
    return product


def _replace(node: Node, layer: Layer, axis: int) -> None:
    """Puts the smaller convolutions in the place of ``node`` and of the bias and the ReLU that follow it."""
    last, bias, relu = _followers(node)
    stride, length = layer.strides[axis - 2], layer.outputs(axis)
    way = transform(_OUTPUTS, -(-layer.kernel.shape[axis] // stride))
    tiles = -(-length // _OUTPUTS)
    products = _products(node.input_value(0), layer, axis, way, tiles)
    rows = []
    for coefficients in way.outputs:
        y = _sum(coefficients, products)
        y = opset13.add(y, bias) if bias is not None else y
        rows.append(opset13.relu(y) if relu else y)
    last.output(0).replace(_interleaved(rows, axis, tiles, length).output(0))


def _followers(node: Node) -> tuple[Node, Any, bool]:
    """The last node of convolution, bias and ReLU; the bias or None; whether there is a ReLU."""
    last, bias, relu = node, None, False
    after = _only_user(node)
    if after is not None and after.get_type_name() == "Add":
        constants = [value for value in after.input_values() if _constant(value) is not None]
        if constants:
            last, bias, after = after, constants[0], _only_user(after)
    if after is not None and after.get_type_name() == "Relu":
        last, relu = after, True
    return last, bias, relu


def _products(x: Any, layer: Layer, axis: int, way: Transform, tiles: int) -> list[Node]:
    """The n convolutions. Along ``axis`` each has one tap and one output per tile."""
    stride, points = layer.strides[axis - 2], len(way.inputs)
    phases = [_phase(x, layer, axis, phase, tiles, points) for phase in range(stride)]
    strides, before, after = ([*values] for values in (layer.strides, layer.before, layer.after))
    strides[axis - 2], before[axis - 2], after[axis - 2] = 1, 0, 0
    taps = np.moveaxis(layer.kernel, axis, -1).astype(np.float64)
    products = []
    for index in range(points):
        inputs = [_sum(way.inputs[index], pieces) for pieces in phases]
        kernels = [taps[..., phase::stride] for phase in range(stride)]
        mixed = np.concatenate([kernel @ way.taps[index, : kernel.shape[-1]] for kernel in kernels], axis=1)
        kernel = np.ascontiguousarray(np.expand_dims(mixed, axis), dtype=np.float32)
        joined = opset13.concat(inputs, 1) if stride > 1 else inputs[0]
        products.append(opset13.convolution(joined, opset13.constant(kernel), strides, before, after, [1, 1, 1]))
    return products


def _phase(x: Any, layer: Layer, axis: int, phase: int, tiles: int, points: int) -> list[Node]:
    """For each of the n inputs of a tile, that input of all tiles."""
    stride, taps = layer.strides[axis - 2], -(-layer.kernel.shape[axis] // layer.strides[axis - 2])
    needed = (tiles * _OUTPUTS - 1 + taps) * stride
    before, after = [0] * 5, [0] * 5
    before[axis] = layer.before[axis - 2]
    after[axis] = needed - layer.shape[axis] - before[axis]  # negative where a filter never reaches the last input
    padded = opset13.pad(x, _integers(*before), _integers(*after), "constant", opset13.constant(np.float32(0)))
    step = stride * _OUTPUTS
    starts = [phase + point * stride for point in range(points)]
    return [_slice(padded, start, start + step * (tiles - 1) + 1, step, axis) for start in starts]


def _interleaved(rows: list[Node], axis: int, tiles: int, length: int) -> Node:
    """Outputs 0, 4, 8 ..., 1, 5, 9 ... and so on along ``axis``, put into their order and cut to ``length``."""
    where = opset13.constant(np.int64(axis))
    parts = [opset13.split(row, where, tiles).outputs() for row in rows]
    ordered = [part[tile] for tile in range(tiles) for part in parts]
    return opset13.concat(ordered[:length], axis)


def _sum(coefficients: Array, values: Sequence[Any]) -> Any:
    """Sum of ``coefficients`` times ``values``; what has a coefficient of 0 is left out."""
    pairs = sorted(zip(coefficients, values, strict=True), key=lambda pair: pair[0] < 0)  # begin without a negation
    total: Any = None
    for coefficient, value in pairs:
        if coefficient == 0:
            continue
        scaled = value if abs(coefficient) == 1 else opset13.multiply(value, opset13.constant(np.float32(abs(coefficient))))
        if total is None:
            total = scaled if coefficient > 0 else opset13.negative(scaled)
        else:
            total = opset13.add(total, scaled) if coefficient > 0 else opset13.subtract(total, scaled)
    return total


def _only_user(node: Node) -> Node | None:
    users = list(node.output(0).get_target_inputs())
    return users[0].get_node() if len(users) == 1 else None


def _constant(value: Any) -> Array | None:
    node = value.get_node()
    return np.array(node.data) if node.get_type_name() == "Constant" else None


def _integers(*values: int) -> Node:
    return opset13.constant(np.array(values, np.int64))


def _slice(x: Any, start: int, stop: int, step: int, axis: int) -> Node:
    return opset13.slice(x, _integers(start), _integers(stop), _integers(step), _integers(axis))
