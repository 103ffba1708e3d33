"""Whatever happens to the index's files, the library opens, answers as exact search does, and is whole again."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from core.clips import Floats
from core.errors import LibraryDamaged, StorageFailed
from core.store import Library
from core.store.chroma import ChromaIndex
from core.store.generations import IN_USE, OPENING, Generations, NoGenerations
from core.store.index import Index, Key, MemoryIndex
from core.store.keeper import IndexKeeper
from core.store.verifying import difference
from tests.core.store.conftest import DIMENSION, FINGERPRINT, Maker, exact_nearest

WINDOWS = 1_200
"""More than Chroma's sync threshold of 1,000, so that its graph is on the disk."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed library with its index on the disk; made once, copied for each test."""
    home = tmp_path_factory.mktemp("template") / "library"
    maker = Maker(home.parent / "takes")
    with Library.open(home) as library:
        for _ in range(WINDOWS // 40):
            maker.add(library, 40)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "library"))


def generation(home: Path) -> Path:
    return home / "index" / (home / "index" / "CURRENT").read_text().strip()


def segment(home: Path) -> Path:
    return next(path.parent for path in generation(home).glob("*/data_level0.bin"))


def answers_exactly(library: Library) -> bool:
    random = np.random.default_rng(1)
    queries = random.normal(size=(8, DIMENSION)).astype(np.float32)
    return all(
        [(match.clip_id, match.window) for match in library.nearest(FINGERPRINT, query, 10)] == exact_nearest(library, query, 10)
        for query in queries
    )


def truncate_pickle(home: Path) -> None:
    path = segment(home) / "index_metadata.pickle"
    path.write_bytes(path.read_bytes()[:100])


def empty_pickle(home: Path) -> None:
    (segment(home) / "index_metadata.pickle").write_bytes(b"")


def remove_segment(home: Path) -> None:
    shutil.rmtree(segment(home))


def garble_vectors(home: Path) -> None:
    path = segment(home) / "data_level0.bin"
    path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))


def truncate_vectors(home: Path) -> None:
    path = segment(home) / "data_level0.bin"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble_header(home: Path) -> None:
    (segment(home) / "header.bin").write_bytes(b"\xff" * 100)


def remove_generation(home: Path) -> None:
    shutil.rmtree(generation(home))


def empty_generation(home: Path) -> None:
    folder = generation(home)
    shutil.rmtree(folder)
    folder.mkdir()


def garble_database(home: Path) -> None:
    (generation(home) / "chroma.sqlite3").write_bytes(b"nothing of the kind" * 500)


def lose_rows(home: Path) -> None:
    with sqlite3.connect(generation(home) / "chroma.sqlite3") as connection:
        connection.execute("DELETE FROM embeddings WHERE id % 2")


def empty_pointer(home: Path) -> None:
    (home / "index" / "CURRENT").write_text("")


def point_outside(home: Path) -> None:
    (home / "index" / "CURRENT").write_text("../media")


def binary_pointer(home: Path) -> None:
    (home / "index" / "CURRENT").write_bytes(b"\xff\xfe\x00")


def remove_pointer(home: Path) -> None:
    (home / "index" / "CURRENT").unlink()


def remove_index(home: Path) -> None:
    shutil.rmtree(home / "index")


DAMAGES: Sequence[Callable[[Path], None]] = (
    truncate_pickle,
    empty_pickle,
    remove_segment,
    garble_vectors,
    truncate_vectors,
    garble_header,
    remove_generation,
    empty_generation,
    garble_database,
    lose_rows,
    empty_pointer,
    point_outside,
    binary_pointer,
    remove_pointer,
    remove_index,
)


@pytest.mark.parametrize("unclean", [False, True])
@pytest.mark.parametrize("damage", DAMAGES)
def test_any_damage_is_mended_without_a_question(home: Path, damage: Callable[[Path], None], unclean: bool) -> None:
    damage(home)
    if unclean and (home / "index").exists():
        (home / "index" / "OPEN").write_text("in use\n")
    with Library.open(home) as library:
        assert answers_exactly(library)
        assert library.problems() == []
        if unclean and damage is not remove_index:
            assert library.repaired.index_rebuilt or library.repaired.index_caught_up == WINDOWS // 2
        assert len(list((home / "index").glob("gen-*"))) == 1
    with Library.open(home) as library:
        assert not library.repaired.index_rebuilt and answers_exactly(library)


