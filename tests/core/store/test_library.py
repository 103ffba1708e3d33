from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.clips import ClipEmbeddings, Window
from core.errors import BadEmbedding, BadInput, BadLabel, BadQuery, BadSetting, FingerprintMismatch, LibraryDamaged, UnknownName
from core.store import JobItem, Labelling, Library
from tests.core.store.conftest import DIMENSION, FINGERPRINT, Maker

Reopen = Callable[[Library], Library]


def test_everything_about_a_clip_comes_back(library: Library, maker: Maker, reopen: Reopen) -> None:
    clip_id = maker.add(library, 4, thumbnail=b"jpeg bytes", label="jogging", synthetic=True)
    clip, gallery = library.clip(clip_id), library.gallery(FINGERPRINT)
    assert (clip.label, clip.source, clip.synthetic, clip.info.rotation_degrees, clip.info.pixel_format) == (
        "jogging",
        "person 1",
        True,
        90,
        "yuv420p",
    )
    assert library.media_suffix(clip_id) == ".mp4"
    assert gallery.vectors.shape == (4, DIMENSION)
    library = reopen(library)
    assert library.clip(clip_id) == clip == library.find(clip_id)
    assert library.media_path(clip_id).stat().st_size == clip.bytes
    assert library.thumbnail_path(clip_id).read_bytes() == b"jpeg bytes"
    again = library.gallery(FINGERPRINT)
    assert np.array_equal(again.vectors, gallery.vectors) and again.clip_ids == (clip_id,) * 4
    assert again.start_seconds.tolist() == [0.0, 1.0, 2.0, 3.0] and again.end_seconds.tolist() == [1.5, 2.5, 3.5, 4.5]
    assert library.problems() == []
    assert not library.repaired.anything
    library.close()


def test_clips_are_listed_by_time_then_id(library: Library, maker: Maker) -> None:
    late = maker.add(library, added_at=30.0)
    same_time = sorted(maker.add(library, added_at=20.0) for _ in range(3))
    assert [clip.clip_id for clip in library.clips()] == [*same_time, late]
    assert library.gallery(FINGERPRINT).clip_ids[::3] == (*same_time, late)
    assert library.gallery(FINGERPRINT, [late, same_time[1], "f" * 64, late]).clip_ids == (late,) * 3 + (same_time[1],) * 3


def test_a_clip_is_found_by_a_unique_beginning(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)
    assert library.clip(clip_id[:6].upper()).clip_id == clip_id
    with pytest.raises(UnknownName, match="see `list`"):
        library.clip("0" * 63 + "f")
    for unusable in (clip_id[:5], "", "nothex!", "%%%%%%", "______"):
        with pytest.raises(BadQuery, match="6 hex digits"):
            library.clip(unusable)
    library.delete([clip_id])
    with pytest.raises(UnknownName, match="deleted"):
        library.clip(clip_id)
    assert library.clip(clip_id, deleted=True).clip_id == clip_id == library.clip(clip_id, deleted=None).clip_id


def test_an_ambiguous_beginning_is_a_bad_query(library: Library, maker: Maker) -> None:
    maker.add(library)
    connection = sqlite3.connect(library.home / "ledger.sqlite")
    names = ", ".join(row[1] for row in connection.execute("PRAGMA table_info(clips)") if row[1] != "clip_id")
    for number in "12":
        connection.execute(f"INSERT INTO clips (clip_id, {names}) SELECT '{'abcdef' + number * 58}', {names} FROM clips LIMIT 1")
    connection.commit()
    connection.close()
    with pytest.raises(BadQuery, match="must name one clip, not 2"):
        library.clip("abcdef")
    assert library.clip("abcdef1").clip_id == "abcdef" + "1" * 58


def test_deleting_can_be_undone(library: Library, maker: Maker) -> None:
    kept, gone = maker.add(library), maker.add(library)
    vector = library.gallery(FINGERPRINT, [gone]).vectors[1]
    assert library.delete([gone]) == (gone,)
    assert library.delete([gone]) == ()
    assert [clip.clip_id for clip in library.clips()] == [kept]
    assert [clip.clip_id for clip in library.clips(deleted=True)] == [gone]
    assert set(library.gallery(FINGERPRINT).clip_ids) == {kept}
    assert {match.clip_id for match in library.nearest(FINGERPRINT, vector, 10)} == {kept}
    assert library.media_path(gone).exists()
    assert library.restore([kept, gone]) == (gone,)
    assert library.nearest(FINGERPRINT, vector, 1)[0].clip_id == gone
    assert [clip.clip_id for clip in library.clips()] == [kept, gone]
    with pytest.raises(UnknownName):
        library.delete([kept, "0" * 64])
    assert len(library.clips()) == 2


