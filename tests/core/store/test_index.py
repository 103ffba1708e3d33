"""One suite for every index: whatever holds for the exact one in memory holds for Chroma's graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.clips import Floats
from core.errors import BadEmbedding, FingerprintMismatch, LibraryDamaged
from core.store.chroma import ChromaIndex
from core.store.index import Index, Key, MemoryIndex

KINDS: dict[str, Callable[[Path], Index]] = {
    "memory": lambda _: MemoryIndex(),
    "chroma": ChromaIndex,
    "chroma-graph": lambda folder: ChromaIndex(folder, exact_below=0),
}


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    made = KINDS[request.param](tmp_path / "gen")
    yield made
    made.close()
    made.close()


def keys(count: int, first: int = 0) -> list[Key]:
    return [Key(f"{number // 3:064x}", number % 3) for number in range(first, first + count)]


def rows(count: int, dimension: int = 32, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def exact(names: list[Key], vectors: Floats, query: Floats, k: int) -> list[tuple[Key, float]]:
    wide, wanted = vectors.astype(np.float64), query.astype(np.float64)
    found = wide @ wanted / np.linalg.norm(wide, axis=1) / np.linalg.norm(wanted)
    return [(names[row], found[row]) for row in np.argsort(-found, kind="stable")[:k]]


def test_it_answers_as_exact_search(index: Index) -> None:
    names, vectors = keys(600), rows(600) * 7
    index.upsert("f", names, vectors)
    for query in rows(20, seed=1) * 0.01:
        found, right = index.nearest("f", query, 10), exact(names, vectors, query, 10)
        assert [key for key, _ in found] == [key for key, _ in right]
        assert [value for _, value in found] == pytest.approx([value for _, value in right], abs=1e-6)


def test_a_vector_finds_itself_and_scale_does_not_matter(index: Index) -> None:
    names, vectors = keys(40), rows(40)
    index.upsert("f", names, vectors)
    for row in (0, 17, 39):
        assert index.nearest("f", vectors[row] * 1000, 1) == [(names[row], 1.0)]
        assert index.nearest("f", -vectors[row], 40)[-1] == (names[row], -1.0)


def test_upsert_replaces(index: Index) -> None:
    names, vectors = keys(10), rows(10)
    index.upsert("f", names, vectors)
    assert index.nearest("f", vectors[3], 1)[0][0] == names[3]
    index.upsert("f", names[3:4], -vectors[3:4])
    assert index.keys("f") == set(names)
    assert index.nearest("f", -vectors[3], 1) == [(names[3], 1.0)]
    assert np.allclose(
        index.stored("f", [names[3]])[0] / np.linalg.norm(index.stored("f", [names[3]])),
        -vectors[3] / np.linalg.norm(vectors[3]),
        atol=1e-6,
    )


def test_a_name_may_be_said_twice(index: Index) -> None:
    """As it is when the neighbours of two identical vectors are looked up."""
    names, vectors = keys(4), rows(4)
    index.upsert("f", names, vectors)
    twice = index.stored("f", [names[2], names[0], names[2]])
    assert len(twice) == 3 and (twice[0] == twice[2]).all() and not (twice[0] == twice[1]).all()


def test_removed_vectors_are_found_no_more(index: Index) -> None:
    names, vectors = keys(60), rows(60)
    index.upsert("f", names, vectors)
    assert len(index.nearest("f", vectors[0], 60)) == 60
    index.remove("f", [*names[:50:2], Key("ff" * 32, 0)])
    left = [name for name in names if name not in set(names[:50:2])]
    assert index.keys("f") == set(left)
    assert {key for key, _ in index.nearest("f", vectors[0], 60)} == set(left)
    index.upsert("f", names[:1], vectors[:1])
    assert index.nearest("f", vectors[0], 1) == [(names[0], 1.0)]
    index.remove("f", names)
    assert index.keys("f") == set() and index.fingerprints() == set() and index.nearest("f", vectors[0], 3) == []
    index.remove("unknown", names)


def test_ties_go_by_key(index: Index) -> None:
    names = keys(30)
    index.upsert("f", names[::-1], np.repeat(rows(1), 30, axis=0))
    assert index.nearest("f", rows(1)[0], 30) == [(name, 1.0) for name in names]


def test_fingerprints_do_not_mix(index: Index) -> None:
    index.upsert("f", keys(5), rows(5))
    index.upsert("a longer name: with/odd signs", keys(7), rows(7, 8))
    assert index.fingerprints() == {"f", "a longer name: with/odd signs"}
    assert len(index.nearest("f", rows(1)[0], 50)) == 5
    assert len(index.nearest("a longer name: with/odd signs", rows(1, 8)[0], 50)) == 7
    assert index.nearest("g", rows(1)[0], 50) == [] and index.keys("g") == set()


def test_other_dimensions_are_refused(index: Index) -> None:
    index.upsert("f", keys(5), rows(5))
    with pytest.raises(FingerprintMismatch, match=r"dimension \(8\) must be 32.*fingerprint f"):
        index.upsert("f", keys(1), rows(1, 8))
    with pytest.raises(FingerprintMismatch, match=r"dimension \(8\) must be 32"):
        index.nearest("f", rows(1, 8)[0], 3)


@pytest.mark.parametrize("number", [0.0, 1e-9, np.nan, np.inf])
def test_what_has_no_direction_is_refused(index: Index, number: float) -> None:
    index.upsert("f", keys(5), rows(5))
    bad = np.full((1, 32), number, np.float32)
    with pytest.raises(BadEmbedding):
        index.upsert("f", keys(1), bad)
    with pytest.raises(BadEmbedding):
        index.nearest("f", bad[0], 3)
    assert index.nearest("f", rows(5)[0], 1) == [(keys(5)[0], 1.0)]


def test_little_or_nothing_is_fine(index: Index) -> None:
    index.upsert("f", [], np.empty((0, 32), np.float32))
    assert index.nearest("f", rows(1)[0], 3) == [] and index.fingerprints() == set()
    index.upsert("f", keys(2), rows(2))
    assert len(index.nearest("f", rows(1)[0], 1000)) == 2
    assert index.nearest("f", rows(1)[0], 0) == []
    with pytest.raises(LibraryDamaged):
        index.stored("f", keys(3))


def test_its_structure_finds_its_own(index: Index) -> None:
    index.upsert("f", keys(300), rows(300))
    assert index.search("f", rows(300), 1) == [[key] for key in keys(300)]
    assert index.search("g", rows(2), 1) == [[], []]


def test_many_at_once_are_written_in_parts(index: Index) -> None:
    names, vectors = keys(9_000), rows(9_000, 4)
    index.upsert("f", names, vectors)
    assert index.keys("f") == set(names)
    assert len(index.stored("f", names[::2])) == 4_500
    index.remove("f", names[10:])
    assert index.keys("f") == set(names[:10])


def test_everything_comes_out_of_chroma_beyond_what_one_request_may_name(tmp_path: Path) -> None:
    """Chroma's own ``get()`` fails above 32,766 records. The graph is as poor as can be: it is not asked."""
    count = 32_767
    index = ChromaIndex(tmp_path / "gen", hnsw={"max_neighbors": 2, "ef_construction": 2})
    names, vectors = keys(count), rows(count, 4)
    index.upsert("f", names, vectors)
    assert index.keys("f") == set(names)
    assert np.allclose(index.stored("f", names), vectors / np.linalg.norm(vectors, axis=1, keepdims=True), atol=1e-6)
    assert [key for key, _ in index.nearest("f", vectors[7], 10)] == [key for key, _ in exact(names, vectors, vectors[7], 10)]
    index.close()


