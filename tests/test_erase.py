"""Erasing somebody from a library that real parts filled: no byte of the clip stays in the library's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.manifest import Item
from core.mapping import Layout, Mapper
from core.queries import parse
from core.workbench import Workbench
from tests.core.test_workbench import make_avi
from tests.tiny import make_clips, toy_bench

NAME = "Anna Musterfrau läuft.avi"
BLOCK_BYTES = 64


def blocks(content: bytes) -> set[bytes]:
    """What is looked for of a file: every aligned block of 64 bytes that says something, and both ends."""
    cut = [content[at : at + BLOCK_BYTES] for at in range(0, len(content) - BLOCK_BYTES + 1, BLOCK_BYTES)]
    ends = [content[:1024], content[-1024:]]
    return {block for block in [*cut, *ends] if len(set(block)) > 8}  # runs of zeros are in any file


def forms(name: str) -> list[bytes]:
    return [name.encode(), name.encode("unicode_escape"), name.encode("utf-16-le")]


def found(home: Path, needles: dict[str, set[bytes]]) -> set[str]:
    """Which kinds of needle are anywhere in the bytes or the names below ``home``."""
    hay = b"\n".join(
        str(path.relative_to(home)).encode() + b"\n" + (path.read_bytes() if path.is_file() else b"") for path in home.rglob("*")
    )
    return {kind for kind, pieces in needles.items() if any(piece in hay for piece in pieces)}


def files_of(bench: Workbench, media: Path) -> list[bytes]:
    """The media, the thumbnail and a copy as for browsers of the clip that came from ``media``."""
    clip_id = hashlib.sha256(media.read_bytes()).hexdigest()
    copy = bench.library.make_playback(clip_id, lambda place: bench._decoder.transcode(media, place))
    return [media.read_bytes(), bench.thumbnail(clip_id).read_bytes(), copy.read_bytes()]


def needles_of(bench: Workbench, clip_id: str) -> dict[str, set[bytes]]:
    vectors = bench.library.gallery(bench.fingerprint(), [clip_id]).vectors
    rows = [*vectors, *(vector / np.linalg.norm(vector) for vector in vectors)]
    pieces = [row.astype("<f4").tobytes() for row in rows]
    media, thumbnail, copy = files_of(bench, bench.library.media_path(clip_id))
    return {
        "media": blocks(media),
        "thumbnail": blocks(thumbnail),
        "playback copy": blocks(copy),
        "vectors": {piece[at : at + 16] for piece in pieces for at in range(0, len(piece) - 15, 16)},
        "id": {clip_id.encode()},
        "name": set(forms(bench.library.clip(clip_id).name)),
    }


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    with toy_bench(home) as opened:
        yield opened


def test_nothing_of_an_erased_clip_stays(bench: Workbench, tmp_path: Path) -> None:
    """Uploaded, compared, played, copied, removed, brought back: every trace that a clip can leave, and then none."""
    home, folder = bench.library.home, bench.library.incoming_folder()
    others = make_clips(tmp_path / "others", 5)
    upload, twin = make_avi(folder / NAME, 500), folder / "twin of it.avi"
    content = upload.read_bytes()
    clip_id = hashlib.sha256(content).hexdigest()
    bench.run_job(bench.enqueue([Item(upload, "läuft", "anna")], temporary=True))
    bench.run_job(bench.enqueue([Item(path, "waves", f"person {number}") for number, path in enumerate(others)]))
    bench.run_job(bench.enqueue([Item(tmp_path / NAME)]))  # a refusal that names it
    twin.write_bytes(content)
    bench.enqueue([Item(twin, name=NAME)], temporary=True)  # an upload that waits, and is the same
    comparison = bench.compare([parse("label:läuft"), parse("label:waves")])
    bench.library.remember_comparison("by clip", {"a": f"clip:{clip_id}", "value": float(comparison.raw[0, 1])})
    bench.library.remember_comparison("kept", {"a": "label:waves"})
    assert len(bench.nearest(clip_id, 5)) == 5
    Mapper(bench).make(Layout("pca"))
    bench.library.delete([clip_id])
    bench.library.restore([clip_id])

    needles = needles_of(bench, clip_id)
    kept = {path: needles_of(bench, hashlib.sha256(path.read_bytes()).hexdigest()) for path in others}
    assert found(home, needles) == set(needles), "the search finds what is there"
    common = b"\n".join(b"\n".join(files_of(bench, path)) for path in others)
    for kind, pieces in needles.items():  # tables that every JPEG has, settings that every H.264 file names
        pieces -= {piece for piece in pieces if piece in common}
        assert pieces, kind

    bench.library.erase([clip_id])
    assert found(home, needles) == set()
    assert bench.library.find(clip_id) is None and bench.library.problems() == []
    assert [one.title for one in bench.library.recent_comparisons()] == ["kept"]
    assert Mapper(bench).layouts() == []
    for path in others:
        other = hashlib.sha256(path.read_bytes()).hexdigest()
        assert bench.library.media_path(other).read_bytes() == path.read_bytes()
        assert len(bench.nearest(other, 9)) == 4
        assert found(home, kept[path]) >= {"media", "thumbnail", "vectors", "id"}, "and nobody else is gone"
    bench.close()
    assert found(home, needles) == set(), "not after closing either, when logs are written back"
    with toy_bench(home) as again:
        assert len(again.library.clips()) == 5 and not again.library.repaired.anything
    assert found(home, needles) == set()