def test_adding_a_deleted_clip_again_brings_it_back_anew(library: Library, maker: Maker) -> None:
    path = maker.file()
    clip_id = maker.add(library, 5, path=path, label="old")
    library.remember_encoder("other", "toy", 4)
    library.add_embeddings(clip_id, maker.embeddings(2, fingerprint="other", dimension=4))
    library.delete([clip_id])
    maker.add(library, 2, path=path, label="new")
    assert [clip.label for clip in library.clips()] == ["new"]
    assert len(library.gallery(FINGERPRINT).vectors) == 2 == len(library.gallery("other").vectors)
    assert (
        len(library.nearest("other", np.ones(4, np.float32), 9)) == 2 == len(library.nearest(FINGERPRINT, np.ones(DIMENSION), 9))
    )


def test_adding_a_live_clip_again_keeps_its_labels(library: Library, maker: Maker) -> None:
    path = maker.file()
    maker.add(library, 5, path=path, label="mine")
    maker.add(library, 2, path=path, label="other")
    assert [clip.label for clip in library.clips()] == ["mine"]
    assert len(library.nearest(FINGERPRINT, np.ones(DIMENSION), 9)) == 2


def test_a_clip_without_media_is_not_acknowledged(library: Library, maker: Maker) -> None:
    with pytest.raises(BadInput, match="put_media"):
        library.add(maker.clip("ab" * 32), None)
    media = library.put_media(maker.file())
    library.drop_media(media.clip_id)
    with pytest.raises(BadInput, match="put_media"):
        library.add(maker.clip(media.clip_id), None)


def test_dropping_media_never_costs_a_clip(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)
    library.drop_media(clip_id)
    library.delete([clip_id])
    library.drop_media(clip_id)
    assert library.media_path(clip_id).exists()


def test_relabelling_many_can_be_undone(library: Library, maker: Maker) -> None:
    some = [maker.add(library, label=f"label {number}") for number in range(3)]
    before = library.relabel(some[:2], label="  running   fast ", source="Ännchen")
    assert [clip.label for clip in library.clips()] == ["running fast", "running fast", "label 2"]
    assert before == tuple(
        Labelling(clip_id, f"label {row}", "person 1", f"take {2 * row}.mp4") for row, clip_id in enumerate(some[:2])
    )
    library.relabel_each(before)
    assert [clip.label for clip in library.clips()] == ["label 0", "label 1", "label 2"]
    revision = library.revision
    with pytest.raises(BadLabel):
        library.relabel(some, label="a\x00b")
    with pytest.raises(UnknownName):
        library.relabel([some[0], "0" * 64], label="never")
    assert [clip.label for clip in library.clips()] == ["label 0", "label 1", "label 2"]
    assert library.revision == revision


def test_the_revision_grows_with_each_change_and_outlives_a_restart(library: Library, maker: Maker, reopen: Reopen) -> None:
    seen = [library.revision]
    clip_id = maker.add(library)
    for change in (
        lambda: library.relabel([clip_id], label="x"),
        lambda: library.add_embeddings(clip_id, maker.embeddings()),
        lambda: library.delete([clip_id]),
        lambda: library.restore([clip_id]),
        lambda: library.erase([clip_id]),
    ):
        seen.append(library.revision)
        change()
    seen.append(library.revision)
    assert seen == sorted(set(seen))
    library.add_job("add", "toy", [])
    library.remember_comparison("a", {})
    assert library.revision == seen[-1]
    library = reopen(library)
    assert library.revision == seen[-1]
    library.close()


