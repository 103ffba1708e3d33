from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core import encoders
from core.encoders import tsm, tsm_weights
from core.errors import WeightsDamaged
from tests.core.encoders.originals import reference_shift

SPEC = encoders.spec("tsm_r50")


def test_channels_come_from_the_neighbours_in_time() -> None:
    """Eight channels of one pixel, three moments: the first channel looks ahead, the second back, six stay."""
    x = torch.arange(24.0).reshape(1, 3, 8, 1, 1) + 1
    moved = tsm.shift(x)[0, :, :, 0, 0]
    assert moved[:, 0].tolist() == [9, 17, 0] and moved[:, 1].tolist() == [0, 2, 10]
    assert torch.equal(moved[:, 2:], x[0, :, 2:, 0, 0])


def test_the_shift_is_the_one_of_the_papers_listing() -> None:
    x = torch.randn(2 * 8, 64, 3, 3)
    assert torch.equal(tsm.shift(x.reshape(2, 8, 64, 3, 3)).flatten(0, 1), reference_shift(x, 8))


def test_every_residual_block_shifts_and_nothing_else_does() -> None:
    shifted = [name for name, module in tsm.make_network(SPEC).named_modules() if isinstance(module, tsm.Shifted)]
    assert len(shifted) == 3 + 4 + 6 + 3 and all(name.endswith(".conv1") and ".layer" in name for name in shifted)


def test_a_wrong_file_names_the_first_layer_that_differs(tmp_path: Path) -> None:
    file = tmp_path / "tsm.pth"
    state = {f"module.{name}": value for name, value in tsm.make_network(SPEC).state_dict().items()}
    state["module.base_model.layer1.1.conv1.weight"] = state.pop("module.base_model.layer1.1.conv1.net.weight")
    torch.save({"state_dict": state}, file)  # as of a network without shift
    with pytest.raises(WeightsDamaged, match=r"2 layers differ, the first is base_model\.layer1\.1\.conv1\.net\.weight"):
        tsm_weights.convert(file, SPEC)
    torch.save(state, file)
    with pytest.raises(WeightsDamaged, match="must be a torch file with state_dict"):
        tsm_weights.convert(file, SPEC)
