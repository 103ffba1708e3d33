"""Networks as their publishers build them, in a size for tests, with files of weights as they publish them, and ours beside."""

from __future__ import annotations

import dataclasses
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.clips import Framing
from core.encoders import EncoderSpec
from core.encoders.network import NetworkEncoder
from core.encoders.prepared import Prepared, make_prepared
from core.encoders.row import Row
from core.encoders.torch_engine import TorchEngine

# (frames, crop_px) of the small form of each family; 193 px is the least that fills I3D's last pool of 7 x 7
_SMALL = {
    "hub-mvit": (4, 64),
    "i3d": (16, 193),
    "i3d-flow": (17, 193),
    "torchvision-mvit": (4, 64),
    "torchvision-resnet": (4, 64),
    "torchvision-s3d": (16, 64),
    "torchvision-swin": (4, 64),
    "tsm": (4, 64),
}
_HUB_FRAMES = {"hub-slowfast": 8, "csn_r101": 8, "x3d_s": 13, "efficient_x3d_s": 13}


def small(spec: EncoderSpec) -> EncoderSpec:
    """The row with fewer frames and a smaller crop; as it is when MOTIONBOOK_FULL_SIZE is set, which takes long."""
    weights = dataclasses.replace(spec.weights, file_name="made-up.pth", sha256="") if spec.weights else None
    if os.environ.get("MOTIONBOOK_FULL_SIZE"):
        return dataclasses.replace(spec, weights=weights)
    if spec.family.startswith("hub-") and spec.family != "hub-mvit":
        frames, crop_px = _HUB_FRAMES.get(spec.family, _HUB_FRAMES.get(spec.name, 4)), 64
    else:
        frames, crop_px = _SMALL[spec.family]
    return dataclasses.replace(spec, frames=frames, framing=Framing(crop_px, crop_px), weights=weights)


def fit_pools(network: nn.Module, spec: EncoderSpec, full: EncoderSpec) -> None:
    """The last average pool of a hub CNN or S3D is as large as the published feature map: make it fit the small one.

    One cell by one is left in space, so that there are several cells to average.
    """
    if spec.framing == full.framing:
        return
    for module in network.modules():
        if isinstance(module, nn.AvgPool3d) and min(_triple(module.kernel_size)[1:]) >= 5:
            module.kernel_size = (max(1, _triple(module.kernel_size)[0] * spec.frames // full.frames), 1, 1)
            module.stride = (1, 1, 1)


def _triple(value: Any) -> tuple[int, int, int]:
    return value if isinstance(value, tuple) else (value,) * 3


def stir(network: nn.Module) -> nn.Module:
    """Random numbers for everything, ones and zeros of a fresh network included: an exchanged layer would go unseen else."""
    with torch.no_grad():
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if not value.is_floating_point():
                continue
            if name.endswith(("running_mean", "bias")) or "pos_embed" in name or value.ndim in (2, 3):
                value.normal_(0, 0.05)
            elif value.ndim < 2:
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, (2 / value[0].numel()) ** 0.5)  # He's: what is seen survives twenty layers
    return network.eval().requires_grad_(False)


@contextmanager
def uninitialised() -> Iterator[None]:
    """Networks made meanwhile keep whatever stood in memory: they are filled afterwards, and filling twice takes long."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_", "xavier_uniform_"):
            patch.setattr(nn.init, name, lambda tensor, *_args, **_kwargs: tensor)
        yield


@contextmanager
def small_mvits(spec: EncoderSpec) -> Iterator[None]:
    """torchvision's MViTs are made for 16 frames of 224 px and nothing else; meanwhile for what ``spec`` says."""
    from torchvision.models.video import mvit

    made, size = mvit._mvit, {"spatial_size": (spec.framing.crop_px,) * 2, "temporal_size": spec.frames}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mvit, "_mvit", lambda **settings: made(**(settings | size)))
        yield