def test_encoders_are_remembered_before_their_vectors(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library, 0)
    with pytest.raises(FingerprintMismatch, match=r"fingerprint \(strange\) .*feedbeef \(toy\)"):
        library.add_embeddings(clip_id, maker.embeddings(fingerprint="strange"))
    with pytest.raises(FingerprintMismatch, match=r"dimension \(4\) must be 16, that of fingerprint feedbeef"):
        library.add_embeddings(clip_id, maker.embeddings(dimension=4))
    with pytest.raises(FingerprintMismatch, match=r"dimension \(4\)"):
        library.remember_encoder(FINGERPRINT, "toy", 4)
    assert not library.has_embeddings(clip_id, FINGERPRINT)
    library.remember_encoder("other", "x3d", 4, {"weights": "abc", "ä": [1, None]})
    assert [(row.fingerprint, row.encoder, row.dimension, row.provenance) for row in library.encoders()] == [
        (FINGERPRINT, "toy", DIMENSION, {}),
        ("other", "x3d", 4, {"weights": "abc", "ä": [1, None]}),
    ]


def test_vectors_of_unlike_encoders_never_mix(library: Library, maker: Maker) -> None:
    both, one = maker.add(library), maker.add(library)
    library.remember_encoder("other", "toy", DIMENSION)
    library.add_embeddings(both, maker.embeddings(5, fingerprint="other"))
    assert (library.count_embedded(FINGERPRINT), library.count_embedded("other"), library.count_embedded("none")) == (2, 1, 0)
    assert len(library.gallery("other").vectors) == 5 and len(library.gallery(FINGERPRINT).vectors) == 6
    assert {match.clip_id for match in library.nearest("other", maker.vectors(1)[0], 50)} == {both}
    assert len(library.nearest(FINGERPRINT, maker.vectors(1)[0], 50)) == 6
    assert not library.has_embeddings(one, "other")
    with pytest.raises(FingerprintMismatch, match=r"feedbeef.*other"):
        library.nearest("strange", maker.vectors(1)[0], 5)


def test_embedding_again_replaces_and_forgets_surplus_windows(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library, 6)
    fresh = maker.embeddings(2)
    library.add_embeddings(clip_id, fresh)
    assert np.array_equal(library.gallery(FINGERPRINT).vectors, fresh.vectors)
    found = library.nearest(FINGERPRINT, fresh.vectors[1], 9)
    assert len(found) == 2 and (found[0].window, found[0].similarity, found[0].rank) == (1, 1.0, 1)


def test_a_clip_may_have_no_window(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library, 0)
    maker.add(library, 2)
    library.add_embeddings(clip_id, ClipEmbeddings(FINGERPRINT, (), np.empty((0, DIMENSION), np.float32)))
    assert library.has_embeddings(clip_id, FINGERPRINT)
    assert library.gallery(FINGERPRINT).vectors.shape == (2, DIMENSION)
    assert library.gallery(FINGERPRINT, [clip_id]).vectors.shape == (0, DIMENSION)


@pytest.mark.parametrize(
    "vector", [np.zeros(DIMENSION), np.full(DIMENSION, np.nan), np.full(DIMENSION, np.inf), np.ones((1, DIMENSION))]
)
def test_a_query_needs_a_direction(library: Library, maker: Maker, vector: np.ndarray) -> None:
    maker.add(library)
    with pytest.raises(BadEmbedding):
        library.nearest(FINGERPRINT, vector, 3)


def test_a_query_of_another_dimension_names_both(library: Library, maker: Maker) -> None:
    maker.add(library)
    with pytest.raises(FingerprintMismatch, match=r"dimension \(3\) must be 16, that of fingerprint feedbeef"):
        library.nearest(FINGERPRINT, np.ones(3), 3)


def test_nearest_can_leave_clips_out(library: Library, maker: Maker) -> None:
    some = [maker.add(library) for _ in range(4)]
    vector = library.gallery(FINGERPRINT, [some[0]]).vectors[0]
    assert library.nearest(FINGERPRINT, vector, 1)[0].clip_id == some[0]
    found = library.nearest(FINGERPRINT, vector, 9, without=[some[0]])
    assert len(found) == 9 and some[0] not in {match.clip_id for match in found}
    assert [match.rank for match in found] == list(range(1, 10))


def test_a_gallery_cannot_be_changed_by_accident(library: Library, maker: Maker) -> None:
    maker.add(library)
    with pytest.raises(ValueError, match="read-only"):
        library.gallery(FINGERPRINT).vectors[0] = 0


def test_an_unknown_encoder_has_an_empty_gallery(library: Library) -> None:
    assert library.gallery("none").vectors.shape == (0, 0)