def test_a_clean_index_is_used_as_it_is(home: Path) -> None:
    before = generation(home)
    with Library.open(home) as library:
        assert not library.repaired.anything and not (home / "index" / "OPEN").exists()
        assert answers_exactly(library)
        assert (home / "index" / "OPEN").read_text().strip() == IN_USE
        assert library.problems() == []
    assert generation(home) == before
    assert not (home / "index" / "OPEN").exists()


def test_an_index_that_killed_its_process_is_not_opened_again(home: Path) -> None:
    before = generation(home)
    (home / "index" / "OPEN").write_text(OPENING)
    with Library.open(home) as library:
        assert library.repaired.index_rebuilt
        assert answers_exactly(library)
    assert generation(home) != before and not before.exists()


def test_what_a_kill_kept_from_the_index_is_caught_up(home: Path, maker: Maker) -> None:
    """The ledger has clips that the index has not, and the other way round."""
    shutil.copytree(home / "index", home.parent / "older index")
    with Library.open(home) as library:
        others = Maker(maker.folder, seed=1)
        added = [others.add(library, 5, added_at=9e9) for _ in range(3)]
        removed = library.delete([clip.clip_id for clip in library.clips()[:2]])
    before = generation(home)
    shutil.rmtree(home / "index")
    shutil.move(home.parent / "older index", home / "index")
    (home / "index" / "OPEN").write_text(IN_USE)
    with Library.open(home) as library:
        assert (library.repaired.index_caught_up, library.repaired.index_rebuilt) == (15 + 80, False)
        assert answers_exactly(library) and library.problems() == []
        assert {clip.clip_id for clip in library.clips()} >= set(added) and len(removed) == 2
    assert generation(home) == before


def test_old_vectors_under_the_same_keys_are_found_out(home: Path, maker: Maker) -> None:
    shutil.copytree(home / "index", home.parent / "older index")
    with Library.open(home) as library:
        library.add_embeddings(library.clips()[7].clip_id, maker.embeddings(40))
    shutil.rmtree(home / "index")
    shutil.move(home.parent / "older index", home / "index")
    (home / "index" / "OPEN").write_text(IN_USE)
    with Library.open(home) as library:
        assert library.repaired.index_rebuilt and answers_exactly(library)


def test_chroma_is_not_loaded_for_what_needs_no_index(home: Path) -> None:
    with Library.open(home) as library:
        assert len(library.clips()) == 30
        assert not (home / "index" / "OPEN").exists()  # the mark is set before Chroma is touched


class Panic(BaseException):
    """Like the one that a panic of Chroma's Rust part becomes."""


class Failing(MemoryIndex):
    """An index that fails at the ``when`` it is told."""

    def __init__(self, when: set[str]) -> None:
        super().__init__()
        self.when = when

    def _perhaps(self, what: str) -> None:
        if what in self.when:
            raise LibraryDamaged(f"{what} failed")

    def upsert(self, fingerprint: str, keys: Sequence[Key], vectors: Floats) -> None:
        self._perhaps("upsert")
        super().upsert(fingerprint, keys, vectors)

    def nearest(self, fingerprint: str, vector: Floats, k: int) -> list[tuple[Key, float]]:
        self._perhaps("nearest")
        return super().nearest(fingerprint, vector, k)

    def search(self, fingerprint: str, vectors: Floats, k: int) -> list[list[Key]]:
        self._perhaps("search")
        return super().search(fingerprint, vectors, k)

    def close(self) -> None:
        self._perhaps("close")


class FakeContents:
    def __init__(self) -> None:
        self.clips = {"a": np.eye(4, dtype=np.float32)[:3], "b": -np.eye(4, dtype=np.float32)[:2]}

    def dimensions(self) -> dict[str, int]:
        return {"f": 4}

    def windows(self, _fingerprint: str) -> dict[str, int]:
        return {name: len(rows) for name, rows in self.clips.items()}

    def vectors(self, _fingerprint: str, clip_ids: object = None) -> Iterator[tuple[str, Floats]]:
        yield from ((name, rows) for name, rows in self.clips.items() if clip_ids is None or name in clip_ids)


