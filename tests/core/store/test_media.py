from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.errors import BadClip, StorageFailed, UnknownName
from core.store.media import MediaFolder


@pytest.fixture
def media(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media", tmp_path / "temp")


def test_a_file_is_stored_once_under_its_hash(media: MediaFolder, tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    for name in ("one.mp4", "two.webm"):
        (tmp_path / name).write_bytes(content)
        stored = media.put(tmp_path / name)
        digest = hashlib.sha256(content).hexdigest()
        assert (stored.clip_id, stored.bytes) == (digest, len(content))
        assert stored.path == tmp_path / "media" / digest[:2] / digest
        assert stored.path.read_bytes() == content
    assert list(media.present()) == [digest]
    assert list((tmp_path / "temp").iterdir()) == []


def test_a_stored_file_of_the_wrong_size_is_mended(media: MediaFolder, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"whole content")
    stored = media.put(tmp_path / "a")
    stored.path.write_bytes(b"whole")
    assert not media.is_sound(stored.clip_id)
    media.put(tmp_path / "a")
    assert media.is_sound(stored.clip_id)


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_what_cannot_be_read_is_refused_by_name(media: MediaFolder, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadClip) as refusal:
        media.put(tmp_path / what)
    assert refusal.value.reason == "unreadable"


def test_a_disk_that_refuses_is_named_as_such(media: MediaFolder, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "temp").rmdir()
    with pytest.raises(StorageFailed, match="check free space"):
        media.put(tmp_path / "a")


@pytest.mark.parametrize("clip_id", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "\n"])
def test_only_a_clip_id_becomes_a_path(media: MediaFolder, clip_id: str) -> None:
    with pytest.raises(UnknownName, match="64 hex digits"):
        media.path(clip_id)


def test_the_sweep_removes_what_nobody_knows(media: MediaFolder, tmp_path: Path) -> None:
    stored = []
    for content in (b"kept", b"orphan"):
        (tmp_path / "a").write_bytes(content)
        stored.append(media.put(tmp_path / "a"))
    (tmp_path / "media" / "notes.txt").write_text("somebody else's")
    assert media.sweep({stored[0].clip_id}) == 1
    assert list(media.present()) == [stored[0].clip_id]
