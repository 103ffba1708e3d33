"""Rows of torchvision's video networks.

Addresses, mean, std, crop, short side, frame rates, clip lengths and accuracies are those of torchvision 0.29.1's own
``Weights`` (a test compares them). One thing differs: their transforms bend a picture to 128 x 171, or S3D's to 256 x 256,
before they crop; ours keeps its shape and scales the shorter side to 128 or 256. For 4:3 video the first is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_MODULE = "core.encoders.torchvision_video"
_BSD = "BSD-3-Clause (torchvision's repository; trained on Kinetics-400)"
_APACHE = "Apache-2.0 (its authors' repository), ported by torchvision"

_MVIT_1 = "Fan et al. 2021, Multiscale Vision Transformers, arXiv:2104.11227"
_MVIT_2 = "Li et al. 2022, MViTv2: Improved Multiscale Vision Transformers, arXiv:2112.01526"
_R2PLUS1D = "Tran et al. 2018, A Closer Look at Spatiotemporal Convolutions for Action Recognition, arXiv:1711.11248"
_S3D = "Xie et al. 2018, Rethinking Spatiotemporal Feature Learning (S3D), arXiv:1712.04851"
_SWIN = "Liu et al. 2022, Video Swin Transformer, arXiv:2106.13230"

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class _Kind:
    """What networks of one kind have in common. ``fps`` and ``frames`` span a window; ``views`` says what was measured."""

    family: str
    frames: int
    fps: float
    framing: Framing
    mean: Colour
    std: Colour
    layer: str
    head: str
    views: str
    licence: str


_RESNET = _Kind(
    "torchvision-resnet",
    frames=16,
    fps=15,
    framing=Framing(crop_px=112, short_side_px=128),
    mean=(0.43216, 0.394666, 0.37645),
    std=(0.22803, 0.22145, 0.216989),
    layer="input of fc",
    head="fc",
    views="5 clips of 16 frames at 15 fps",
    licence=_BSD,
)
# 32 frames: measured with 128 of them, 8.5 seconds, in which most clips hold more than one action
_SEPARABLE = replace(
    _RESNET,
    family="torchvision-s3d",
    frames=32,
    framing=Framing(crop_px=224, short_side_px=256),
    layer="input of classifier.1, averaged over time",
    head="classifier.1",
    views="1 clip of 128 frames at 15 fps",
)
_MVIT = _Kind(
    "torchvision-mvit",
    frames=16,
    fps=7.5,
    framing=Framing(crop_px=224, short_side_px=256),
    mean=(0.45, 0.45, 0.45),
    std=(0.225, 0.225, 0.225),
    layer="class token after the last norm, input of head.1",
    head="head.1",
    views="5 clips of 16 frames at 7.5 fps",
    licence=_APACHE,
)
_WINDOWED = replace(
    _MVIT,
    family="torchvision-swin",
    frames=32,
    fps=15,
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
    layer="input of head, averaged over time and space",
    head="head",
    views="12 clips of 32 frames at 15 fps",
)


def _row(kind: _Kind, name: str, title: str, dimension: int, file_name: str, top1: float, paper: str) -> Row:
    seconds = kind.frames / kind.fps
    spec = EncoderSpec(
        name=name,
        title=f"{title}, RGB, Kinetics-400",
        family=kind.family,
        stream="rgb",
        frames=kind.frames,
        sampling=Sampling(window_seconds=seconds, stride_seconds=seconds / 2),
        framing=kind.framing,
        mean=kind.mean,
        std=kind.std,
        layer=kind.layer,
        dimension=dimension,
        actions=400,
        weights=WeightsSource(
            kind="url",
            url=f"https://download.pytorch.org/models/{file_name}",
            file_name=file_name,
            licence=kind.licence,
        ),
        licence="BSD-3-Clause",
        paper=paper,
        top1=top1,
        top1_source=f"torchvision 0.29.1, Weights.meta, Kinetics-400, {kind.views}",
        code_version=1,
    )
    return Row(spec, _MODULE, f"{_MODULE}_weights", (f"{kind.head}.weight", f"{kind.head}.bias"))


_MC3 = _row(_RESNET, "mc3_18", "MC3-18", 512, "mc3_18-a90a0ba3.pth", 63.960, _R2PLUS1D)

# Tuned from Kinetics-400 to tell fights from none on CCTV; its two-way classifier is left out. Sampling, mean, std and
# crop of its authors' code are those of torchvision's MC3-18.
_FIGHTS = Row(
    replace(
        _MC3.spec,
        name="mc3_18-fights",
        title="MC3-18, RGB, Kinetics-400, tuned to CCTV fights",
        actions=0,
        weights=WeightsSource(
            kind="wheel",
            package="Fight-Detection",
            version="0.0.3",
            member="fight_detection/model_16_m3_0.8888.pth",
            file_name="Fight_Detection-0.0.3-py3-none-any.whl",
            download_sha256="0bc1b776a3358dfc80d6183a061d6b2d493538be7ed854070b288b71ee0b9722",
            sha256="8268694ade4c0e79a1c5fa41a4f3c21129082d75fac9eb7c25e5a0eabad49bfa",
            size_bytes=42_746_532,
            licence="MIT",
        ),
        top1=None,
        top1_source="",
    ),
    _MODULE,
    f"{_MODULE}_weights",
)

ROWS = (
    _row(_RESNET, "r3d_18", "R3D-18", 512, "r3d_18-b3b3357e.pth", 63.200, _R2PLUS1D),
    _MC3,
    _row(_RESNET, "r2plus1d_18", "R(2+1)D-18", 512, "r2plus1d_18-91a641e6.pth", 67.463, _R2PLUS1D),
    _row(_SEPARABLE, "s3d", "S3D", 1024, "s3d-d76dad2f.pth", 68.368, _S3D),
    _row(_MVIT, "mvit_v1_b", "MViT v1-B", 768, "mvit_v1_b-dbeb1030.pth", 78.477, _MVIT_1),
    _row(_MVIT, "mvit_v2_s", "MViT v2-S", 768, "mvit_v2_s-ae3be167.pth", 80.757, _MVIT_2),
    _row(_WINDOWED, "swin3d_t", "Video Swin-T", 768, "swin3d_t-7615ae03.pth", 77.715, _SWIN),
    _row(_WINDOWED, "swin3d_s", "Video Swin-S", 768, "swin3d_s-da41c237.pth", 79.521, _SWIN),
    _row(_WINDOWED, "swin3d_b", "Video Swin-B (ImageNet-22k)", 1024, "swin3d_b_22k-7c6ae6fa.pth", 81.643, _SWIN),
    _FIGHTS,
)
