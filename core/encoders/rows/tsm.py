"""Rows of TSM, the temporal shift module.

The authors' network trained on dense clips (64 frames, each eighth seen), since our windows are such clips; their other
one, trained on frames spread over whole videos, is published with 71.2.
"""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec, WeightsSource
from core.sampling import Sampling

_FILE = "TSM_kinetics_RGB_resnet50_shift8_blockres_avg_segment8_e100_dense.pth"

_TSM = EncoderSpec(
    name="tsm_r50",
    title="TSM, ResNet-50, RGB, Kinetics-400",
    family="tsm",
    stream="rgb",
    frames=8,
    sampling=Sampling(window_seconds=64 / 30, stride_seconds=32 / 30),  # ops/dataset.py: 64 frames, at 30 a second
    framing=Framing(crop_px=224, short_side_px=256),  # ops/models.py: input_size, scale_size
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
    layer="input of new_fc, averaged over the moments",
    dimension=2048,
    actions=400,
    weights=WeightsSource(
        kind="url",
        url=f"https://hanlab18.mit.edu/projects/tsm/models/{_FILE}",
        file_name=_FILE,
        licence="MIT (the authors' repository)",
    ),
    licence="MIT",
    paper="Lin, Gan & Han 2019, TSM: Temporal Shift Module for Efficient Video Understanding, arXiv:1811.08383",
    top1=74.1,
    top1_source="the authors' repository temporal-shift-module, README: 8 frames, 10 clips, dense sampling",
    code_version=1,
)

ROWS = (Row(_TSM, "core.encoders.tsm", "core.encoders.tsm_weights", ("new_fc.weight", "new_fc.bias")),)