@pytest.mark.parametrize("when", ["build", "upsert", "nearest", "search", "close"])
def test_a_failing_index_never_costs_an_answer(tmp_path: Path, when: str, caplog: pytest.LogCaptureFixture) -> None:
    contents, failing = FakeContents(), {when}

    def build(_folder: Path) -> Index:
        if "build" in failing:
            raise StorageFailed("no space left")
        return Failing(failing)

    keeper = IndexKeeper(Generations(tmp_path / "index"), contents, build)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert keeper.nearest("f", np.array([0, 1, 0, 0], np.float32), 1) == [(Key("a", 1), 1.0)]
        contents.clips["c"] = np.array([[1, 1, 1, 1]], np.float32)
        keeper.put("c", "f", contents.clips["c"])
        assert keeper.nearest("f", np.ones(4, np.float32), 1) == [(Key("c", 0), 1.0)]
        del contents.clips["c"]
        keeper.remove("f", {"c": 1})
        assert keeper.nearest("f", np.ones(4, np.float32), 1)[0][0].clip_id == "a"
    keeper.close()
    failing.clear()
    keeper = IndexKeeper(Generations(tmp_path / "index"), contents, build)
    assert keeper.ready() and keeper.problem() == ""
    keeper.close()


def test_a_failed_write_is_made_good_at_the_next_question(tmp_path: Path) -> None:
    contents, failing = FakeContents(), set[str]()
    keeper = IndexKeeper(NoGenerations(tmp_path / "index"), contents, lambda _: Failing(failing))
    keeper.ready()
    contents.clips["c"] = np.array([[1, 1, 1, 1]], np.float32)
    failing.add("upsert")
    keeper.put("c", "f", contents.clips["c"])
    keeper.nearest("f", np.ones(4, np.float32), 1)
    failing.clear()
    assert keeper.nearest("f", np.ones(4, np.float32), 1) == [(Key("c", 0), 1.0)]


def test_a_panic_of_native_code_is_translated(tmp_path: Path) -> None:
    """A panic is no Exception; "except Exception" would let it end the process."""
    index = ChromaIndex(tmp_path / "gen")
    index.upsert("f", [Key("a", 0)], np.ones((1, 4), np.float32))

    class Client:
        def query(self, **_: object) -> object:
            raise Panic("called `Option::unwrap()` on a `None` value")

        def count(self) -> int:
            return 10**6

        metadata = {"dimension": 4}  # noqa: RUF012

    index._collections["f"] = Client()  # type: ignore[assignment]
    with pytest.raises(LibraryDamaged, match="Panic"):
        index.nearest("f", np.ones(4, np.float32), 1)
    index.close()


def test_the_difference_is_put_in_words() -> None:
    contents, index = FakeContents(), MemoryIndex()
    assert "lacks 5 windows" in difference(index, contents, thorough=False)
    for name, rows in contents.clips.items():
        index.upsert("f", [Key(name, row) for row in range(len(rows))], rows)
    assert difference(index, contents, thorough=True) == ""
    index.upsert("f", [Key("a", 0)], np.ones((1, 4), np.float32))
    assert "not the ledger's" in difference(index, contents, thorough=False)
    index.upsert("f", [Key("a", 0)], contents.clips["a"][:1] * 5)
    assert difference(index, contents, thorough=True) == ""
    index.upsert("f", [Key("z", 0)], np.ones((1, 4), np.float32))
    assert "1 too many" in difference(index, contents, thorough=False)
    index.remove("f", [Key("z", 0)])
    index.upsert("g", [Key("a", 0)], np.ones((1, 4), np.float32))
    assert "unknown fingerprints (g)" in difference(index, contents, thorough=False)


def test_identical_vectors_count_as_found() -> None:
    contents, index = FakeContents(), MemoryIndex()
    contents.clips = {name: np.ones((5, 4), np.float32) for name in "abc"}
    for name, rows in contents.clips.items():
        index.upsert("f", [Key(name, row) for row in range(len(rows))], rows)
    assert difference(index, contents, thorough=True) == ""
