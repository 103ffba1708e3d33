"""Rows of the PyTorchVideo hub."""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_X3D_S = EncoderSpec(
    name="x3d_s",
    title="X3D-S, RGB, Kinetics-400",
    family="hub-cnn",
    stream="rgb",
    frames=13,
    sampling=Sampling(window_seconds=2.6, stride_seconds=1.3),  # 13 frames, 6 apart, at the 30 fps of its training
    framing=Framing(crop_px=182, short_side_px=182),
    mean=(0.45, 0.45, 0.45),
    std=(0.225, 0.225, 0.225),
    layer="input of head.proj, averaged over its cells",
    dimension=2048,
    actions=400,
    weights=WeightsSource(
        kind="url",
        url="https://dl.fbaipublicfiles.com/pytorchvideo/model_zoo/kinetics/X3D_S.pyth",
        file_name="X3D_S.pyth",
        licence="Apache-2.0 (PyTorchVideo's repository; its model zoo states no other)",
    ),
    licence="Apache-2.0",
    paper="Feichtenhofer 2020, X3D: Expanding Architectures for Efficient Video Recognition, arXiv:2004.04730",
    top1=73.33,
    top1_source="PyTorchVideo 0.1.5 model zoo, Kinetics-400, 10 x 3 views",
    code_version=1,
)

ROWS = (Row(_X3D_S, "core.encoders.hub", "core.encoders.hub_weights", ("blocks.5.proj.weight", "blocks.5.proj.bias")),)
