"""Rows of encoders with parts: streams side by side in one vector. Their weights come from docs/motion.md."""

from __future__ import annotations

from core.encoders.row import Row
from core.encoders.rows import flow, i3d, skeleton
from core.encoders.spec import EncoderSpec

_PARTS = {row.spec.name: row.spec for row in (*i3d.ROWS, *flow.ROWS, *skeleton.ROWS)}


def _fused(name: str, title: str, paper: str, weights: dict[str, float]) -> EncoderSpec:
    """The row of an encoder whose parts count as ``weights`` say; its windows are those of its first part."""
    parts = [_PARTS[part] for part in weights]
    return EncoderSpec(
        name=name,
        title=title,
        family="fused",
        stream="fused",
        frames=parts[0].frames,
        sampling=parts[0].sampling,
        framing=parts[0].framing,
        mean=parts[0].mean,
        std=parts[0].std,
        layer="unit vectors of the parts, side by side",
        dimension=sum(part.dimension for part in parts),
        actions=0,
        weights=None,
        licence="Apache-2.0",
        paper=paper,
        top1=None,
        top1_source="",
        code_version=1,
        parts=tuple(weights),
        part_weights=tuple(weights.values()),
    )


_TWO_STREAM = _fused(
    "two-stream",
    "Two-stream: I3D RGB and optical flow",
    "after Simonyan & Zisserman 2014, arXiv:1406.2199; the flow stream is weight-free",
    {"i3d-rgb": 1.0, "flow": 0.25},
)
_FUSED = _fused(
    "fused",
    "Fused: I3D RGB, optical flow and skeletons",
    "the papers of its parts",
    {"i3d-rgb": 1.0, "flow": 0.25, "skeleton": 0.25},
)

ROWS = (Row(_FUSED), Row(_TWO_STREAM))
