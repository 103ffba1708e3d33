"""Fetching the KTH archives, against a local server: whole, broken off, changed, hostile, unreachable."""

from __future__ import annotations

import http.server
import io
import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import kth
from core.clips import Progress
from core.errors import BadInput, Cancelled, DownloadFailed, MotionbookError, StorageFailed

CLIPS = {"person01_walking_d1_uncomp.avi": b"one" * 5000, "person25_walking_d4_uncomp.avi": b"two" * 9000}


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


class Server:
    """Serves ``files``; ``break_after`` cuts the next answer short; ``asked`` holds (path, Range) of every request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.tag = '"first"'
        self.break_after: int | None = None
        self.asked: list[tuple[str, str | None]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        content = self.files.get(request.path)
        if content is None:
            request.send_error(404)
            return
        start = 0
        if wanted and request.headers.get("If-Range") == self.tag:
            start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])  # type: ignore[index]
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        request.send_header("ETag", self.tag)
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        sent, self.break_after = content[start:][: self.break_after], None
        request.wfile.write(sent)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server()
    serving.files = {"/walking.zip": zipped(CLIPS)}
    yield serving
    serving.close()


def fetch(server: Server, folder: Path, **more: object) -> list[kth.KthFile]:
    return kth.fetch(folder, ("walking",), address=server.address, **more)  # type: ignore[arg-type]


def test_clips_come_with_label_and_person(server: Server, tmp_path: Path) -> None:
    steps: list[Progress] = []
    files = fetch(server, tmp_path, progress=steps.append)
    assert [(file.path.name, file.label, file.source) for file in files] == [
        ("person01_walking_d1_uncomp.avi", "walking", "kth-person01"),
        ("person25_walking_d4_uncomp.avi", "walking", "kth-person25"),
    ]
    assert files[1].path.read_bytes() == CLIPS["person25_walking_d4_uncomp.avi"]
    size = len(server.files["/walking.zip"])
    assert (steps[-1].done, steps[-1].total) == (size, size)
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob("*.part"))


def test_a_second_fetch_asks_nobody(server: Server, tmp_path: Path) -> None:
    first = fetch(server, tmp_path)
    assert fetch(server, tmp_path) == first
    assert len(server.asked) == 1


def test_a_broken_download_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    server.break_after = 700
    with pytest.raises(DownloadFailed, match="try again"):
        fetch(server, tmp_path)
    assert (tmp_path / "walking.zip.part").stat().st_size == 700
    assert len(fetch(server, tmp_path)) == 2
    assert server.asked[1] == ("/walking.zip", "bytes=700-")


def test_a_file_that_changed_meanwhile_starts_anew(server: Server, tmp_path: Path) -> None:
    server.break_after = 700
    with pytest.raises(DownloadFailed):
        fetch(server, tmp_path)
    server.tag, server.files["/walking.zip"] = '"second"', zipped({"person02_walking_d1_uncomp.avi": b"new" * 4000})
    (only,) = fetch(server, tmp_path)
    assert only.path.read_bytes() == b"new" * 4000


def test_a_stopped_download_is_kept(server: Server, tmp_path: Path) -> None:
    asked = iter([True])
    with pytest.raises(Cancelled):
        fetch(server, tmp_path, should_stop=lambda: next(asked))
    assert (tmp_path / "walking.zip.part").exists()
    assert len(fetch(server, tmp_path)) == 2


def test_no_connection_is_told_plainly(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadFailed, match="check the internet connection") as caught:
        kth.fetch(tmp_path, ("running",), address=f"http://127.0.0.1:{port}")
    assert isinstance(caught.value, ConnectionError)
    assert isinstance(caught.value, MotionbookError)
    assert caught.value.reason == "download-failed"


def test_a_missing_archive_is_told_plainly(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        kth.fetch(tmp_path, ("jogging",), address=server.address)


def test_an_unknown_label_is_refused_before_anything_is_asked(server: Server, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="walking, jogging, running"):
        kth.fetch(tmp_path, ("flying",), address=server.address)
    assert server.asked == []


@pytest.mark.parametrize(
    "evil",
    [
        "../../person01_walking_d1_uncomp.avi",
        "/etc/person01_walking_d1_uncomp.avi",
        "..\\person01_walking_d1.avi",
        "C:\\person01_walking_d1.avi",
    ],
)
def test_an_archive_that_leads_out_of_its_folder_writes_nothing(server: Server, tmp_path: Path, evil: str) -> None:
    server.files["/walking.zip"] = zipped({**CLIPS, evil: b"evil"})
    with pytest.raises(DownloadFailed, match="lead out of its folder"):
        fetch(server, tmp_path / "in")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_clips_of_the_data_set_are_written_and_all_to_one_folder(server: Server, tmp_path: Path) -> None:
    others = {"walking/person03_walking_d2_uncomp.avi": b"deep", "readme.txt": b"no", "person04_walking_d1_uncomp.avi.exe": b"no"}
    server.files["/walking.zip"] = zipped(others)
    (only,) = fetch(server, tmp_path)
    assert only.path == tmp_path / "walking" / "person03_walking_d2_uncomp.avi"
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {only.path.name, "complete"}


def test_a_link_in_an_archive_becomes_a_plain_file(server: Server, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("person01_walking_d1_uncomp.avi")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    server.files["/walking.zip"] = target.getvalue()
    (only,) = fetch(server, tmp_path)
    assert not only.path.is_symlink()
    assert only.path.read_bytes() == b"/etc/passwd"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (kth.ArchiveLimits(archive_bytes=1000), "at most 1000 bytes"),
        (kth.ArchiveLimits(file_bytes=16_000), "at most 16000 bytes"),
        (kth.ArchiveLimits(total_bytes=20_000), "20000 bytes in all"),
        (kth.ArchiveLimits(files=1), "at most 1 clips"),
    ],
    ids=["archive", "file", "total", "files"],
)
def test_an_archive_over_a_limit_is_refused(server: Server, tmp_path: Path, limits: kth.ArchiveLimits, message: str) -> None:
    with pytest.raises(DownloadFailed, match=message):
        fetch(server, tmp_path, limits=limits)
    assert not (tmp_path / "walking" / "complete").exists()


def test_a_size_that_the_archive_lies_about_is_found_out(server: Server, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person01_walking_d1_uncomp.avi", b"\0" * 500_000)
    content = target.getvalue().replace((500_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    server.files["/walking.zip"] = content
    with pytest.raises(DownloadFailed):
        fetch(server, tmp_path, limits=kth.ArchiveLimits(file_bytes=50_000))
    assert not list((tmp_path / "walking").iterdir())


@pytest.mark.parametrize("content", [b"<html>not here</html>", zipped(CLIPS)[:-300], zipped({"readme.txt": b"x"})])
def test_what_is_no_archive_of_clips_is_refused_and_fetched_anew_next_time(
    server: Server, tmp_path: Path, content: bytes
) -> None:
    good, server.files["/walking.zip"] = server.files["/walking.zip"], content
    with pytest.raises(DownloadFailed):
        fetch(server, tmp_path)
    server.files["/walking.zip"] = good
    assert len(fetch(server, tmp_path)) == 2


def test_a_damaged_member_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["/walking.zip"] = server.files["/walking.zip"].replace(b"twotwo", b"twoTWO", 1)
    with pytest.raises(DownloadFailed, match="whole zip file"):
        fetch(server, tmp_path)


def test_a_folder_that_cannot_be_written_is_told_as_storage(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed):
        fetch(server, tmp_path / "file")
