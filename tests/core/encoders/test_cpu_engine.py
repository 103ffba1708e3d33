"""OpenVINO reads a network of each family and computes what eager torch computes, from decoded frames on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core.encoders import registry
from core.encoders.i3d_flow import FlowEngine
from core.encoders.openvino_engine import OpenVinoEngine
from tests.core.encoders.originals import Case

SHORT = ("slowfast_r50", "mvit_base_16x4", "s3d", "swin3d_t", "tsm_r50")
LONG = ("x3d_xs", "slow_r50", "csn_r101", "r2plus1d_r50", "efficient_x3d_xs", "r3d_18", "mvit_v2_s", "i3d-rgb", "i3d-flow")
ELSEWHERE = {
    "hub-cnn": "test_hub.py",
    "hub-efficient-x3d": "only in the long form: the layers of X3D",
    "i3d": "test_i3d.py",
    "i3d-flow": "test_i3d_flow.py",
    "torchvision-mvit": "only in the long form: the layers of the hub's MViT",
    "torchvision-resnet": "test_torchvision_video.py",
}
FAMILIES = [*SHORT, *LONG] if os.environ.get("MOTIONBOOK_FULL_SIZE") else [*SHORT]


def test_every_family_of_torch_networks_is_tried() -> None:
    short = {registry.row(name).spec.family for name in SHORT}
    there = {registry.row(name).spec.family for name in registry.names()}
    assert short | set(ELSEWHERE) == {name for name in there if name.split("-")[0] in ("hub", "i3d", "torchvision", "tsm")}
    assert {registry.row(name).spec.family for name in LONG} >= set(ELSEWHERE), "the long form tries all"


@pytest.mark.parametrize("name", FAMILIES)
def test_openvino_computes_what_torch_computes(name: str, tmp_path: Path) -> None:
    """In the size for tests; with ``MOTIONBOOK_FULL_SIZE=1`` in the published size and for more networks: many minutes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    case = Case(registry.row(name), tmp_path)
    engine = OpenVinoEngine(case.spec, tmp_path / "kept", "f" * 64, lambda: case.network)
    found = FlowEngine(engine).run(case.frames) if case.row.engine else engine.run(case.frames)
    torch.set_num_threads(threads)
    difference = float(np.abs(found - case.embeddings).max() / np.abs(case.embeddings).max())

    assert found.shape == case.embeddings.shape and difference < 1e-3
    cosines = (found * case.embeddings).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(case.embeddings, axis=1)
    assert cosines.min() > 1 - 1e-5