class Original:
    """A network of its own library with made-up weights.

    Args:
        network: gives logits (B, A) before any softmax for ``prepare``'s output.
        prepare: (B, 3, T, H, W) normalised -> what ``network`` takes.
        published: its state as its publisher stores it.
    """

    def __init__(self, network: nn.Module, published: Any, prepare: Callable[[Tensor], Any] = lambda x: x) -> None:
        self.network, self.published, self._prepare = network, published, prepare

    def logits(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.as_tensor(self.network(self._prepare(x)))

    def save(self, file: Path) -> Path:
        torch.save(self.published, file)
        return file


def original(full: EncoderSpec, spec: EncoderSpec) -> Original:
    """The small form ``spec`` of the row ``full`` as its publisher's library makes it."""
    torch.manual_seed(7)
    kind = spec.family.split("-")[0]
    made: Original = _MAKERS[kind](spec)
    fit_pools(made.network, spec, full)
    return made


def _hub(spec: EncoderSpec) -> Original:
    from pytorchvideo.models import hub

    name = "slowfast_16x8_r101_50_50" if spec.name == "slowfast_16x8_r101" else spec.name
    size = {"spatial_size": spec.framing.crop_px, "temporal_size": spec.frames} if spec.family == "hub-mvit" else {}
    network = stir(getattr(hub, name)(pretrained=False, **size))
    for module in network.modules():
        if isinstance(module, nn.Softmax):  # the end of X3D and R(2+1)D, cell by cell
            module.forward = lambda x: x  # type: ignore[method-assign]
    state = network.state_dict()
    published = state if spec.family == "hub-efficient-x3d" else {"model_state": state, "epoch": 3}
    return Original(network, published, _pathways if spec.family == "hub-slowfast" else lambda x: x)


def _pathways(x: Tensor) -> list[Tensor]:
    """The hub's tutorial, PackPathway with alpha 4."""
    frames = x.shape[2]
    return [torch.index_select(x, 2, torch.linspace(0, frames - 1, frames // 4).long()), x]


def _torchvision(spec: EncoderSpec) -> Original:
    from torchvision.models import video

    network = stir(getattr(video, spec.name.removesuffix("-fights"))(num_classes=spec.actions or 2))
    return Original(network, network.state_dict())


def _tsm(spec: EncoderSpec) -> Original:
    """ResNet-50 over pictures; in front of the first convolution of each block the shift of the paper's listing."""
    from torchvision.models import resnet50

    network = stir(resnet50(num_classes=400))
    state = {}
    for name, value in network.state_dict().items():
        shifted = name.startswith("layer") and name.split(".")[2] == "conv1"
        place = "new_fc." + name[3:] if name.startswith("fc.") else f"base_model.{name}"
        state[f"module.{place}".replace("conv1.", "conv1.net.") if shifted else f"module.{place}"] = value
    for name, module in network.named_modules():
        if name.startswith("layer") and name.endswith(".conv1"):
            module.register_forward_pre_hook(lambda _, inputs: reference_shift(inputs[0], spec.frames))
    classify = nn.Sequential(network, nn.Unflatten(0, (-1, spec.frames)), _Mean())
    return Original(classify, {"state_dict": state, "best_prec1": 0.0}, lambda x: x.transpose(1, 2).flatten(0, 1))


class _Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=1)


def reference_shift(x: Tensor, frames: int) -> Tensor:
    """The listing of TSM's README on (B * T, C, H, W)."""
    x = x.view(-1, frames, *x.shape[1:])
    out = torch.zeros_like(x)
    fold = x.shape[2] // 8
    out[:, :-1, :fold] = x[:, 1:, :fold]
    out[:, 1:, fold : 2 * fold] = x[:, :-1, fold : 2 * fold]
    out[:, :, 2 * fold :] = x[:, :, 2 * fold :]
    return out.flatten(0, 1)


class _I3dLogits(nn.Module):
    """The published order: classify each moment, then average."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.inner = network

    def forward(self, x: Tensor) -> Tensor:
        return torch.as_tensor(self.inner.logits(self.inner.features(x)).mean(dim=(2, 3, 4)))


def _i3d(spec: EncoderSpec) -> Original:
    """Ours: no library of the environment has it. tests/core/encoders/test_i3d.py compares it with published numbers."""
    from core.encoders.i3d import InceptionI3d

    network = stir(InceptionI3d(2 if spec.stream == "flow" else 3))
    state = network.state_dict()
    return Original(_I3dLogits(network), torch_i3d_names(state) if spec.stream == "flow" else state)


def torch_i3d_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our I3D's tensors under the names of piergiaj/pytorch-i3d, pytorch_i3d.py."""
    named = {}
    for name, value in state.items():
        for ours, theirs in (
            ("stem.0.", "Conv3d_1a_7x7."),
            ("stem.2.", "Conv3d_2b_1x1."),
            ("stem.3.", "Conv3d_2c_3x3."),
            ("blocks.", ""),
            ("branch_0.0.", "b0."),
            ("branch_1.0.", "b1a."),
            ("branch_1.1.", "b1b."),
            ("branch_2.0.", "b2a."),
            ("branch_2.1.", "b2b."),
            ("branch_3.1.", "b3b."),
            (".conv.", ".conv3d."),
            (".norm.", ".bn."),
            ("logits.", "logits.conv3d."),
        ):
            name = name.replace(ours, theirs)
        named[name] = value
    return named


_MAKERS: dict[str, Callable[[EncoderSpec], Original]] = {
    "hub": _hub,
    "i3d": _i3d,
    "torchvision": _torchvision,
    "tsm": _tsm,
}


def noise(spec: EncoderSpec, count: int) -> NDArray[np.uint8]:
    """Windows that differ from each other in brightness, colour and motion, not only in noise."""
    random = np.random.default_rng(3)
    coarse = random.integers(0, 256, (count, spec.frames, 4, 4, 3), dtype=np.uint8)
    times = -(-spec.framing.crop_px // 4)
    frames: NDArray[np.uint8] = coarse.repeat(times, axis=2).repeat(times, axis=3)
    return np.ascontiguousarray(frames[:, :, : spec.framing.crop_px, : spec.framing.crop_px])


class Case:
    """A row in its small form: the publisher's network, and ours made from its file."""

    def __init__(self, row: Row, folder: Path) -> None:
        spec = small(row.spec)
        self.row, self.spec = dataclasses.replace(row, spec=spec), spec
        with uninitialised(), small_mvits(spec):
            self.original = original(row.spec, spec)
            self.tensors = self._converted(row, folder)
            self.network = self._network()
        fit_pools(self.network, spec, row.spec)
        self.encoder = NetworkEncoder(spec, self.engine("cpu"), weights_sha256="f" * 64, head=None)
        self.frames = noise(spec, 2)
        self.embeddings = self.encoder.embed(self.frames)

    def _converted(self, row: Row, folder: Path) -> dict[str, NDArray[Any]]:
        if row.spec.name == "i3d-rgb":  # its published file is another library's pickle: test_i3d.py reads the real one
            return {name: value.numpy() for name, value in self.original.published.items()}
        file = self.original.save(folder / "made-up.pth")
        converter = importlib.import_module(row.converter)
        with pytest.MonkeyPatch.context() as patch:
            if hasattr(converter, "PUBLISHED"):
                patch.setattr(converter, "PUBLISHED", converter.git_name(file))
            tensors: dict[str, NDArray[Any]] = converter.convert(file, self.spec)
        file.unlink()
        return tensors

    def _network(self) -> Prepared:
        if self.row.engine:
            from core.encoders.i3d_flow_network import make_prepared as make_flow_prepared

            return make_flow_prepared(self.spec, self.tensors)
        return make_prepared(self.spec, self.row.network, self.tensors)

    def engine(self, device: str) -> Any:
        engine = TorchEngine(self.network, device)
        if not self.row.engine:
            return engine
        from core.encoders.i3d_flow import FlowEngine

        return FlowEngine(engine)

    @property
    def normalised(self) -> torch.Tensor:
        """(B, 3, T, H, W) as the spec says, or flow as its stream's engine makes it."""
        if self.row.engine:
            from core.encoders.i3d_flow import scaled
            from core.motion.flow import dense_flow

            return torch.from_numpy(scaled(np.stack([dense_flow(window) for window in self.frames]))).permute(0, 4, 1, 2, 3)
        x = (self.frames.astype(np.float32) / 255 - np.float32(self.spec.mean)) / np.float32(self.spec.std)
        return torch.from_numpy(x).permute(0, 4, 1, 2, 3)
