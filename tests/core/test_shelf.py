"""Weights as the screens ask for them: errands that bring, check and import, one at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core import encoders
from core.encoders import hub
from core.errands import Errands
from core.errors import BadInput, UnknownName
from core.shelf import Shelf


@pytest.fixture
def errands() -> Iterator[Errands]:
    made = Errands()
    yield made
    made.stop()
    made.join(10)


@pytest.fixture
def shelf(tmp_path: Path, errands: Errands) -> Shelf:
    return Shelf(tmp_path / "cache", errands)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(6)
    file = tmp_path_factory.mktemp("published") / "X3D_S.pyth"
    torch.save({"model_state": hub.make_network(encoders.spec("x3d_s")).state_dict()}, file)
    return file


def test_every_encoder_has_a_state(shelf: Shelf) -> None:
    states = {state.name: state for state in shelf.statuses()}
    assert tuple(states) == encoders.names()
    assert states["toy"].ready and not states["i3d-rgb"].ready and states["i3d-rgb"].state == "missing"
    with pytest.raises(UnknownName):
        shelf.fetch("no-such")


def test_a_file_is_taken_checked_and_found_damaged(shelf: Shelf, errands: Errands, published: Path, tmp_path: Path) -> None:
    carried = tmp_path / "any name"
    carried.write_bytes(published.read_bytes())
    shelf.take_for("x3d_s", carried, temporary=True)
    assert shelf.subject() == "x3d_s"
    errands.join(60)
    assert errands.state and not errands.state.error and shelf.outcome and "here and sound" in shelf.outcome.message
    assert not carried.exists() and shelf.status("x3d_s").ready
    shelf.verify("x3d_s")
    errands.join(60)
    assert shelf.outcome and "Every byte" in shelf.outcome.message
    path = shelf.status("x3d_s").path
    assert path
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    shelf.verify("x3d_s")
    errands.join(60)
    assert shelf.outcome is None and "must have sha256" in errands.state.error


def test_a_folder_is_imported_file_by_file(shelf: Shelf, errands: Errands, published: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "X3D_S.pyth").write_bytes(published.read_bytes())
    (tmp_path / "disk" / "X3D_M.pyth").write_bytes(b"broken")
    shelf.take(tmp_path / "disk", temporary=True)
    errands.join(60)
    assert shelf.outcome and [(one.encoder, one.outcome) for one in shelf.outcome.files] == [
        ("x3d_m", "damaged"),
        ("x3d_s", "imported"),
    ]
    assert not (tmp_path / "disk").exists() and shelf.subject() not in encoders.names()


def test_one_errand_at_a_time_and_a_failure_is_told(shelf: Shelf, errands: Errands) -> None:
    errands.start("something else", lambda _report, should_stop: _until(should_stop))
    assert shelf.subject() == "", "somebody else's errand is none of the shelf's"
    with pytest.raises(BadInput, match="must wait"):
        shelf.fetch("x3d_s")
    errands.stop()
    errands.join(10)
    shelf.take(Path("/no/such/place"))
    errands.join(10)
    assert errands.state and "must exist" in errands.state.error and shelf.outcome is None


def _until(should_stop) -> None:  # type: ignore[no-untyped-def]
    while not should_stop():
        time.sleep(0.01)
