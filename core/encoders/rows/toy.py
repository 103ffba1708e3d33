"""The row of the toy."""

from __future__ import annotations

from core.clips import Framing
from core.encoders.row import Row
from core.encoders.spec import EncoderSpec
from core.sampling import Sampling

_TOY = EncoderSpec(
    name="toy",
    title="Toy: average colours (no network)",
    family="toy",
    stream="rgb",
    frames=8,
    sampling=Sampling(window_seconds=1.0, stride_seconds=0.5),
    framing=Framing(crop_px=32, short_side_px=32, mode="whole"),
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
    layer="colours of four quarters, change, constant",
    dimension=14,
    actions=0,
    weights=None,
    licence="Apache-2.0",
    paper="none: core/encoders/toy.py says what each number is",
    top1=None,
    top1_source="",
    code_version=1,
)

ROWS = (Row(_TOY),)
