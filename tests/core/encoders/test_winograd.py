from __future__ import annotations

import numpy as np
import openvino
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.encoders import openvino_engine
from core.encoders.winograd import absorb_padding, multiply_less, transform


class Layer(nn.Module):
    """Padding of its own kind, a convolution and what usually follows it."""

    def __init__(self, conv: nn.Conv3d, padding: tuple[int, ...] = (), relu: bool = True) -> None:
        super().__init__()
        self.conv, self.padding, self.relu = conv, padding, relu

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(functional.pad(x, self.padding) if self.padding else x)
        return functional.relu(y) if self.relu else y


def converted(network: nn.Module, x: Tensor) -> openvino.Model:
    with torch.no_grad():
        return openvino.convert_model(torch.jit.trace(network.eval(), x), input=list(x.shape))


def computed(model: openvino.Model, x: Tensor) -> np.ndarray:
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(compiled(x.numpy())[0])


def kinds(model: openvino.Model) -> list[str]:
    return [node.get_type_name() for node in model.get_ops()]


@pytest.mark.parametrize(("outputs", "taps"), [(2, 3), (4, 3), (4, 4), (2, 4)])
def test_a_transform_is_a_correlation(outputs: int, taps: int) -> None:
    rng = np.random.default_rng(0)
    data, filters = rng.standard_normal(outputs + taps - 1), rng.standard_normal(taps)
    way = transform(outputs, taps)
    assert way.inputs.shape == (outputs + taps - 1,) * 2
    got = way.outputs @ ((way.taps @ filters) * (way.inputs @ data))
    assert got == pytest.approx(np.correlate(data, filters, "valid"))


def test_four_outputs_of_three_taps_use_the_published_numbers() -> None:
    """Lavin & Gray, equation 15: B transposed of F(4, 3), up to the sign and the order of its rows."""
    assert transform(4, 3).inputs[0].tolist() == [4, 0, -5, 0, 1, 0]
    assert transform(4, 3).outputs[3].tolist() == [0, 1, -1, 8, -8, 1]


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "frames", "name"),
    [
        ((3, 3, 3), 1, (1, 1, 1, 1, 1, 1), 8, "time"),
        ((3, 3, 3), 1, (1, 1, 1, 1, 1, 1), 3, "height, the last tile not full"),
        ((3, 3, 3), 1, (1, 1, 1, 1, 0, 1), 8, "another padding at each end"),
        ((3, 3, 3), 1, (), 10, "no padding"),
        ((1, 3, 3), 1, (1, 1, 1, 1), 2, "height"),
        ((3, 1, 1), 1, (0, 0, 0, 0, 1, 1), 8, "time only"),
    ],
)
@pytest.mark.parametrize("relu", [True, False])
def test_a_layer_computes_the_same(
    kernel: tuple[int, int, int], stride: int, padding: tuple[int, ...], frames: int, name: str, relu: bool
) -> None:
    torch.manual_seed(0)
    channels = -(-384 * 3 // int(np.prod(kernel)))  # just deep enough
    network = Layer(nn.Conv3d(channels, 64, kernel, stride, bias=relu), padding, relu)
    x = torch.randn(1, channels, frames, 22, 22)
    with torch.no_grad():
        expected = network(x).numpy()
    model = converted(network, x)
    assert multiply_less(model) == 1, name
    assert kinds(model).count("Convolution") == 6
    difference = np.abs(computed(model, x) - expected).max() / np.abs(expected).max()
    assert difference < 5e-6, name


def test_a_stride_of_two_is_cut_into_even_and_odd() -> None:
    torch.manual_seed(0)
    network = Layer(nn.Conv3d(3, 64, 7, 2, bias=False), (2, 3, 2, 3, 2, 3))  # TensorFlow's padding, as in I3D's first layer
    x = torch.randn(1, 3, 32, 32, 32)
    with torch.no_grad():
        expected = network(x).numpy()
    model = converted(network, x)
    assert multiply_less(model) == 1 and kinds(model).count("Convolution") == 7
    assert np.abs(computed(model, x) - expected).max() / np.abs(expected).max() < 1e-5


@pytest.mark.parametrize(
    ("conv", "why"),
    [
        (nn.Conv3d(16, 64, 3, padding=1), "too narrow"),
        (nn.Conv3d(64, 64, 3, stride=2, padding=1), "it strides"),
        (nn.Conv3d(64, 64, 3, padding=2, dilation=2), "its taps are apart"),
        (nn.Conv3d(64, 64, 1), "one tap"),
        (nn.Conv3d(64, 64, 3, padding=1, groups=64), "each channel by itself"),
        (nn.Conv3d(64, 64, (5, 3, 1), padding=(2, 1, 0)), "five taps in time, and too shallow in height"),
    ],
)
def test_what_would_not_gain_stays(conv: nn.Conv3d, why: str) -> None:
    x = torch.randn(1, conv.in_channels, 8, 16, 16)
    model = converted(Layer(conv), x)
    assert multiply_less(model) == 0, why
    with torch.no_grad():
        assert computed(model, x) == pytest.approx(Layer(conv)(x).numpy(), abs=1e-4)


def test_a_result_that_others_use_too_keeps_its_value() -> None:
    """The ReLU after the convolution must not be taken into it when somebody else wants the numbers before it."""

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv3d(64, 64, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv(x)
            return functional.relu(y) - 3 * y

    network, x = Both(), torch.randn(1, 64, 8, 16, 16)
    model = converted(network, x)
    assert multiply_less(model) == 1
    with torch.no_grad():
        assert computed(model, x) == pytest.approx(network(x).numpy(), abs=1e-4)


@pytest.mark.parametrize(("value", "kept"), [(float("-inf"), False), (0.0, True)])
def test_a_maximum_takes_up_only_padding_that_never_wins(value: float, kept: bool) -> None:
    class Pool(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return functional.max_pool3d(functional.pad(x, (0, 1, 0, 1, 0, 1), value=value), 3, 2)

    x = -torch.rand(1, 4, 4, 6, 6) - 1
    model = converted(Pool(), x)
    assert multiply_less(model) == 0
    assert ("Pad" in kinds(model)) is kept
    assert np.array_equal(computed(model, x), Pool()(x).numpy())


def test_padding_of_a_convolution_is_taken_up_once() -> None:
    network = Layer(nn.Conv3d(2, 2, 3, padding=(1, 0, 0)), (0, 1, 1, 0, 2, 0))
    x = torch.randn(1, 2, 4, 5, 6)
    model = converted(network, x)
    multiply_less(model)
    assert "Pad" not in kinds(model) and absorb_padding(model) == 0
    with torch.no_grad():
        assert computed(model, x) == pytest.approx(network(x).numpy(), abs=1e-5)


def test_a_graph_that_cannot_be_rewritten_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: openvino.Model) -> int:
        raise RuntimeError("not thought of")

    monkeypatch.setattr(openvino_engine, "multiply_less", fail)
    x = torch.randn(1, 64, 8, 16, 16)
    model = converted(Layer(nn.Conv3d(64, 64, 3, padding=1)), x)
    assert openvino_engine._with_fewer_multiplications(model) is model
    assert "stay as they are" in caplog.text