def test_comparisons_come_back_newest_first(library: Library) -> None:
    for number in range(4):
        library.remember_comparison(f"title {number}", {"number": number, "sides": ["label:running"]})
    found = library.recent_comparisons(2)
    assert [(one.title, one.payload["number"]) for one in found] == [("title 3", 3), ("title 2", 2)]


def test_playback_copies_appear_wholly_or_not_at_all(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("the decoder died")

    with pytest.raises(RuntimeError):
        library.make_playback(clip_id, fail)
    assert not library.playback_path(clip_id).exists()
    assert library.make_playback(clip_id, lambda path: path.write_bytes(b"whole")).read_bytes() == b"whole"
    with pytest.raises(UnknownName):
        library.make_thumbnail("0" * 64, b"of a clip that was erased meanwhile")
    assert sorted(path.name for path in (library.home / "derived").iterdir()) == [f"{clip_id}.mp4"]
    assert list((library.home / "temp").iterdir()) == []


def test_an_opening_sweeps_what_nobody_owns(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library, thumbnail=b"jpeg")
    orphan = library.put_media(maker.file())
    (library.home / "temp" / "half").write_bytes(b"x")
    (library.home / "derived" / f"{'0' * 64}.jpg").write_bytes(b"x")
    lost, wanted = library.incoming_folder() / "lost.mp4", library.incoming_folder() / "wanted.mp4"
    for path in (lost, wanted):
        path.write_bytes(b"x")
    library.add_job("add", "toy", [JobItem(str(wanted), temporary=True)])
    library.close()
    with Library.open(library.home, index="memory") as again:
        found = again.repaired
        assert (found.orphan_media_removed, found.orphan_derived_removed, found.temp_removed, found.incoming_removed) == (
            1,
            1,
            1,
            1,
        )
        assert found.anything and found.jobs_requeued == 1 and found.media_missing == ()
        assert wanted.exists() and not lost.parent.exists()
        assert not again.media_path(orphan.clip_id).exists() and again.thumbnail_path(clip_id).exists()
        assert again.problems() == []


def test_missing_and_changed_media_are_reported(library: Library, maker: Maker) -> None:
    some = [maker.add(library) for _ in range(2)]
    library.media_path(some[0]).unlink()
    library.media_path(some[1]).write_bytes(b"changed")
    assert len(library.problems()) == 2
    library.close()
    with Library.open(library.home, index="memory") as again:
        assert again.repaired.media_missing == (some[0],)


def test_a_lost_ledger_never_costs_the_media(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library)
    library.close()
    shutil.move(library.home / "ledger.sqlite", library.home / "backup")
    for _ in range(2):
        with pytest.raises(LibraryDamaged, match="restore that file"):
            Library.open(library.home, index="memory")
    assert library.media_path(clip_id).exists()
    shutil.move(library.home / "backup", library.home / "ledger.sqlite")
    with Library.open(library.home, index="memory") as again:
        assert again.clip(clip_id).clip_id == clip_id


def test_a_library_that_cannot_open_lets_go_of_its_lock(home: Path) -> None:
    home.mkdir()
    (home / "ledger.sqlite").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(LibraryDamaged):
            Library.open(home, index="memory")
    with pytest.raises(BadSetting, match="chroma, memory"):
        Library.open(home, index="faiss")


def test_sessions_may_use_it_together(library: Library, maker: Maker) -> None:
    """One thread adds, others ask: no error, and every answer is of whole clips."""
    maker.add(library)
    failures: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                assert len(library.gallery(FINGERPRINT).vectors) % 3 == 0
                assert len(library.nearest(FINGERPRINT, np.ones(DIMENSION), 1000)) % 3 == 0
                library.clips()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(25):
        maker.add(library)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(library.gallery(FINGERPRINT).vectors) == 78


def test_windows_keep_their_exact_times(library: Library, maker: Maker) -> None:
    clip_id = maker.add(library, 0)
    windows = (Window(0.1, 0.1 + 0.2), Window(1 / 3, 2 / 3))
    library.add_embeddings(clip_id, ClipEmbeddings(FINGERPRINT, windows, maker.vectors(2)))
    gallery = library.gallery(FINGERPRINT)
    assert [Window(start, end) for start, end in zip(gallery.start_seconds, gallery.end_seconds, strict=True)] == list(windows)
