"""After an erase no byte of the clip is anywhere in the library's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import StorageFailed, UnknownName
from core.store import JobItem, Library
from core.store.index import directions
from core.store.ledger import Ledger
from tests.core.store.conftest import DIMENSION, FINGERPRINT, Maker

NAME = "Anna Musterfrau läuft.mp4"


def traces(home: Path, needles: dict[str, bytes]) -> list[str]:
    """Where any of the needles is, in any file's bytes or name."""
    found = []
    for path in sorted(home.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found += [
            f"{what} in {path.relative_to(home)}"
            for what, needle in needles.items()
            if needle in content or needle in str(path).encode()
        ]
    return found


def needles_of(library: Library, clip_id: str, media: bytes, thumbnail: bytes, playback: bytes) -> dict[str, bytes]:
    """The clip's bytes in the forms they may lie on the disk, and pieces of them."""
    needles = {"id": clip_id.encode(), "name": NAME.encode(), "name in JSON": NAME.encode("unicode_escape")}
    for what, content in (("media", media), ("thumbnail", thumbnail), ("playback", playback)):
        needles |= {f"{what} at {at}": content[at : at + 64] for at in range(0, len(content) - 64, 257)}
    vectors = library.gallery(FINGERPRINT, [clip_id]).vectors
    for row, vector in enumerate(vectors):
        for what, form in (("vector", vector), ("direction", directions(vector))):
            content = form.astype("<f4").tobytes()
            needles |= {f"{what} {row} at {at}": content[at : at + 16] for at in range(0, len(content), 16)}
    return needles


@pytest.fixture(params=["chroma", "memory"])
def library(request: pytest.FixtureRequest, home: Path) -> Iterator[Library]:
    with Library.open(home, index=request.param) as opened:
        yield opened


def fill(library: Library, maker: Maker) -> tuple[str, dict[str, bytes]]:
    """A library in which one clip has left every trace it can; its id and what to look for."""
    for _ in range(15):
        maker.add(library, 4, thumbnail=maker.random.bytes(900))
    path, upload = maker.folder / NAME, library.incoming_folder() / NAME
    for place in (path, upload):
        place.write_bytes(np.random.default_rng(9).bytes(40_000))
    job_id = library.add_job("add", "toy", [JobItem(str(path), name=NAME), JobItem(str(upload), name=NAME, temporary=True)])
    library.next_item(job_id)
    thumbnail, playback = maker.random.bytes(5_000), maker.random.bytes(9_000)
    clip_id = maker.add(library, 4, path=path, name=NAME, thumbnail=thumbnail, job=(job_id, 0))
    library.make_playback(clip_id, lambda place: place.write_bytes(playback))
    library.remember_comparison("kept", {"sides": ["label:running", "label:jogging"]})
    library.remember_comparison("by beginning", {"sides": [f"clip:{clip_id[:9]}"]})
    library.remember_comparison("by id", {"rows": [{"clip": clip_id}]})
    library.remember_comparison(f"of {NAME}", {})
    for _ in range(15):
        maker.add(library, 4)
    library.nearest(FINGERPRINT, np.ones(DIMENSION, np.float32), 5)
    return clip_id, needles_of(library, clip_id, path.read_bytes(), thumbnail, playback)


@pytest.mark.parametrize("deleted_before", [False, True])
def test_no_byte_stays(library: Library, maker: Maker, deleted_before: bool) -> None:
    clip_id, needles = fill(library, maker)
    before = traces(library.home, needles)
    for what in (
        "id in ledger",
        "media at 0 in media/",
        "thumbnail at 0 in derived",
        "playback at 0 in derived",
        "vector 0 at 0 in ledger",
    ):
        assert any(trace.startswith(what) for trace in before), what  # the search can find what is there
    if deleted_before:
        library.delete([clip_id])
    library.erase([clip_id])
    assert traces(library.home, needles) == []
    assert library.find(clip_id) is None
    assert [one.title for one in library.recent_comparisons()] == ["kept"]
    assert library.jobs() == []
    assert library.problems() == []
    assert len(library.nearest(FINGERPRINT, np.ones(DIMENSION, np.float32), 1000)) == 120
    library.close()
    assert traces(library.home, needles) == []


def test_a_job_that_was_to_embed_the_clip_anew_forgets_it(library: Library, maker: Maker) -> None:
    """Such a job names the library's own media, and its items became no clip of any name yet."""
    doomed, other = maker.add(library), maker.add(library)
    items = [JobItem(path=str(library.media_path(clip_id)), name="take") for clip_id in (doomed, other)]
    both, alone = library.add_job("add", "toy", items), library.add_job("add", "toy", items[:1])
    library.erase([doomed])
    assert traces(library.home, {"id": doomed.encode()}) == []
    assert [item.path for item in library.job_items(both)] == [items[1].path]
    with pytest.raises(UnknownName):
        library.job(alone)


def test_chroma_alone_would_have_kept_it(home: Path, maker: Maker) -> None:
    """Why the index is built anew: a soft delete leaves the vectors in Chroma's files."""
    with Library.open(home) as library:
        clip_id, needles = fill(library, maker)
        library.delete([clip_id])
        library.close()
        assert any("index/" in trace and "gen-" in trace for trace in traces(home, needles))


def test_one_generation_is_left(home: Path, maker: Maker) -> None:
    with Library.open(home) as library:
        some = [maker.add(library) for _ in range(3)]
        library.erase(some[:1])
        assert len(list((home / "index").glob("gen-*"))) == 1
        library.erase(some[1:])
        assert library.clips() == [] and library.problems() == []


def test_a_library_without_chroma_erases_what_chroma_left(home: Path, maker: Maker) -> None:
    with Library.open(home) as library:
        clip_id, needles = fill(library, maker)
    with Library.open(home, index="memory") as library:
        library.erase([clip_id])
    assert traces(home, needles) == []


def test_an_unknown_clip_erases_nothing(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)
    with pytest.raises(UnknownName):
        library.erase([clip_id, "0" * 64])
    assert [clip.clip_id for clip in library.clips()] == [clip_id]
    library.erase([])


def test_an_erase_cut_short_is_completed_at_the_next_opening(
    library: Library, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_id, needles = fill(library, maker)

    def fail(_self: Ledger) -> None:
        raise StorageFailed("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "scrub", fail)
        with pytest.raises(StorageFailed):
            library.erase([clip_id])
    library.close()
    assert (library.home / "erasing").exists()
    with Library.open(library.home) as again:
        assert again.repaired.erase_completed
        assert traces(library.home, needles) == []
        assert again.problems() == []
    assert not (library.home / "erasing").exists()
