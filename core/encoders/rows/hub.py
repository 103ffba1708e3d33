"""Rows of the PyTorchVideo hub.

Frames, intervals and framings are those of the settings with which the model zoo was measured (PySlowFast,
configs/Kinetics/pytorchvideo/*.yaml: NUM_FRAMES, SAMPLING_RATE, TEST_CROP_SIZE); its videos have 30 frames a second.
Accuracies: docs/source/model_zoo.md of PyTorchVideo 0.1.5. Addresses: checkpoint_paths in pytorchvideo/models/hub.
"""

from __future__ import annotations

from dataclasses import replace

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_ZOO = "https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics"
_FPS = 30

_C2D = "Wang, Girshick, Gupta & He 2018, Non-local Neural Networks, arXiv:1711.07971 (its baseline C2D)"
_CSN = "Tran et al. 2019, Video Classification with Channel-Separated Convolutional Networks, arXiv:1904.02811"
_I3D = "Carreira & Zisserman 2017, Quo Vadis, Action Recognition? arXiv:1705.07750, on a ResNet-50"
_MVIT = "Fan et al. 2021, Multiscale Vision Transformers, arXiv:2104.11227"
_R2PLUS1D = "Tran et al. 2018, A Closer Look at Spatiotemporal Convolutions for Action Recognition, arXiv:1711.11248"
_SLOWFAST = "Feichtenhofer, Fan, Malik & He 2019, SlowFast Networks for Video Recognition, arXiv:1812.03982"
_X3D = "Feichtenhofer 2020, X3D: Expanding Architectures for Efficient Video Recognition, arXiv:2004.04730"

_CELLS = "input of head.proj, averaged over its cells"
_TOKEN = "class token after the last norm, input of head.proj"

_224 = Framing(crop_px=224, short_side_px=256)
_256 = Framing(crop_px=256, short_side_px=256)


def _row(
    name: str,
    title: str,
    frames: int,
    interval: int,
    framing: Framing,
    file_name: str,
    top1: float,
    paper: str,
    *,
    head: str,
    views: str = "10 x 3 views",
) -> Row:
    seconds = frames * interval / _FPS
    spec = EncoderSpec(
        name=name,
        title=f"{title}, RGB, Kinetics-400",
        family="hub-cnn",
        stream="rgb",
        frames=frames,
        sampling=Sampling(window_seconds=seconds, stride_seconds=seconds / 2),
        framing=framing,
        mean=(0.45, 0.45, 0.45),
        std=(0.225, 0.225, 0.225),
        layer=_CELLS,
        dimension=2048,
        actions=400,
        weights=WeightsSource(
            kind="url",
            url=f"{_ZOO}/{file_name}",
            file_name=file_name,
            licence="Apache-2.0 (PyTorchVideo's repository; its model zoo states no other)",
        ),
        licence="Apache-2.0",
        paper=paper,
        top1=top1,
        top1_source=f"PyTorchVideo 0.1.5 model zoo, Kinetics-400, {views}",
        code_version=1,
    )
    return Row(spec, "core.encoders.hub", "core.encoders.hub_weights", (f"{head}.weight", f"{head}.bias"))


def _x3d(name: str, title: str, frames: int, interval: int, side_px: int, file_name: str, top1: float) -> Row:
    framing = Framing(crop_px=side_px, short_side_px=side_px)
    return _row(name, title, frames, interval, framing, file_name, top1, _X3D, head="blocks.5.proj")


def _resnet(name: str, title: str, frames: int, interval: int, file_name: str, top1: float, paper: str, blocks: int = 6) -> Row:
    return _row(name, title, frames, interval, _256, file_name, top1, paper, head=f"blocks.{blocks}.proj")


def _slowfast(name: str, title: str, frames: int, file_name: str, top1: float) -> Row:
    row = _row(name, title, frames, 2, _256, file_name, top1, _SLOWFAST, head="blocks.6.proj")
    return replace(row, spec=replace(row.spec, family="hub-slowfast", dimension=2304))


def _mvit(name: str, title: str, frames: int, interval: int, file_name: str, top1: float) -> Row:
    row = _row(name, title, frames, interval, _224, file_name, top1, _MVIT, head="head.proj", views="5 x 1 views")
    return replace(row, spec=replace(row.spec, family="hub-mvit", dimension=768, layer=_TOKEN))


def _efficient(name: str, title: str, frames: int, interval: int, file_name: str, top1: float) -> Row:
    framing = Framing(crop_px=160, short_side_px=182)  # the crop of its training: its zoo page names 160, and no other
    row = _row(name, title, frames, interval, framing, file_name, top1, _X3D, head="projection.model", views="10 clips")
    return replace(row, spec=replace(row.spec, family="hub-efficient-x3d", layer="input of projection"))


ROWS = (
    _x3d("x3d_xs", "X3D-XS", 4, 12, 182, "X3D_XS.pyth", 69.12),
    _x3d("x3d_s", "X3D-S", 13, 6, 182, "X3D_S.pyth", 73.33),
    _x3d("x3d_m", "X3D-M", 16, 5, 256, "X3D_M.pyth", 75.94),
    # trained on crops of 312, measured on crops of 356: the zoo's 26.64 G multiply-adds are those of 356
    _x3d("x3d_l", "X3D-L", 16, 5, 356, "X3D_L.pyth", 77.44),
    _resnet("slow_r50", "Slow, ResNet-50", 8, 8, "SLOW_8x8_R50.pyth", 74.58, _SLOWFAST, 5),
    _resnet("c2d_r50", "C2D, ResNet-50", 8, 8, "C2D_8x8_R50.pyth", 71.46, _C2D),
    _resnet("i3d_r50", "I3D, ResNet-50", 8, 8, "I3D_8x8_R50.pyth", 73.27, _I3D),
    _slowfast("slowfast_r50", "SlowFast 8x8, ResNet-50", 32, "SLOWFAST_8x8_R50.pyth", 76.94),
    _slowfast("slowfast_r101", "SlowFast 8x8, ResNet-101", 32, "SLOWFAST_8x8_R101.pyth", 77.90),
    _slowfast("slowfast_16x8_r101", "SlowFast 16x8, ResNet-101", 64, "SLOWFAST_16x8_R101_50_50.pyth", 78.70),
    _resnet("csn_r101", "CSN, ResNet-101", 32, 2, "CSN_32x2_R101.pyth", 77.00, _CSN, 5),
    _resnet("r2plus1d_r50", "R(2+1)D, ResNet-50", 16, 4, "R2PLUS1D_16x4_R50.pyth", 76.01, _R2PLUS1D, 5),
    _mvit("mvit_base_16x4", "MViT-B 16x4", 16, 4, "MVIT_B_16x4.pyth", 78.85),
    _mvit("mvit_base_32x3", "MViT-B 32x3", 32, 3, "MVIT_B_32x3_f294077834.pyth", 80.30),
    _efficient("efficient_x3d_xs", "X3D-XS for mobile CPUs", 4, 12, "efficient_x3d_xs_original_form.pyth", 68.5),
    _efficient("efficient_x3d_s", "X3D-S for mobile CPUs", 13, 6, "efficient_x3d_s_original_form.pyth", 73.0),
)
