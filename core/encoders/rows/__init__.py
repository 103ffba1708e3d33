"""The encoders there are: one row of data each, one module of rows per family, the default first.

A new encoder of a known family is a new row and nothing else; docs/adding-an-encoder.md has the steps.
"""

from __future__ import annotations

from core.encoders.row import Row
from core.encoders.rows import flow, fused, hub, i3d, saved_model, skeleton, torchvision_video, toy, transformers_video, tsm

_FAMILIES = (i3d, fused, hub, torchvision_video, tsm, transformers_video, saved_model, flow, skeleton, toy)

ROWS: dict[str, Row] = {row.spec.name: row for family in _FAMILIES for row in family.ROWS}