def test_chroma_keeps_what_it_was_given(tmp_path: Path) -> None:
    first = ChromaIndex(tmp_path / "gen")
    first.upsert("f", keys(50), rows(50))
    first.close()
    again = ChromaIndex(tmp_path / "gen")
    assert again.keys("f") == set(keys(50))
    assert again.nearest("f", rows(50)[7], 1) == [(keys(50)[7], 1.0)]
    with pytest.raises(FingerprintMismatch):
        again.upsert("f", keys(1), rows(1, 8))
    again.close()


def test_what_the_graph_has_not_filled_is_blank(tmp_path: Path) -> None:
    """Chroma writes places for 100 vectors at once; unfilled, they hold what its memory held."""
    for count in (1, 30, 1_500):
        index = ChromaIndex(tmp_path / str(count))
        index.upsert("f", keys(count), rows(count))
        index.search("f", rows(1), 1)
        index.close()
        (path,) = (tmp_path / str(count)).glob("*/data_level0.bin")
        content = path.read_bytes()
        assert content.count(0) == len(content) if count < 1_000 else content.count(0) < len(content)


def test_chroma_passes_from_exact_to_graph_and_back(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "gen", exact_below=100)
    names, vectors = keys(300), rows(300)
    for start in range(0, 300, 60):
        index.upsert("f", names[start : start + 60], vectors[start : start + 60])
        for query in rows(5, seed=start):
            assert [key for key, _ in index.nearest("f", query, 10)] == [
                key for key, _ in exact(names[: start + 60], vectors[: start + 60], query, 10)
            ]
    index.remove("f", names[50:])
    assert {key for key, _ in index.nearest("f", vectors[0], 300)} == set(names[:50])
    index.close()


def test_the_graph_equals_exact_search_in_a_real_size(tmp_path: Path) -> None:
    """Actions gather in the embedding space: 40 of them, 6,000 windows, twice as many numbers as anything in between."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(40, 64))
    vectors = (centres[random.integers(0, 40, 6_000)] + 0.6 * random.normal(size=(6_000, 64))).astype(np.float32)
    index = ChromaIndex(tmp_path / "gen", exact_below=0)
    index.upsert("f", keys(6_000), vectors)
    for query in vectors[::200] + 0.3 * random.normal(size=(30, 64)).astype(np.float32):
        assert [key for key, _ in index.nearest("f", query, 10)] == [key for key, _ in exact(keys(6_000), vectors, query, 10)]
    index.close()
