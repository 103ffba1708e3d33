"""OpenVINO reads a network of each family and computes what eager torch computes, from decoded frames on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.encoders import registry
from core.encoders.i3d_flow import FlowEngine
from core.encoders.openvino_engine import OpenVinoEngine
from tests.core.encoders.originals import Case

FAMILIES = ["x3d_xs", "slowfast_r50", "mvit_base_16x4", "efficient_x3d_xs", "r3d_18", "s3d", "swin3d_t", "tsm_r50", "i3d-flow"]


def test_every_family_of_torch_networks_is_tried() -> None:
    tried = {registry.row(name).spec.family for name in FAMILIES}
    left = {"i3d": "test_i3d.py tries it with the published weights", "torchvision-mvit": "the same blocks as hub-mvit"}
    there = {registry.row(name).spec.family for name in registry.names()}
    torch_families = {name for name in there if name.split("-")[0] in ("hub", "i3d", "torchvision", "tsm")}
    assert torch_families == tried | set(left) | {"hub-cnn"}


@pytest.mark.parametrize("name", FAMILIES)
def test_openvino_computes_what_torch_computes(name: str, tmp_path: Path) -> None:
    """In the size for tests; ``MOTIONBOOK_FULL_SIZE=1`` makes it the published size, which takes minutes."""
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
